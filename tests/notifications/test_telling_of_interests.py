"""Once a year people are asked whether what they declared is still so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.kernel.access import Role
from marketplace.notifications.interests import remind_of_interests
from marketplace.notifications.models import Notification
from marketplace.organisations import actions
from tests.builders import a_person, a_school, actor_of, an_interest

pytestmark = pytest.mark.django_db


def test_who_has_not_said_so_for_a_year_is_asked_once_whatever_they_declared() -> None:
    person = a_person(Role.HEADTEACHER, at=a_school())
    for days in (366, 400):
        an_interest(person, confirmed_at=timezone.now() - timedelta(days=days))
    an_interest(a_person(), confirmed_at=timezone.now() - timedelta(days=300))

    remind_of_interests(timestamp=0)
    remind_of_interests(timestamp=0)

    [told] = Notification.objects.all()
    assert (told.user_id, told.kind) == (person.pk, "interests_to_confirm")
    assert told.path == "/interests/"


def test_who_said_so_is_left_in_peace_for_a_year() -> None:
    person = a_person(Role.HEADTEACHER, at=a_school())
    an_interest(person, confirmed_at=timezone.now() - timedelta(days=366))
    actions.confirm_interests(actor=actor_of(person))

    remind_of_interests(timestamp=0)

    assert not Notification.objects.exists()
