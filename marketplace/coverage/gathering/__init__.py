"""From the database to what the measures measure, in a dozen queries whatever the size of the area.

`gather` reads rows as plain tuples (`reading`), decides what is counted and how (`columns`), and hands back the measures' `Inputs`
with the keys that lead from their row numbers back to our rows (`gathered`).

What is counted, for the academic year of the day:

* **Schools**: the area's open schools, one row for each of their phases, since whether schools replied is asked by phase; and
  neighbours' schools with open needs near enough to compete for the same days. A school the register has no place for stands where
  others of its postcode do, else at the centre of its ward: approximately.
* **Needs**: open needs of the year. Days stated (or the level's) less half-days of confirmed and delivered bookings made for it, and
  less what deployments agreed for it still promise: what is signed for is not commissioned a second time.
* **Commissions**: open commissions of the area, after the declared needs and in a layer of their own, which is not measured unless
  asked for. A school's level of concern weighs which of its needs to choose first. Both are restricted.
* **Modelled needs** of schools that said nothing, last and in a layer of their own, where an area has set a rate (`latent`).
* **Pools**: one per published offer of providers in the area, near it, or without an area; and offers from anywhere that help from afar
  where a school of the area would take that; then schools anywhere compete that have a need such an offer could be for. Days stated
  less those of confirmed and delivered bookings and of what deployments still promise (committed) and of bookings waiting for somebody's word (held). The owner is the
  provider's trust where it has one. A provider stands where its school does.
"""

from marketplace.coverage.gathering.columns import gather
from marketplace.coverage.gathering.gathered import (
    CommissionKey,
    Gathered,
    NeedKey,
    PoolKey,
    SchoolKey,
    ThemeKey,
)
from marketplace.coverage.gathering.keeping import packed, unpacked
from marketplace.coverage.gathering.places import Sides
from marketplace.coverage.gathering.reading import ward_places

__all__ = [
    "CommissionKey",
    "Gathered",
    "NeedKey",
    "PoolKey",
    "SchoolKey",
    "Sides",
    "ThemeKey",
    "gather",
    "packed",
    "unpacked",
    "ward_places",
]
