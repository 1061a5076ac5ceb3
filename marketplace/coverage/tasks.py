"""When coverage is worked out again: as soon as something it is made of has changed, and once a night.

A change reaches the areas of the school and of the provider at once; neighbours, whose schools compete for the same days,
follow with the night's run, which also takes in what a new day changes by itself (offers no longer confirmed lately).
"""

from collections.abc import Iterable

from procrastinate.contrib.django import app

from marketplace.bookings import queries as bookings
from marketplace.bookings.events import BookingMoved
from marketplace.brokerage.events import DeploymentMoved, DeploymentSigned, NeedsChanged
from marketplace.brokerage.models import RUNNING, DeploymentSignature
from marketplace.brokerage.queries import COUNTED_STATUSES, deployments_visible_to
from marketplace.catalogue.events import OfferMoved
from marketplace.catalogue.models import Offer
from marketplace.coverage import actions, country
from marketplace.coverage.gathering.reading import COMMITTED, HELD
from marketplace.coverage.models import RoundArea, Snapshot
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.events import subscribe
from marketplace.organisations.events import RegisterChanged, SuspensionChanged
from marketplace.organisations.models import Area, Organisation, School

OFFERS_THAT_COUNT = {
    "publish": "An offer was published",
    "pause": "An offer was paused",
    "resume": "An offer was published again",
    "withdraw": "An offer was withdrawn",
    "revise": "An offer was changed",
    "confirm": "An offer was confirmed",
}
DEPLOYMENTS_THAT_COUNT = {
    "activate": "A deployment was agreed",
    "stop": "A deployment was stopped",
    "evaluate": "A deployment is over",
}
NEEDS_WORDS = {
    "declare": "A need was declared",
    "change": "A need was changed",
    "withdraw": "A need was withdrawn",
    "meet": "A need was met",
    "reopen": "A need was opened again",
    "confirm": "A school confirmed its needs",
}


@app.task(name="recompute_coverage", queue="coverage", pass_context=False)
def recompute_coverage(area_id: int, because: str) -> None:
    """Work one area out."""
    actions.recompute(actor=SYSTEM, area=Area.objects.get(pk=area_id), because=because)


@app.task(name="work_out_area_of_round", queue="coverage", pass_context=False)
def work_out_area_of_round(round_area_id: int) -> None:
    """Work one area of a round out."""
    country.work_out(actor=SYSTEM, row=RoundArea.objects.get(pk=round_area_id))


@app.periodic(cron="20 4 * * *")
@app.task(
    name="recompute_all_coverage",
    queue="coverage",
    queueing_lock="recompute_all_coverage",
    pass_context=False,
)
def recompute_all_coverage(timestamp: int) -> None:
    """Each night: every area with schools."""
    for area in Area.objects.filter(schools__isnull=False).distinct():
        actions.ask_for_recompute(actor=SYSTEM, area=area, because="A new day")


@app.task(name="refine_advice", queue="coverage", pass_context=False)
def refine_advice(advice_id: int) -> None:
    """Search for the best choice there is, in the time there is, and put it in place of the first answer."""
    actions.refine_advice(actor=SYSTEM, advice_id=advice_id)


@subscribe(OfferMoved)
def after_offer_moved(event: OfferMoved) -> None:
    """An offer that counts began to, stopped, or changed."""
    if because := OFFERS_THAT_COUNT.get(event.verb):
        area = Offer.objects.values_list("provider__area_id", flat=True).get(pk=event.offer_id)
        _ask_for({area} if area else _areas_worked_out(), because)


@subscribe(NeedsChanged)
def after_needs_changed(event: NeedsChanged) -> None:
    """A school said something about its needs."""
    area = School.objects.values_list("area_id", flat=True).get(pk=event.school_id)
    _ask_for({area}, NEEDS_WORDS.get(event.verb, "A school’s needs changed"))


@subscribe(BookingMoved)
def after_booking_moved(event: BookingMoved) -> None:
    """A booking took days of an offer, or gave them back, or met a part of a need."""
    if _days_of(event.before) == _days_of(event.after):
        return
    areas = bookings.visible_to(SYSTEM).values_list("receiving_school__school__area_id", "provider__area_id")
    because = "A booking was confirmed" if event.after in COMMITTED else "Days were held or given back"
    _ask_for(set(areas.get(pk=event.booking_id)), because)


@subscribe(DeploymentMoved)
def after_deployment_moved(event: DeploymentMoved) -> None:
    """A deployment promises days from its last signature until it is over."""
    if because := DEPLOYMENTS_THAT_COUNT.get(event.verb):
        _ask_for(_areas_of_deployment(event.deployment_id), because)


@subscribe(DeploymentSigned)
def after_deployment_signed(event: DeploymentSigned) -> None:
    """With the last signature a change of a running deployment is in force; which one was the last isn't told."""
    signed = DeploymentSignature.objects.filter(pk=event.signature_id)
    running = signed.filter(version__deployment__status__in=RUNNING)
    for deployment in running.values_list("version__deployment", flat=True):
        _ask_for(_areas_of_deployment(deployment), "A deployment’s days were agreed anew")


def _areas_of_deployment(pk: int) -> set[int | None]:
    rows = deployments_visible_to(SYSTEM).filter(pk=pk)
    return set(rows.values_list("receiving_school__school__area_id", "provider__area_id").get())


@subscribe(RegisterChanged)
def after_register_changed(event: RegisterChanged) -> None:
    """Schools opened, closed or moved."""
    _ask_for(set(event.area_ids), "The register of schools changed")


@subscribe(SuspensionChanged)
def after_suspension_changed(event: SuspensionChanged) -> None:
    """The offers of a suspended provider count for nothing."""
    area = Organisation.objects.values_list("area_id", flat=True).get(pk=event.organisation_id)
    because = "A provider was suspended" if event.verb == "suspend" else "A suspension was lifted"
    _ask_for({area} if area else _areas_worked_out(), because)


def _days_of(status: str) -> tuple[bool, bool, bool]:
    """What a booking in this state does to days: committed, held, counted towards a need."""
    return status in COMMITTED, status in HELD, status in COUNTED_STATUSES


def _areas_worked_out() -> set[int]:
    return set(Snapshot.objects.order_by().values_list("area_id", flat=True).distinct())


def _ask_for(areas: Iterable[int | None], because: str) -> None:
    for area in Area.objects.filter(pk__in=[pk for pk in areas if pk]):
        actions.ask_for_recompute(actor=SYSTEM, area=area, because=because)
