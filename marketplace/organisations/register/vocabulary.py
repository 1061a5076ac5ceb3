"""The code lists of Get Information About Schools, as they stand in its CSV downloads.

We key on codes: names were reworded between dates ("All through", "All-through") while codes stayed. Where a file has names
only, they are looked up with case, spaces and punctuation left aside. Beware of the lookup ids inside GIAS's own program,
which differ from these codes.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from .layouts import key


@dataclass(frozen=True)
class CodeList:
    """Codes with their names today. `earlier` maps names of other dates to codes, `width` pads codes with zeros."""

    names: Mapping[str, str]
    earlier: Mapping[str, str] = field(default_factory=dict)
    width: int = 1

    def __post_init__(self) -> None:
        spoken = {key(name): code for code, name in self.names.items()}
        spoken |= {key(name): code for name, code in self.earlier.items()}
        object.__setattr__(self, "_spoken", spoken)

    def code(self, code: str, name: str) -> str | None:
        """The code for what a row says; ``""`` when it says nothing, None when it isn't understood.

        A number we don't know is kept: the register grows new codes. Lost leading zeros are put back.
        """
        if number := re.fullmatch(r"0*(\d{1,2})(?:\.0)?", code):
            return number[1].zfill(self.width)
        if code:
            return None
        return self._by_name(name) if name else ""

    def _by_name(self, name: str) -> str | None:
        spoken: dict[str, str] = self._spoken  # type: ignore[attr-defined]
        return spoken.get(key(name))


TYPES = CodeList(
    {
        "01": "Community school",
        "02": "Voluntary aided school",
        "03": "Voluntary controlled school",
        "05": "Foundation school",
        "06": "City technology college",
        "07": "Community special school",
        "08": "Non-maintained special school",
        "10": "Other independent special school",
        "11": "Other independent school",
        "12": "Foundation special school",
        "14": "Pupil referral unit",
        "15": "Local authority nursery school",
        "18": "Further education",
        "24": "Secure units",
        "25": "Offshore schools",
        "26": "Service children's education",
        "27": "Miscellaneous",
        "28": "Academy sponsor led",
        "29": "Higher education institutions",
        "30": "Welsh establishment",
        "31": "Sixth form centres",
        "32": "Special post 16 institution",
        "33": "Academy special sponsor led",
        "34": "Academy converter",
        "35": "Free schools",
        "36": "Free schools special",
        "37": "British schools overseas",
        "38": "Free schools alternative provision",
        "39": "Free schools 16 to 19",
        "40": "University technical college",
        "41": "Studio schools",
        "42": "Academy alternative provision converter",
        "43": "Academy alternative provision sponsor led",
        "44": "Academy special converter",
        "45": "Academy 16-19 converter",
        "46": "Academy 16 to 19 sponsor led",
        "47": "Children's centre",
        "48": "Children's centre linked site",
        "49": "Online provider",
        "56": "Institution funded by other government department",
        "57": "Academy secure 16 to 19",
    },
    earlier={
        "LA nursery school": "15",
        "Maintained nursery school": "15",
        "Higher education institution": "29",
        "Sixth form centre": "31",
        "Free school": "35",
        "British overseas schools": "37",
        "Free school alternative provision": "38",
        "Free schools 16-19": "39",
        "Studio school": "41",
        "Academy AP converter": "42",
        "Academy AP sponsor led": "43",
        "Academy 16 to 19 converter": "45",
        "Academy 16-19 sponsor led": "46",
    },
    width=2,
)

GROUP_OF_TYPE: Mapping[str, str] = {
    code: group
    for group, codes in {
        "1": "18 31",
        "2": "29",
        "3": "06 11",
        "4": "01 02 03 05 14 15",
        "5": "07 08 10 12",
        "6": "30",
        "9": "24 25 26 27 32 37 56",
        "10": "28 33 34 42 43 44 45 46 57",
        "11": "35 36 38 39 40 41",
        "12": "47 48",
        "13": "49",
    }.items()
    for code in codes.split()
}
"""The register's own table of type → type group. Group 4 has no special schools, group 5 has some that nobody maintains."""

TYPE_GROUPS = CodeList(
    {
        "1": "Colleges",
        "2": "Universities",
        "3": "Independent schools",
        "4": "Local authority maintained schools",
        "5": "Special schools",
        "6": "Welsh schools",
        "9": "Other types",
        "10": "Academies",
        "11": "Free Schools",
        "12": "Children's Centres",
        "13": "Online provider",
    },
    earlier={"LA maintained schools": "4"},
)

STATUSES = CodeList(
    {"1": "Open", "2": "Closed", "3": "Open, but proposed to close", "4": "Proposed to open"},
)
OPEN, CLOSED, OPEN_TO_CLOSE, TO_OPEN = "1", "2", "3", "4"

PHASES = CodeList(
    {
        "0": "Not applicable",
        "1": "Nursery",
        "2": "Primary",
        "3": "Middle deemed primary",
        "4": "Secondary",
        "5": "Middle deemed secondary",
        "6": "16 plus",
        "7": "All-through",
    },
    earlier={"16 to 19": "6"},
)

GENDERS = CodeList({"0": "Not applicable", "1": "Boys", "2": "Girls", "3": "Mixed"}, earlier={"Unknown": "0"})

REGIONS: Mapping[str, str] = {
    "A": "North East",
    "B": "North West",
    "D": "Yorkshire and the Humber",
    "E": "East Midlands",
    "F": "West Midlands",
    "G": "East of England",
    "H": "London",
    "J": "South East",
    "K": "South West",
    "W": "Wales (pseudo)",
    "Z": "Not Applicable",
}

GROUP_TYPES = CodeList(
    {
        "01": "Federation",
        "02": "Trust",
        "05": "School sponsor",
        "06": "Multi-academy trust",
        "07": "Umbrella trust",
        "08": "Children's Centres Group",
        "09": "Children's Centres Collaboration",
        "10": "Single-academy trust",
        "11": "Secure single-academy trust",
    },
    width=2,
)
GROUP_KINDS: Mapping[str, str] = {
    "01": "federation",
    "02": "foundation_trust",
    "05": "sponsor",
    "06": "multi_academy_trust",
    "07": "umbrella_trust",
    "10": "single_academy_trust",
    "11": "secure_single_academy_trust",
}
"""The groups schools belong to; those of children's centres (08, 09) are none of ours."""

NOT_SCHOOLS: Mapping[str, str] = {"47": "a children’s centre", "48": "a linked site of a children’s centre"}

NOTHING = frozenset(
    key(word)
    for word in (
        "", "-", "Not applicable", "Does not apply", "None", "Not recorded", "Not known", "Unknown", "N/A", "NA", "NULL",
        "Not supported by a trust", "Not under a federation",
    )
)  # fmt: skip
"""Words that stand for no value."""


def ofsted_word(rating: str) -> str:
    """A grade in today's words: until 2018 `Inadequate` was split in two."""
    if key(rating) in NOTHING or key(rating) == "notjudged":
        return ""
    return {"specialmeasures": "Inadequate", "seriousweaknesses": "Inadequate"}.get(key(rating), rating)


def outside_england(
    *, la_code: str, type_code: str, type_group_code: str, region: str, country: str, gss: str
) -> str:
    """Where an establishment lies that England's register lists though it is elsewhere; ``""`` for one in England.

    English local authorities have codes beginning with 2, 3, 4, 8 or 9; Welsh ones 660 to 681; 7xx are the islands and the
    armed forces.
    """
    if type_code == "30" or type_group_code == "6" or region.startswith("Wales") or "660" <= la_code <= "699":
        return "in Wales"
    if type_code in ("25", "26", "37"):
        return {"25": "offshore", "26": "with the armed forces abroad", "37": "overseas"}[type_code]
    if gss[:1] in ("W", "S", "N"):
        return {"W": "in Wales", "S": "in Scotland", "N": "in Northern Ireland"}[gss[0]]
    if key(country) in _OTHER_COUNTRIES:
        return f"in {country}"
    return "" if la_code[0] in "23489" else f"under local authority code {la_code}"


_OTHER_COUNTRIES = frozenset(
    key(country)
    for country in [
        "Wales",
        "Scotland",
        "Northern Ireland",
        "Jersey",
        "Guernsey",
        "Alderney",
        "Isle of Man",
        "Ireland",
    ]
)
