"""Which columns a file of the register has, and where.

GIAS offers its columns in several cuts, and people make their own. A column is recognised by its name with case, spaces and
punctuation left aside, in any order. `FULL_EXTRACT` is the layout since 2024 (140 columns), `FULL_EXTRACT_2018` the one of
2018 (133) and `STATE_FUNDED` the "state-funded school fields" download (33); anything else with the needed columns is a
search export.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FULL_EXTRACT: tuple[str, ...] = tuple(
    """URN|LA (code)|LA (name)|EstablishmentNumber|EstablishmentName|TypeOfEstablishment (code)|TypeOfEstablishment (name)|
    EstablishmentTypeGroup (code)|EstablishmentTypeGroup (name)|EstablishmentStatus (code)|EstablishmentStatus (name)|
    ReasonEstablishmentOpened (code)|ReasonEstablishmentOpened (name)|OpenDate|ReasonEstablishmentClosed (code)|
    ReasonEstablishmentClosed (name)|CloseDate|PhaseOfEducation (code)|PhaseOfEducation (name)|StatutoryLowAge|
    StatutoryHighAge|Boarders (code)|Boarders (name)|NurseryProvision (name)|OfficialSixthForm (code)|
    OfficialSixthForm (name)|Gender (code)|Gender (name)|ReligiousCharacter (code)|ReligiousCharacter (name)|
    ReligiousEthos (name)|Diocese (code)|Diocese (name)|AdmissionsPolicy (code)|AdmissionsPolicy (name)|SchoolCapacity|
    SpecialClasses (code)|SpecialClasses (name)|CensusDate|NumberOfPupils|NumberOfBoys|NumberOfGirls|PercentageFSM|
    TrustSchoolFlag (code)|TrustSchoolFlag (name)|Trusts (code)|Trusts (name)|SchoolSponsorFlag (name)|
    SchoolSponsors (name)|FederationFlag (name)|Federations (code)|Federations (name)|UKPRN|FEHEIdentifier|
    FurtherEducationType (name)|OfstedLastInsp|OfstedSpecialMeasures (code)|OfstedSpecialMeasures (name)|LastChangedDate|
    Street|Locality|Address3|Town|County (name)|Postcode|SchoolWebsite|TelephoneNum|HeadTitle (name)|HeadFirstName|
    HeadLastName|HeadPreferredJobTitle|BSOInspectorateName (name)|InspectorateReport|DateOfLastInspectionVisit|
    NextInspectionVisit|TeenMoth (name)|TeenMothPlaces|CCF (name)|SENPRU (name)|EBD (name)|PlacesPRU|FTProv (name)|
    EdByOther (name)|Section41Approved (name)|SEN1 (name)|SEN2 (name)|SEN3 (name)|SEN4 (name)|SEN5 (name)|SEN6 (name)|
    SEN7 (name)|SEN8 (name)|SEN9 (name)|SEN10 (name)|SEN11 (name)|SEN12 (name)|SEN13 (name)|
    TypeOfResourcedProvision (name)|ResourcedProvisionOnRoll|ResourcedProvisionCapacity|SenUnitOnRoll|SenUnitCapacity|
    GOR (code)|GOR (name)|DistrictAdministrative (code)|DistrictAdministrative (name)|AdministrativeWard (code)|
    AdministrativeWard (name)|ParliamentaryConstituency (code)|ParliamentaryConstituency (name)|UrbanRural (code)|
    UrbanRural (name)|GSSLACode (name)|Easting|Northing|MSOA (name)|LSOA (name)|InspectorateName (name)|SENStat|SENNoStat|
    BoardingEstablishment (name)|PropsName|PreviousLA (code)|PreviousLA (name)|PreviousEstablishmentNumber|
    OfstedRating (name)|RSCRegion (name)|Country (name)|UPRN|SiteName|QABName (code)|QABName (name)|
    EstablishmentAccredited (code)|EstablishmentAccredited (name)|QABReport|CHNumber|MSOA (code)|LSOA (code)|FSM|
    AccreditationExpiryDate""".replace("\n    ", "").split("|")
)

_SINCE_2018 = {
    "QABName (code)",
    "QABName (name)",
    "EstablishmentAccredited (code)",
    "EstablishmentAccredited (name)",
    "QABReport",
    "CHNumber",
    "FSM",
    "AccreditationExpiryDate",
}
_NAMED_IN_2018 = {
    "BSOInspectorateName (name)": "InspectorateName (name)",
    "InspectorateName (name)": "Inspectorate (name)",
}


def _of_2018() -> tuple[str, ...]:
    columns = [_NAMED_IN_2018.get(name, name) for name in FULL_EXTRACT if name not in _SINCE_2018]
    columns.insert(columns.index("MSOA (name)"), "CensusAreaStatisticWard (name)")
    return tuple(columns)


FULL_EXTRACT_2018 = _of_2018()

STATE_FUNDED: tuple[str, ...] = tuple(
    """URN|LA (code)|LA (name)|EstablishmentNumber|EstablishmentName|TypeOfEstablishment (name)|EstablishmentStatus (name)|
    ReasonEstablishmentOpened (name)|OpenDate|PhaseOfEducation (name)|StatutoryLowAge|StatutoryHighAge|Boarders (name)|
    OfficialSixthForm (name)|Gender (name)|ReligiousCharacter (name)|AdmissionsPolicy (name)|UKPRN|Street|Locality|Address3|
    Town|County (name)|Postcode|SchoolWebsite|TelephoneNum|HeadTitle (name)|HeadFirstName|HeadLastName|
    HeadPreferredJobTitle|GOR (name)|ParliamentaryConstituency (code)|ParliamentaryConstituency (name)""".replace(
        "\n    ", ""
    ).split("|")
)


def key(name: str) -> str:
    """A column's name with case, spaces and punctuation left aside: ``"LA (code)"`` → ``"lacode"``."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


@dataclass(frozen=True)
class Table:
    """A kind of file the register offers.

    `columns` are the ones we read, by their name in GIAS; `also` other names for them; `needed` holds groups of names of
    which one must be there, `told_by` the columns that tell this kind of file from the others, and `never` columns that only
    the others have.
    """

    title: str
    columns: tuple[str, ...]
    needed: tuple[tuple[str, ...], ...]
    told_by: tuple[str, ...]
    also: Mapping[str, str]
    never: tuple[str, ...] = ()

    def places(self, header: Sequence[str]) -> dict[str, int]:
        """Where each column we read stands in `header`, by its GIAS name. Of two with one name the first counts."""
        known = {key(name): name for name in self.columns} | {
            key(name): real for name, real in self.also.items()
        }
        places: dict[str, int] = {}
        for place, cell in enumerate(header):
            if name := known.get(key(cell)):
                places.setdefault(name, place)
        return places

    def missing(self, places: Mapping[str, int]) -> list[str]:
        """The needed columns that aren't there, alternatives joined with “or”."""
        return [" or ".join(names) for names in self.needed if not any(name in places for name in names)]

    def fits(self, header: Sequence[str]) -> bool:
        """Whether the columns that tell this kind of file are all there, and none that tell another kind."""
        never = {key(name) for name in self.never}
        return set(self.told_by) <= self.places(header).keys() and never.isdisjoint(map(key, header))


SCHOOLS = Table(
    title="list of schools (establishment fields)",
    columns=(
        "URN", "LA (code)", "LA (name)", "GSSLACode (name)", "EstablishmentNumber", "UKPRN", "EstablishmentName",
        "TypeOfEstablishment (code)", "TypeOfEstablishment (name)",
        "EstablishmentTypeGroup (code)", "EstablishmentTypeGroup (name)",
        "EstablishmentStatus (code)", "EstablishmentStatus (name)", "OpenDate", "CloseDate",
        "PhaseOfEducation (code)", "PhaseOfEducation (name)", "StatutoryLowAge", "StatutoryHighAge",
        "NumberOfPupils", "SchoolCapacity", "CensusDate", "PercentageFSM", "Gender (code)", "Gender (name)",
        "ReligiousCharacter (name)", "Diocese (code)", "Diocese (name)", "Trusts (code)", "Trusts (name)",
        "Federations (code)", "Federations (name)", "Street", "Locality", "Town", "County (name)", "Postcode",
        "SchoolWebsite", "TelephoneNum", "Easting", "Northing", "AdministrativeWard (code)", "AdministrativeWard (name)",
        "DistrictAdministrative (code)", "GOR (code)", "GOR (name)", "Country (name)",
        "OfstedLastInsp", "OfstedRating (name)",
    ),
    needed=(
        ("URN",),
        ("EstablishmentName",),
        ("LA (code)",),
        ("TypeOfEstablishment (code)", "TypeOfEstablishment (name)"),
    ),
    told_by=("URN", "EstablishmentName"),
    never=("Group UID", "LinkURN"),  # the lists of groups and of links name the schools too
    also={
        "Establishment": "EstablishmentName",
        "SchoolName": "EstablishmentName",
        "LocalAuthority (code)": "LA (code)",
        "LACode": "LA (code)",
        "LocalAuthority (name)": "LA (name)",
        "LocalAuthority": "LA (name)",
        "LAName": "LA (name)",
        "TypeOfEstablishment": "TypeOfEstablishment (name)",
        "EstablishmentType": "TypeOfEstablishment (name)",
        "EstablishmentType (code)": "TypeOfEstablishment (code)",
        "EstablishmentType (name)": "TypeOfEstablishment (name)",
        "EstablishmentTypeGroup": "EstablishmentTypeGroup (name)",
        "EstablishmentStatus": "EstablishmentStatus (name)",
        "Status": "EstablishmentStatus (name)",
        "PhaseOfEducation": "PhaseOfEducation (name)",
        "Phase": "PhaseOfEducation (name)",
        "Gender": "Gender (name)",
        "ReligiousCharacter": "ReligiousCharacter (name)",
        "Diocese": "Diocese (name)",
        "Trusts": "Trusts (name)",
        "Federations": "Federations (name)",
        "GSSLACode": "GSSLACode (name)",
        "County": "County (name)",
        "Website": "SchoolWebsite",
        "Telephone": "TelephoneNum",
        "AdministrativeWard": "AdministrativeWard (name)",
        "GOR": "GOR (name)",
        "Country": "Country (name)",
        "OfstedRating": "OfstedRating (name)",
    },
)  # fmt: skip

_GROUP_COLUMNS = (
    "Group UID", "Group ID", "Group Name", "Companies House Number", "Group Type (code)", "Group Type",
    "Closed Date", "Open date", "Incorporated on (open date)", "Group Status (code)", "Group Status", "UKPRN",
)  # fmt: skip

GROUPS = Table(
    title="list of establishment groups",
    columns=_GROUP_COLUMNS,
    needed=(("Group UID",), ("Group Name",), ("Group Type (code)", "Group Type")),
    told_by=("Group UID", "Group Name"),
    also={},
)

MEMBERSHIPS = Table(
    title="list of schools and their groups",
    columns=(*_GROUP_COLUMNS, "URN", "Joined date"),
    needed=(("Group UID",), ("URN",), ("Group Name",), ("Group Type (code)", "Group Type")),
    told_by=("Group UID", "URN"),
    also={"Academy URN": "URN"},
)

LINKS = Table(
    title="list of links between schools",
    columns=("URN", "LinkURN", "LinkType", "LinkEstablishedDate"),
    needed=(("URN",), ("LinkURN",), ("LinkType",)),
    told_by=("URN", "LinkURN"),
    also={},
)


def layout_of(header: Sequence[str]) -> str:
    """A short name for the cut of columns: `full-140`, `full-133`, `state-funded-33` or `search-export`."""
    named = {key(name) for name in header}
    for layout, columns in (
        ("full-140", FULL_EXTRACT),
        ("full-133", FULL_EXTRACT_2018),
        ("state-funded-33", STATE_FUNDED),
    ):
        if named == {key(name) for name in columns}:
            return layout
    return "search-export"
