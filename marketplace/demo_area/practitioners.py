"""The people who are deployed: whom they work for, what they can do, and their employer's word for them.

A school company, a hub and the authority's service list people whom schools release; schools and trusts list their own. A few
employers have not given their assurance, or let it run out, so that somebody has something to put right.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from marketplace.catalogue.models import AssuranceScope, Designation, EmployerAssurance, Practitioner, Theme
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.listings import Listing
from marketplace.demo_area.people import Enrolment, People
from marketplace.demo_area.stage import Chance, Today, write
from marketplace.demo_area.words.support import BIOGRAPHIES
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import Organisation, Phase, School

TEAMS = {
    "company": (14, 3),
    "service": (9, 6),
    "hub": (8, 0),
    "diocese": (2, 0),
    "independent_a": (2, 2),
    "independent_b": (2, 2),
    "west_special": (2, 2),
    "trust_a": (2, 0),
    "trust_b": (2, 0),
}
"""How many people a provider lists, and how many of them it employs itself; any other has one of its own."""

JOB_TITLES = {
    Phase.EARLY_YEARS: ("Early years lead", "Nursery teacher"),
    Phase.PRIMARY: ("Assistant headteacher", "Class teacher and subject lead", "Deputy headteacher", "Phase leader"),
    Phase.SECONDARY: ("Head of department", "Assistant headteacher", "Lead practitioner"),
    Phase.POST_16: ("Head of sixth form", "Curriculum manager"),
    Phase.SPECIAL_AP: ("Outreach teacher", "SENCO", "Assistant headteacher"),
}  # fmt: skip
JOB_TITLES_ELSEWHERE = ("School improvement adviser", "Associate", "Consultant", "Senior adviser")

SCHEMES = (
    ("Specialist Leader of Education", "{area} Teaching School Alliance", 2017, 0.45),
    ("Local Leader of Education", "{area} Teaching School Alliance", 2015, 0.15),
    ("National Leader of Education", "National College for Teaching and Leadership", 2016, 0.1),
    ("{area} Leader of Education", "{area} Learning Partnership Ltd", 2023, 0.35),
    ("National Leader of Governance", "National College for Teaching and Leadership", 2018, 0.06),
)
"""Scheme, body that awards it, first year, share of people who hold it. All are local, dated facts."""

PERCENT_WITHOUT_ASSURANCE = 5
PERCENT_RUN_OUT = 5
PERCENT_RUNNING_OUT = 5
HALF_DAYS_OF_EMPLOYEES = 160


@dataclass
class Deployable:
    """A person, with the listings they deliver and until when their employer's assurance holds (`None` without one)."""

    practitioner: Practitioner
    employer: Organisation
    provider: str
    listings: list[Listing] = field(default_factory=list)
    assured_until: date | None = None

    @property
    def is_employee(self) -> bool:
        """Whether the provider itself employs the person and is no school: nobody has to release them."""
        return self.practitioner.listed_by_id is None and self.employer.kind != "school"


@dataclass
class Teams:
    """Who delivers what: `of(provider, listing)`."""

    people: list[Deployable] = field(default_factory=list)

    def of(self, provider: str, listing: Listing) -> list[Deployable]:
        return [each for each in self.people if each.provider == provider and listing in each.listings]


def make_teams(
    place: Place,
    providers: Providers,
    people: People,
    enrolment: Enrolment,
    listings: Iterable[Listing],
    chance: Chance,
    today: Today,
    *,
    with_accounts: bool,
) -> Teams:
    """The people of all providers, about sixty to a borough, with their designations and assurances."""
    teams = Teams()
    for name, organisation in providers.by_name.items():
        own = [listing for listing in listings if name in listing.by]
        if own:
            teams.people += _team(name, organisation, own, place, providers, people, chance)
    _give_accounts(teams, people, enrolment, with_accounts)
    names = enrolment.names
    for each in teams.people:
        user = each.practitioner.user
        each.practitioner.name = user.name if user else next(names)
    write([each.practitioner for each in teams.people])
    _write_themes(teams)
    write([award for each in teams.people for award in _designations(each, place, chance, today)])
    assurances = [one for each in teams.people for one in _assurances(each, people, chance, today)]
    write(assurances)
    write(
        [_added(each, today) for each in teams.people]
        + [_assured(one, today) for one in assurances if one.confirmed_on <= today.day]
    )
    return teams


def _team(
    name: str,
    organisation: Organisation,
    listings: Sequence[Listing],
    place: Place,
    providers: Providers,
    people: People,
    chance: Chance,
) -> list[Deployable]:
    size, employed = TEAMS.get(name, (1, 1))
    employers = [organisation] * employed + _releasing_schools(
        name, organisation, size - employed, place, providers, people, chance
    )
    if name == "company":
        employers.reverse()  # the person to sign in as comes first, and delivers the first listing
    team = [
        Deployable(_practitioner(employer, organisation, chance), employer, name) for employer in employers
    ]
    for number, listing in enumerate(listings):
        for step in range(min(len(team), 1 + number % 3)):
            team[(number + step) % len(team)].listings.append(listing)
    for each in team:
        each.listings = each.listings or [chance.one_of(listings)]
    return team


def _releasing_schools(
    name: str,
    organisation: Organisation,
    count: int,
    place: Place,
    providers: Providers,
    people: People,
    chance: Chance,
) -> list[Organisation]:
    if count == 0:
        return []
    taken = {school.pk for school in providers.schools.values()}
    free = [s for s in place.schools if s.pk in people.heads and s.pk not in taken] if people.heads else []
    free = free or place.schools
    if name.startswith("trust_"):
        free = [s for s in free if s.trust_id == organisation.pk] or [
            s for s in place.schools if s.trust_id == organisation.pk
        ]
    elif name == "diocese":
        free = [s for s in free if s.diocese_id == organisation.pk] or free
    apart = {s.pk for s in (people.receiving_school, people.chair_school) if s}
    free = [s for s in free if s.pk not in apart] or free
    chosen = [chance.one_of(free) for _ in range(count)]
    if name == "company" and people.releasing_school:
        chosen[-1] = people.releasing_school
    return [school.organisation for school in chosen]


def _practitioner(employer: Organisation, provider: Organisation, chance: Chance) -> Practitioner:
    of_school: School | None = getattr(employer, "school", None) if employer.kind == "school" else None
    titles = (
        JOB_TITLES[Phase(of_school.phases[0])] if of_school and of_school.phases else JOB_TITLES_ELSEWHERE
    )
    own_trust = bool(of_school and of_school.trust_id == provider.pk)
    return Practitioner(
        reference=chance.reference("PR"),
        releasing_organisation=employer,
        listed_by=None if employer == provider or own_trust else provider,
        job_title=chance.one_of(titles),
        agreed_half_days=chance.one_of((20, 24, 30, 30, 36, 40)) if of_school else HALF_DAYS_OF_EMPLOYEES,
    )


def _give_accounts(teams: Teams, people: People, enrolment: Enrolment, with_accounts: bool) -> None:
    if not with_accounts:
        return
    for number, each in enumerate(teams.people):
        if number == _first_of(teams, "company") and people.practitioner:
            each.practitioner.user = people.practitioner
        else:
            each.practitioner.user = enrolment.enrol(each.employer, Role.PRACTITIONER)
    enrolment.write()


def _first_of(teams: Teams, provider: str) -> int:
    return next((n for n, each in enumerate(teams.people) if each.provider == provider), -1)


def _write_themes(teams: Teams) -> None:
    themes = {theme.code: theme for theme in Theme.objects.all()}
    links = Practitioner.themes.through
    rows = []
    for each in teams.people:
        codes = list(dict.fromkeys(code for listing in each.listings for code in listing.themes))
        phases = {phase for listing in each.listings for phase in listing.phases}
        each.practitioner.phases = [phase for phase in Phase.values if phase in phases]
        years = 6 + len(each.practitioner.name) % 19
        each.practitioner.biography = BIOGRAPHIES[years % len(BIOGRAPHIES)].format(
            years=years, theme=themes[codes[0]].name.lower()
        )
        rows += [links(practitioner=each.practitioner, theme=themes[code]) for code in codes]
    write(rows)
    Practitioner.objects.bulk_update(
        [each.practitioner for each in teams.people], ["phases", "biography"], batch_size=500
    )


def _designations(each: Deployable, place: Place, chance: Chance, today: Today) -> list[Designation]:
    held = []
    for scheme, body, year, share in SCHEMES:
        if chance.happens(100 * share):
            first = date(year + chance.rng.randrange(3), 9, 1)
            ends = first.replace(year=first.year + 4) if chance.happens(40) else None
            held.append(
                Designation(
                    practitioner=each.practitioner,
                    scheme=scheme.format(area=place.area),
                    awarded_by=body.format(area=place.area),
                    valid_from=first,
                    valid_to=ends,
                )
            )
    return held


def _assurances(each: Deployable, people: People, chance: Chance, today: Today) -> list[EmployerAssurance]:
    """Yearly words of the employer, the last of which still holds for most."""
    person = each.practitioner
    is_cast = (
        person.user_id is not None
        and people.practitioner is not None
        and person.user_id == people.practitioner.pk
    )
    drawn = 100.0 if is_cast else chance.rng.random() * 100
    if drawn < PERCENT_WITHOUT_ASSURANCE:
        return []
    last_day = today + chance.rng.randrange(200, 600)
    if drawn < PERCENT_WITHOUT_ASSURANCE + PERCENT_RUN_OUT:
        last_day = today + -chance.rng.randrange(5, 60)
    elif drawn < PERCENT_WITHOUT_ASSURANCE + PERCENT_RUN_OUT + PERCENT_RUNNING_OUT:
        last_day = today + chance.rng.randrange(6, 28)
    each.assured_until = last_day
    head = people.heads.get(each.employer.pk) or people.leads.get(each.employer.pk)
    scope = chance.one_of((AssuranceScope.ACCOMPANIED, AssuranceScope.ACCOMPANIED, AssuranceScope.REGULATED))
    given = []
    while last_day > today + -800:
        first_day = last_day - timedelta(days=730)
        given.append(
            EmployerAssurance(
                practitioner=person,
                confirmed_by=head,
                confirmed_by_name=head.name if head else "The employer",
                confirmed_on=min(first_day, today.day),
                scope=scope,
                valid_from=first_day,
                valid_to=last_day,
            )
        )
        last_day = first_day - timedelta(days=1)
    return given[::-1]


def _added(each: Deployable, today: Today) -> HistoryEntry:
    return HistoryEntry(
        subject_type=Practitioner._meta.label_lower,
        subject_id=each.practitioner.pk,
        verb="add",
        by_name=SYSTEM.name,
        at=today.ago(820),
    )


def _assured(one: EmployerAssurance, today: Today) -> HistoryEntry:
    return HistoryEntry(
        subject_type=Practitioner._meta.label_lower,
        subject_id=one.practitioner_id,
        verb="assure",
        by=one.confirmed_by,
        by_name=one.confirmed_by_name,
        note=str(one),
        at=today.ago((today.day - one.confirmed_on).days),
    )
