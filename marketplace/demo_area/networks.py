"""Networks of the borough: nine that run and one that has ended, some doing the same twice, and schools that belong to none.

Convenors make them through the actions that people use; who belongs follows from where a school lies and what it is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, clock_at
from marketplace.kernel.access import Actor
from marketplace.organisations import actions
from marketplace.organisations.models import Network, NetworkKind, NetworkRole, Organisation, Phase, School
from marketplace.organisations.network_file import FileRow, NetworkFile
from marketplace.organisations.queries import actor_for

PERCENT_OUTSIDE = 12
"""Of a hundred schools so many keep to themselves: no network but the school company's has them."""


@dataclass(frozen=True)
class _Planned:
    """A network and who belongs to it."""

    name: str
    kind: NetworkKind
    purpose: str
    schools: list[School]
    lead: Organisation | None = None
    themes: tuple[str, ...] = ()
    years: int = 3
    ended: bool = False


def form_networks(place: Place, providers: Providers, people: People, chance: Chance, today: Today) -> None:
    """Make the networks and bring in their schools; the school of the people to sign in as is asked to join one."""
    if not people.convenors:
        return
    convenor = actor_for(people.convenors[0])
    outside = {school.pk for school in place.schools if chance.happens(PERCENT_OUTSIDE)}
    joining = [school for school in place.schools if school.pk not in outside]
    made = [_form(convenor, place, planned, today) for planned in _plans(place, providers, joining, chance)]
    _ask(people, [network for network in made if network.kind == NetworkKind.SUBJECT], today)


def _plans(place: Place, providers: Providers, joining: list[School], chance: Chance) -> Iterable[_Planned]:
    spots = place.spots
    primaries = [school for school in joining if Phase.PRIMARY in school.phases]
    secondaries = [school for school in joining if Phase.SECONDARY in school.phases]
    special = [school for school in joining if Phase.SPECIAL_AP in school.phases]
    east = [school for school in primaries if school.pk in spots and spots[school.pk].east > 0.25]
    early = [school for school in primaries if chance.happens(34)]
    yield _Planned(
        f"{place.area} Teaching School Alliance",
        NetworkKind.HUB,
        "Trains teachers and leaders, and sends experienced ones to schools that ask.",
        [school for school in joining if chance.happens(30)],
        providers["hub"],
        ("curriculum-and-teaching", "leadership-and-governance"),
    )
    yield _Planned(
        "Eastern Dales Learning Community",
        NetworkKind.CLUSTER,
        "Heads of the eastern villages meet each half-term and share moderation.",
        east,
        themes=("achievement",),
    )
    yield _Planned(
        "East Side Primaries Together",
        NetworkKind.CLUSTER,
        "Joint training days for primary schools in the east.",
        [school for school in east if not chance.happens(25)],
        themes=("curriculum-and-teaching",),
        years=1,
    )
    yield _Planned(
        "First Words Network",
        NetworkKind.SUBJECT,
        "Early language and phonics: visits to each other’s lessons, one reading list.",
        early,
        themes=("early-years", "curriculum-and-teaching"),
    )
    yield _Planned(
        "Reading Leads’ Circle",
        NetworkKind.SUBJECT,
        "Leads of reading plan and moderate together once a term.",
        [school for school in early if not chance.happens(20)],
        providers["service"],
        ("curriculum-and-teaching",),
        years=2,
    )
    yield _Planned(
        "Church Schools’ Family",
        NetworkKind.DIOCESAN,
        "Worship, ethos and inspection, for schools with a religious character.",
        [school for school in joining if school.diocese_id],
        _diocese(providers),
    )
    yield _Planned(
        "Trusts in Partnership",
        NetworkKind.TRUST_PARTNERSHIP,
        "Chief executives and their schools agree on admissions and exclusions.",
        [school for school in joining if school.trust_id and chance.happens(70)],
    )
    yield _Planned(
        "Members of the Learning Partnership",
        NetworkKind.SCHOOL_COMPANY,
        "Schools that own the school company, with a vote each.",
        [school for school in place.schools if chance.happens(38)],
        providers["company"],
        years=6,
    )
    yield _Planned(
        "Inclusion and Attendance Partnership",
        NetworkKind.STATUTORY,
        "Fair access, managed moves and alternative provision, agreed with the local authority.",
        [*secondaries, *special],
        providers["service"],
        ("inclusion", "attendance-and-behaviour"),
    )
    yield _Planned(
        "Behaviour Pilot",
        NetworkKind.OTHER,
        "A year’s trial of one behaviour policy in four schools.",
        secondaries[:4],
        themes=("attendance-and-behaviour",),
        years=2,
        ended=True,
    )


def _form(convenor: Actor, place: Place, planned: _Planned, today: Today) -> Network:
    first_day = today.day - timedelta(days=365 * planned.years)
    with clock_at(today.ago(365 * planned.years)):
        network = actions.create_network(
            actor=convenor,
            area=place.area,
            name=planned.name,
            kind=planned.kind,
            lead=planned.lead,
            purpose=planned.purpose,
            themes=planned.themes,
            active_from=first_day,
        )
        rows = [
            FileRow(number, network.name, network.kind, school.urn)
            for number, school in enumerate(planned.schools, start=2)
        ]
        actions.import_networks(actor=convenor, area=place.area, file=NetworkFile(rows))
    if planned.ended:
        with clock_at(today.ago(200)):
            actions.change_network(
                actor=convenor,
                network=network,
                name=network.name,
                kind=network.kind,
                purpose=network.purpose,
                themes=network.themes,
                active_from=first_day,
                active_to=today.day - timedelta(days=201),
            )
    return network


def _ask(people: People, networks: list[Network], today: Today) -> None:
    """A network's lead asks the school of the people to sign in as, three days ago; its head has not answered yet."""
    school = people.receiving_school
    for network in networks:
        lead = people.leads.get(network.lead_id or 0)
        if school is None or lead is None or network.memberships.filter(school=school).exists():
            continue
        with clock_at(today.ago(3)):
            actions.add_school(actor=actor_for(lead), network=network, school=school, role=NetworkRole.MEMBER)


def _diocese(providers: Providers) -> Organisation | None:
    return providers.by_name.get("diocese")
