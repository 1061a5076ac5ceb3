"""From the lines of a scenario to edits of the rows of a snapshot; a line that does not fit there is told why and left out."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db.models import QuerySet

from marketplace.catalogue.models import DeliveryMode, Offer
from marketplace.coverage.gathering.columns import MODES, PHASES
from marketplace.coverage.measures import NONE
from marketplace.coverage.measures.scenario import (
    AddNeed,
    AddPool,
    AnotherTheme,
    Edit,
    MoreDays,
    Remote,
    RemoveOffer,
    WiderReach,
)
from marketplace.coverage.scenarios.grounds import Footing
from marketplace.coverage.scenarios.lines import Kind, Line
from marketplace.organisations.models import Organisation, School, Ward

ORDINARY_KM = 25


@dataclass(frozen=True)
class Fitted:
    """The edits in their order, and by number of the line why those left out do not fit."""

    edits: list[Edit]
    unfit: dict[int, str]


class DoesNotFit(Exception):
    """A line names what is not among the rows of the snapshot."""


def fitted(lines: Sequence[Line], on: Footing) -> Fitted:
    """The edits that the lines mean on a snapshot."""
    fitter = _Fitter(lines, on)
    edits: list[Edit] = []
    unfit: dict[int, str] = {}
    for line in lines:
        try:
            edits += fitter.edits(line)
        except DoesNotFit as error:
            unfit[line.id] = str(error)
    return Fitted(edits, unfit)


def named(lines: Iterable[Line]) -> dict[int, str]:
    """What offer, provider or school each line is about is called, by number of the line."""
    offers = _by("offer", lines, _offer_names)
    providers = _by("provider", lines, _organisation_names)
    schools = _by("school", lines, _school_names)
    return offers | providers | schools


def _by(what: str, lines: Iterable[Line], names_of: Callable[[set[Any]], dict[Any, str]]) -> dict[int, str]:
    asked = {line.id: getattr(line, what) for line in lines if getattr(line, what) is not None}
    names = names_of(set(asked.values())) if asked else {}
    return {number: names[value] for number, value in asked.items() if value in names}


def _offer_names(references: set[Any]) -> dict[Any, str]:
    rows = Offer.objects.filter(reference__in=references).values_list(
        "reference", "current__title", "provider__name"
    )
    return {reference: f"{title or reference}, {provider}" for reference, title, provider in rows}


def _organisation_names(references: set[Any]) -> dict[Any, str]:
    return dict(Organisation.objects.filter(reference__in=references).values_list("reference", "name"))


def _school_names(urns: set[Any]) -> dict[Any, str]:
    return dict(School.objects.filter(urn__in=urns).values_list("urn", "organisation__name"))


class _Fitter:
    """Looks up what the lines name, once for each kind of thing, and the rows where those are."""

    def __init__(self, lines: Sequence[Line], on: Footing) -> None:
        self.on, gathered = on, on.gathered
        self.theme_row = {on.theme_codes.get(key.id, ""): row for row, key in enumerate(gathered.themes)}
        self.offer_row = {key.offer: row for row, key in enumerate(gathered.pools)}
        references = {line.offer for line in lines if line.offer}
        providers = {line.provider for line in lines if line.provider}
        urns = {line.school for line in lines if line.school}
        wards = {line.ward for line in lines if line.ward}
        self.offers = (
            _pairs(Offer.objects.filter(reference__in=references), "reference") if references else {}
        )
        self.providers = (
            _pairs(Organisation.objects.filter(reference__in=providers), "reference") if providers else {}
        )
        self.schools = _pairs(School.objects.filter(urn__in=urns), "urn") if urns else {}
        self.wards = {
            code: (pk, east, north)
            for code, pk, east, north in (
                Ward.objects.filter(code__in=wards).values_list("code", "pk", "easting", "northing")
                if wards
                else ()
            )
        }

    def edits(self, line: Line) -> Iterator[Edit]:
        """What one line means. Raises `DoesNotFit`."""
        match line.kind:
            case Kind.ADD:
                yield self._added(line)
            case Kind.EXTEND:
                yield MoreDays(offer=self._offer(line), days=line.days or 0)
            case Kind.REACH:
                yield WiderReach(offer=self._offer(line), reach_m=1000 * (line.km or 0))
            case Kind.REMOTE:
                yield Remote(offer=self._offer(line), possible=bool(line.remote))
            case Kind.REDIRECT:
                yield AnotherTheme(offer=self._offer(line), theme=self._theme(line))
            case Kind.REMOVE:
                rows = [self._offer(line)] if line.offer else self._offers_of(line)
                yield from (RemoveOffer(offer=row) for row in rows)
            case Kind.NEED:
                yield AddNeed(
                    school=self._school(line),
                    theme=self._theme(line),
                    phase=PHASES[line.of_phase],
                    days=line.days or 0,
                    remote_ok=bool(line.remote),
                )

    def _added(self, line: Line) -> AddPool:
        ward, x, y = self._place(line)
        return AddPool(
            themes=(self._theme(line),),
            phases=(PHASES[line.of_phase],),
            days=line.days or 0,
            x=x,
            y=y,
            reach_m=1000 * (line.km or ORDINARY_KM),
            mode=MODES[DeliveryMode(line.mode or DeliveryMode.IN_PERSON)],
            price_pence=line.pence or 0,
            area=ward,
        )

    def _place(self, line: Line) -> tuple[int, float, float]:
        """Ward, easting and northing: the ward's middle, or else that of the area's schools."""
        if line.ward:
            if line.ward not in self.wards or self.wards[line.ward][0] not in self.on.gathered.wards:
                raise DoesNotFit("That is not one of the area’s wards.")
            ward, east, north = self.wards[line.ward]
            return ward, float(east), float(north)
        schools = self.on.gathered.inputs.schools
        here = schools.inside & schools.located
        if not here.any():
            return NONE, float("nan"), float("nan")
        return NONE, float(np.mean(schools.x[here])), float(np.mean(schools.y[here]))

    def _theme(self, line: Line) -> int:
        row = self.theme_row.get(line.theme or "")
        if row is None:
            raise DoesNotFit("Needs are not counted in that theme.")
        return row

    def _offer(self, line: Line) -> int:
        row = self.offer_row.get(self.offers.get(line.offer, 0))
        if row is None:
            raise DoesNotFit("The offer is not among those counted: it may have been withdrawn or paused.")
        return row

    def _offers_of(self, line: Line) -> list[int]:
        provider = self.providers.get(line.provider, 0)
        rows = [row for row, key in enumerate(self.on.gathered.pools) if key.provider == provider]
        if not rows:
            raise DoesNotFit("The provider has no offer among those counted.")
        return rows

    def _school(self, line: Line) -> int:
        school, phase = self.schools.get(line.school, 0), PHASES[line.of_phase]
        schools = self.on.gathered.inputs.schools
        for row, key in enumerate(self.on.gathered.schools):
            if key.id == school and key.inside and schools.phase[row] == phase:
                return row
        raise DoesNotFit("That is no open school of the area with this phase.")


def _pairs(rows: QuerySet[Any], name: str) -> dict[Any, int]:
    return dict(rows.values_list(name, "pk"))
