"""Who earns what of a course: its price falls to those who led it by their half-days, and each part is divided as the price says."""

from collections.abc import Mapping
from typing import NamedTuple

from marketplace.kernel.money import pro_rata, split_pence


class LedPart(NamedTuple):
    """What of an amount falls to the people of one organisation, and its share of that; the rest is the broker's fee. Net pence."""

    organisation: int
    part_pence: int
    share_pence: int

    @property
    def fee_pence(self) -> int:
        """What the broker keeps of the part."""
        return self.part_pence - self.share_pence


def parts_of(net_pence: int, shares: Mapping[str, int], half_days: Mapping[int, int]) -> list[LedPart]:
    """The parts of an amount billed for places, the organisations in the order of their keys; none where nobody led.

    `shares` is who gets what of the price as it was promised (`releasing_school`, `broker`), `half_days` what each organisation's people
    led. A charge for a place given back late is divided like the price: the course took place, and its people were there. What exceeds a
    price of nothing is the organisation's.
    """
    led = {key: half_days[key] for key in sorted(half_days) if half_days[key]}
    if not led:
        return []
    price = shares["releasing_school"] + shares["broker"]
    return [
        LedPart(key, part, pro_rata(part, shares["releasing_school"], price) if price else part)
        for key, part in zip(led, split_pence(net_pence, list(led.values())), strict=True)
    ]
