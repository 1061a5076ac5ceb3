"""Practitioners, and their employer's assurance."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from marketplace.catalogue.access import (
    may_agree_days,
    may_manage_person,
    must_manage,
    must_speak_as_employer,
)
from marketplace.catalogue.events import AssuranceChanged
from marketplace.catalogue.models import (
    AssuranceScope,
    EmployerAssurance,
    Offer,
    OfferVersion,
    Practitioner,
    Theme,
)
from marketplace.catalogue.rules import refuse_certificate_numbers
from marketplace.catalogue.search.text import rebuild_index
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed, NotNow
from marketplace.organisations.models import Organisation, Phase

MOST_AGREED_HALF_DAYS = 400
LONGEST_ASSURANCE_DAYS = 3 * 366
LENGTHS = {"name": 150, "job_title": 120, "biography": 3_000}


class PractitionerInvalid(DomainError):
    """Something about a practitioner cannot be kept as it is. `field` names the part at fault."""

    code = "practitioner_invalid"


@dataclass(frozen=True, kw_only=True)
class Profile:
    """What is written about a practitioner.

    `agreed_half_days` are the days their employer lets them go in an academic year; without a number they stay as they are, none for
    somebody new.
    """

    name: str
    job_title: str = ""
    biography: str = ""
    themes: tuple[Theme, ...] = ()
    phases: tuple[str, ...] = ()
    agreed_half_days: int | None = None


@action
def add_practitioner(
    *,
    actor: Actor,
    organisation: Organisation,
    profile: Profile,
    releasing_organisation: Organisation | None = None,
) -> Practitioner:
    """List a person at a provider. `releasing_organisation` is their employer where that is another body.

    Raises `NotAllowed`, `PractitionerInvalid`, `LooksLikeCertificateNumber`.
    """
    must_manage(actor, organisation.pk, to="add people to this provider")
    _check(profile)
    employer = releasing_organisation or organisation
    person = Practitioner.objects.create(
        releasing_organisation=employer,
        listed_by=None if employer == organisation else organisation,
        **_columns(profile),
    )
    person.themes.set(profile.themes)
    history.write(person, verb="add", by=actor)
    return person


@action
def edit_practitioner(*, actor: Actor, practitioner: Practitioner, profile: Profile) -> Practitioner:
    """Change what is written about a person. Raises as `add_practitioner`, and `NotAllowed` where the days are another body's to agree."""
    person = managed(actor, practitioner)
    _check(profile)
    before = person.agreed_half_days
    if profile.agreed_half_days not in (None, before) and not may_agree_days(actor, person):
        raise NotAllowed(
            f"The days a year are for {person.releasing_organisation} to agree, which employs this person.",
            remedy="Its headteacher or lead gives them with the employer’s assurance.",
        )
    for name, value in _columns(profile).items():
        setattr(person, name, value)
    person.save()
    person.themes.set(profile.themes)
    _rebuild_offers_naming(person)
    agreed = (
        f"Agreed half-days: {before} → {person.agreed_half_days}" if before != person.agreed_half_days else ""
    )
    history.write(person, verb="edit", by=actor, note=agreed)
    return person


@action
def stand_down_practitioner(*, actor: Actor, practitioner: Practitioner, reason: str = "") -> Practitioner:
    """Stop new bookings of a person: they disappear from offers. Bookings already made stand."""
    return _set_active(actor, practitioner, active=False, note=reason)


@action
def reinstate_practitioner(*, actor: Actor, practitioner: Practitioner) -> Practitioner:
    """Let a person who was stood down be booked again."""
    return _set_active(actor, practitioner, active=True)


@action
def record_assurance(
    *,
    actor: Actor,
    practitioner: Practitioner,
    scope: str,
    valid_from: date,
    valid_to: date,
    agreed_half_days: int | None = None,
) -> EmployerAssurance:
    """Give the employer's written word that a person's checks were done: who, when, for what, until when. Nothing else is kept.

    The releasing headteacher may set the days agreed for the year with it. Raises `NotAllowed` for anybody but the employer, and
    for oneself.
    """
    must_speak_as_employer(actor, practitioner)
    person: Practitioner = locked(Practitioner.objects.all(), pk=practitioner.pk)
    if scope not in AssuranceScope.values:
        raise PractitionerInvalid(
            f"“{scope}” is not a scope.", remedy=f"Use {', '.join(AssuranceScope.values)}.", field="scope"
        )
    check_period(valid_from, valid_to)
    today = timezone.localdate()
    if valid_to < today:
        raise PractitionerInvalid(
            "The assurance ends in the past.", remedy="Give a day from today on.", field="valid_to"
        )
    if valid_to - valid_from > timedelta(days=LONGEST_ASSURANCE_DAYS):
        raise PractitionerInvalid(
            "The assurance runs for more than three years.",
            remedy="Give an earlier day; you are asked again before it ends.",
            field="valid_to",
        )
    assurance = EmployerAssurance.objects.create(
        practitioner=person,
        confirmed_by_id=actor.user_id,
        confirmed_by_name=actor.name,
        confirmed_on=today,
        scope=scope,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    if agreed_half_days is not None:
        _check_agreed(agreed_half_days)
        person.agreed_half_days = agreed_half_days
        person.save(update_fields=["agreed_half_days"])
    history.write(person, verb="assure", by=actor, note=str(assurance))
    events.publish(AssuranceChanged(person.pk, withdrawn=False))
    return assurance


@action
def withdraw_assurance(*, actor: Actor, assurance: EmployerAssurance) -> EmployerAssurance:
    """Take the employer's word back, at once. No reason is asked for: that belongs in the employer's own records only."""
    must_speak_as_employer(actor, assurance.practitioner)
    row: EmployerAssurance = locked(EmployerAssurance.objects.all(), pk=assurance.pk)
    if row.withdrawn_at is not None:
        raise NotNow("This assurance was already withdrawn.")
    row.withdrawn_at = timezone.now()
    row.withdrawn_by_name = actor.name
    row.save()
    history.write(assurance.practitioner, verb="withdraw_assurance", by=actor)
    events.publish(AssuranceChanged(assurance.practitioner_id, withdrawn=True))
    return row


def managed(actor: Actor, practitioner: Practitioner) -> Practitioner:
    if not may_manage_person(actor, practitioner):
        raise NotAllowed(
            "You can’t change this person’s page.",
            remedy="Ask the provider lead or the headteacher of their organisation.",
        )
    row: Practitioner = locked(Practitioner.objects.all(), pk=practitioner.pk)
    return row


def _set_active(actor: Actor, practitioner: Practitioner, *, active: bool, note: str = "") -> Practitioner:
    person = managed(actor, practitioner)
    if person.is_active == active:
        raise NotNow("This person can already be booked." if active else "This person is already stood down.")
    refuse_certificate_numbers(note, "reason")
    person.is_active = active
    person.save(update_fields=["is_active"])
    _rebuild_offers_naming(person)
    history.write(person, verb="reinstate" if active else "stand_down", by=actor, note=note.strip())
    return person


def _rebuild_offers_naming(person: Practitioner) -> None:
    shown = Offer.objects.filter(current__practitioners=person).values_list("current_id", flat=True)
    in_work = OfferVersion.objects.filter(practitioners=person, offer__current=None).values_list(
        "pk", flat=True
    )
    rebuild_index([*shown, *in_work])


def _columns(profile: Profile) -> dict[str, object]:
    agreed = profile.agreed_half_days
    return {
        "name": profile.name.strip(),
        "job_title": profile.job_title.strip(),
        "biography": profile.biography.strip(),
        "phases": [phase for phase in Phase.values if phase in profile.phases],
    } | ({} if agreed is None else {"agreed_half_days": agreed})


def _check(profile: Profile) -> None:
    if not profile.name.strip():
        raise PractitionerInvalid("The name is missing.", remedy="Give the person’s name.", field="name")
    for field, longest in LENGTHS.items():
        check_text(field, getattr(profile, field), longest)
    _check_phases(profile.phases)
    if profile.agreed_half_days is not None:
        _check_agreed(profile.agreed_half_days)


def check_text(field: str, text: str, longest: int) -> None:
    if len(text) > longest:
        raise PractitionerInvalid(
            f"This has {len(text):,} characters.", remedy=f"Use {longest:,} or fewer.", field=field
        )
    refuse_certificate_numbers(text, field)


def _check_phases(phases: Collection[str]) -> None:
    for phase in phases:
        if phase not in Phase.values:
            raise PractitionerInvalid(
                f"There is no phase called “{phase}”.",
                remedy=f"Use {', '.join(Phase.values)}.",
                field="phases",
            )


def _check_agreed(half_days: int) -> None:
    if not 0 <= half_days <= MOST_AGREED_HALF_DAYS:
        raise PractitionerInvalid(
            "Nobody can be released for that many days.",
            remedy=f"Give from 0 to {MOST_AGREED_HALF_DAYS // 2} days a year.",
            field="agreed_half_days",
        )


def check_period(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to < valid_from:
        raise PractitionerInvalid(
            "It ends before it starts.", remedy="Correct one of the two.", field="valid_to"
        )
