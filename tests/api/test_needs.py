"""The API of needs."""

from typing import Any

import pytest
from django.test import Client

from marketplace.brokerage.models import NeedsReturn
from marketplace.kernel.access import Role
from tests.builders import a_person, a_school

pytestmark = pytest.mark.django_db


def confirm(role: Role, **data: Any) -> Any:
    client, school = Client(), a_school()
    client.force_login(a_person(role, at=school))
    return client.post("/api/needs/confirm/", {"school": school.urn} | data, content_type="application/json")


def test_a_school_confirms_that_its_list_is_complete_though_it_is_empty() -> None:
    answer = confirm(Role.HEADTEACHER)

    kept = NeedsReturn.objects.get()
    assert answer.status_code == 200
    assert answer.json()["school"] == kept.school.school.urn
    assert answer.json()["academic_year"] == kept.academic_year


def test_who_may_not_order_for_the_school_may_not_confirm_either() -> None:
    assert confirm(Role.GOVERNOR).status_code == 403
    assert confirm(Role.HEADTEACHER, school=999_999_999).status_code == 400
    assert not NeedsReturn.objects.exists()
