"""The organisations of an area: its schools through the register's own door, and the bodies beside them.

Wards and schools are imported by the same code that a convenor's upload goes through. Around them come the school company
(supervised by the local authority), the teaching school hub, the authority's own service, two independents and the
diocese, and the schools and trusts that list offers: `Providers` finds each by the name that listings use.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from marketplace.buyback import actions as buyback
from marketplace.buyback.rules import PRESETS, Approver, Step
from marketplace.demo_area.register_file import Borough, register_csv
from marketplace.kernel.access import SYSTEM
from marketplace.organisations import actions
from marketplace.organisations.models import (
    Area,
    LegalStatus,
    Organisation,
    OrganisationKind,
    Phase,
    School,
)

TRUST_STEPS = (
    Step(0, Approver.ANY_ORDERER),
    Step(200_000, Approver.SECOND_PERSON),
    Step(1_000_000, Approver.HEADTEACHER, quotes_needed=3),
    Step(2_500_000, Approver.TRUST, quotes_needed=3, minute_needed=True),
)


@dataclass(frozen=True)
class Spot:
    """Where in the area, from -1 (west, south) to 1 (east, north)."""

    east: float
    north: float

    def apart(self, other: "Spot") -> float:
        """The square of the distance."""
        return (self.east - other.east) ** 2 + (self.north - other.north) ** 2


@dataclass
class Place:
    """An area with its open schools, and where each of them lies."""

    area: Area
    authority: Organisation
    schools: list[School]
    spots: dict[int, Spot] = field(default_factory=dict)

    def of_phase(self, phase: str) -> list[School]:
        return [school for school in self.schools if phase in school.phases]


def bring_in(boroughs: Sequence[Borough]) -> list[Area]:
    """Make the areas with their wards and import their schools from one register file, as an operator would."""
    areas = []
    for borough in boroughs:
        area = actions.create_area(
            actor=SYSTEM, code=borough.la_code, name=borough.name, gss_code=borough.gss_code
        )
        actions.import_wards(actor=SYSTEM, area=area, content=json.dumps(borough.wards_geojson))
        areas.append(area)
    actions.import_register_now(
        actor=SYSTEM, upload=BytesIO(register_csv(boroughs)), file_name="edubasealldata_demo.csv"
    )
    return areas


def place_of(area: Area) -> Place:
    """The area as it now stands, with its open schools."""
    schools = list(
        School.objects.filter(area=area, status_code__in=School.OPEN_STATUSES)
        .select_related("organisation__area", "trust", "ward", "area")
        .order_by("urn")
    )
    place = Place(
        area=area,
        authority=Organisation.objects.get(area=area, kind=OrganisationKind.LOCAL_AUTHORITY),
        schools=schools,
    )
    located = [school for school in schools if school.easting is not None and school.northing is not None]
    if located:
        west, east = min(s.easting or 0 for s in located), max(s.easting or 0 for s in located)
        south, north = min(s.northing or 0 for s in located), max(s.northing or 0 for s in located)
        for school in located:
            place.spots[school.pk] = Spot(
                _along(school.easting or 0, west, east), _along(school.northing or 0, south, north)
            )
    return place


def _along(value: int, low: int, high: int) -> float:
    return 0.0 if low == high else 2 * (value - low) / (high - low) - 1


# Providers -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Wanted:
    """A school to list offers: of a phase, as near to a spot as there is, paid for by the public.

    `academy` or `church` where it has to be one, `types` (codes of the register) where not any type will do.
    """

    phase: str
    spot: Spot
    academy: bool = False
    church: bool = False
    types: frozenset[str] = frozenset()

    def fits(self, school: School) -> bool:
        return (
            self.phase in school.phases
            and school.organisation.legal_status != LegalStatus.INDEPENDENT
            and (not self.academy or school.trust_id is not None)
            and (not self.church or school.diocese_id is not None)
            and (not self.types or school.type_code in self.types)
        )


MIDDLE = Spot(0, 0)
SPECIAL_SCHOOLS, REFERRAL_UNITS = frozenset({"07", "44"}), frozenset({"14", "42"})
COLLEGES = frozenset({"18"})
SCHOOLS_THAT_PROVIDE = {
    "west_special": Wanted(Phase.SPECIAL_AP, Spot(-0.6, -0.1), types=SPECIAL_SCHOOLS),
    "west_primary_a": Wanted(Phase.PRIMARY, Spot(-0.45, 0)),
    "west_secondary": Wanted(Phase.SECONDARY, Spot(-0.5, 0.1)),
    "centre_primary_a": Wanted(Phase.PRIMARY, MIDDLE),
    "centre_primary_b": Wanted(Phase.PRIMARY, Spot(0.05, 0.1)),
    "centre_primary_c": Wanted(Phase.PRIMARY, Spot(0.1, -0.05)),
    "centre_primary_d": Wanted(Phase.PRIMARY, Spot(-0.05, -0.1)),
    "centre_secondary": Wanted(Phase.SECONDARY, MIDDLE),
    "trust_school_a": Wanted(Phase.PRIMARY, Spot(0.2, 0.2), academy=True),
    "trust_school_b": Wanted(Phase.PRIMARY, Spot(0, -0.3), academy=True),
    "trust_school_c": Wanted(Phase.SECONDARY, Spot(0.2, 0.3), academy=True),
    "east_primary_a": Wanted(Phase.PRIMARY, Spot(0.55, 0)),
    "east_primary_b": Wanted(Phase.PRIMARY, Spot(0.8, 0.1)),
    "north_primary": Wanted(Phase.PRIMARY, Spot(0, 0.75)),
    "church_primary": Wanted(Phase.PRIMARY, Spot(-0.2, -0.6), church=True),
    "nursery_school": Wanted(Phase.EARLY_YEARS, MIDDLE),
    "special_school_b": Wanted(Phase.SPECIAL_AP, Spot(0.3, 0), types=SPECIAL_SCHOOLS),
    "referral_unit": Wanted(Phase.SPECIAL_AP, Spot(-0.2, 0), types=REFERRAL_UNITS),
    "college": Wanted(Phase.POST_16, MIDDLE, types=COLLEGES),
}
"""Schools that list offers, by the name in the listings, with where in the area to look for one."""

TRUSTS_THAT_PROVIDE = ("trust_a", "trust_b", "trust_c")


@dataclass
class Providers:
    """The bodies that list offers, by the name in the listings."""

    by_name: dict[str, Organisation] = field(default_factory=dict)
    schools: dict[str, School] = field(default_factory=dict)

    def __getitem__(self, name: str) -> Organisation:
        return self.by_name[name]

    def __contains__(self, name: str) -> bool:
        return name in self.by_name


def found_providers(place: Place) -> Providers:
    """Make the bodies the register does not know, and choose the schools and trusts that list offers."""
    providers = Providers()
    _choose_schools(place, providers)
    for name, trust in zip(TRUSTS_THAT_PROVIDE, _trusts(place), strict=False):
        providers.by_name[name] = trust
    providers.by_name |= {"diocese": diocese} if (diocese := _diocese(place)) else {}
    area, middle = place.area, _nearest(place, place.schools, MIDDLE)
    for name, kind, called, status in (
        ("company", OrganisationKind.SCHOOL_COMPANY, f"{area} Learning Partnership Ltd", ""),
        ("service", OrganisationKind.LA_SERVICE, f"{area} School Improvement Service", ""),
        ("hub", OrganisationKind.TEACHING_SCHOOL_HUB, f"{area} Teaching School Hub", LegalStatus.ACADEMY),
        ("independent_a", OrganisationKind.INDEPENDENT, f"Waystone Education, {area}", LegalStatus.COMPANY),
        (
            "independent_b",
            OrganisationKind.INDEPENDENT,
            f"{area} Speech and Play Therapy",
            LegalStatus.CHARITY,
        ),
    ):
        providers.by_name[name] = actions.create_organisation(
            actor=SYSTEM,
            area=area,
            kind=kind,
            name=called,
            legal_status=status,
            supervising_authority=place.authority if name == "company" else None,
            address=f"Exchange House, Market Place, {area}",
            based_at=middle,
        )
    return providers


def _choose_schools(place: Place, providers: Providers) -> None:
    """Each name its own school while there are enough; a small area's schools have several."""
    free = list(place.schools)
    for name, wanted in SCHOOLS_THAT_PROVIDE.items():
        fitting = [school for school in free if wanted.fits(school)]
        chosen = _nearest(place, fitting, wanted.spot) or _nearest(
            place, [school for school in place.schools if wanted.phase in school.phases], wanted.spot
        )
        if chosen is not None:
            free = [school for school in free if school != chosen]
            providers.schools[name] = chosen
            providers.by_name[name] = chosen.organisation


def _nearest(place: Place, schools: list[School], spot: Spot) -> School | None:
    located = [school for school in schools if school.pk in place.spots]
    return min(
        located, key=lambda school: (place.spots[school.pk].apart(spot), school.urn), default=None
    ) or next(iter(schools), None)


def _trusts(place: Place) -> list[Organisation]:
    """Trusts with several schools here, those with most first."""
    counted: dict[int, list[School]] = {}
    for school in place.schools:
        if school.trust_id:
            counted.setdefault(school.trust_id, []).append(school)
    several = [schools for schools in counted.values() if len(schools) > 1]
    several.sort(key=lambda schools: (-len(schools), schools[0].urn))
    return [schools[0].trust for schools in several if schools[0].trust]


def _diocese(place: Place) -> Organisation | None:
    found = (school.diocese for school in place.schools if school.diocese_id)
    return next((diocese for diocese in found if diocese), None)


def set_ladders(place: Place, providers: Providers) -> None:
    """Whose word orders need: the authority says it for all, one trust for its own schools."""
    national = next(preset for preset in PRESETS if preset.key == "national").steps
    buyback.set_ladder(actor=SYSTEM, owner=place.area, steps=national)
    if "trust_a" in providers:
        buyback.set_ladder(actor=SYSTEM, owner=providers["trust_a"], steps=TRUST_STEPS)


def make_clusters(place: Place) -> None:
    """Four clusters of primary schools, one to each quarter of the map."""
    quarters: dict[str, list[int]] = {}
    for school in place.of_phase(Phase.PRIMARY):
        if spot := place.spots.get(school.pk):
            name = f"{'North' if spot.north > 0 else 'South'} {'East' if spot.east > 0 else 'West'} learning community"
            quarters.setdefault(name, []).append(school.urn)
    for name, urns in sorted(quarters.items()):
        actions.create_cluster(actor=SYSTEM, area=place.area, name=name, urns=urns)
