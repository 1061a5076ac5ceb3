"""What importing a file of networks would do, for its preview and for the import itself."""

from dataclasses import dataclass, field

from marketplace.organisations.models import Area, BelongingStatus, Network, NetworkMembership, School
from marketplace.organisations.network_file import FileError, NetworkFile
from marketplace.organisations.queries.schools import open_schools


@dataclass
class NetworkPlan:
    """One network of the file: the one that is here already (`None` for a new one), schools that join, how many are in it already."""

    name: str
    kind: str
    existing: Network | None
    joining: list[School] = field(default_factory=list)
    there: int = 0


@dataclass
class ImportPlan:
    """All networks of a file, and the lines that can't be taken."""

    networks: list[NetworkPlan]
    errors: list[FileError]


def plan_of(area: Area, file: NetworkFile) -> ImportPlan:
    """What the file would do in the area as it stands: three queries, however long it is."""
    schools = {
        school.urn: school for school in open_schools(area).filter(urn__in={row.urn for row in file.rows})
    }
    known = {row.name.casefold(): row for row in Network.objects.scoped().filter(area=area)}
    members = set(
        NetworkMembership.objects.scoped()
        .filter(network__area=area, status=BelongingStatus.ACTIVE)
        .values_list("network", "school")
    )
    errors, plans = list(file.errors), []
    for name, rows in file.networks().items():
        existing = known.get(name.casefold())
        if existing is not None and existing.kind != rows[0].kind:
            kind = existing.get_kind_display()
            errors.append(
                FileError(rows[0].line, f"“{name}” is here already, as: {kind}. Give it that kind.")
            )
        plan = NetworkPlan(name, rows[0].kind, existing)
        for row in rows:
            school = schools.get(row.urn)
            if school is None:
                errors.append(
                    FileError(
                        row.line,
                        f"No open school of {area} has the URN {row.urn}. Check it in the list of schools.",
                    )
                )
            elif existing is not None and (existing.pk, school.pk) in members:
                plan.there += 1
            else:
                plan.joining.append(school)
        plans.append(plan)
    return ImportPlan(plans, sorted(errors, key=lambda error: error.line))
