"""What the register's codes mean for money and for support.

`legal_status` decides how schools pay one another (journal or invoice, VAT) and who answers for them; `support_phases` where a
school's needs and offers are counted. Both come from codes alone, never from a school's name.
"""

from collections.abc import Mapping
from typing import Final

LA_MAINTAINED: Final = "la_maintained"
ACADEMY: Final = "academy"
INDEPENDENT: Final = "independent"
NON_MAINTAINED_SPECIAL: Final = "non_maintained_special"
FURTHER_EDUCATION: Final = "further_education"
OTHER: Final = "other"

_STATUS_OF_TYPE: Mapping[str, str] = {
    code: status
    for status, codes in {
        LA_MAINTAINED: "01 02 03 05 07 12 14 15",
        ACADEMY: "28 33 34 35 36 38 39 40 41 42 43 44 45 46 57",
        INDEPENDENT: "06 10 11",
        NON_MAINTAINED_SPECIAL: "08",
        FURTHER_EDUCATION: "18 31 32",
    }.items()
    for code in codes.split()
}
# For a type the register has added since. Group 5 mixes maintained, non-maintained and independent special schools.
_STATUS_OF_GROUP: Mapping[str, str] = {
    "1": FURTHER_EDUCATION,
    "3": INDEPENDENT,
    "4": LA_MAINTAINED,
    "10": ACADEMY,
    "11": ACADEMY,
}


def legal_status(type_code: str, type_group_code: str = "") -> str:
    """`la_maintained`, `academy` (free schools, UTCs and studio schools too), `independent`, `non_maintained_special`,
    `further_education` or `other`. The type decides; the type group only helps with types not known here."""
    return _STATUS_OF_TYPE.get(type_code) or _STATUS_OF_GROUP.get(type_group_code, OTHER)


def is_la_maintained(type_code: str, type_group_code: str = "") -> bool:
    """Whether the school is maintained by its local authority and so shares its bank account and its VAT number."""
    return legal_status(type_code, type_group_code) == LA_MAINTAINED


EARLY_YEARS: Final = "early_years"
PRIMARY: Final = "primary"
SECONDARY: Final = "secondary"
POST_16: Final = "post_16"
SPECIAL_AP: Final = "special_ap"

_SPECIAL_AND_AP = frozenset(
    {"07", "08", "10", "12", "14", "24", "32", "33", "36", "38", "42", "43", "44", "57"}
)
_FOR_OVER_SIXTEENS = frozenset({"18", "31", "39", "45", "46"})
_PHASES_OF_CODE: Mapping[str, tuple[str, ...]] = {
    "1": (EARLY_YEARS,),
    "2": (PRIMARY,),
    "3": (PRIMARY,),
    "4": (SECONDARY,),
    "5": (SECONDARY,),
    "6": (POST_16,),
    "7": (PRIMARY, SECONDARY),
}
_MIDDLE = ("3", "5")


def support_phases(
    type_code: str, phase_code: str, low_age: int | None, high_age: int | None
) -> tuple[str, ...]:
    """The phases in which a school needs and gives support, its main one first; empty when nothing tells.

    Special schools and alternative provision are a phase of their own. Else the register's phase decides, and ages add early
    years (children under four) and post-16 (pupils over sixteen); middle schools stay in the phase they are deemed to be.
    Where the register says "Not applicable", ages alone decide.
    """
    if type_code in _SPECIAL_AND_AP:
        return (SPECIAL_AP,)
    if type_code in _FOR_OVER_SIXTEENS:
        return (POST_16,)
    main = _PHASES_OF_CODE.get(phase_code)
    by_age = _phases_of_ages(low_age, high_age)
    if main is None:
        return by_age
    if phase_code in _MIDDLE:
        return main
    return main + tuple(phase for phase in by_age if phase in (EARLY_YEARS, POST_16) and phase not in main)


def _phases_of_ages(low: int | None, high: int | None) -> tuple[str, ...]:
    """Phases whose pupils lie between the ages; `high` is the age at which the oldest leave."""
    if low is None or high is None:
        return ()
    spans = ((PRIMARY, 5, 11), (SECONDARY, 11, 16), (POST_16, 16, 19))
    phases = tuple(phase for phase, start, end in spans if low < end and high > start)
    return (*phases, EARLY_YEARS) if low < 4 else phases
