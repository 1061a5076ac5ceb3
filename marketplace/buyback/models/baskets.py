"""What is being chosen: one basket per organisation and window, early or while orders are taken."""

from django.db import models
from django.db.models import Q

from marketplace.buyback.models.selling import BuyBackWindow, PackageEdition
from marketplace.kernel.references import new_reference
from marketplace.organisations.models import Organisation, User


def basket_reference() -> str:
    return new_reference("BSK")


class BasketStatus(models.TextChoices):
    OPEN = "open", "Being filled"
    SUBMITTED = "submitted", "Ordered"
    EMPTIED = "emptied", "Emptied"


class Basket(models.Model):
    """The basket of a school, or of a trust for its schools. It can be filled as soon as prices are visible."""

    reference = models.CharField(max_length=12, unique=True, default=basket_reference, editable=False)
    owner = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="baskets")
    window = models.ForeignKey(BuyBackWindow, on_delete=models.PROTECT, related_name="baskets")
    status = models.CharField(max_length=10, choices=BasketStatus, default=BasketStatus.OPEN)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    submitted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "window"],
                condition=Q(status="open"),
                name="one_open_basket_per_owner_and_window",
            )
        ]

    def __str__(self) -> str:
        return self.reference


class BasketLine(models.Model):
    """One package for one school, for so many years. A trust's basket has a line per school."""

    basket = models.ForeignKey(Basket, on_delete=models.CASCADE, related_name="lines")
    school = models.ForeignKey(Organisation, on_delete=models.CASCADE, related_name="+")
    edition = models.ForeignKey(PackageEdition, on_delete=models.PROTECT, related_name="+")
    years = models.PositiveSmallIntegerField(default=1)
    level = models.CharField(max_length=60, blank=True)

    class Meta:
        ordering = ["school__name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["basket", "school", "edition"], name="a_package_is_once_in_a_basket_for_a_school"
            )
        ]

    def __str__(self) -> str:
        return f"{self.edition} for {self.school}"
