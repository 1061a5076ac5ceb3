"""Offers: written, handed in, paused, resumed, withdrawn and confirmed by their provider."""

from django.utils import timezone

from marketplace.catalogue.access import must_manage
from marketplace.catalogue.content import OfferContent, OfferInvalid, check_complete, check_draft, content_of
from marketplace.catalogue.events import OfferMoved
from marketplace.catalogue.models import Offer, OfferStatus, OfferVersion, Theme, VersionStatus
from marketplace.catalogue.queries import people_of, version_in_work
from marketplace.catalogue.search.text import rebuild_index
from marketplace.catalogue.states import OFFER, VERSION
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotNow
from marketplace.kernel.transitions import words
from marketplace.organisations.models import Organisation


@action
def draft_offer(*, actor: Actor, provider: Organisation, content: OfferContent) -> Offer:
    """Start an offer of a provider. Raises `NotAllowed`, or `OfferInvalid` naming the field at fault."""
    must_manage(actor, provider.pk, to="list offers for this provider")
    if not provider.is_provider_kind:
        raise OfferInvalid(
            f"{provider.name} oversees the exchange and lists no offers.",
            remedy="List the offer for the authority’s own service.",
        )
    _check(content, provider)
    offer = Offer.objects.create(provider=provider)
    version = OfferVersion.objects.create(
        offer=offer, number=1, written_by_id=actor.user_id, **content.columns()
    )
    _write_links(version, content)
    history.write(offer, verb="draft", after=offer.status, by=actor)
    events.publish(OfferMoved(offer.pk, "draft", offer.status))
    return offer


@action
def edit_offer(*, actor: Actor, offer: Offer, content: OfferContent) -> OfferVersion:
    """Write the version in work, or start the next one where the current version is on show.

    What is on show does not change until a convenor approves. Raises `NotNow` while a version is handed in (take it back first) or
    after the offer was withdrawn; `OfferInvalid` naming the field at fault.
    """
    must_manage(actor, offer.provider_id, to="change this offer")
    offer = _locked(offer)
    if offer.status == OfferStatus.WITHDRAWN:
        raise NotNow("This offer is withdrawn.", remedy="Start a new offer, or copy this one.")
    _check(content, offer.provider)
    version = version_in_work(offer)
    if version is None:
        version = OfferVersion(offer=offer, number=_next_number(offer))
    elif version.status == VersionStatus.SUBMITTED:
        raise NotNow(
            "This version is with the convenor.",
            remedy="Take it back before you change it, then hand it in again.",
        )
    for name, value in content.columns().items():
        setattr(version, name, value)
    version.written_by_id = actor.user_id
    version.save()
    _write_links(version, content)
    history.write(version, verb="write", after=version.status, by=actor)
    return version


@action
def submit_offer(*, actor: Actor, offer: Offer) -> Offer:
    """Hand the version in work to the convenor. Raises `OfferIncomplete` with everything that is missing; `NotNow`."""
    must_manage(actor, offer.provider_id, to="hand in this offer")
    offer = _locked(offer)
    version = _in_work(offer, "submit")
    check_complete(content_of(version), timezone.localdate())
    VERSION.move(
        version,
        "submit",
        by=actor,
        submitted_by_id=actor.user_id,
        submitted_at=timezone.now(),
        return_reason="",
    )
    return _follow(offer, "submit", actor)


@action
def take_back_offer(*, actor: Actor, offer: Offer) -> Offer:
    """Take a version back from the convenor, to change it. Raises `NotNow` where none is handed in."""
    must_manage(actor, offer.provider_id, to="take back this offer")
    offer = _locked(offer)
    VERSION.move(_in_work(offer, "take_back"), "take_back", by=actor)
    return _follow(offer, "take_back", actor)


@action
def discard_revision(*, actor: Actor, offer: Offer) -> Offer:
    """Throw away the version in work of an offer that has been on show. A first version is withdrawn with its offer instead."""
    must_manage(actor, offer.provider_id, to="change this offer")
    offer = _locked(offer)
    if offer.current_id is None:
        raise NotNow("This offer has no earlier version to go back to.", remedy="Withdraw the offer instead.")
    VERSION.move(_in_work(offer, "discard"), "discard", by=actor)
    return offer


@action
def pause_offer(*, actor: Actor, offer: Offer, note: str = "") -> Offer:
    """Take an offer off show for a while. Bookings already made stand."""
    return _move(actor, offer, "pause", note)


@action
def resume_offer(*, actor: Actor, offer: Offer) -> Offer:
    """Put a paused offer back on show; that says as well that it still stands."""
    return _move(actor, offer, "resume", confirmed_at=timezone.now())


@action
def withdraw_offer(*, actor: Actor, offer: Offer, note: str = "") -> Offer:
    """Take an offer off show for good. Bookings already made stand."""
    return _move(actor, offer, "withdraw", note)


@action
def confirm_offer(*, actor: Actor, offer: Offer) -> Offer:
    """Say that the offer still stands: it counts in coverage for the next 180 days. Raises `NotNow` for one not on show."""
    must_manage(actor, offer.provider_id, to="confirm this offer")
    offer = _locked(offer)
    if offer.status not in (OfferStatus.PUBLISHED, OfferStatus.PAUSED):
        raise NotNow(f"This offer is {words(offer.status)}, so there is nothing to confirm.")
    offer.confirmed_at = timezone.now()
    offer.save(update_fields=["confirmed_at"])
    history.write(offer, verb="confirm", before=offer.status, after=offer.status, by=actor)
    events.publish(OfferMoved(offer.pk, "confirm", offer.status))
    return offer


@action
def rate_offer(*, offer: Offer, hundredths: int) -> Offer:
    """Add a receiving headteacher's rating (0 to 100): called once for each evaluation, in its transaction."""
    if not 0 <= hundredths <= 100:
        raise ValueError(f"a rating runs from 0 to 100, not {hundredths}")
    offer = _locked(offer)
    offer.rating_total += hundredths
    offer.rating_count += 1
    offer.save(update_fields=["rating_total", "rating_count"])
    return offer


def _move(actor: Actor, offer: Offer, verb: str, note: str = "", **also: object) -> Offer:
    must_manage(actor, offer.provider_id, to=f"{verb} this offer")
    offer = _locked(offer)
    OFFER.move(offer, verb, by=actor, note=note.strip(), **also)
    events.publish(OfferMoved(offer.pk, verb, offer.status))
    return offer


def _follow(offer: Offer, verb: str, actor: Actor) -> Offer:
    """Take a never published offer along with its first version; a later version moves alone."""
    if offer.current_id is None:
        OFFER.move(offer, verb, by=actor)
        events.publish(OfferMoved(offer.pk, verb, offer.status))
    else:
        events.publish(OfferMoved(offer.pk, f"{verb}_revision", offer.status))
    return offer


def _locked(offer: Offer) -> Offer:
    row: Offer = locked(Offer.objects.select_related("provider__school"), pk=offer.pk)
    return row


def _in_work(offer: Offer, verb: str) -> OfferVersion:
    """The version in work; the refusal of the machine where there is none, or where the offer is withdrawn."""
    version = None if offer.status == OfferStatus.WITHDRAWN else version_in_work(offer)
    if version is None:
        raise NotNow(
            f"There is no new version of this offer to {words(verb)}.",
            remedy="Open the offer again to see where it stands.",
        )
    return version


def _next_number(offer: Offer) -> int:
    last = offer.versions.order_by("-number").values_list("number", flat=True).first()
    return (last or 0) + 1


def _write_links(version: OfferVersion, content: OfferContent) -> None:
    version.themes.set(content.themes)
    version.practitioners.set(content.practitioners)
    rebuild_index([version.pk])


def _check(content: OfferContent, provider: Organisation) -> None:
    check_draft(content, provider)
    headings = Theme.objects.filter(parent__in=content.themes).values_list("parent__name", flat=True)
    if heading := headings.first():
        raise OfferInvalid(
            f"“{heading}” is a heading.",
            remedy="Choose the themes under it that the offer is for.",
            field="themes",
        )
    wanted = {person.pk for person in content.practitioners}
    if len(wanted) != people_of(provider).filter(pk__in=wanted).count():
        raise OfferInvalid(
            "Somebody you chose isn’t one of your people, or is no longer active.",
            remedy="Choose people whom you list or release, or add them first.",
            field="practitioners",
        )
