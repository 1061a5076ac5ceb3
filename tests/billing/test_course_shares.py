"""Who lends the people of a course is owed its share of every place, on paper or from a package, and settles it by statement."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from marketplace.billing import actions, queries
from marketplace.billing.actions import papers
from marketplace.billing.actions.courses import bill_courses
from marketplace.billing.models import Document, DocumentKind, SettlementStatement
from marketplace.billing.rules import LedPart, parts_of
from marketplace.bookings.actions import courses
from marketplace.bookings.actions.courses import GroupShare
from marketplace.bookings.models import CourseEvent, PlaceOrder
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import Role
from marketplace.kernel.verification import verify
from marketplace.organisations.models import Cluster, LegalStatus, Organisation
from tests.billing.settling import held
from tests.builders import (
    CourseScene,
    a_booking_day,
    a_course,
    a_course_scene,
    a_person,
    a_practitioner,
    a_school,
    actor_of,
    it_is_over,
    places_for,
    some_places_of_a_package,
)

FEE = {"basis": "inclusive", "kind": "percent", "value": 1500}
SHARES = {"buyer": 100_00, "releasing_school": 85_00, "broker": 15_00}


# The rule


def test_a_price_falls_to_organisations_by_the_half_days_their_people_led() -> None:
    assert parts_of(300_00, SHARES, {7: 2, 3: 1}) == [
        LedPart(3, 100_00, 85_00),
        LedPart(7, 200_00, 170_00),
    ]


@pytest.mark.parametrize("pence", [1, 99, 10_001, -10_001])
def test_no_penny_of_a_price_is_lost_between_those_who_led(pence: int) -> None:
    parts = parts_of(pence, SHARES, {1: 1, 2: 1, 3: 1})

    assert sum(part.share_pence + part.fee_pence for part in parts) == pence


def test_a_charge_on_free_places_belongs_to_those_who_led() -> None:
    assert parts_of(50_00, {"releasing_school": 0, "broker": 0}, {3: 2}) == [LedPart(3, 50_00, 50_00)]


def test_a_course_nobody_led_falls_to_nobody() -> None:
    assert parts_of(50_00, SHARES, {}) == []


# In the books


class Lent:
    """A council course of a morning, led by one of the council's own people and one of an academy; the broker keeps 15%."""

    def __init__(self, *, own_person_too: bool = False, **offer: Any) -> None:
        self.scene = scene = a_course_scene(
            **{"brokerage_fee": FEE, "cancellation_tariff": STANDARD_TARIFF.to_data()} | offer
        )
        self.school = a_school(scene.area, academy=True)
        self.head = actor_of(a_person(Role.HEADTEACHER, at=self.school))
        self.finance = actor_of(a_person(Role.FINANCE, at=scene.provider))
        self.person = a_practitioner(self.school.organisation, listed_by=scene.provider)
        scene.offer.current.practitioners.add(self.person)
        leaders = [self.person, *([scene.practitioner] if own_person_too else [])]
        self.event = a_course(scene, day=a_booking_day(days_ahead=12), leaders=leaders)
        courses.consent_to_lead(
            actor=self.head, event=self.event.reference, practitioner=self.person.reference
        )
        self.event.refresh_from_db()

    def owes(self) -> int:
        return held(self.scene.provider, "payable", f"organisation:{self.school.pk}")

    def a_statement(self) -> SettlementStatement:
        return actions.make_statement(
            actor=self.finance,
            broker=self.scene.provider,
            supplier=self.school.organisation,
            up_to=papers.today(),
        )


def is_finished(scene: CourseScene, event: CourseEvent, order: PlaceOrder, came: int) -> None:
    it_is_over(event)
    present = [place.pk for place in order.places.all()[:came]]
    courses.take_register(actor=scene.provider_lead, event=event.reference, number=1, came=present)
    courses.finish_event(actor=scene.provider_lead, event=event.reference)


def all_agrees() -> None:
    assert [line for verdict in verify() for line in verdict.disagreements] == []


@pytest.mark.django_db
def test_a_delivered_course_owes_the_school_that_lent_its_person_and_says_so_on_the_statement(
    run_jobs: Callable[[], list[str]],
) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 3)

    is_finished(lent.scene, lent.event, order, came=3)
    run_jobs()

    assert (lent.owes(), held(lent.scene.provider, "fee_income")) == (255_00, 45_00)
    assert held(lent.scene.provider, "income") == 0
    line = lent.a_statement().lines.get()
    assert (line.place_order, line.buyer_pence, line.fee_pence, line.net_pence) == (
        order,
        300_00,
        45_00,
        255_00,
    )
    assert lent.person.name in line.description and order.reference in line.description
    all_agrees()


@pytest.mark.django_db
def test_a_school_that_became_an_academy_since_it_ordered_places_gets_an_invoice(
    run_jobs: Callable[[], list[str]],
) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 3)
    assert order.route == "journal"
    Organisation.objects.filter(pk=lent.scene.school.pk).update(legal_status=LegalStatus.ACADEMY)

    is_finished(lent.scene, lent.event, order, came=3)
    run_jobs()

    document = Document.objects.get(place_order=order)
    assert (document.kind, document.route, document.vat_pence) == (DocumentKind.INVOICE, "invoice", 60_00)
    assert document.due_on is not None and "has changed its status since" in document.note


@pytest.mark.django_db
def test_what_the_providers_own_people_led_is_its_own_income(run_jobs: Callable[[], list[str]]) -> None:
    lent = Lent(own_person_too=True)
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 3)

    is_finished(lent.scene, lent.event, order, came=3)
    run_jobs()

    assert (lent.owes(), held(lent.scene.provider, "fee_income")) == (127_50, 22_50)
    assert held(lent.scene.provider, "income") == 150_00
    line = lent.a_statement().lines.get()
    assert (line.buyer_pence, line.fee_pence, line.net_pence) == (150_00, 22_50, 127_50)
    all_agrees()


@pytest.mark.django_db
def test_a_charge_let_go_takes_the_share_back_and_a_full_credit_leaves_nothing(
    run_jobs: Callable[[], list[str]],
) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 2)
    courses.cancel_place(actor=lent.scene.head, order=order.reference, number=2)
    is_finished(lent.scene, lent.event, order, came=1)
    run_jobs()
    assert lent.owes() == 148_75  # 85% of £100 and of the charge of £75

    courses.waive_place_charge(actor=lent.scene.provider_lead, order=order.reference, number=2, reason="Snow")
    run_jobs()

    assert lent.owes() == 85_00
    assert lent.a_statement().net_pence == 85_00
    all_agrees()
    actions.credit(actor=lent.finance, document=Document.objects.get(credits=None), reason="Never happened.")
    assert lent.owes() == 0 and held(lent.scene.provider, "fee_income") == 0
    all_agrees()


@pytest.mark.django_db
@pytest.mark.parametrize(("by_hand", "left"), [(False, 100_00), (True, 0)])
def test_a_charge_let_go_is_credited_on_the_paper_that_stands_and_not_twice(
    run_jobs: Callable[[], list[str]], by_hand: bool, left: int
) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 2)
    courses.cancel_place(actor=lent.scene.head, order=order.reference, number=2)
    is_finished(lent.scene, lent.event, order, came=1)
    run_jobs()
    document = Document.objects.get(place_order=order)
    if by_hand:
        actions.credit(actor=lent.finance, document=document, reason="Never happened.")
    else:
        _, document = actions.override_vat(
            actor=lent.finance, document=document, treatment="zero", reason="Told by HMRC."
        )

    courses.waive_place_charge(actor=lent.scene.provider_lead, order=order.reference, number=2, reason="Snow")
    run_jobs()

    assert queries.outstanding(document) == left
    all_agrees()


@pytest.mark.django_db
def test_what_two_schools_were_paid_before_a_credit_the_provider_bears_for_each(
    run_jobs: Callable[[], list[str]],
) -> None:
    lent = Lent()
    other = a_school(lent.scene.area, academy=True)
    other_person = a_practitioner(other.organisation, listed_by=lent.scene.provider)
    lent.scene.offer.current.practitioners.add(other_person)
    event = a_course(lent.scene, day=a_booking_day(days_ahead=21), leaders=[lent.person, other_person])
    for person, school in ((lent.person, lent.school), (other_person, other)):
        head = actor_of(a_person(Role.HEADTEACHER, at=school))
        courses.consent_to_lead(actor=head, event=event.reference, practitioner=person.reference)
    event.refresh_from_db()
    order = places_for(event, lent.scene.school, lent.scene.head, 1)
    is_finished(lent.scene, event, order, came=1)
    run_jobs()
    statement = actions.record_invoice(
        actor=lent.head, statement=lent.a_statement(), number="OAK-1", dated=papers.today(), vat_pence=0
    )
    actions.pay_statement(actor=lent.finance, statement=statement, paid_on=papers.today())
    document = Document.objects.get(place_order=order)

    line = document.lines.get()
    actions.credit(actor=lent.finance, document=document, reason="Half.", amounts={line.pk: 50_00})
    actions.credit(actor=lent.finance, document=document, reason="The rest.")

    assert held(lent.scene.provider, "payable") == 0
    assert held(lent.scene.provider, "cost_of_delivery") == -42_50
    all_agrees()


@pytest.mark.django_db
def test_places_of_a_package_owe_their_share_and_one_kept_gives_it_back_when_it_is_let_go(
    run_jobs: Callable[[], list[str]],
) -> None:
    lent = Lent()
    entitlement = some_places_of_a_package(lent.scene)
    order = places_for(
        lent.event, lent.scene.school, lent.scene.head, 3, pay_by="entitlement", entitlement=entitlement
    )
    courses.cancel_place(actor=lent.scene.head, order=order.reference, number=3)

    is_finished(lent.scene, lent.event, order, came=2)
    run_jobs()
    assert bill_courses() == 0  # told twice

    assert (lent.owes(), held(lent.scene.provider, "cost_of_delivery")) == (255_00, -255_00)
    courses.waive_place_charge(actor=lent.scene.provider_lead, order=order.reference, number=3, reason="Snow")
    run_jobs()
    assert lent.owes() == 170_00
    [line, kept, back] = queries.open_lines(lent.scene.provider, lent.school.organisation, date.max)
    assert (line.order, line.document, line.pence, kept.pence, back.pence) == (
        order,
        None,
        170_00,
        85_00,
        -85_00,
    )
    all_agrees()


@pytest.mark.django_db
def test_schools_that_buy_together_bear_the_fee_by_their_parts_of_the_price() -> None:
    lent = Lent()
    third, _ = lent.scene.another_school()
    cluster = Cluster.objects.create(area=lent.scene.area, name="Riverside")
    cluster.schools.set([lent.scene.school, third])

    group = courses.book_as_group(
        actor=lent.scene.head,
        event=lent.event,
        lead_school=lent.scene.school,
        shares=[GroupShare(lent.scene.school, 1, 1), GroupShare(third, 2, 1)],
        split_by="places",
    )

    assert [order.price["shares"] for order in group.shares.order_by("pk")] == [
        {"buyer": 100_00, "releasing_school": 85_00, "broker": 15_00},
        {"buyer": 200_00, "releasing_school": 170_00, "broker": 30_00},
    ]


@pytest.mark.django_db
def test_a_share_that_was_changed_behind_the_books_is_found(run_jobs: Callable[[], list[str]]) -> None:
    lent = Lent()
    order = places_for(lent.event, lent.scene.school, lent.scene.head, 3)
    is_finished(lent.scene, lent.event, order, came=3)
    run_jobs()

    lent.event.leads.update(releasing_organisation=lent.scene.provider)

    [found] = [
        line
        for verdict in verify()
        if verdict.rule.startswith("Who lent the people")
        for line in verdict.disagreements
    ]
    assert "their shares are {}" in found
