"""Who is who in the area: users with the roles they hold, among them one person per role to sign in as.

Everybody is written in bulk, the people to sign in as first. Only Calderbeck is full of people; other areas of a region or a
country have a convenor and leads, so that their numbers are theirs and nobody's name is needed twelve thousand times.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from allauth.account.models import EmailAddress

from marketplace.demo_area.bodies import Place, Providers, Spot
from marketplace.demo_area.stage import Chance, Today, write
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import LegalStatus, Membership, Organisation, Phase, School, User

PERCENT_OF_SCHOOLS_SILENT = 15
BUYERS = 48
WITH_STAFF = 16
WITH_GOVERNOR = 10


@dataclass
class People:
    """The people of an area, by what they do where; keys are primary keys of organisations."""

    convenors: list[User] = field(default_factory=list)
    heads: dict[int, User] = field(default_factory=dict)
    budget_holders: dict[int, User] = field(default_factory=dict)
    staff: dict[int, User] = field(default_factory=dict)
    leads: dict[int, User] = field(default_factory=dict)
    trust_leads: dict[int, User] = field(default_factory=dict)
    governors: dict[int, User] = field(default_factory=dict)
    business_managers: dict[int, User] = field(
        default_factory=dict
    )  # of schools that buy packages and book nothing
    finance: dict[int, User] = field(default_factory=dict)
    releasing_school: School | None = None
    receiving_school: School | None = None
    chair_school: School | None = None
    practitioner: User | None = None

    @property
    def buyers(self) -> list[int]:
        """Schools with somebody who orders and somebody who pays."""
        return list(self.budget_holders)


class Enrolment:
    """Collects people and roles, and writes them all at once with their history."""

    def __init__(self, chance: Chance, names: Iterator[str], today: Today, domain: str) -> None:
        self.chance, self.names, self.today, self.domain = chance, names, today, domain
        self._users: list[User] = []
        self._roles: list[tuple[User, Organisation, Role]] = []

    def person(self, *, address: str = "") -> User:
        """Somebody new; `address` is the part before the @ where it is to be known beforehand."""
        name = next(self.names)
        local = address or name.lower().replace(" ", ".")
        user = User(email=f"{local}@{self.domain}", name=name)
        user.set_unusable_password()
        self._users.append(user)
        return user

    def role(self, user: User, organisation: Organisation, *roles: Role) -> User:
        self._roles += [(user, organisation, role) for role in roles]
        return user

    def enrol(self, organisation: Organisation, *roles: Role, address: str = "") -> User:
        """Somebody new with roles at an organisation."""
        return self.role(self.person(address=address), organisation, *roles)

    def write(self) -> None:
        """Everybody collected so far."""
        for user in self._users:
            user.date_joined = self._joined()
        write(self._users)
        write([EmailAddress(user=u, email=u.email, verified=True, primary=True) for u in self._users])
        held = [
            Membership(
                reference=self.chance.reference("ROL"),
                user=user,
                organisation=organisation,
                role=role,
                started_at=user.date_joined,
            )
            for user, organisation, role in self._roles
        ]
        write(held)
        write([_joined(each) for each in held])
        self._users, self._roles = [], []

    def _joined(self) -> datetime:
        return self.chance.between(self.today.ago(900), self.today.ago(430))


def _joined(held: Membership) -> HistoryEntry:
    return HistoryEntry(
        subject_type=Organisation._meta.label_lower,
        subject_id=held.organisation_id,
        verb="joined",
        after=held.role,
        by_name=SYSTEM.name,
        at=held.started_at,
    )


# A whole area --------------------------------------------------------------------------------------------------------


def people_an_area(
    place: Place, providers: Providers, enrolment: Enrolment, chance: Chance, *, silent: set[int]
) -> People:
    """Everybody an area has. Schools in `silent` have nobody: they have not joined."""
    people = People()
    _choose_schools(place, providers, people, silent)
    _cast(place, providers, people, enrolment)
    _authority(place, people, enrolment)
    _leads(place, providers, people, enrolment)
    _schools(place, providers, people, enrolment, chance, silent)
    _money(place, providers, people, enrolment, silent)
    return people


def a_few_people(place: Place, providers: Providers, enrolment: Enrolment) -> People:
    """A convenor and the leads of the bodies that are not schools: all that the other areas of a country have."""
    people = People()
    people.convenors.append(enrolment.enrol(place.authority, Role.CONVENOR, address="convenor"))
    for name in ("company", "service", "hub"):
        people.leads[providers[name].pk] = enrolment.enrol(providers[name], Role.PROVIDER_LEAD)
    return people


def silent_schools(place: Place, providers: Providers, chance: Chance) -> set[int]:
    """Schools that answer nobody: nearly all of two wards, nearly all with a sixth form, and some others."""
    silent = {school.pk for school in _of_quiet_wards(place, providers)}
    silent |= {school.pk for school in place.of_phase(Phase.POST_16)[1:]}
    wanted = len(place.schools) * PERCENT_OF_SCHOOLS_SILENT // 100
    others = [school.pk for school in place.schools if school.pk not in silent]
    silent |= set(chance.rng.sample(others, max(0, min(len(others) // 4, wanted - len(silent)))))
    return silent - _listing(providers)


def _of_quiet_wards(place: Place, providers: Providers) -> list[School]:
    """All schools but the first primary of the two wards with most schools among those where nobody lists offers."""
    listing = _listing(providers)
    wards: dict[int, list[School]] = {}
    for school in place.schools:
        if school.ward_id:
            wards.setdefault(school.ward_id, []).append(school)
    candidates = [schools for schools in wards.values() if listing.isdisjoint(s.pk for s in schools)]
    candidates.sort(key=lambda schools: (-_primaries(schools), schools[0].urn))
    quiet = candidates[: min(2, len(wards) // 4)]
    answering = [next((s for s in schools if Phase.PRIMARY in s.phases), None) for schools in quiet]
    return [school for schools in quiet for school in schools if school not in answering]


def _primaries(schools: Sequence[School]) -> int:
    return sum(Phase.PRIMARY in school.phases for school in schools)


def _listing(providers: Providers) -> set[int]:
    """Schools that list offers: they have joined, of course."""
    return {school.pk for school in providers.schools.values()}


def _choose_schools(place: Place, providers: Providers, people: People, silent: set[int]) -> None:
    """The schools of the people to sign in as: one in the east that buys, one that releases, one whose head chairs the board."""
    listing = _listing(providers)
    free = [
        school
        for school in place.of_phase(Phase.PRIMARY)
        if school.pk not in silent | listing and school.organisation.legal_status == LegalStatus.LA_MAINTAINED
    ] or place.schools

    def nearest(spot: Spot, taken: Sequence[School | None] = ()) -> School:
        left = [school for school in free if school not in taken] or free
        return min(left, key=lambda s: (place.spots.get(s.pk, Spot(0, 0)).apart(spot), s.urn))

    people.receiving_school = nearest(Spot(0.6, -0.4))
    people.releasing_school = nearest(Spot(-0.2, 0.3), [people.receiving_school])
    people.chair_school = nearest(Spot(0.2, 0.6), [people.receiving_school, people.releasing_school])


def _cast(place: Place, providers: Providers, people: People, enrolment: Enrolment) -> None:
    """The people to sign in as, before all others: their addresses say what they are."""
    receiving, releasing, chair = people.receiving_school, people.releasing_school, people.chair_school
    if receiving is None or releasing is None or chair is None:
        return
    people.convenors.append(enrolment.enrol(place.authority, Role.CONVENOR, address="convenor"))
    board_member = enrolment.enrol(place.authority, Role.BOARD_MEMBER, address="board.member")
    # The head of a small school signs its orders, too.
    enrolment.role(board_member, chair.organisation, Role.HEADTEACHER, Role.BUDGET_HOLDER)
    people.heads[chair.pk] = people.budget_holders[chair.pk] = board_member
    for role in (Role.SCRUTINY, Role.FINANCE, Role.SUPPORT):
        user = enrolment.enrol(place.authority, role, address=role.value)
        if role == Role.FINANCE:
            people.finance[place.authority.pk] = people.finance[providers["service"].pk] = user
            enrolment.role(
                user, providers["service"], role
            )  # the authority's service has the authority's accounts
    company = providers["company"]
    people.leads[company.pk] = enrolment.enrol(company, Role.PROVIDER_LEAD, address="provider.lead")
    people.practitioner = enrolment.enrol(releasing.organisation, Role.PRACTITIONER, address="practitioner")
    at = receiving.organisation
    people.heads[at.pk] = enrolment.enrol(at, Role.HEADTEACHER, address="headteacher")
    people.budget_holders[at.pk] = enrolment.enrol(at, Role.BUDGET_HOLDER, address="budget.holder")
    people.heads[releasing.pk] = enrolment.enrol(
        releasing.organisation, Role.HEADTEACHER, address="releasing.headteacher"
    )
    if "trust_a" in providers:
        trust = providers["trust_a"]
        people.trust_leads[trust.pk] = enrolment.enrol(
            trust, Role.TRUST_LEAD, Role.PROVIDER_LEAD, address="trust.lead"
        )
        people.leads[trust.pk] = people.trust_leads[trust.pk]
    people.governors[at.pk] = enrolment.enrol(at, Role.GOVERNOR, address="governor")
    people.staff[at.pk] = enrolment.enrol(at, Role.STAFF, address="staff")


def _authority(place: Place, people: People, enrolment: Enrolment) -> None:
    people.convenors.append(enrolment.enrol(place.authority, Role.CONVENOR))
    for _ in range(4):
        enrolment.enrol(place.authority, Role.BOARD_MEMBER)
    enrolment.enrol(place.authority, Role.SCRUTINY)


def _leads(place: Place, providers: Providers, people: People, enrolment: Enrolment) -> None:
    for name, organisation in providers.by_name.items():
        if organisation.pk in people.leads:
            continue
        roles = (Role.TRUST_LEAD, Role.PROVIDER_LEAD) if name.startswith("trust_") else (Role.PROVIDER_LEAD,)
        if name in ("trust_school_a", "trust_school_b", "trust_school_c"):
            roles = (Role.PROVIDER_LEAD,)
        people.leads[organisation.pk] = enrolment.enrol(organisation, *roles)
        if Role.TRUST_LEAD in roles:
            people.trust_leads[organisation.pk] = people.leads[organisation.pk]


def _schools(
    place: Place,
    providers: Providers,
    people: People,
    enrolment: Enrolment,
    chance: Chance,
    silent: set[int],
) -> None:
    joined = [school for school in place.schools if school.pk not in silent]
    for school in joined:
        if school.pk not in people.heads:
            people.heads[school.pk] = enrolment.enrol(school.organisation, Role.HEADTEACHER)
    listing = _listing(providers)
    own_trust = [s for s in joined if "trust_a" in providers and s.trust_id == providers["trust_a"].pk][:4]
    others = [s for s in joined if s.pk not in listing and s not in own_trust]
    chosen = [*own_trust, *chance.some_of(others, [_size(s) for s in others], BUYERS - len(own_trust))]
    for school in chosen:
        if school.pk not in people.budget_holders:
            people.budget_holders[school.pk] = enrolment.enrol(school.organisation, Role.BUDGET_HOLDER)
    for school in chosen[:WITH_STAFF]:
        if school.pk not in people.staff:
            people.staff[school.pk] = enrolment.enrol(school.organisation, Role.STAFF)
    for school in chosen[:WITH_GOVERNOR]:
        if school.pk not in people.governors:
            people.governors[school.pk] = enrolment.enrol(school.organisation, Role.GOVERNOR)


def _money(
    place: Place, providers: Providers, people: People, enrolment: Enrolment, silent: set[int]
) -> None:
    """Those who keep the books of company and hub, and business managers of as many schools again as half of them need."""
    for name, address in (("company", "company.finance"), ("hub", "")):
        people.finance[providers[name].pk] = enrolment.enrol(providers[name], Role.FINANCE, address=address)
    others = [
        school
        for school in place.schools
        if school.pk not in silent | set(people.budget_holders)
        and school.organisation.legal_status in (LegalStatus.LA_MAINTAINED, LegalStatus.ACADEMY)
    ]
    for school in others[: max(2, len(place.schools) // 5)]:
        people.business_managers[school.pk] = enrolment.enrol(school.organisation, Role.BUDGET_HOLDER)


def _size(school: School) -> float:
    """Large schools buy more, and more often."""
    return 1 + (school.pupils or 100) / 400


# The people to sign in as ------------------------------------------------------------------------------------------

CAST = (
    ("convenor", "convenor"),
    ("board member", "board.member"),
    ("scrutiny", "scrutiny"),
    ("finance", "finance"),
    ("provider lead", "provider.lead"),
    ("company finance", "company.finance"),
    ("practitioner", "practitioner"),
    ("headteacher", "headteacher"),
    ("budget holder", "budget.holder"),
    ("releasing headteacher", "releasing.headteacher"),
    ("trust lead", "trust.lead"),
    ("governor", "governor"),
    ("school staff", "staff"),
    ("support", "support"),
)
"""Role in words, and the part of the address before the @, in the order of the journey through the exchange."""


def domain_of(area_name: str) -> str:
    """Addresses of an area end in a domain that can never exist (RFC 2606)."""
    return f"{''.join(letter for letter in area_name.lower() if letter.isalnum())}.example"


def demo_people() -> list[tuple[str, User]]:
    """One person per role to sign in as, with the role in words; empty where the demo area is not here."""
    from marketplace.demo_area.names import FIRST_BOROUGH

    addresses = {f"{local}@{domain_of(FIRST_BOROUGH)}": words for words, local in CAST}
    found = {user.email: user for user in User.objects.filter(email__in=addresses, is_active=True)}
    return [(words, found[address]) for address, words in addresses.items() if address in found]
