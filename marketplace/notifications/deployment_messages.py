"""What people are told of deployments: one function per thing that happens. Nothing of a need or of a concern stands in a message."""

from datetime import date

from django.urls import reverse

from marketplace.bookings.models import Booking
from marketplace.brokerage.models import Deployment, DeploymentConcern, DeploymentSignature
from marketplace.brokerage.rules.deployments import Capacity
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.days import format_days
from marketplace.notifications.rules import Kind, Message


def signature_wanted(row: Deployment, capacity: Capacity, *, changed: bool) -> Message:
    why = (
        "The text has changed: whoever had signed before signs again."
        if changed
        else f"{row.receiving_school} has written an agreement and asks all four parties to sign it."
    )
    return Message(
        Kind.SIGNATURE_WANTED,
        f"Sign: {_name(row)}",
        f"{why} You sign as {capacity.label.lower()}.\n\n{_facts(row)}",
        reverse("deployments:sign", args=[row.reference, capacity.value]),
    )


def to_send(row: Deployment) -> Message:
    return Message(
        Kind.SIGNATURE_WANTED,
        f"Send the agreement: {_name(row)}",
        "A convenor has written it for your school. Read it and change what you like; once you send it, all four parties are"
        f" asked to sign.\n\n{_facts(row)}",
        _page(row),
    )


def signed(row: Deployment, signature: DeploymentSignature) -> Message:
    return _about(
        row,
        f"{signature.signed_name} has signed",
        f"{signature.signed_as}, {long_date(local(signature.signed_at).date())}.",
    )


def in_force(row: Deployment) -> Message:
    return _about(row, "Agreed", "All four have signed. Visits can be booked from its page.")


def change_in_force(row: Deployment) -> Message:
    return _about(row, "Change agreed", "All four have signed the change. It holds from now on.")


def change_dropped(row: Deployment) -> Message:
    return _about(row, "Change not agreed", "The agreement in force goes on as before. Its page says why.")


def moved(row: Deployment, verb: str) -> Message:
    what = {
        "decline": ("Not agreed", "The agreement does not come about."),
        "withdraw": ("Withdrawn", "The school has taken the agreement back."),
        "pause": ("Paused", "It can only be read until somebody resumes it. Visits already booked stand."),
        "resume": ("Goes on", "It is active again."),
        "stop": ("Stopped", "It ends here. Visits already booked stand until somebody cancels them."),
    }[verb]
    why = f" Reason given: {row.reason}" if row.reason else ""
    return _about(row, what[0], what[1] + why)


def evaluated(row: Deployment) -> Message:
    return _about(
        row, "Evaluated", "The receiving headteacher has evaluated it. The practitioner may add a word."
    )


def noted(row: Deployment, what: str) -> Message:
    title, sentence = {
        "review": ("Progress review", "A review says how far the objectives have come, and what comes next."),
        "mid_point": ("Mid-point check", "The broker has looked in."),
        "visit_comment": ("Comment on a visit", "The school has commented on a visit."),
        "practitioner_comment": (
            "Comment on the evaluation",
            "The practitioner has commented on the evaluation.",
        ),
    }[what]
    return _about(row, title, sentence)


def concern_raised(concern: DeploymentConcern) -> Message:
    return Message(
        Kind.CONCERN_RAISED,
        f"A concern to answer: {_name(concern.deployment)}",
        f"{concern.raised_by}, {concern.raised_as}, has raised a concern. Only those named on its page can read it.",
        _concern(concern),
    )


def concern_answered(concern: DeploymentConcern, verb: str) -> Message:
    done = "answered" if verb == "answer" else "closed"
    return Message(
        Kind.DEPLOYMENT_NEWS,
        f"Your concern is {done}: {_name(concern.deployment)}",
        "If it is not settled, you can open it again on its page.",
        _concern(concern),
    )


def review_due(row: Deployment, due: date) -> Message:
    return Message(
        Kind.REVIEW_DUE,
        f"Review due: {_name(row)}",
        f"The progress review was planned for {long_date(due)}. Write it with the school.\n\n{_facts(row)}",
        reverse("deployments:review", args=[row.reference]),
    )


def mid_point_due(row: Deployment) -> Message:
    return Message(
        Kind.REVIEW_DUE,
        f"Look in half-way: {_name(row)}",
        f"The mid-point was agreed for {long_date(row.mid_point_on)}.\n\n{_facts(row)}",
        reverse("deployments:mid_point", args=[row.reference]),
    )


def evaluation_due(row: Deployment) -> Message:
    return Message(
        Kind.EVALUATION_DUE,
        f"Evaluate: {_name(row)}",
        f"Say for each objective what became of it, how you know, and what speaks against it.\n\n{_facts(row)}",
        reverse("deployments:evaluate", args=[row.reference]),
    )


def record_due_today(booking: Booking) -> Message:
    return Message(
        Kind.RECORD_DUE,
        f"Record of visit due today: {booking.receiving_school}",
        f"You visited on {long_date(booking.day)}. The record is due within five working days, which end today.",
        reverse("brokerage:record", args=[booking.reference]),
    )


def record_late(booking: Booking, due_on: date) -> Message:
    return Message(
        Kind.RECORD_DUE,
        f"Record of visit late: {booking.receiving_school}",
        f"{booking.practitioner} visited on {long_date(booking.day)}; the record was due by {long_date(due_on)}.",
        reverse("brokerage:record", args=[booking.reference]),
    )


def _about(row: Deployment, what: str, sentence: str) -> Message:
    return Message(Kind.DEPLOYMENT_NEWS, f"{what}: {_name(row)}", f"{sentence}\n\n{_facts(row)}", _page(row))


def _name(row: Deployment) -> str:
    return f"{row.practitioner} at {row.receiving_school}"


def _facts(row: Deployment) -> str:
    return (
        f"Who: {row.practitioner}, released by {row.releasing_organisation}\n"
        f"For: {row.receiving_school}\n"
        f"Days: {format_days(row.half_days)}, {long_date(row.starts_on)} to {long_date(row.ends_on)}\n"
        f"Reference: {row.reference}"
    )


def _page(row: Deployment) -> str:
    return reverse("deployments:deployment", args=[row.reference])


def _concern(concern: DeploymentConcern) -> str:
    return reverse("deployments:concern", args=[concern.deployment.reference, concern.number])
