"""Commissions: who decides, who is told first, the money, the work, reviews and the end."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.brokerage import queries as brokerage
from marketplace.buyback.actions.funding import BudgetExceeded
from marketplace.buyback.queries import budget_of
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications import partnership as telling
from marketplace.notifications.models import Notification
from marketplace.organisations.errors import InterestInTheWay
from marketplace.organisations.models import Organisation
from marketplace.partnership import actions, queries
from marketplace.partnership.errors import CommissionInvalid, MayNotKnow, NotReadyToStart
from marketplace.partnership.models import Commission, SupportCategory
from marketplace.partnership.verification import (
    commissions_agree_with_the_ledger,
    responsible_bodies_are_told_first,
    visits_belong_to_their_commission,
)
from tests.builders import (
    a_booking,
    a_booking_day,
    a_commission,
    a_convenor,
    a_deployment,
    a_led_provider,
    a_level_2_theme,
    a_person,
    a_provider,
    a_school,
    a_stream,
    actor_of,
    an_area,
    an_interest,
    an_organisation,
    commission_terms,
    convenor_of,
    in_days,
    some_terms,
    the_parties,
)

pytestmark = pytest.mark.django_db
Jobs = Callable[[], list[str]]


def in_order() -> bool:
    return not [
        *commissions_agree_with_the_ledger(),
        *responsible_bodies_are_told_first(),
        *visits_belong_to_their_commission(),
    ]


# Who decides -----------------------------------------------------------------------------------------------------------


def test_a_maintained_schools_commission_is_decided_by_the_authority() -> None:
    row = a_commission(status="ready")

    row = actions.start_commission(actor=convenor_of(row.area), commission=row)

    assert row.status == "active" and row.started_at is not None
    assert in_order()


def test_whoever_declared_an_interest_in_the_provider_neither_decides_nor_starts() -> None:
    row = a_commission(status="draft")
    tied = a_convenor(row.area)
    an_interest(tied, row.provider)

    with pytest.raises(InterestInTheWay, match="Another convenor"):
        actions.decide_commission(actor=actor_of(tied), commission=row)
    actions.decide_commission(actor=convenor_of(row.area), commission=row)
    with pytest.raises(InterestInTheWay):
        actions.start_commission(actor=actor_of(tied), commission=row)

    row.refresh_from_db()
    assert "start" not in queries.verbs_for(actor_of(tied), row)
    client = Client()
    client.force_login(tied)
    page = client.get(f"/commissions/{row.reference}/").content.decode()
    assert "another convenor of the area decides" in page and "Start the support" not in page
    assert actions.start_commission(actor=convenor_of(row.area), commission=row).status == "active"


def test_an_academys_commission_can_not_be_decided_nor_start_before_its_responsible_body_is_told() -> None:
    trust = an_organisation("trust", name="Elm Trust")
    row = a_commission(a_school(academy=True, trust=trust), status="draft")
    convenor = convenor_of(row.area)

    with pytest.raises(NotReadyToStart):
        actions.decide_commission(actor=convenor, commission=row)
    with pytest.raises(NotReadyToStart, match="Tell it first"):
        actions.start_commission(actor=convenor, commission=row)
    notice = {
        "actor": convenor,
        "commission": row,
        "person": "The chief executive",
        "informed_on": in_days(-1),
    }
    actions.record_notice(body="other", body_name="The regional director", **notice)
    assert Commission.objects.scoped().get(pk=row.pk).status == "draft", "somebody else was told"
    made = actions.record_notice(body="trust", body_name="", **notice)

    row = actions.start_commission(actor=convenor, commission=row)

    assert (made.body_name, row.status) == ("Elm Trust", "active")
    assert in_order()


def test_the_diocese_is_the_responsible_body_where_the_register_names_it() -> None:
    diocese = an_organisation("diocese", name="Diocese of Barchester")

    row = a_commission(a_school(academy=True, diocese=diocese), status="ready")

    assert [each.body_name for each in row.notices.all()] == ["Diocese of Barchester"]


def test_who_was_responsible_when_it_was_recorded_counts_whatever_trust_the_academy_joins_later() -> None:
    alone = a_school(academy=True)
    row = a_commission(alone, status="draft")
    convenor = convenor_of(row.area)
    actions.record_notice(
        actor=convenor,
        commission=row,
        body="other",
        body_name="The academy’s directors",
        person="The chair",
        informed_on=in_days(-1),
    )
    alone.trust = an_organisation("trust", name="Elm Trust")
    alone.save()
    row = queries.commission_for(convenor, row.reference)

    assert queries.told_first(row)
    row = actions.start_commission(actor=convenor, commission=row)
    assert row.status == "active" and in_order()


def test_a_trust_that_was_not_responsible_when_told_makes_nothing_ready() -> None:
    school = a_school(academy=True)
    row = a_commission(school, status="draft")
    convenor = convenor_of(row.area)
    with pytest.raises(CommissionInvalid, match="which body"):
        actions.record_notice(
            actor=convenor,
            commission=row,
            body="trust",
            body_name="",
            person="The chief executive",
            informed_on=in_days(-1),
        )

    assert not queries.told_first(row)


def test_a_stream_that_may_not_pay_any_more_is_refused_before_anything_changes() -> None:
    row = a_commission(status="ready")
    convenor, stream = convenor_of(row.area), row.funding_stream
    assert stream is not None
    stream.financial_year = "2019-20"
    stream.save()
    row = queries.commission_for(convenor, row.reference)

    with pytest.raises(CommissionInvalid, match="which is over"):
        actions.start_commission(actor=convenor, commission=row)

    kept = queries.commission_for(convenor, row.reference)
    assert (kept.status, kept.started_at, kept.next_review_on) == ("ready", None, None)
    assert queries.set_aside(kept) == 0 and in_order()


def test_a_body_is_told_on_a_day_that_has_come() -> None:
    row = a_commission(status="draft")

    with pytest.raises(CommissionInvalid, match="not come yet"):
        actions.record_notice(
            actor=convenor_of(row.area),
            commission=row,
            body="governing_body",
            body_name="",
            person="The chair",
            informed_on=in_days(1),
        )


@pytest.mark.parametrize("legal", ["independent", "further_education"])
def test_support_is_commissioned_for_maintained_schools_and_academies_only(legal: str) -> None:
    school = a_school(legal_status=legal)

    with pytest.raises(CommissionInvalid):
        a_commission(school)


def test_a_commission_is_the_convenors_of_the_schools_area() -> None:
    row = a_commission()

    for actor in (convenor_of(an_area()), actor_of(a_person(Role.HEADTEACHER, at=row.school))):
        with pytest.raises(NotFound):
            actions.pause_commission(actor=actor, commission=row, reason="No")
        with pytest.raises(NotFound):
            queries.commission_for(actor, row.reference)


# Money -----------------------------------------------------------------------------------------------------------------


def test_the_price_is_set_aside_at_the_start_and_what_was_not_used_comes_back_at_the_end() -> None:
    row = a_commission()
    assert row.funding_stream is not None
    assert budget_of(row.funding_stream)[1:3] == (700_000, 300_000)

    actions.exit_commission(
        actor=convenor_of(row.area),
        commission=row,
        reason="Improved",
        evidence="Results",
        ended_on=in_days(0),
    )

    assert budget_of(row.funding_stream)[1:3] == (1_000_000, 0)
    assert in_order()


def test_a_stream_is_never_overdrawn() -> None:
    row = a_commission(status="ready", stream_pence=299_999)

    with pytest.raises(BudgetExceeded):
        actions.start_commission(actor=convenor_of(row.area), commission=row)

    row.refresh_from_db()
    assert row.status == "ready" and queries.set_aside(row) == 0


def test_a_commission_does_not_start_without_provider_money_and_category() -> None:
    school = a_school()
    convenor = convenor_of(school.area)
    row = actions.open_commission(
        actor=convenor,
        school=school,
        theme=a_level_2_theme(),
        phase="primary",
        terms=commission_terms(pence_a_day=None),
    )
    actions.decide_commission(actor=convenor, commission=row)

    with pytest.raises(NotReadyToStart) as refused:
        actions.start_commission(actor=convenor, commission=row)

    for word in ("provider", "funding stream", "price", "category"):
        assert word in refused.value.remedy


def test_de_delegated_money_does_not_pay_for_an_academy() -> None:
    school = a_school(academy=True)
    stream = a_stream(school.area, kind="de_delegated")

    with pytest.raises(CommissionInvalid) as refused:
        actions.open_commission(
            actor=convenor_of(school.area),
            school=school,
            theme=a_level_2_theme(),
            phase="primary",
            terms=commission_terms(),
            stream=stream,
        )

    assert refused.value.field == "stream"


def test_a_visit_takes_its_price_over_from_what_is_set_aside() -> None:
    row = a_commission()
    assert row.provider is not None and row.funding_stream is not None
    booking = a_booking(school=row.school.school, provider=row.provider, day=a_booking_day(days_ahead=20))
    assert booking.provider == row.provider
    convenor = convenor_of(row.area)

    actions.pay_for_visit(actor=convenor, commission=row, booking=booking)

    booking.refresh_from_db()
    assert booking.funding_stream == row.funding_stream
    assert queries.set_aside(row) == 300_000 - booking.net_pence
    assert budget_of(row.funding_stream).committed == 300_000, "no penny is committed twice"
    assert in_order()
    with pytest.raises(NotFound):
        actions.pay_for_visit(actor=convenor, commission=row, booking=booking)


# The work --------------------------------------------------------------------------------------------------------------


def test_a_deployment_is_drafted_for_the_school_which_learns_nothing_of_the_commission() -> None:
    parties = the_parties()
    scene = parties.scene
    row = a_commission(scene.school, actor=parties.convenor, provider=scene.provider, theme=scene.theme)

    made = actions.draft_deployment_for(
        actor=parties.convenor,
        commission=row,
        offer=scene.offer,
        practitioner=scene.practitioner,
        **some_terms(),
    )

    row.refresh_from_db()
    assert row.deployment == made
    assert made.broker.kind == "local_authority" and made.status == "draft"
    terms = str(made.versions.get().terms)
    assert row.reference not in terms and row.reason not in terms and made.source_reference == ""
    with pytest.raises(NotNow):
        actions.attach_deployment(actor=parties.convenor, commission=row, deployment=made)


def test_what_a_convenor_drafted_waits_for_the_schools_head_to_send_it(run_jobs: Jobs) -> None:
    parties = the_parties()
    scene = parties.scene
    row = a_commission(scene.school, actor=parties.convenor, provider=scene.provider, theme=scene.theme)
    made = actions.draft_deployment_for(
        actor=parties.convenor,
        commission=row,
        offer=scene.offer,
        practitioner=scene.practitioner,
        **some_terms(),
    )
    run_jobs()

    def asked(actor: Actor) -> list[str]:
        return [item.verb for item in brokerage.awaiting_in_deployments(actor, now=timezone.now())]

    assert asked(parties.convenor) == [] and asked(scene.buyer) == []
    assert asked(scene.receiving_head) == ["Send the agreement"]
    told = Notification.objects.get(title__startswith="Send the agreement")
    assert told.user_id == scene.receiving_head.user_id
    assert told.path.endswith(f"/{made.reference}/") and row.reference not in told.body


def test_a_deployment_that_is_there_can_be_attached_once() -> None:
    parties = the_parties()
    deployment = a_deployment(parties)
    one, other = (a_commission(parties.scene.school, actor=parties.convenor) for _ in range(2))

    actions.attach_deployment(actor=parties.convenor, commission=one, deployment=deployment)

    with pytest.raises(NotFound):
        actions.attach_deployment(actor=parties.convenor, commission=other, deployment=deployment)


# Reviews and the end ---------------------------------------------------------------------------------------------------


def test_a_review_plans_the_next_and_a_due_one_is_told_by_reference_alone() -> None:
    row = a_commission()
    convenor = convenor_of(row.area)
    actions.review_commission(
        actor=convenor,
        commission=row,
        reviewed_on=in_days(0),
        rag="amber",
        findings="Half the staff are trained.",
        next_steps="Train the others.",
        next_review_on=in_days(30),
    )
    row.refresh_from_db()
    assert row.next_review_on == in_days(30)
    Commission.objects.scoped().filter(pk=row.pk).update(next_review_on=in_days(0))

    telling.remind_of_commissions(0)
    telling.remind_of_commissions(1)

    [told] = Notification.objects.filter(user=convenor.user_id)
    assert row.reference in told.title
    assert str(row.school) not in told.title + told.body
    [item] = [
        each for each in queries.awaiting(convenor, now=timezone.now()) if each.verb == "Review a commission"
    ]
    assert item.due_on == in_days(0) and str(row.school) not in item.title + item.detail


def test_a_commission_ends_with_evidence_and_not_before_it_began() -> None:
    row = a_commission()
    convenor = convenor_of(row.area)

    with pytest.raises(CommissionInvalid, match="what shows"):
        actions.exit_commission(
            actor=convenor, commission=row, reason="Improved", evidence=" ", ended_on=in_days(0)
        )
    with pytest.raises(CommissionInvalid):
        actions.exit_commission(
            actor=convenor, commission=row, reason="Improved", evidence="Results", ended_on=in_days(-9)
        )


def test_what_waits_for_a_convenor_follows_the_commission() -> None:
    maintained, academy = a_commission(status="draft"), a_commission(status="draft", academy=True)

    def waits(row: Commission) -> list[str]:
        return [item.verb for item in queries.awaiting(convenor_of(row.area), now=timezone.now())]

    assert waits(maintained) == ["Decide on a commission"]
    assert waits(academy) == ["Tell the responsible body"]
    running = a_commission()
    assert waits(running) == ["Tell the governing body"]


# Need to know ----------------------------------------------------------------------------------------------------------


def test_a_named_person_reads_one_commission_and_writes_nothing() -> None:
    row, other = a_commission(), a_commission()
    convenor = convenor_of(row.area)
    officer = a_person(Role.FINANCE, at=Organisation.objects.get(kind="local_authority", area=row.area))
    assert list(queries.commissions_visible_to(actor_of(officer))) == []

    reader = actions.name_reader(actor=convenor, commission=row, user=officer, why="Pays the invoices")

    named = actor_of(officer)
    assert list(queries.commissions_visible_to(named)) == [row]
    assert [each.level for each in queries.categories_of(named, row)] == ["high"]
    assert list(queries.categories_of(named, other)) == []
    assert queries.verbs_for(named, row) == frozenset()
    with pytest.raises(NotAllowed):
        actions.pause_commission(actor=named, commission=row, reason="No")
    actions.unname_reader(actor=convenor, commission=row, reader=reader)
    assert list(queries.commissions_visible_to(named)) == []


def test_those_who_never_know_can_not_be_named_and_lose_sight_when_they_become_one() -> None:
    row = a_commission()
    convenor = convenor_of(row.area)
    authority = Organisation.objects.get(kind="local_authority", area=row.area)
    _, lead = a_led_provider(row.area)
    head = a_person(Role.HEADTEACHER, at=row.school)

    for user_id in (
        lead.user_id,
        a_person(Role.BOARD_MEMBER, at=authority).pk,
        a_person(Role.STAFF, at=a_school()).pk,
    ):
        from marketplace.organisations.models import User

        with pytest.raises(MayNotKnow):
            actions.name_reader(
                actor=convenor, commission=row, user=User.objects.get(pk=user_id), why="Curious"
            )
    actions.name_reader(actor=convenor, commission=row, user=head, why="Works on it with us")
    assert list(queries.commissions_visible_to(actor_of(head))) == [row]
    head.memberships.create(organisation=a_provider(), role=Role.PROVIDER_LEAD)

    assert list(queries.commissions_visible_to(actor_of(head))) == []


def test_a_new_category_leaves_the_one_before_as_history() -> None:
    row = a_commission(level="high")
    convenor = convenor_of(row.area)

    actions.set_category(actor=convenor, commission=row, level="medium", since=in_days(0), reason="Better")

    assert [each.level for each in queries.categories_of(convenor, row)] == ["medium", "high"]
    assert queries.category_of(row.school_id, row.area_id).level == "medium"  # type: ignore[union-attr]
    assert SupportCategory.objects.scoped().count() == 2
