"""The modelled layer of need: what schools that said nothing may need, where an area has set a rate for a theme (coverage.md 1).

    days = pupils / 100 x days for each 100 pupils x weight of the school's level of concern

Whoever declared a need or confirmed its list lately has said what it needs, of every theme; an older word speaks only for the themes
of its open needs. Pupils are shared equally among a school's phases. Levels of concern are restricted, and so is what follows from them.
"""

from datetime import date, datetime
from typing import NamedTuple

from marketplace.catalogue.models import Theme
from marketplace.coverage.gathering.reading import Read
from marketplace.coverage.measures import NONE, Settings
from marketplace.coverage.measures.demand import RISK_WEIGHTS, latent_days
from marketplace.kernel.dates import local


class LatentNeed(NamedTuple):
    """A need nobody declared, in days of the window."""

    school: int
    theme: int
    phase: str
    days: float
    id: int = NONE


def latent_needs(found: Read, themes: list[Theme], settings: Settings) -> list[LatentNeed]:
    """Modelled needs of the area's schools that said nothing, in the order of schools and themes; none where no rate is set."""
    rates = dict(settings.choices.latent_days)
    rated = [theme for theme in themes if rates.get(theme.code)]
    said = {(need.school, need.theme) for need in found.needs}
    needs = []
    for school in found.schools if rated else ():
        silent = not _replied(found.replied.get(school.id), found.today, settings.replied_within_days)
        if school.area != found.area.pk or not school.pupils or not silent:
            continue
        for theme in rated:
            if (school.id, theme.pk) in said:
                continue
            days = latent_days(
                pupils=school.pupils / max(1, len(school.phases)),
                days_per_100_pupils=rates[theme.code],
                risk=RISK_WEIGHTS[found.risks.get(school.id, "low")],
            )
            counted = found.window.counted(days, part=found.window.part, elsewhere=0)
            needs += [LatentNeed(school.id, theme.pk, phase, counted) for phase in school.phases if counted]
    return needs


def _replied(moment: datetime | None, today: date, within_days: float) -> bool:
    return moment is not None and (today - local(moment).date()).days <= within_days
