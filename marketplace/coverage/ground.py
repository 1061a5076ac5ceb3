"""Where an area's numbers are told: its wards, and the places they make up."""

from dataclasses import dataclass

from django.db.models import Count

from marketplace.organisations.models import Area, Cluster, Ward

NOWHERE = 0
"""Stands for the ward of schools whose ward is not known."""


@dataclass(frozen=True)
class Ground:
    """The area's wards and the place each lies in: the cluster most of its schools belong to, or else the ward itself."""

    wards: tuple[int, ...]
    place_of: tuple[int, ...]
    clusters: tuple[int, ...]

    @property
    def places(self) -> int:
        return max(self.place_of) + 1

    @classmethod
    def of(cls, area: Area) -> "Ground":
        counted = (
            Cluster.objects.filter(area=area, schools__ward__isnull=False)
            .values_list("schools__ward_id", "pk")
            .annotate(schools_there=Count("schools"))
            .order_by("schools_there", "-pk")
        )
        cluster_of = {ward: cluster for ward, cluster, _ in counted}
        wards = (NOWHERE, *Ward.objects.filter(area=area).order_by("pk").values_list("pk", flat=True))
        clusters = tuple(sorted({cluster_of[ward] for ward in wards if ward in cluster_of}))
        place_of = []
        alone = len(clusters)
        for ward in wards:
            if ward in cluster_of:
                place_of.append(clusters.index(cluster_of[ward]))
            else:
                place_of.append(alone)
                alone += 1
        return cls(wards, tuple(place_of), clusters)
