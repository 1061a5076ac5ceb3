"""Places and peer reviews: their seller records each use by hand, the school is told, and a mistake is taken back."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from marketplace.buyback import actions
from marketplace.buyback.actions import NothingLeft, UseInvalid
from marketplace.buyback.ledgers import accounts_of
from marketplace.buyback.models import Entitlement, RecordedUse
from marketplace.buyback.verification import grants_are_accounted_for, recorded_uses_are_in_the_ledger
from marketplace.kernel import history, transfers
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.kernel.models import Transfer
from marketplace.notifications.models import Notification
from tests.builders import a_person, a_school, actor_of, an_agreement, an_entitlement_to
from tests.buyback.test_entitlements import ended, granted, seller

pytestmark = pytest.mark.django_db


def today() -> Any:
    return timezone.localdate()


def lying(entitlement: Entitlement) -> dict[str, int]:
    assert transfers.disagreements() + grants_are_accounted_for() + recorded_uses_are_in_the_ledger() == []
    found = accounts_of(entitlement)
    return {key: row.balance for key, row in found.items() if row.balance and key != "granted"}


def recorded(entitlement: Entitlement, quantity: int = 2, **how: Any) -> RecordedUse:
    values = {"used_on": today(), "what": "Phonics for all, two teachers"} | how
    return actions.record_use(actor=seller(entitlement), entitlement=entitlement, quantity=quantity, **values)


def test_places_are_used_when_the_seller_records_them() -> None:
    places = an_entitlement_to("places", 10)

    use = recorded(places)

    assert lying(places) == {"available": 8, "used": 2}
    last = history.of(places).last()
    assert last is not None and last.verb == "record_use" and last.note.startswith("2 places on")
    assert use.recorded_by is not None


def test_a_peer_review_is_used_once() -> None:
    review = an_entitlement_to("peer_review", 1)
    recorded(review, 1, what="Peer review of maths")

    with pytest.raises(NothingLeft, match="0 peer reviews of these are left"):
        recorded(review, 1)
    assert lying(review) == {"used": 1}


def test_the_school_is_told_of_what_is_recorded_and_taken_back(run_jobs: Any) -> None:
    places = an_entitlement_to("places", 10)
    head = a_person(Role.HEADTEACHER, at=places.holder)

    use = recorded(places)
    run_jobs()
    actions.take_back_use(actor=seller(places), use=use, reason="It was another school")
    run_jobs()

    first, second = Notification.objects.filter(user=head).order_by("pk")
    assert first.title.startswith("2 places used") and "Phonics for all" in first.body
    assert second.title.startswith("2 places given back") and "It was another school" in second.body
    assert lying(places) == {"available": 10}


def test_a_use_is_taken_back_once_and_with_a_reason() -> None:
    places = an_entitlement_to("places", 10)
    use = recorded(places)
    with pytest.raises(UseInvalid, match="Say why"):
        actions.take_back_use(actor=seller(places), use=use, reason=" ")

    actions.take_back_use(actor=seller(places), use=use, reason="A mistake")
    with pytest.raises(NotNow):
        actions.take_back_use(actor=seller(places), use=use, reason="A mistake")


def test_days_are_used_by_booking_only() -> None:
    with pytest.raises(UseInvalid, match="by booking a session"):
        recorded(granted())


@pytest.mark.parametrize("days", [1, -800])
def test_a_use_lies_in_the_year_and_not_ahead(days: int) -> None:
    with pytest.raises(UseInvalid) as refused:
        recorded(an_entitlement_to(), used_on=today() + timedelta(days=days))
    assert refused.value.field == "used_on"


def test_what_was_used_in_the_last_weeks_can_be_recorded_after_it_lapsed() -> None:
    places = ended(an_entitlement_to("places", 10), days_ago=3)
    actions.settle_ended_years()
    places.refresh_from_db()
    assert lying(places) == {"expired": 10}

    use = recorded(places, used_on=places.valid_to)
    assert lying(places) == {"expired": 8, "used": 2}

    actions.take_back_use(actor=seller(places), use=use, reason="A mistake")
    actions.settle_ended_years()
    assert lying(places) == {"expired": 10}


def test_nothing_is_recorded_when_the_year_is_long_over() -> None:
    places = ended(an_entitlement_to("places", 10), days_ago=40)
    with pytest.raises(UseInvalid, match="was settled"):
        recorded(places, used_on=places.valid_to)


def test_only_the_seller_records() -> None:
    places = an_entitlement_to("places", 10)
    how: dict[str, Any] = {"entitlement": places, "quantity": 1, "used_on": today(), "what": "A course"}
    with pytest.raises(NotAllowed):
        actions.record_use(actor=actor_of(a_person(Role.HEADTEACHER, at=places.holder)), **how)
    with pytest.raises(NotFound):
        actions.record_use(actor=actor_of(a_person(Role.HEADTEACHER, at=a_school())), **how)
    other = a_person(Role.PROVIDER_LEAD, at=an_agreement().seller)
    with pytest.raises(NotFound):
        actions.record_use(actor=actor_of(other), **how)


def test_verify_sees_a_use_that_the_ledger_does_not_have() -> None:
    places = an_entitlement_to("places", 10)
    use = recorded(places)
    RecordedUse.objects.filter(pk=use.pk).update(quantity=3)
    assert len(recorded_uses_are_in_the_ledger()) == 1
    assert Transfer.objects.filter(effect__startswith="recorded_use:").count() == 1
