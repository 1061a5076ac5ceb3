"""Local authority areas and their wards."""

from django.db import models


class Area(models.Model):
    """One local authority area. `code` is the DfE's three digits, `gss_code` the ONS's nine characters."""

    code = models.CharField(max_length=3, unique=True)
    gss_code = models.CharField(max_length=9, blank=True)
    name = models.CharField(max_length=100)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


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
