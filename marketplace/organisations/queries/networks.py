"""What one may read of networks: a public fact for whoever takes part in the area, or belongs to them from outside.

Only members count and are shown; what was proposed and not answered is seen by who leads the network, by the school asked, and by
the area's convenors.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.work import WorkItem
from marketplace.organisations.belonging import Grouping
from marketplace.organisations.models import (
    Area,
    BelongingStatus,
    Cluster,
    Network,
    NetworkKind,
    NetworkMembership,
    Organisation,
    School,
)
from marketplace.organisations.queries.schools import areas_of, open_schools

NETWORK_LEADERS = frozenset({Role.PROVIDER_LEAD, Role.HEADTEACHER, Role.TRUST_LEAD, Role.STAFF})
"""Staff of the organisation that leads a network: they change it and propose schools."""

OWN_HEADS = frozenset({Role.HEADTEACHER, Role.TRUST_LEAD})
"""Whose word makes a school a member, and ends it."""

LIVE = (BelongingStatus.PROPOSED, BelongingStatus.ACTIVE)


def networks_visible_to(actor: Actor) -> QuerySet[Network]:
    """Networks of the person's areas, and those elsewhere that their organisations lead or belong to."""
    rows: QuerySet[Network] = Network.objects.scoped().select_related("area", "lead")
    if actor.is_system:
        return rows
    own = actor.organisations()
    belongs = NetworkMembership.objects.scoped().filter(
        network=OuterRef("pk"), school__in=own, status__in=LIVE
    )
    return rows.filter(Q(area__in=areas_of(actor)) | Q(lead__in=own) | Exists(belongs))


def networks_managed_by(actor: Actor) -> QuerySet[Network]:
    """Networks the person changes: as convenor of the area, or as staff of who leads it."""
    rows: QuerySet[Network] = Network.objects.scoped().select_related("area", "lead")
    if actor.is_system:
        return rows
    led = actor.organisations(*NETWORK_LEADERS)
    return rows.filter(Q(area__in=actor.in_area(Role.CONVENOR)) | Q(lead__in=led))


def may_manage_network(actor: Actor, network: Network) -> bool:
    """Whether the person changes the network and proposes schools."""
    return actor.convenes(network.area_id) or actor.holds(*NETWORK_LEADERS, at=network.lead_id)


def may_speak_for_school(actor: Actor, school: School) -> bool:
    """Whether the person's word makes the school a member of a network, or ends that: its head, its trust's lead, the area's convenor."""
    return actor.convenes(school.area_id) or actor.holds(*OWN_HEADS, at=school.pk)


def with_members(rows: QuerySet[Network]) -> QuerySet[Network]:
    """The networks with the number of their open member schools, `members_in`."""
    is_member = Q(
        memberships__status=BelongingStatus.ACTIVE,
        memberships__school__status_code__in=School.OPEN_STATUSES,
    )
    return rows.annotate(members_in=Count("memberships", filter=is_member))


def networks_matching(rows: QuerySet[Network], words: str) -> QuerySet[Network]:
    """Those of `rows` that have `words` in their name, their purpose, or the name of who leads them or of a member."""
    members = NetworkMembership.objects.scoped().filter(
        network=OuterRef("pk"), status=BelongingStatus.ACTIVE, school__organisation__name__icontains=words
    )
    return rows.filter(
        Q(name__icontains=words)
        | Q(purpose__icontains=words)
        | Q(lead__name__icontains=words)
        | Exists(members)
    )


def networks_of_school(rows: QuerySet[Network], urn: int) -> QuerySet[Network]:
    """Those of `rows` that the school with this URN is a member of."""
    members = NetworkMembership.objects.scoped().filter(
        network=OuterRef("pk"), status=BelongingStatus.ACTIVE, school__urn=urn
    )
    return rows.filter(Exists(members))


def running(rows: QuerySet[Network]) -> QuerySet[Network]:
    """Those of `rows` that have not ended."""
    today = local(timezone.now()).date()
    return rows.filter(Q(active_to__isnull=True) | Q(active_to__gte=today))


def belongings_visible_to(actor: Actor) -> QuerySet[NetworkMembership]:
    """Members of visible networks; proposals only where the person answers or leads."""
    rows: QuerySet[NetworkMembership] = (
        NetworkMembership.objects.scoped()
        .select_related("network__area", "network__lead", "school__organisation", "school__ward")
        .order_by("school__organisation__name", "pk")
    )
    if actor.is_system:
        return rows
    rows = rows.filter(network__in=networks_visible_to(actor).values("pk"))
    return rows.filter(
        ~Q(status=BelongingStatus.PROPOSED)
        | Q(network__in=networks_managed_by(actor).values("pk"))
        | Q(school__in=actor.organisations())
    )


def members_of(actor: Actor, network: Network) -> QuerySet[NetworkMembership]:
    """The network's members, and the proposals the person may see."""
    return belongings_visible_to(actor).filter(network=network, status__in=LIVE)


def with_member_rows(rows: QuerySet[Network]) -> QuerySet[Network]:
    """The networks, each with its members and their schools read at once: then `memberships` are members only."""
    members = (
        NetworkMembership.objects.scoped()
        .filter(status=BelongingStatus.ACTIVE)
        .select_related("school__organisation")
        .order_by("school__organisation__name", "pk")
    )
    return rows.prefetch_related(Prefetch("memberships", members))


def schools_to_speak_for(actor: Actor, network: Network) -> QuerySet[School]:
    """Open schools the person may bring into the network by their own word and that are not in it yet, by name."""
    there = NetworkMembership.objects.scoped().filter(network=network, status__in=LIVE).values("school")
    rows = School.objects.filter(
        Q(pk__in=actor.organisations(*OWN_HEADS)) | Q(area__in=actor.in_area(Role.CONVENOR)),
        area=network.area_id,
        status_code__in=School.OPEN_STATUSES,
    )
    return rows.exclude(pk__in=there).select_related("organisation").order_by("organisation__name")


def schools_to_propose(actor: Actor, network: Network) -> QuerySet[School]:
    """Open schools of the network's area that are not in it yet, for who leads it."""
    there = NetworkMembership.objects.scoped().filter(network=network, status__in=LIVE).values("school")
    rows = open_schools(network.area) if may_manage_network(actor, network) else School.objects.none()
    return rows.exclude(pk__in=there).select_related("organisation").order_by("organisation__name")


def possible_leads(area: Area) -> QuerySet[Organisation]:
    """Organisations that may lead a network of the area: those in it, and the trusts and dioceses of its schools."""
    schools = School.objects.filter(area=area, status_code__in=School.OPEN_STATUSES)
    return Organisation.objects.filter(
        Q(area=area) | Q(pk__in=schools.values("trust")) | Q(pk__in=schools.values("diocese"))
    ).order_by("name")


def networks_to_answer(actor: Actor) -> list[WorkItem]:
    """What needs the person: networks that have asked their school to join."""
    own = actor.organisations(*OWN_HEADS)
    if not own:
        return []
    asked = (
        NetworkMembership.objects.scoped()
        .filter(status=BelongingStatus.PROPOSED, school__in=own)
        .select_related("network", "school__organisation")
        .order_by("pk")
    )
    return [
        WorkItem(
            verb="Answer",
            title=f"{row.network} asks {row.school.organisation} to join",
            detail=row.network.get_kind_display(),
            due_on=None,
            url_name="networks:network",
            url_args=(row.network.reference,),
        )
        for row in asked
    ]


# Belonging ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Belongings:
    """An area's open schools, by name, and everything they belong to."""

    area: Area
    schools: list[School]
    groupings: list[Grouping]

    @property
    def networks(self) -> list[Grouping]:
        """Those that were made here."""
        return [each for each in self.groupings if each.is_network]


def belongings_of(actor: Actor, area: Area) -> Belongings:
    """Who belongs to what in the area: running networks, and trusts, federations, dioceses and clusters. As many queries for any number of them."""
    schools = list(
        open_schools(area).select_related("federation", "diocese").order_by("organisation__name", "urn")
    )
    here = frozenset(school.pk for school in schools)
    groupings = [*_networks(actor, area, here), *_clusters(area, here), *_of_register(schools)]
    return Belongings(area, schools, groupings)


def _networks(actor: Actor, area: Area, here: frozenset[int]) -> Iterable[Grouping]:
    for row in with_member_rows(running(networks_visible_to(actor).filter(area=area))).order_by("name"):
        yield Grouping(
            key=f"network-{row.pk}",
            name=row.name,
            kind=row.kind,
            kind_label=str(NetworkKind(row.kind).label),
            schools=frozenset(each.school_id for each in row.memberships.all()) & here,
            themes=frozenset(row.themes),
            reference=row.reference,
            is_network=True,
            compared_as=row.kind,
        )


def _clusters(area: Area, here: frozenset[int]) -> Iterable[Grouping]:
    members: dict[int, set[int]] = {}
    names: dict[int, str] = {}
    rows = Cluster.objects.filter(area=area).order_by("name").values_list("pk", "name", "schools")
    for pk, name, school in rows:
        names[pk] = name
        members.setdefault(pk, set()).update(() if school is None else (school,))
    for pk, name in names.items():
        schools = frozenset(members[pk]) & here
        yield Grouping(
            f"cluster-{pk}", name, "area_cluster", "Cluster", schools, compared_as=NetworkKind.CLUSTER
        )


def _of_register(schools: list[School]) -> Iterable[Grouping]:
    for relation, label in (("trust", "Trust"), ("federation", "Federation"), ("diocese", "Diocese")):
        members: dict[Organisation, set[int]] = {}
        for school in schools:
            if group := getattr(school, relation):
                members.setdefault(group, set()).add(school.pk)
        for group in sorted(members, key=lambda each: each.name):
            yield Grouping(f"{relation}-{group.pk}", group.name, relation, label, frozenset(members[group]))
