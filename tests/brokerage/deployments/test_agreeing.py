"""The agreement: written, shown, signed by four, changed, not agreed."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.bookings import queries as bookings
from marketplace.bookings.errors import BeyondAgreedDays, NotBookable
from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import AlreadySigned, NeedInvalid, TermsInvalid, TextChanged
from marketplace.brokerage.models import Deployment, DeploymentSignature, DeploymentVersion
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from tests.builders import (
    OBJECTIVE_FOR_TESTS,
    Parties,
    a_deployment,
    a_deployment_visit,
    a_need,
    a_scene,
    an_interest,
    some_terms,
    the_parties,
)

pytestmark = pytest.mark.django_db
FOUR = ("receiving_head", "releasing_head", "practitioner", "broker")


def sign(parties: Parties, row: Deployment, capacity: str, **more: Any) -> Deployment:
    arguments = {"capacity": capacity, "version": row.version} | more
    return actions.sign_deployment(actor=parties.signers[capacity], deployment=row, **arguments)


@pytest.mark.parametrize("order", [FOUR, FOUR[::-1], (FOUR[2], FOUR[0], FOUR[3], FOUR[1])])
def test_four_sign_in_any_order_and_it_is_active_with_the_last(order: tuple[str, ...]) -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")

    for number, capacity in enumerate(order):
        assert row.status == "to_sign", number
        row = sign(parties, row, capacity)

    assert (row.status, row.version_in_force) == ("active", 1)
    assert [each.verb for each in history.of(row)] == ["write", "send", *["sign"] * 4, "activate"]
    assert [each.aim for each in row.objectives.all()] == [OBJECTIVE_FOR_TESTS["aim"]]


def test_a_signature_names_person_capacity_and_time() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["releasing_head"])

    [signature] = queries.signatures_of(row)

    assert signature.signed_name == parties.scene.releasing_head.name
    assert signature.signed_as == f"For {parties.scene.releasing.organisation} as headteacher"
    assert timezone.now() - signature.signed_at < timedelta(minutes=1)


def test_an_agreement_that_is_over_is_neither_written_nor_sent() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="draft")
    over = {
        "starts_on": timezone.now().date() - timedelta(days=9),
        "ends_on": timezone.now().date() - timedelta(days=2),
    }

    with pytest.raises(TermsInvalid, match="has passed"):
        a_deployment(parties, status="draft", **over)
    with pytest.raises(TermsInvalid, match="has passed"):
        actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(**over))
    Deployment.objects.scoped().filter(pk=row.pk).update(mid_point_on=over["ends_on"], **over)
    with pytest.raises(TermsInvalid, match="has passed"):
        actions.send_deployment(actor=parties.scene.buyer, deployment=row)


def test_nobody_signs_for_somebody_else_or_twice() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["practitioner"])

    with pytest.raises(NotAllowed, match="receiving headteacher"):
        actions.sign_deployment(
            actor=parties.scene.person, deployment=row, capacity="receiving_head", version=1
        )
    with pytest.raises(NotAllowed):
        actions.sign_deployment(
            actor=parties.scene.buyer, deployment=row, capacity="receiving_head", version=1
        )
    with pytest.raises(AlreadySigned):
        sign(parties, row, "practitioner")


def test_where_the_authority_brokers_a_convenor_signs_and_the_provider_does_not() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", brokered_by="authority")

    with pytest.raises(NotAllowed):
        actions.sign_deployment(
            actor=parties.scene.provider_lead, deployment=row, capacity="broker", version=1
        )
    row = sign(parties, row, "broker")

    assert row.broker.kind == "local_authority"
    assert [each.capacity for each in queries.signatures_of(row)] == ["broker"]


def test_a_change_makes_signatures_fall_and_says_so() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["receiving_head", "broker"])

    row = actions.change_terms(
        actor=parties.scene.releasing_head, deployment=row, version=1, **some_terms(half_days=6)
    )

    assert (row.version, row.half_days, row.net_pence) == (2, 6, 105_000)
    assert queries.signatures_of(row) == []
    note = history.of(row).last().note
    assert "days 4 days → 3 days" in note
    assert f"No longer signed, because the text changed: {parties.scene.receiving_head.name}" in note
    assert len(queries.signatures_of(row, 1)) == 2


def test_who_read_the_old_text_signs_nothing() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")
    actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=6))

    with pytest.raises(TextChanged, match="Version 2"):
        actions.sign_deployment(
            actor=parties.scene.person, deployment=row, capacity="practitioner", version=1
        )
    with pytest.raises(TextChanged):
        actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms())

    assert not DeploymentSignature.objects.filter(version__deployment=row).exists()


def test_a_change_that_changes_nothing_is_refused_and_signatures_stay() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["broker"])
    terms = some_terms()
    terms["objectives"][0]["number"] = 1

    with pytest.raises(NeedInvalid, match="Nothing is different"):
        actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **terms)

    assert len(queries.signatures_of(row)) == 1


def test_a_change_of_a_running_agreement_holds_when_all_four_have_signed_it() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    second = OBJECTIVE_FOR_TESTS | {"aim": "Attendance above 95%", "area": "attendance"}
    first = OBJECTIVE_FOR_TESTS | {"number": 1}

    row = actions.change_terms(
        actor=parties.scene.provider_lead,
        deployment=row,
        version=1,
        **some_terms(half_days=12, objectives=[first, second]),
    )

    assert (row.status, row.half_days, row.version_in_force, row.version) == ("active", 8, 1, 2)
    for capacity in FOUR:
        row = sign(parties, row, capacity)
    assert (row.half_days, row.version_in_force) == (12, 2)
    assert [each.number for each in row.objectives.all()] == [1, 2]


def test_a_change_not_agreed_leaves_the_text_in_force() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    row = actions.change_terms(
        actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=12)
    )

    row = actions.drop_change(actor=parties.scene.releasing_head, deployment=row, reason="No more days")

    assert (row.version, row.version_in_force, row.waits_for_signatures) == (1, 1, False)
    row = actions.change_terms(
        actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=10)
    )
    assert row.version == 3


def test_the_number_of_an_objective_is_never_used_again() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    other = OBJECTIVE_FOR_TESTS | {"aim": "Something else"}

    row = actions.change_terms(
        actor=parties.scene.buyer, deployment=row, version=1, **some_terms(objectives=[other])
    )

    assert [each.number for each in queries.agreement_terms_of(row).objectives] == [2]
    for capacity in FOUR:
        row = sign(parties, row, capacity)
    assert [(each.number, each.is_dropped) for each in row.objectives.all()] == [(1, True), (2, False)]


def test_days_already_booked_can_not_be_agreed_away() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    a_deployment_visit(parties, row)

    with pytest.raises(TermsInvalid, match="Already booked: 1 day"):
        actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=1))


def test_the_last_signature_puts_no_fewer_days_in_force_than_are_booked_by_then() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    visit = a_deployment_visit(parties, row)
    row = actions.change_terms(
        actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=2)
    )
    for capacity in FOUR[:3]:
        row = sign(parties, row, capacity)
    a_deployment_visit(parties, row, day=visit.booking.day + timedelta(days=20))

    with pytest.raises(NotNow, match="Already booked: 2 days"):
        sign(parties, row, FOUR[3])

    row.refresh_from_db()
    assert (row.half_days, row.version_in_force) == (8, 1)
    assert len(queries.signatures_of(row)) == 3


def test_no_text_leaves_a_visit_that_is_booked_outside_its_days() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    visit = a_deployment_visit(parties, row)
    day = visit.booking.day

    with pytest.raises(TermsInvalid, match=visit.booking.reference):
        actions.change_terms(
            actor=parties.scene.buyer,
            deployment=row,
            version=1,
            **some_terms(ends_on=day - timedelta(days=1)),
        )
    row = actions.change_terms(
        actor=parties.scene.buyer, deployment=row, version=1, **some_terms(ends_on=day + timedelta(days=1))
    )
    for capacity in FOUR[:3]:
        row = sign(parties, row, capacity)
    late = a_deployment_visit(parties, row, day=day + timedelta(days=20))

    with pytest.raises(NotNow, match=late.booking.reference):
        sign(parties, row, FOUR[3])


@pytest.mark.parametrize("capacity", ["releasing_head", "practitioner", "broker"])
def test_any_other_party_may_say_no_with_a_reason(capacity: str) -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["receiving_head"])

    with pytest.raises(NeedInvalid):
        actions.decline_deployment(actor=parties.signers[capacity], deployment=row, reason=" ")
    row = actions.decline_deployment(actor=parties.signers[capacity], deployment=row, reason="Not this year")

    assert (row.status, row.reason) == ("declined", "Not this year")
    with pytest.raises(NotNow):
        sign(parties, row, "broker")


def test_a_practitioner_without_an_account_can_not_be_asked_to_sign() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="draft")
    parties.scene.practitioner.user = None
    parties.scene.practitioner.save()

    with pytest.raises(NotNow, match="has no account"):
        actions.send_deployment(actor=parties.scene.buyer, deployment=row)


def test_suspended_people_are_not_deployed() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")
    parties.scene.practitioner.is_active = False
    parties.scene.practitioner.save()

    with pytest.raises(NotBookable):
        sign(parties, row, "broker")


def test_what_is_sold_by_the_place_is_not_agreed_as_a_deployment() -> None:
    parties = the_parties(a_scene(price_rule={"kind": "per_place", "amount_pence": 95_00}))

    with pytest.raises(NotBookable, match="sold by the place, on its courses"):
        a_deployment(parties, status="draft")


def test_a_need_of_another_school_is_refused() -> None:
    parties = the_parties()
    parties.need = a_need()

    with pytest.raises(NotAllowed, match="another school"):
        a_deployment(parties, status="draft")


def test_nobody_with_a_personal_tie_to_the_school_is_deployed_there() -> None:
    parties = the_parties()
    an_interest(parties.scene.practitioner.user, parties.scene.school, kind="family")

    with pytest.raises(NotBookable, match="for a tie to it"):
        a_deployment(parties, status="draft")


def test_only_the_school_writes_its_agreement() -> None:
    parties = the_parties()
    parties.scene.buyer = parties.scene.provider_lead

    with pytest.raises(NotAllowed):
        a_deployment(parties, status="draft")


def test_the_price_is_the_offers_for_this_school_and_is_kept() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")

    terms = queries.agreement_terms_of(row)

    assert terms.net_pence == row.net_pence == 140_000
    assert sum(line["pence"] for line in terms.price["lines"]) == 140_000
    assert terms.route == "journal" and terms.route_reason


def test_texts_and_signatures_can_not_be_changed_in_the_database() -> None:
    row = a_deployment()

    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DeploymentVersion.objects.filter(deployment=row).update(written_by_name="Somebody else")
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        DeploymentSignature.objects.filter(version__deployment=row).delete()


# The releasing head's days -------------------------------------------------------------------------------------------


def load(parties: Parties) -> Any:
    return bookings.load_of(parties.scene.practitioner, academic_year(local(timezone.now()).date()))


def soon(**terms: Any) -> dict[str, Any]:
    """Dates within this school year, whatever the day the tests run on."""
    today = local(timezone.now()).date()
    return {"starts_on": today, "ends_on": today} | terms


def test_the_releasing_heads_signature_promises_the_days_of_the_year() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", **soon())
    assert load(parties).promised == 0

    sign(parties, row, "releasing_head")

    assert (load(parties).promised, load(parties).unbooked) == (8, 8)


def test_days_that_are_booked_are_not_promised_twice() -> None:
    parties = the_parties()
    row = a_deployment(parties, **soon())
    day = local(timezone.now()).date()

    visit = a_deployment_visit(parties, row, status="awaiting_release", day=day)

    assert (load(parties).promised, load(parties).unbooked) == (8, 6)
    assert load(parties).left == 30 - 8
    without = bookings.load_of(parties.scene.practitioner, academic_year(day), without=visit.booking)
    assert without.left - visit.booking.half_days == 30 - 8


def test_promised_days_are_taken_days_where_the_exchange_chooses_whom_to_send() -> None:
    parties = the_parties()
    row = a_deployment(parties, **soon())
    day = local(timezone.now()).date()
    a_deployment_visit(parties, row, status="awaiting_release", day=day)

    [turn] = bookings.turns_of([parties.scene.practitioner], academic_year(day))

    assert (turn.taken, turn.bookings) == (8, 1)


def test_the_loads_of_many_cost_what_the_load_of_one_does(django_assert_num_queries: Any) -> None:
    parties, others = the_parties(), the_parties()
    a_deployment(parties, **soon())
    a_deployment(others, **soon())
    agreed = {each.scene.practitioner.pk: 30 for each in (parties, others)}

    with django_assert_num_queries(3):
        loads = bookings.loads_of(agreed, academic_year(local(timezone.now()).date()))

    assert [each.left for each in loads.values()] == [22, 22]


def test_stopped_deployments_promise_nothing() -> None:
    parties = the_parties()
    row = a_deployment(parties, **soon())

    actions.stop_deployment(actor=parties.scene.receiving_head, deployment=row, reason="The lead left")

    assert load(parties).promised == 0


def test_more_days_than_agreed_for_the_year_need_a_word_from_the_head() -> None:
    parties = the_parties()
    parties.scene.practitioner.agreed_half_days = 7
    parties.scene.practitioner.save()
    row = a_deployment(parties, status="to_sign", **soon())

    with pytest.raises(BeyondAgreedDays, match="3½ days are left"):
        sign(parties, row, "releasing_head")
    with pytest.raises(BeyondAgreedDays):
        sign(parties, row, "releasing_head", beyond_agreed=True)
    row = sign(parties, row, "releasing_head", beyond_agreed=True, note="Our governors know")

    assert queries.signatures_of(row)[0].note == "Our governors know"


def test_a_second_deployment_meets_the_promise_of_the_first() -> None:
    parties = the_parties()
    parties.scene.practitioner.agreed_half_days = 12
    parties.scene.practitioner.save()
    a_deployment(parties, **soon())
    other = Parties(a_scene(area=parties.scene.area), parties.need, parties.convenor)
    other.scene.offer.current.practitioners.set([parties.scene.practitioner])
    other.scene.practitioner = parties.scene.practitioner
    other.need = a_need(other.scene.school, other.scene.theme)
    row = a_deployment(other, status="to_sign", **soon())

    with pytest.raises(BeyondAgreedDays, match="2 days are left"):
        actions.sign_deployment(
            actor=parties.scene.releasing_head, deployment=row, capacity="releasing_head", version=1
        )


# Who sees what -------------------------------------------------------------------------------------------------------


def test_a_draft_is_the_schools_own_paper() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="draft")
    scene = parties.scene

    for actor in (scene.provider_lead, scene.releasing_head, scene.person):
        with pytest.raises(NotFound):
            queries.deployment_for(actor, row.reference)
    for actor in (scene.buyer, scene.receiving_head, parties.convenor, SYSTEM):
        assert queries.deployment_for(actor, row.reference) == row


def test_strangers_see_nothing(other: Parties) -> None:
    row = a_deployment()

    for actor in [*other.signers.values(), other.convenor, other.scene.buyer]:
        assert row not in queries.deployments_visible_to(actor)
        with pytest.raises(NotFound):
            actions.sign_deployment(actor=actor, deployment=row, capacity="broker", version=1)


@pytest.fixture
def other() -> Parties:
    return the_parties()
