"""Cancellation tariffs a provider can start from, as data that `catalogue.tariffs` understands (domain 1.3).

Each is a shape seen in use, to be changed as the provider likes. Offers and packages keep the data, not the name, so that a change
here touches no promise already made.
"""

from typing import Any, NamedTuple

from marketplace.catalogue.tariffs import CancellationTariff


class TariffPreset(NamedTuple):
    """A tariff with its name, a sentence about it, and its data."""

    key: str
    label: str
    summary: str
    data: dict[str, Any]


STANDARD = "standard"

_PRESETS = (
    TariffPreset(
        STANDARD,
        "By notice: 28, 14 and 7 days",
        "Free with more than 28 days’ notice, then half, three quarters and the whole price. Waived if the date is taken again.",
        {
            "tiers": [
                {"at_most": 7, "percent_bp": 10_000, "unit": "calendar"},
                {"at_most": 14, "percent_bp": 7_500, "unit": "calendar"},
                {"at_most": 28, "percent_bp": 5_000, "unit": "calendar"},
            ],
            "waived_if_refilled": True,
            "substitution_allowed": True,
            "cooling_off_days": 0,
        },
    ),
    TariffPreset(
        "free_sessions_too",
        "By notice, and a charge for free sessions",
        "As the first; a session that costs nothing is charged £50 when it is cancelled with less than 7 days’ notice.",
        {
            "tiers": [
                {"at_most": 7, "percent_bp": 10_000, "unit": "calendar"},
                {"at_most": 14, "percent_bp": 7_500, "unit": "calendar"},
                {"at_most": 28, "percent_bp": 5_000, "unit": "calendar"},
            ],
            "free_tiers": [{"at_most": 6, "full_day_pence": 5_000, "unit": "calendar"}],
            "waived_if_refilled": True,
            "substitution_allowed": True,
            "cooling_off_days": 0,
        },
    ),
    TariffPreset(
        "two_steps",
        "By notice: 4 weeks and 2 weeks",
        "Free with 4 weeks’ notice, then half, and the whole price with less than 2. 14 days to change your mind.",
        {
            "tiers": [
                {"at_most": 13, "percent_bp": 10_000, "unit": "calendar"},
                {"at_most": 27, "percent_bp": 5_000, "unit": "calendar"},
            ],
            "waived_if_refilled": False,
            "substitution_allowed": True,
            "cooling_off_days": 14,
        },
    ),
    TariffPreset(
        "flat_short_notice",
        "Flat charge at short notice",
        "Free with 3 working days’ notice or more, then £110 for a full day, £75 for a half day, £50 for an evening.",
        {
            "tiers": [
                {
                    "at_most": 2,
                    "unit": "working",
                    "full_day_pence": 11_000,
                    "half_day_pence": 7_500,
                    "evening_pence": 5_000,
                }
            ],
            "waived_if_refilled": True,
            "substitution_allowed": True,
            "cooling_off_days": 0,
        },
    ),
    TariffPreset(
        "flat_ten_days",
        "Flat charge within 10 working days, or for not coming",
        "Free with more than 10 working days’ notice, then £70 for a full day and £35 for a half day; the same if nobody comes.",
        {
            "tiers": [{"at_most": 10, "unit": "working", "full_day_pence": 7_000, "half_day_pence": 3_500}],
            "no_show": {"full_day_pence": 7_000, "half_day_pence": 3_500},
            "waived_if_refilled": False,
            "substitution_allowed": True,
            "cooling_off_days": 0,
        },
    ),
    TariffPreset(
        "always_something",
        "£50 at any time, more at short notice",
        "£50 with more than 28 days’ notice, then half, and the whole price in the last 14 days.",
        {
            "tiers": [
                {"at_most": 14, "percent_bp": 10_000, "unit": "calendar"},
                {"at_most": 28, "percent_bp": 5_000, "unit": "calendar"},
                {"full_day_pence": 5_000, "unit": "calendar"},
            ],
            "waived_if_refilled": False,
            "substitution_allowed": True,
            "cooling_off_days": 0,
        },
    ),
    TariffPreset(
        "thirty_days",
        "The whole price under 30 days",
        "Free with 30 days’ notice, then the whole price.",
        {
            "tiers": [{"at_most": 29, "percent_bp": 10_000, "unit": "calendar"}],
            "waived_if_refilled": False,
            "substitution_allowed": True,
            "cooling_off_days": 0,
        },
    ),
    TariffPreset(
        "free",
        "Free up to the day",
        "Schools may cancel without charge up to the day itself. They pay the whole price if nobody is ready on the day.",
        {"tiers": [], "waived_if_refilled": False, "substitution_allowed": True, "cooling_off_days": 0},
    ),
)

TARIFFS: dict[str, TariffPreset] = {preset.key: preset for preset in _PRESETS}


def preset_of(data: dict[str, Any]) -> TariffPreset | None:
    """The preset a tariff still is, or none where it was changed."""
    tariff = CancellationTariff.from_data(data)
    return next((each for each in _PRESETS if CancellationTariff.from_data(each.data) == tariff), None)
