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
    # money
    "issued": ("Issued", "blue"),
    "part_paid": ("Part paid", "yellow"),
    "paid": ("Paid", "green"),
    "overdue": ("Overdue", "red"),
    "credited": ("Credited", "grey"),
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
    "begin": "begun",
    "undo": "undone",
}


def done(verb: str) -> str:
    """The verb of a history line as something that has happened: `approve` → `Approved`, `lay_claim` → `Lay claim`."""
    words = verb.replace("_", " ")
    if " " in words or words.endswith("ed") or words in IRREGULAR.values():
        return words.capitalize()
    if words in IRREGULAR:
        return IRREGULAR[words].capitalize()
    if words.endswith("e"):
        return f"{words}d".capitalize()
    if words.endswith("y") and words[-2:-1] not in "aeiou":
        return f"{words[:-1]}ied".capitalize()
    doubled = words[-1] if words in ("submit", "cancel") else ""
    return f"{words}{doubled}ed".capitalize()
