"""Verbs of benchmarking: choose whom to compare with and why, take in their figures, stop comparing."""

from django.utils import timezone

from marketplace.coverage.benchmarks.files import read
from marketplace.coverage.errors import BenchmarkFileInvalid, NeighbourInvalid
from marketplace.coverage.models import Neighbour, NeighbourFigures
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area

SHORTEST_REASON = 10


@action
def take_in(*, actor: Actor, area: Area, content: bytes, reason: str = "") -> NeighbourFigures:
    """Take in a file of another area's indicators. A newer one of the same area replaces an older, which stays as history.

    `reason` says why this area is compared with; needed the first time, and changed where given again. Raises
    `BenchmarkFileInvalid` or `NeighbourInvalid`.
    """
    _must_convene(actor, area)
    area = locked(Area.objects.all(), pk=area.pk)
    figures = read(content, today=local(timezone.now()).date())
    if figures.code == area.code:
        raise BenchmarkFileInvalid(
            "This is your own area’s file.", remedy="Ask the other area for the file its exchange gives."
        )
    neighbour = _chosen(actor, area, figures.code, figures.name, reason.strip())
    newest = neighbour.figures.first()
    if newest and figures.as_of < newest.as_of:
        raise BenchmarkFileInvalid(
            f"The figures here are newer: of {newest.as_of:%d %B %Y}, and the file is of {figures.as_of:%d %B %Y}.",
            remedy="Ask the other area for a new file.",
        )
    taken, _ = NeighbourFigures.objects.update_or_create(
        neighbour=neighbour,
        as_of=figures.as_of,
        defaults={
            "academic_year": figures.academic_year,
            "definitions_version": figures.definitions_version,
            "values": figures.values,
            "of_a_term": figures.of_a_term,
            "imported_by_name": actor.name,
        },
    )
    history.write(neighbour, verb="take in", by=actor, note=f"figures of {figures.as_of:%d %B %Y}")
    return taken


@action
def give_reason(*, actor: Actor, area: Area, code: str, reason: str) -> Neighbour:
    """Say anew why an area is compared with. Raises `NeighbourInvalid`."""
    neighbour = _neighbour(actor, area, code)
    return _chosen(actor, area, code, neighbour.name, reason.strip() or " ")


@action
def stop_comparing(*, actor: Actor, area: Area, code: str) -> None:
    """Compare with this area no more; its figures go, the history of the choice stays."""
    neighbour = _neighbour(actor, area, code)
    history.write(neighbour, verb="stop comparing", by=actor, note=f"{neighbour.name}: {neighbour.reason}")
    neighbour.delete()


def _chosen(actor: Actor, area: Area, code: str, name: str, reason: str) -> Neighbour:
    neighbour = Neighbour.objects.filter(area=area, code=code).first()
    if neighbour and not reason:
        return neighbour
    if not SHORTEST_REASON <= len(reason.strip()) <= 300:
        raise NeighbourInvalid(
            f"Say why you compare with {name}.",
            remedy=f"In {SHORTEST_REASON} to 300 characters: what makes the two areas alike? It stands beside the figures.",
            field="reason",
        )
    before = neighbour.reason if neighbour else ""
    if neighbour is None:
        neighbour = Neighbour(area=area, code=code, name=name)
    neighbour.reason, neighbour.chosen_by_name = reason, actor.name
    neighbour.save()
    verb = "say why" if before else "choose"
    history.write(neighbour, verb=verb, by=actor, note=reason)
    return neighbour


def _neighbour(actor: Actor, area: Area, code: str) -> Neighbour:
    _must_convene(actor, area)
    found = Neighbour.objects.filter(area=area, code=code).first()
    if found is None:
        raise NotFound
    return found


def _must_convene(actor: Actor, area: Area) -> None:
    if not actor.convenes(area.pk):
        raise NotFound
