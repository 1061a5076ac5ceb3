"""The words and the colour of each state. Colour only repeats what the words say."""

WORDS_AND_COLOURS: dict[str, tuple[str, str]] = {
    # offers, orders, requests
    "draft": ("Draft", "grey"),
    "submitted": ("Submitted", "blue"),
    "returned": ("Returned with reasons", "orange"),
    "published": ("Published", "green"),
    "paused": ("Paused", "yellow"),
    "withdrawn": ("Withdrawn", "grey"),
    "open": ("Open", "blue"),
    "closed": ("Closed", "grey"),
    "awarded": ("Awarded", "green"),
    "unsuccessful": ("Unsuccessful", "grey"),
    "invited": ("Asked", "blue"),
    "responded": ("Responded", "green"),
    "no_answer": ("Did not answer", "grey"),
    "chosen": ("Chosen", "green"),
    "not_chosen": ("Not chosen", "grey"),
    "active": ("Active", "green"),
    "ended": ("Ended", "grey"),
    "terminated": ("Terminated", "red"),
    "superseded": ("Superseded", "grey"),
    # bookings
    "held": ("Held for you", "yellow"),
    "awaiting_approval": ("Awaiting approval", "blue"),
    "awaiting_release": ("Awaiting release", "purple"),
    "confirmed": ("Confirmed", "green"),
    "delivered": ("Delivered", "teal"),
    "evaluated": ("Evaluated", "teal"),
    "completed": ("Completed", "teal"),
    "declined": ("Declined by the provider", "red"),
    "refused": ("Not approved", "red"),
    "expired": ("Expired", "grey"),
    "cancelled_by_buyer": ("Cancelled by the buyer", "red"),
    "cancelled_by_provider": ("Cancelled by the provider", "red"),
    "cancelled_by_releasing_school": ("Cancelled by the releasing school", "red"),
    "no_show_buyer": ("Buyer did not attend", "red"),
    "no_show_provider": ("Provider did not attend", "red"),
    # deployments
    "to_sign": ("Waiting for signatures", "blue"),
    "finished": ("Finished and evaluated", "teal"),
    "stopped": ("Stopped", "red"),
    "answered": ("Answered", "teal"),
    "green": ("Green: on track", "green"),
    "amber": ("Amber: some way off", "yellow"),
    "red": ("Red: off track", "red"),
    "achieved": ("Achieved", "green"),
    "partly": ("Partly achieved", "yellow"),
    "not": ("Not achieved", "red"),
    # calls and commissions
    "taken_back": ("Taken back", "grey"),
    "passed_over": ("Not taken up", "grey"),
    "exited": ("Ended", "teal"),
    # money
    "issued": ("Issued", "blue"),
    "part_paid": ("Part paid", "yellow"),
    "paid": ("Paid", "green"),
    "awaiting_invoice": ("Awaiting invoice", "yellow"),
    "to_pay": ("To be paid", "blue"),
    "to_journal": ("For the next journal", "blue"),
    "claimed": ("Waiting for the broker", "yellow"),
    "accepted": ("Accepted", "green"),
    "overdue": ("Overdue", "red"),
    "credited": ("Credited", "grey"),
    # card payments
    "started": ("Being set up", "blue"),
    "card_declined": ("Card declined", "red"),
    "awaiting_card": ("Waiting for the card", "blue"),
    "awaiting_bank": ("Waiting for the bank", "blue"),
    "processing": ("With the bank", "blue"),
    "cancelled": ("Given up", "grey"),
    "mismatched": ("Amount differs", "red"),
    "stuck": ("Stuck", "red"),
    "done": ("Done", "green"),
    # buy-back windows
    "hidden": ("Prices to come", "grey"),
    "early": ("Fill your basket", "blue"),
    "late": ("Late orders", "yellow"),
    # interests
    "declared": ("Declared", "blue"),
    "struck_out": ("Struck out as a mistake", "grey"),
    # coverage
    "gap": ("Gap", "red"),
    "thin": ("Thin", "yellow"),
    "adequate": ("Adequate", "green"),
    "duplicated": ("Duplicated", "purple"),
    "none": ("No need", "grey"),
    "unused": ("Unused", "grey"),
    # long work
    "queued": ("Waiting to start", "grey"),
    "running": ("Running", "blue"),
    "ready": ("Ready", "blue"),
    "uploaded": ("Waiting to be read", "grey"),
    "reading": ("Being read", "blue"),
    "previewed": ("Ready to apply", "yellow"),
    "applying": ("Being applied", "blue"),
    "applied": ("Applied", "green"),
    "undoing": ("Being undone", "blue"),
    "discarded": ("Discarded", "grey"),
    "undone": ("Undone", "grey"),
    "failed": ("Failed", "red"),
}


def label_and_colour(state: str) -> tuple[str, str]:
    """Words and colour of a state; one that is not listed reads as its own name, in grey."""
    return WORDS_AND_COLOURS.get(state, (state.replace("_", " ").capitalize(), "grey"))


IRREGULAR = {
    "hold": "held",
    "withdraw": "withdrawn",
    "send": "sent",
    "pay": "paid",
    "make": "made",
    "take_back": "taken back",
    "begin": "begun",
    "undo": "undone",
    "set": "set",
    "write": "written",
    "book": "visit booked",
    "drop_change": "change dropped",
    "put_in_force": "change put in force",
    "look_in_half_way": "looked in half-way",
    "note_objectives": "objectives noted",
    "agree_case_study": "agreed to share it",
    "take_case_study_back": "no longer agreed to share it",
    "choose": "chosen",
    "pass_over": "passed over",
    "tell": "told",
    "categorise": "category recorded",
    "name": "reader named",
    "unname": "reader no longer named",
}


def done(verb: str) -> str:
    """The verb of a history line as something that has happened: `approve` → `Approved`, `lay_claim` → `Lay claim`."""
    if verb in IRREGULAR:
        return IRREGULAR[verb].capitalize()
    words = verb.replace("_", " ")
    if " " in words or words.endswith("ed") or words in IRREGULAR.values():
        return words.capitalize()
    if words.endswith("e"):
        return f"{words}d".capitalize()
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return f"{words[:-1]}ied".capitalize()
    doubled = words[-1] if words in ("submit", "cancel", "stop") else ""
    return f"{words}{doubled}ed".capitalize()
