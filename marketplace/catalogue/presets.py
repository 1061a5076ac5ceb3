"""Cancellation tariffs a provider can choose from, as data that `bookings.tariffs` understands (domain 1.3).

Each is a shape seen in use. A version of an offer keeps a copy of the data, so that a change here touches no promise already made.
"""

from typing import Any, NamedTuple


class TariffPreset(NamedTuple):
    """A tariff with its name on the form, a sentence about it, and its data."""

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
        "two_steps",
        "By notice: 4 weeks and 2 weeks",
        "Free with more than 4 weeks’ notice, then half, and the whole price in the last 2 weeks. 14 days to change your mind.",
        {
            "tiers": [
                {"at_most": 14, "percent_bp": 10_000, "unit": "calendar"},
                {"at_most": 28, "percent_bp": 5_000, "unit": "calendar"},
            ],
            "waived_if_refilled": False,
            "substitution_allowed": True,
            "cooling_off_days": 14,
        },
    ),
    TariffPreset(
        "flat_short_notice",
        "Flat charge at short notice",
        "Free with more than 3 working days’ notice, then £110 for a full day, £75 for a half day, £50 for an evening.",
        {
            "tiers": [
                {
                    "at_most": 3,
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
        "free",
        "Free up to the day",
        "Schools may cancel without charge up to the day itself. They pay the whole price if nobody is ready on the day.",
        {"tiers": [], "waived_if_refilled": False, "substitution_allowed": True, "cooling_off_days": 0},
    ),
)

TARIFFS: dict[str, TariffPreset] = {preset.key: preset for preset in _PRESETS}


def preset_of(data: dict[str, Any]) -> TariffPreset | None:
    """The preset a version's tariff was copied from, where it still is one."""
    return next((preset for preset in _PRESETS if preset.data == data), None)
