"""Who hears of complaints, suspensions and designations. `tasks.py` imports this, so that its subscribers and jobs are there."""

from datetime import timedelta
from typing import NamedTuple

from django.urls import reverse
from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.actions import FINDINGS
from marketplace.brokerage.events import ComplaintMoved
from marketplace.brokerage.models import Complaint
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Award
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.events import subscribe
from marketplace.notifications.actions import tell
from marketplace.notifications.people import convenors_in, holders
from marketplace.notifications.rules import Kind, Message, Recipient
from marketplace.organisations.events import SuspensionChanged
from marketplace.organisations.models import Organisation

LEADS = frozenset({Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD})
REMINDED_DAYS_BEFORE = (60, 14)


@subscribe(ComplaintMoved)
def tell_of_complaint(event: ComplaintMoved) -> None:
    """Tell the other side, and the convenor where it is theirs to decide; never the person who did it."""
    complaint = brokerage.complaints_visible_to(SYSTEM).get(pk=event.complaint_id)
    entry = history.of(complaint).filter(verb=event.verb).last()
    to = [each for each in _audience(complaint, event.verb) if entry is None or each.user_id != entry.by_id]
    tell(to=to, message=_message(complaint, event.verb), effect=f"complaint:{complaint.pk}:{event.verb}")


def _audience(complaint: Complaint, verb: str) -> list[Recipient]:
    school = holders(complaint.school_id, brokerage.COMPLAINERS)
    provider = holders(complaint.provider_id, brokerage.COMPLAINT_ANSWERERS)
    decides = convenors_in(brokerage.area_deciding(complaint))
    if verb == "raise":
        return provider + decides
    if verb == "answer":
        return school + decides
    return school + provider


_WORDS = {
    "raise": "Complaint to answer",
    "answer": "Your complaint was answered",
    "settle": "Complaint settled",
    "withdraw": "Complaint withdrawn",
    **{verb: f"Complaint: {words.lower()}" for verb, words in FINDINGS.items()},
}


def _message(complaint: Complaint, verb: str) -> Message:
    """What it says is read on its page only: an e-mail is read by more people than it is sent to."""
    about = f"{complaint.school} about {complaint.provider}"
    until = f" An answer is due by {long_date(complaint.answer_due_on)}." if verb == "raise" else ""
    kind = Kind.COMPLAINT_TO_ANSWER if verb == "raise" else Kind.COMPLAINT_MOVED
    return Message(
        kind,
        f"{_WORDS[verb]}: {complaint.reference}",
        f"{about}, {complaint.get_subject_display().lower()}.{until}",
        reverse("quality:complaint", args=[complaint.reference]),
    )


@subscribe(SuspensionChanged)
def tell_of_suspension(event: SuspensionChanged) -> None:
    """Tell the organisation's leads, and the schools with its visits or places: these stand until somebody cancels them."""
    organisation = Organisation.objects.get(pk=event.organisation_id)
    moves = history.of(organisation).filter(verb=event.verb).count()
    effect = f"suspension:{organisation.pk}:{event.verb}:{moves}"
    tell(
        to=holders(organisation.pk, LEADS), message=_to_the_suspended(organisation, event.verb), effect=effect
    )
    today = timezone.localdate()
    told = {
        _VISITS: brokerage.schools_expecting(organisation, today=today),
        _PLACES: brokerage.schools_with_places(organisation, today=today),
    }
    for what, schools in told.items():
        for school in schools:
            to = holders(school, {Role.HEADTEACHER})
            message = _to_a_school(organisation, event.verb, what)
            tell(to=to, message=message, effect=f"{effect}:{what.effect}{school}")


def _to_the_suspended(organisation: Organisation, verb: str) -> Message:
    if verb == "suspend":
        title, body = f"Suspended: {organisation}", "No new bookings are taken. The reason is on its page."
    else:
        title, body = f"Suspension lifted: {organisation}", "It can be booked again."
    return Message(
        Kind.SUSPENSION, title, body, reverse("organisations:organisation", args=[organisation.reference])
    )


class _Promised(NamedTuple):
    """What a school is promised, and the page it finds it on."""

    words: str
    page: str
    effect: str


_VISITS = _Promised("visits", "bookings:list", "")
_PLACES = _Promised("places on courses", "courses:mine", "places:")


def _to_a_school(organisation: Organisation, verb: str, what: _Promised) -> Message:
    if verb == "suspend":
        title = f"{organisation} is suspended"
        body = (
            f"It takes no new bookings. Your {what.words} that are confirmed stand until you or the other side cancels them. "
            "Look at them and decide."
        )
    else:
        title, body = f"{organisation} can be booked again", "The suspension was lifted."
    return Message(Kind.SUSPENSION, title, body, reverse(what.page))


@app.periodic(cron="25 6 * * *")
@app.task(name="remind_of_designations", queue="notifications")
def remind_of_designations(timestamp: int) -> None:
    """Every morning: designations that end within 60 days, and again within 14, are told to those who keep them."""
    today = local(timezone.now()).date()
    for days in REMINDED_DAYS_BEFORE:
        soon = catalogue.ending_by(today + timedelta(days=days), today=today)
        for award in catalogue.designations_managed_by(SYSTEM).filter(soon, practitioner__is_active=True):
            person = award.practitioner
            keepers = holders(person.listed_by_id or person.releasing_organisation_id, LEADS)
            own = [Recipient(person.user_id)] if person.user_id else []
            page = reverse("catalogue:person", args=[person.reference])
            effect = f"designation:{award.pk}:{award.valid_to}:{days}"
            tell(to=keepers + own, message=_ends(award, person.name, page), effect=effect)
        for held in catalogue.provider_designations_managed_by(SYSTEM).filter(soon):
            page = reverse("quality:provider", args=[held.organisation.reference])
            effect = f"provider_designation:{held.pk}:{held.valid_to}:{days}"
            message = _ends(held, str(held.organisation), page)
            tell(to=holders(held.organisation_id, {Role.PROVIDER_LEAD}), message=message, effect=effect)


def _ends(award: Award, bearer: str, page: str) -> Message:
    assert award.valid_to is not None, "only what has an end ends soon"
    return Message(
        Kind.DESIGNATION_ENDS,
        f"Ends on {long_date(award.valid_to)}: {award.scheme}, {bearer}",
        f"Awarded by {award.awarded_by}. Note the next one, or let it end: after that day schools no longer read it.",
        page,
    )
