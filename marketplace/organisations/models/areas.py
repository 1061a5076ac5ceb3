"""Local authority areas and their wards."""

from django.db import models


class Area(models.Model):
    """One local authority area. `code` is the DfE's three digits, `gss_code` the ONS's nine characters.

    `region` is a name such as "North East", where it is known.
    """

    code = models.CharField(max_length=3, unique=True)
    gss_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=100)
    region = models.CharField(max_length=40, blank=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class AreaOutline(models.Model):
    """The outline of an area as GeoJSON geometry (WGS84, longitude first). Apart from the area, which is read far more often.

    Until an operator brings one, the area's wards put together are its outline (`from_wards`).
    """

    area = models.OneToOneField(Area, on_delete=models.CASCADE, related_name="outline")
    geometry = models.JSONField()
    from_wards = models.BooleanField(default=False)

    def __str__(self) -> str:
        return f"Outline of {self.area}"


class Ward(models.Model):
    """A ward with its boundary as GeoJSON geometry (WGS84, longitude first) and its centroid in both grids."""

    area = models.ForeignKey(Area, on_delete=models.CASCADE, related_name="wards")
    code = models.CharField(max_length=9, unique=True)
    name = models.CharField(max_length=100)
    geometry = models.JSONField()
    easting = models.IntegerField()
    northing = models.IntegerField()
    latitude = models.FloatField()
    longitude = models.FloatField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
