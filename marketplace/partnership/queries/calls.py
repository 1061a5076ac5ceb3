"""Calls one may see, and who can answer them: providers of the area, of no area, and neighbours near enough to count for it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Max, Min, Q, QuerySet

from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.access import MANAGERS
from marketplace.catalogue.models import OfferStatus, Practitioner
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Membership, Organisation, OrganisationKind, School
from marketplace.partnership.models import CallResponse, CallStatus, OfferCall, ResponseStatus
from marketplace.partnership.rules import Box


@dataclass(frozen=True)
class Standing:
    """How far a call has come, in half-days: wanted, promised by answers that stand, and of those on show to schools."""

    wanted: int
    promised: int = 0
    on_show: int = 0
    answers: int = 0

    @property
    def missing(self) -> int:
        """Half-days nobody has promised yet."""
        return max(0, self.wanted - self.promised)


def may_convene_calls(actor: Actor) -> bool:
    """Whether the person publishes calls: a convenor of any area."""
    return bool(actor.in_area(Role.CONVENOR))


def answering_providers(actor: Actor) -> QuerySet[Organisation]:
    """The organisations the person keeps offers for, which can answer calls: not suspended, and no overseeing authority."""
    rows = (
        Organisation.objects.filter(suspended_at__isnull=True)
        .exclude(kind=OrganisationKind.LOCAL_AUTHORITY)
        .select_related("school", "area")
        .order_by("name", "pk")
    )
    return rows if actor.is_system else rows.filter(pk__in=actor.organisations(*MANAGERS))


def calls_visible_to(actor: Actor) -> QuerySet[OfferCall]:
    """The calls of the areas the person convenes; for providers those they can answer while open, and those they answered."""
    rows = (
        OfferCall.objects.scoped()
        .select_related("area", "ward", "created_by")
        .prefetch_related("themes__parent")
    )
    if actor.is_system:
        return rows
    convened = Q(area__in=actor.in_area(Role.CONVENOR))
    if not actor.organisations(*MANAGERS):
        return rows.filter(convened)
    own = list(answering_providers(actor))
    answered = CallResponse.objects.scoped().filter(provider__in=own).values("call")
    asked = Q(status=CallStatus.OPEN) & _open_to(own)
    return rows.filter(convened | asked | Q(pk__in=answered))


def _open_to(providers: Iterable[Organisation]) -> Q:
    """The condition on calls that lets through those one of the providers can answer."""
    providers = list(providers)
    if any(provider.area_id is None for provider in providers):
        return Q()
    areas = {provider.area_id for provider in providers}
    if not areas:
        return Q(pk__in=())
    calling = OfferCall.objects.scoped().filter(status=CallStatus.OPEN).exclude(area__in=areas)
    boxes = _boxes(set(calling.order_by().values_list("area", flat=True)))
    near = {area for area, box in boxes.items() if any(box.is_near(*_place(each)) for each in providers)}
    return Q(area__in=areas | near)


def _boxes(areas: set[int]) -> dict[int, Box]:
    """The rectangle around the open schools of each area that has any with a known place."""
    if not areas:
        return {}
    rows = (
        School.objects.filter(area__in=areas, status_code__in=School.OPEN_STATUSES, easting__isnull=False)
        .order_by()
        .values_list("area")
        .annotate(Min("easting"), Min("northing"), Max("easting"), Max("northing"))
    )
    return {area: Box(*ends) for area, *ends in rows}


def _place(provider: Organisation) -> tuple[int | None, int | None]:
    school: School | None = getattr(provider, "school", None)
    if school is not None and school.easting is not None:
        return school.easting, school.northing
    return provider.easting, provider.northing


def call_for(actor: Actor, reference: str) -> OfferCall:
    """One call by its reference; `NotFound` where there is none for this person."""
    found = calls_visible_to(actor).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def providers_to_answer(actor: Actor, call: OfferCall) -> list[Organisation]:
    """The person's organisations that can answer the call, those it has been answered for among them."""
    answered = set(CallResponse.objects.scoped().filter(call=call).values_list("provider", flat=True))
    own = list(answering_providers(actor))
    box = _boxes({call.area_id}).get(call.area_id)
    return [each for each in own if each.pk in answered or _can_answer(each, call, box)]


def _can_answer(provider: Organisation, call: OfferCall, box: Box | None) -> bool:
    if provider.area_id in (None, call.area_id):
        return True
    return box is not None and box.is_near(*_place(provider))


def providers_asked(call: OfferCall) -> list[Organisation]:
    """The providers that are told of the call: those with a lead, in its area, near it or of no area."""
    led = Membership.objects.filter(role=Role.PROVIDER_LEAD, ended_at__isnull=True).values("organisation")
    box = _boxes({call.area_id}).get(call.area_id)
    rows = (
        Organisation.objects.filter(pk__in=led, suspended_at__isnull=True)
        .exclude(kind=OrganisationKind.LOCAL_AUTHORITY)
        .select_related("school")
        .order_by("pk")
    )
    return [each for each in rows if _can_answer(each, call, box)]


# Answers ---------------------------------------------------------------------------------------------------------------


def responses_visible_to(actor: Actor) -> QuerySet[CallResponse]:
    """Answers of the person's own organisations, and all of them for a convenor of the call's area. Sealed from everybody else.

    A convenor who also keeps a provider's offers reads what others answered only once the call has ended.
    """
    rows = (
        CallResponse.objects.scoped()
        .select_related("call__area", "provider", "support_type", "offer__current", "submitted_by")
        .prefetch_related("people")
    )
    if actor.is_system:
        return rows
    convened = Q(call__area__in=actor.in_area(Role.CONVENOR))
    if actor.organisations(*MANAGERS):
        convened &= ~Q(call__status=CallStatus.OPEN)
    return rows.filter(Q(provider__in=actor.organisations(*MANAGERS)) | convened)


def may_read_answers(actor: Actor, call: OfferCall) -> bool:
    """Whether the person reads what every provider answered, and the sums of it."""
    sealed = call.status == CallStatus.OPEN and bool(actor.organisations(*MANAGERS))
    return actor.is_system or (actor.convenes(call.area_id) and not sealed)


def responses_of(actor: Actor, call: OfferCall) -> QuerySet[CallResponse]:
    """The answers to one call that the person may read, in the order they came."""
    return responses_visible_to(actor).filter(call=call).order_by("submitted_at", "pk")


def response_for(actor: Actor, call: OfferCall, reference: str) -> CallResponse:
    """One answer by its reference; `NotFound` where there is none for this person."""
    found = responses_of(actor, call).filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found


def draft_states(responses: Iterable[CallResponse]) -> list[tuple[CallResponse, str]]:
    """Each answer with where the offer it became stands, in words."""
    return [(each, OfferStatus(each.offer.status).label) for each in responses]


def standings_of(calls: Iterable[OfferCall]) -> dict[int, Standing]:
    """How far each call has come, by its id. One query. For convenors: the sums tell what others answered."""
    calls = list(calls)
    found = {call.pk: Standing(call.half_days) for call in calls}
    rows = CallResponse.objects.scoped().filter(call__in=found, status=ResponseStatus.SUBMITTED)
    for call, half_days, status in rows.values_list("call", "half_days", "offer__status"):
        before = found[call]
        shown = half_days if status == OfferStatus.PUBLISHED else 0
        found[call] = Standing(
            before.wanted, before.promised + half_days, before.on_show + shown, before.answers + 1
        )
    return found


def standing_of(call: OfferCall) -> Standing:
    """How far one call has come."""
    return standings_of([call])[call.pk]


def people_to_propose(provider: Organisation) -> QuerySet[Practitioner]:
    """The practitioners a provider may name in its answer."""
    return catalogue.people_of(provider).order_by("name", "pk")


def authority_of(call: OfferCall) -> Organisation | None:
    """The local authority whose convenors the call is."""
    return (
        Organisation.objects.filter(kind=OrganisationKind.LOCAL_AUTHORITY, area=call.area_id)
        .order_by("pk")
        .first()
    )
