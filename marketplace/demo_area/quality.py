"""How providers do in the demo area: designations of providers and of people that end at different times, and a few complaints."""

from datetime import datetime, timedelta

from marketplace.bookings.models import Booking, BookingStatus
from marketplace.brokerage.models import Complaint, ComplaintStatus, ComplaintSubject
from marketplace.brokerage.rules import answer_due_on
from marketplace.catalogue.models import Designation, ProviderDesignation
from marketplace.demo_area.bodies import Providers
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, write, write_history
from marketplace.kernel.dates import local
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import User

# By the name of the provider among the demo's: what it was awarded, by whom, days since and days to go, and whether it was looked at.
AWARDS = (
    ("hub", "Teaching school hub", "Department for Education", 820, 275, True),
    (
        "company",
        "Quality mark for school improvement",
        "National association of school companies",
        690,
        41,
        True,
    ),
    ("service", "Mental health lead training provider", "Department for Education", 300, 430, False),
)
COMPLAINTS = (
    (
        ComplaintSubject.RELIABILITY,
        "The session started forty minutes late and ended at the agreed time, so that we had half of it.",
        "The missing time, at a date that suits us.",
        "",
        ComplaintStatus.RAISED,
        3,
    ),
    (
        ComplaintSubject.QUALITY,
        "What was shown was for Year 6. We had asked for Reception and Year 1.",
        "A second visit with the right materials, free of charge.",
        "We mixed up two schools and are sorry. A second visit is offered in the new term.",
        ComplaintStatus.ANSWERED,
        12,
    ),
    (
        ComplaintSubject.TERMS,
        "The invoice names a full day; we had a morning.",
        "",
        "You are right. The difference was credited on the same day.",
        ComplaintStatus.SETTLED,
        40,
    ),
    (
        ComplaintSubject.CONDUCT,
        "Our teaching assistants were spoken to as if they were not there.",
        "An apology to the two of them.",
        "Our colleague remembers it differently but has written to them.",
        ComplaintStatus.PARTLY_UPHELD,
        75,
    ),
)
FINDING = "The letter puts it right. The provider is asked to speak of it in its next induction."


def judge_providers(
    providers: Providers, people: People, booked: Booked, chance: Chance, today: Today
) -> None:
    """Write the designations and complaints of one area."""
    convenor = people.convenors[0]
    write(_awards(providers, convenor, today))
    # Two people are reminded; the others keep the dates they were given.
    soon = Designation.objects.filter(valid_to__gt=today + 90, valid_from__lt=today.day).order_by("pk")[:2]
    Designation.objects.filter(pk__in=[each.pk for each in soon]).update(
        valid_to=today + 35, evidence="Certificate, kept with the provider"
    )
    _complain(people, booked, convenor, chance, today)


def _awards(providers: Providers, convenor: User, today: Today) -> list[ProviderDesignation]:
    return [
        ProviderDesignation(
            organisation=providers[name],
            scheme=scheme,
            awarded_by=awarded_by,
            valid_from=today + -since,
            valid_to=today + left,
            evidence="Letter of award, published on its website",
            checked_by=convenor if is_checked else None,
            checked_at=today.ago(since - 30) if is_checked else None,
        )
        for name, scheme, awarded_by, since, left, is_checked in AWARDS
        if name in providers
    ]


def _complain(people: People, booked: Booked, convenor: User, chance: Chance, today: Today) -> None:
    """About visits delivered in time for it, of schools and providers that have somebody to write and to answer."""
    visits = [
        each
        for each in booked.rows
        if each.status in (BookingStatus.DELIVERED, BookingStatus.EVALUATED, BookingStatus.COMPLETED)
        and each.receiving_school_id in people.heads
        and each.provider_id in people.leads
    ]
    lines: list[HistoryEntry] = []
    rows: list[Complaint] = []
    for subject, details, wanted, answer, status, days_ago in COMPLAINTS:
        visit = next((each for each in visits if each.day <= today.day - timedelta(days=days_ago + 2)), None)
        if visit is None:
            continue
        visits.remove(visit)
        rows.append(
            _complaint(
                visit, subject, details, wanted, answer, status, days_ago, people, convenor, chance, today
            )
        )
    write(rows)
    for row in rows:
        lines += _history(row)
    write_history(lines)


def _complaint(
    visit: Booking,
    subject: str,
    details: str,
    wanted: str,
    answer: str,
    status: str,
    days_ago: int,
    people: People,
    convenor: User,
    chance: Chance,
    today: Today,
) -> Complaint:
    raised_at = today.ago(days_ago)
    row = Complaint(
        reference=chance.reference("CM"),
        school=visit.receiving_school,
        provider=visit.provider,
        booking=visit,
        status=status,
        subject=subject,
        details=details,
        wanted=wanted,
        raised_by=people.heads[visit.receiving_school_id],
        raised_at=raised_at,
        answer_due_on=answer_due_on(local(raised_at).date()),
    )
    if answer:
        row.answer, row.answered_by = answer, people.leads[visit.provider_id]
        row.answered_at = raised_at + timedelta(days=4)
    if status == ComplaintStatus.PARTLY_UPHELD:
        row.finding, row.decided_by, row.decided_at = FINDING, convenor, raised_at + timedelta(days=11)
    return row


def _history(row: Complaint) -> list[HistoryEntry]:
    def line(verb: str, before: str, after: str, by: User, at: datetime | None) -> HistoryEntry:
        return HistoryEntry(
            subject_type=Complaint._meta.label_lower,
            subject_id=row.pk,
            verb=verb,
            before=before,
            after=after,
            by=by,
            by_name=by.name,
            at=at or row.raised_at,
        )

    lines = [line("raise", "", ComplaintStatus.RAISED, row.raised_by, row.raised_at)]
    if row.answered_by:
        lines.append(
            line("answer", ComplaintStatus.RAISED, ComplaintStatus.ANSWERED, row.answered_by, row.answered_at)
        )
    if row.status == ComplaintStatus.SETTLED:
        assert row.answered_at is not None
        at = row.answered_at + timedelta(days=1)
        lines.append(line("settle", ComplaintStatus.ANSWERED, row.status, row.raised_by, at))
    if row.decided_by:
        lines.append(
            line("uphold_in_part", ComplaintStatus.ANSWERED, row.status, row.decided_by, row.decided_at)
        )
    return lines
