"""What a school wants of an offer, and whether offer, school, person and diary allow it."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from marketplace.bookings import queries, rules
from marketplace.bookings.actions.steps import LONGEST_NOTE, trimmed
from marketplace.bookings.errors import NotAvailable, NotBookable
from marketplace.bookings.queries.agreed import Agreed
from marketplace.bookings.rules import DiaryFacts
from marketplace.catalogue.models import (
    DeliveryMode,
    Offer,
    OfferScope,
    OfferStatus,
    OfferVersion,
    Practitioner,
    Theme,
)
from marketplace.catalogue.pricing import is_by_the_place
from marketplace.kernel.dates import long_date
from marketplace.kernel.days import format_days
from marketplace.organisations.models import Organisation, Phase, School
from marketplace.organisations.queries import people_tied_to


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What a school wants of an offer, checked against what the offer says."""

    version: OfferVersion
    school: School
    session: str
    theme: Theme
    phase: str
    mode: str
    focus: str = ""
    agreed: Agreed | None = None

    @property
    def is_remote(self) -> bool:
        """Whether nobody travels."""
        return self.mode == DeliveryMode.REMOTE


def version_to_book(offer: Offer, theme: Theme, person: Practitioner | None = None) -> OfferVersion:
    """What the offer says now, where it is open for bookings, is for the theme and, where one is named, has the person."""
    version = (
        OfferVersion.objects.filter(pk=offer.current_id or 0)
        .select_related("support_type", "offer__provider__school", "offer__provider__area")
        .annotate(
            has_person=Exists(
                OfferVersion.practitioners.through.objects.filter(
                    offerversion=OuterRef("pk"), practitioner=person
                )
            ),
            has_theme=Exists(
                OfferVersion.themes.through.objects.filter(offerversion=OuterRef("pk"), theme=theme)
            ),
        )
        .first()
    )
    if version is None or version.offer.status != OfferStatus.PUBLISHED:
        raise NotBookable("This offer is not open for bookings.", remedy="Look for another offer.")
    if version.offer.provider.suspended_at is not None:
        raise NotBookable("The provider takes no bookings at present.", remedy="Look for another provider.")
    if person is not None and (
        not version.has_person
        or not person.is_active
        or person.releasing_organisation.suspended_at is not None
    ):
        raise NotBookable(f"{person} can’t be booked for this offer.", remedy="Choose another person.")
    if not version.has_theme:
        raise NotBookable(
            f"This offer is not for {theme}.", remedy="Choose one of its themes.", field="theme"
        )
    return version


def checked(
    version: OfferVersion,
    school_id: int,
    *,
    session: str,
    theme: Theme,
    phase: str,
    mode: str,
    focus: str = "",
) -> Wish:
    """The wish, where the offer is given so and to this school."""
    school = School.objects.select_related("organisation__area", "trust").get(pk=school_id)
    _check_offer(version, session=session, phase=phase, mode=mode)
    _check_school(version, school)
    must_be_a_phase_of(school, phase)
    return Wish(
        version=version,
        school=school,
        session=session,
        theme=theme,
        phase=phase,
        mode=mode,
        focus=trimmed(focus, LONGEST_NOTE, "focus"),
    )


def must_be_sold_by_time(version: OfferVersion) -> None:
    """What is sold by the place is had on its courses: `NotBookable` where somebody wants a person’s time of it."""
    if is_by_the_place(version.price_rule):
        raise NotBookable(
            f"“{version.title}” is sold by the place, on its courses, and not by the day.",
            remedy="Book places on one of its courses, or look for another offer.",
        )


def _check_offer(version: OfferVersion, *, session: str, phase: str, mode: str) -> None:
    must_be_sold_by_time(version)
    if not rules.is_session(session):
        raise NotBookable(
            "That is not a session.",
            remedy=f"Choose one of: {', '.join(rules.SESSIONS)}; or a time and minutes, such as 10:30+90.",
            field="session",
        )
    if phase not in version.phases:
        raise NotBookable(
            "This offer is not for that phase.", remedy="Choose one of its phases.", field="phase"
        )
    modes = (
        {DeliveryMode.IN_PERSON, DeliveryMode.REMOTE} if version.mode == DeliveryMode.BOTH else {version.mode}
    )
    if mode not in modes:
        raise NotBookable(
            "This offer is not given that way.",
            remedy="Choose in person or remote, as the offer says.",
            field="mode",
        )
    if rules.times_of(session).half_days < version.minimum_half_days:
        raise NotBookable(
            f"This offer is for at least {format_days(version.minimum_half_days)}.",
            remedy="Choose a longer session.",
            field="session",
        )


def _check_school(version: OfferVersion, school: School) -> None:
    if not school.is_open:
        raise NotBookable(
            f"{school.organisation} is closed in the register.", remedy="Book for an open school."
        )
    if version.scope == OfferScope.TRUST and not _is_of_the_family(version.offer.provider, school):
        raise NotBookable("This offer is only for schools of its trust.", remedy="Look for another offer.")


def must_be_a_phase_of(school: School, phase: str) -> None:
    """Support is for a phase that the school has, as needs are; where the register knows no phase of it, any will do."""
    if school.phases and phase not in school.phases:
        own = ", ".join(Phase(each).label for each in school.phases)
        raise NotBookable(
            f"{school.organisation} has no {Phase(phase).label.lower()} phase.",
            remedy=f"Choose a phase of the school: {own}.",
            field="phase",
        )


def check_person(wish: Wish, person: Practitioner) -> None:
    """A school doesn’t book its own people, nor what it provides itself, nor anybody with a tie to it."""
    if wish.school.pk in {person.releasing_organisation_id, wish.version.offer.provider_id}:
        raise NotBookable(
            f"{person} works for {wish.school.organisation}, and a school doesn’t book its own people.",
            remedy="Arrange the time within the school, or choose somebody else.",
        )
    must_have_no_tie(person, wish.school)


def must_have_no_tie(person: Practitioner, school: School) -> None:
    """Who declared a personal tie to a school does not go there: `NotBookable`, which does not say what the tie is."""
    if person.user_id is not None and people_tied_to(school.pk).filter(pk=person.user_id).exists():
        raise NotBookable(
            f"{person} can’t come to {school.organisation} for a tie to it.", remedy="Choose somebody else."
        )


def check_open(school: School | Organisation, day: date, *, remote: bool) -> None:
    """Nobody can come to a school that is closed that day or has holidays; from afar they can."""
    visited = queries.visited_school(school, day, day, remote=remote)
    if visited and (reason := visited.why_closed(day)):
        raise NotAvailable(
            f"{school} is closed on {long_date(day)}: {reason[0].lower()}{reason[1:]}.",
            remedy="Choose another day, or remote support.",
            field="session",
        )


def _is_of_the_family(provider: Organisation, school: School) -> bool:
    """Whether the school belongs to the trust or federation that provides, or to that of the school that provides."""
    families: set[int | None] = {provider.pk}
    if hasattr(provider, "school"):
        families |= {provider.school.trust_id, provider.school.federation_id}
    return bool(({school.trust_id, school.federation_id} - {None}) & families)


def check_diary(diary: DiaryFacts, day: date, session: str, now: datetime, *, remote: bool = False) -> None:
    """Raise `NotAvailable` with the reason where the diary has no room for the session."""
    if reason := rules.why_not_free(diary, day, session, now=now, remote=remote):
        raise NotAvailable(
            f"That time can’t be booked: {reason[0].lower()}{reason[1:]}.",
            remedy="Choose another day or session.",
            field="session",
        )
