"""The vocabulary of support: seeded, whole, and safe to install again."""

import pytest

from marketplace.catalogue import vocabulary
from marketplace.catalogue.models import ServiceKind, SupportType, Theme

pytestmark = pytest.mark.django_db


def test_the_vocabulary_is_there_after_migration() -> None:
    assert Theme.objects.filter(parent=None).count() == 12
    assert SupportType.objects.count() == 13
    assert Theme.objects.get(code="phonics").parent.code == "curriculum-and-teaching"


def test_every_heading_has_themes_under_it_and_no_theme_has_a_third_level() -> None:
    for root in Theme.objects.filter(parent=None):
        assert root.children.exists(), root.code
        assert not Theme.objects.filter(parent__parent=root).exists()


def test_installing_again_changes_nothing_and_puts_an_edit_right() -> None:
    before = set(Theme.objects.values_list("pk", "code"))
    Theme.objects.filter(code="phonics").update(name="Something else", remote_fit=0)

    vocabulary.install(Theme, SupportType)

    assert set(Theme.objects.values_list("pk", "code")) == before
    phonics = Theme.objects.get(code="phonics")
    assert (phonics.name, phonics.remote_fit) == ("Phonics and early reading", 60)


def test_service_kinds_are_known_to_the_model() -> None:
    assert {kind for _, _, kind in vocabulary.SUPPORT_TYPES} <= set(ServiceKind.values)


@pytest.mark.parametrize(
    ("code", "remote_fit"),
    [("maths", 60), ("attendance", 30), ("leadership-development", 30), ("reception-quality", 0)],
)
def test_remote_fit_follows_the_nature_of_the_theme(code: str, remote_fit: int) -> None:
    assert Theme.objects.get(code=code).remote_fit == remote_fit


@pytest.mark.parametrize(
    "tag",
    [
        "RISE: attendance",
        "RISE: inclusion",
        "RISE: Reception-year quality",
        "RISE: English and maths attainment",
    ],
)
def test_each_national_priority_leads_to_a_theme(tag: str) -> None:
    assert Theme.objects.filter(aliases__contains=[tag], parent__isnull=False).exists()
