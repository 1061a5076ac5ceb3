"""Puts what was drawn into the tables: through the register's own import, and then rows in bulk, each saying that it is generated."""

from collections.abc import Callable
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from marketplace.brokerage import queries as brokerage
from marketplace.brokerage.models import Need, NeedsReturn
from marketplace.catalogue.models import (
    DeliveryMode,
    Offer,
    OfferStatus,
    OfferVersion,
    SupportType,
    Theme,
    VersionStatus,
)
from marketplace.catalogue.search import rebuild_index
from marketplace.coverage import country
from marketplace.coverage.measures import Mode
from marketplace.coverage.models import Round
from marketplace.demo_area.national.drawing import CODES, SEED, Drawn, draw, read_schools
from marketplace.demo_area.stage import unannounced, write
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.errors import NotNow
from marketplace.organisations import actions
from marketplace.organisations.models import Area, School

LABEL = "Generated"
"""How every need, offer and reply drawn by chance begins."""

MODES = {
    Mode.IN_PERSON: DeliveryMode.IN_PERSON,
    Mode.BOTH: DeliveryMode.BOTH,
    Mode.REMOTE: DeliveryMode.REMOTE,
}
Tell = Callable[[str], None]


class NotEmpty(NotNow):
    """There are needs here already, which nobody generated."""

    code = "not_empty"


def write_country(
    register: Path,
    *,
    outlines: Path | None = None,
    areas: set[str] | None = None,
    seed: int = SEED,
    tell: Tell = lambda line: None,
) -> Round:
    """Import the register (of `areas` only, if given), write needs and offers for its schools, and have all areas worked out.

    Only where nobody has declared a need: generated numbers are never mixed with real ones. Raises `NotEmpty`, `RegisterFileError`
    and `BoundariesUnusable`.
    """
    if brokerage.needs_visible_to(SYSTEM).exclude(note__startswith=LABEL).exists():
        raise NotEmpty(
            "There are needs here that were not generated.",
            remedy="Generate a country in an empty installation (another DATA_DIR or DATABASE_URL).",
        )
    schools = read_schools(register, areas=areas)
    drawn = draw(schools, seed=seed)
    with transaction.atomic(), unannounced():
        tell(f"{len(schools)} open schools through the register")
        _import(register, areas)
        if outlines:
            regions = {school.area: school.region for school in schools}
            actions.import_outlines(actor=SYSTEM, content=outlines.read_bytes(), regions=regions)
        rows = dict(School.objects.values_list("urn", "pk"))
        tell(f"{len(drawn.needs)} needs and {len(drawn.offers)} offers, all of them generated")
        _write_needs(drawn, rows)
        _write_offers(drawn, rows)
    codes = {school.area for school in schools}
    return country.ask_for_round(
        actor=SYSTEM, areas=Area.objects.filter(code__in=codes), because="A country was generated"
    )


def _import(register: Path, areas: set[str] | None) -> None:
    """As an operator would; of some areas one after the other."""
    for code in sorted(areas or [""]):
        with register.open("rb") as upload:
            actions.import_register_now(
                actor=SYSTEM, upload=upload, file_name=register.name, only_la_code=code
            )


def _write_needs(drawn: Drawn, rows: dict[int, int]) -> None:
    themes = {theme.code: theme for theme in Theme.objects.filter(code__in=CODES)}
    now = timezone.now()
    year = academic_year(local(now).date())
    write(
        Need(
            school_id=rows[school.urn],
            theme=themes[CODES[need.theme]],
            phase=school.phases[0],
            half_days=need.half_days,
            remote_ok=need.remote_ok,
            academic_year=year,
            declared_at=now,
            note=f"{LABEL}: drawn by chance, no school has said this.",
        )
        for need in drawn.needs
        for school in (drawn.schools[need.school],)
    )
    write(
        NeedsReturn(school_id=rows[school.urn], academic_year=year, confirmed_at=now)
        for school, replied in zip(drawn.schools, drawn.replied, strict=True)
        if replied
    )


def _write_offers(drawn: Drawn, rows: dict[int, int]) -> None:
    themes = {theme.code: theme for theme in Theme.objects.filter(code__in=CODES)}
    kind = SupportType.objects.order_by("pk").first()
    now = timezone.now()
    offers = [
        Offer(provider_id=rows[drawn.schools[each.school].urn], status=OfferStatus.DRAFT, created_at=now)
        for each in drawn.offers
    ]
    write(offers)
    versions = [
        OfferVersion(
            offer=offer,
            number=1,
            status=VersionStatus.APPROVED,
            title=f"{LABEL} offer of {', '.join(CODES[theme] for theme in each.themes)}"[:120],
            summary=f"{LABEL}: drawn by chance, nobody offers this.",
            support_type=kind,
            phases=list(drawn.schools[each.school].phases),
            mode=MODES[each.mode],
            reach_km=each.reach_km,
            capacity_half_days=each.half_days,
            price_rule={"kind": "per_day", "amount_pence": each.day_rate},
            reviewed_at=now,
            created_at=now,
        )
        for each, offer in zip(drawn.offers, offers, strict=True)
    ]
    write(versions)
    for offer, version in zip(offers, versions, strict=True):
        offer.current, offer.status = version, OfferStatus.PUBLISHED
        offer.published_at = offer.confirmed_at = now
    Offer.objects.bulk_update(offers, ["current", "status", "published_at", "confirmed_at"], batch_size=500)
    link = OfferVersion.themes.through
    link.objects.bulk_create(
        [
            link(offerversion_id=version.pk, theme_id=themes[CODES[theme]].pk)
            for each, version in zip(drawn.offers, versions, strict=True)
            for theme in each.themes
        ],
        batch_size=2_000,
    )
    rebuild_index([version.pk for version in versions])
