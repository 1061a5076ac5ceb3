"""Who is suggested for a need, who is left out and why, over what the database holds."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from marketplace.brokerage.queries.ranking import (
    Ranking,
    offers_left_out,
    offers_to_ask_about,
    rank,
    ranked_providers,
    standing_of,
)
from marketplace.brokerage.rules.ranking import ConflictKind, Effect, HardReason
from marketplace.catalogue.models import Offer
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import InterestKind, OrganisationKind
from tests.builders import (
    Market,
    a_booking,
    a_deployment,
    a_level_2_theme,
    a_market,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    an_interest,
    an_offer,
    an_organisation,
    the_parties,
)

pytestmark = pytest.mark.django_db

MOST_QUERIES = 14


def references(ranking: Ranking) -> list[str]:
    return [placed.candidate.reference for placed in ranking.suggested]


def reason_of(market: Market, offer: Offer, **changes: Any) -> HardReason | None:
    return standing_of(rank(market.asked(**changes)), offer.reference).reason


def test_the_best_fit_comes_first_and_each_part_is_told() -> None:
    market = a_market()
    near = market.offer()
    far = market.offer(market.provider_school(km=20))
    adjacent = market.offer(themes=[a_level_2_theme(parent=market.theme.parent)])

    ranking = rank(market.asked())

    assert references(ranking) == [near.reference, far.reference, adjacent.reference]
    parts = {part.weight.key: round(part.share, 4) for part in ranking.suggested[0].parts}
    # 20 free days for 6 needed, no ratings, all prices the same, two schools alike in all but what nobody knows.
    assert parts | {"context": 0} == {
        "expertise": 1.0,
        "phase": 1.0,
        "distance": 1.0,
        "availability": 1.0,
        "quality": 0.7,
        "price": 1.0,
        "context": 0,
    }


def test_at_most_five_are_suggested() -> None:
    market = a_market()
    for _ in range(7):
        market.offer()

    ranking = rank(market.asked())

    assert (len(ranking.suggested), ranking.can_help) == (5, 7)


@pytest.mark.parametrize(
    ("reason", "fields"),
    [
        (HardReason.PHASE, {"phases": ["secondary"]}),
        (HardReason.REACH, {"reach_km": 3}),
        (HardReason.REACH, {"mode": "remote"}),
        (HardReason.NO_CAPACITY, {"capacity_half_days": 0}),
    ],
)
def test_an_offer_that_cannot_help_is_left_out_with_its_reason(
    reason: HardReason, fields: dict[str, Any]
) -> None:
    market = a_market()
    offer = market.offer(**fields)

    ranking = rank(market.asked())

    assert ranking.suggested == []
    assert dict(ranking.left_out) == {reason: 1}
    assert standing_of(ranking, offer.reference).reason == reason
    assert list(offers_left_out(ranking, reason)) == [offer]


def test_an_offer_for_another_theme_is_counted_and_not_read() -> None:
    market = a_market()
    offer = market.offer(themes=[a_level_2_theme()], phases=["secondary"])

    ranking = rank(market.asked())

    assert dict(ranking.left_out) == {HardReason.THEME: 1}
    assert ranking.candidates == []
    standing = standing_of(ranking, offer.reference)
    assert (standing.reason, standing.other_reasons) == (HardReason.THEME, [HardReason.PHASE])


def test_the_schools_own_offer_is_left_out() -> None:
    market = a_market()

    assert reason_of(market, market.offer(market.school)) == HardReason.OWN_SCHOOL


def test_a_hub_whose_only_person_works_at_the_school_is_left_out_and_a_second_person_lets_it_in() -> None:
    market = a_market()
    own = a_practitioner(market.school.organisation)
    hub = a_provider(market.area)
    alone = market.offer(hub, practitioners=[own])
    together = market.offer(hub, practitioners=[own, a_practitioner()])

    ranking = rank(market.asked())

    assert standing_of(ranking, alone.reference).reason == HardReason.OWN_SCHOOL
    found = standing_of(ranking, together.reference).placed.candidate
    assert (found.reason, found.people, found.set_aside) == (None, 1, 1)


def test_the_same_trust_is_left_out_unless_the_offer_is_made_for_its_schools() -> None:
    market = a_market()
    trust = an_organisation(OrganisationKind.TRUST, area=market.area)
    market.school.trust = trust
    market.school.save()
    sibling = market.provider_school(trust=trust)

    assert reason_of(market, market.offer(sibling)) == HardReason.SAME_TRUST
    assert reason_of(market, market.offer(sibling, scope="trust")) is None


def test_another_trusts_own_offers_are_not_there_at_all() -> None:
    market = a_market()
    theirs = an_organisation(OrganisationKind.TRUST, area=market.area)
    offer = market.offer(market.provider_school(trust=theirs), scope="trust")

    ranking = rank(market.asked())

    assert ranking.considered == 0
    with pytest.raises(NotFound):
        standing_of(ranking, offer.reference)


def test_a_suspended_provider_is_left_out() -> None:
    market = a_market()
    school = market.provider_school()
    school.organisation.suspended_at = timezone.now()
    school.organisation.save()

    assert reason_of(market, market.offer(school)) == HardReason.SUSPENDED


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (InterestKind.FAMILY, HardReason.DECLARED_CONFLICT),
        (InterestKind.GOVERNANCE, HardReason.DECLARED_CONFLICT),
        (InterestKind.EMPLOYMENT, None),
    ],
)
def test_a_declared_tie_leaves_the_person_out_and_employment_warns(
    kind: str, reason: HardReason | None
) -> None:
    market = a_market()
    person = a_person()
    offer = market.offer(practitioners=[a_practitioner(user=person)])
    an_interest(person, market.school, kind=kind)

    standing = standing_of(rank(market.asked()), offer.reference)

    assert standing.reason == reason
    if reason is None:
        [found] = standing.placed.candidate.conflicts
        assert (found.kind, found.effect) == (ConflictKind.EMPLOYED, Effect.WARN)


def test_a_role_held_at_the_school_within_36_months_warns() -> None:
    market = a_market()
    person = a_person(Role.STAFF, at=market.school)
    person.memberships.update(ended_at=timezone.now() - timedelta(days=400))
    market.offer(practitioners=[a_practitioner(user=person)])

    [placed] = rank(market.asked()).suggested

    assert [found.kind for found in placed.candidate.conflicts] == [ConflictKind.EMPLOYED]


def test_having_worked_together_is_a_strength_and_help_in_return_a_warning() -> None:
    market = a_market()
    helper = market.provider_school()
    offer = market.offer(helper)
    a_booking(status="delivered", school=market.school, offer=offer)
    a_booking(status="delivered", school=helper, offer=an_offer(market.school.organisation))

    [placed] = [
        each for each in rank(market.asked()).suggested if each.candidate.reference == offer.reference
    ]

    assert {found.kind: found.effect for found in placed.candidate.conflicts} == {
        ConflictKind.RECIPROCAL: Effect.WARN,
        ConflictKind.WORKED_TOGETHER: Effect.STRENGTH,
    }


def test_people_who_decide_and_have_an_interest_in_the_provider_are_counted() -> None:
    market = a_market()
    offer = market.offer()
    an_interest(a_person(Role.BUDGET_HOLDER, at=market.school), offer.provider)
    an_interest(a_person(Role.STAFF, at=market.school), offer.provider)

    [placed] = rank(market.asked()).suggested

    [found] = placed.candidate.conflicts
    assert found.effect == Effect.BAR_PERSON
    assert found.sentence.startswith("1 person who decides")


def test_free_days_are_what_the_offer_states_less_what_is_taken_and_no_more_than_its_people_have() -> None:
    market = a_market()
    busy = a_practitioner(agreed_half_days=10)
    stated = market.offer(capacity_half_days=8)
    a_booking(school=a_school(), offer=stated, day=timezone.localdate(), half_days=2)
    by_people = market.offer(capacity_half_days=40, practitioners=[busy])
    a_booking(school=a_school(), offer=an_offer(), practitioner=busy, day=timezone.localdate(), half_days=2)
    unstated = market.offer(capacity_half_days=None)

    ranking = rank(market.asked())

    free = {each.reference: each.facts.free_half_days for each in ranking.candidates}
    assert free == {stated.reference: 6, by_people.reference: 8, unstated.reference: None}
    assert {each.reference: each.facts.deployments for each in ranking.candidates}[stated.reference] == 1


def test_days_promised_by_a_deployment_are_not_free() -> None:
    parties, market = the_parties(), a_market()
    a_deployment(parties, ends_on=timezone.localdate())
    market.offer(capacity_half_days=40, practitioners=[parties.scene.practitioner])

    [candidate] = rank(market.asked()).candidates

    assert candidate.facts.free_half_days == parties.scene.practitioner.agreed_half_days - 8


def test_the_ceiling_of_a_need_is_for_a_day() -> None:
    market = a_market(max_price_pence=34_999)
    offer = market.offer()

    assert reason_of(market, offer) == HardReason.CEILING
    assert reason_of(market, offer, most_a_day_pence=35_000) is None


def test_what_is_sold_by_the_place_has_no_price_for_days_and_is_left_out() -> None:
    market = a_market()
    offer = market.offer(price_rule={"kind": "per_place", "amount_pence": 95_00})

    ranking = rank(market.asked())

    assert dict(ranking.left_out) == {HardReason.BY_THE_PLACE: 1}
    standing = standing_of(ranking, offer.reference)
    assert standing.placed.candidate.facts.price_pence is None


def test_support_at_a_distance_reaches_everywhere_where_it_would_do() -> None:
    market = a_market(remote_ok=True)
    offer = market.offer(market.provider_school(km=200), mode="both")

    [placed] = rank(market.asked()).suggested

    assert placed.candidate.reference == offer.reference
    parts = {part.weight.key: part.share for part in placed.parts}
    assert parts["distance"] == market.theme.remote_fit / 100
    assert reason_of(market, offer, remote_ok=False) == HardReason.REACH


def test_the_local_authoritys_own_offers_are_treated_like_any_other_and_marked() -> None:
    market = a_market()
    council = an_organisation(
        OrganisationKind.LA_SERVICE, area=market.area, easting=445_000, northing=390_000
    )
    own = market.offer(council)

    ranking = rank(market.asked())
    without = {part.weight.key: part.share for part in ranking.suggested[0].parts}
    council.kind = OrganisationKind.INDEPENDENT
    council.save()

    again = rank(market.asked())

    assert ranking.suggested[0].candidate.is_la_service
    assert not again.suggested[0].candidate.is_la_service
    assert again.suggested[0].candidate.reference == own.reference
    assert {part.weight.key: part.share for part in again.suggested[0].parts} == without


def test_why_not_says_what_costs_most_and_what_would_change_it() -> None:
    market = a_market()
    market.offer()
    behind = market.offer(market.provider_school(km=20))

    standing = standing_of(rank(market.asked()), behind.reference)

    assert standing.placed.place == 2
    assert standing.losses[0].weight.key == "distance"
    assert standing.losses[0].points == pytest.approx(15 * (1 - 20 / 30))
    assert [change.weight.key for change in standing.changes.alone]


def test_what_is_left_out_is_told_where_it_would_stand() -> None:
    market = a_market()
    market.offer(market.provider_school(km=20))
    full = market.offer(capacity_half_days=0)

    standing = standing_of(rank(market.asked()), full.reference)

    assert standing.reason == HardReason.NO_CAPACITY
    assert standing.placed.place == 2, "without free days it has no share of them either"


def test_any_offer_can_be_asked_about_by_its_words_its_provider_or_its_reference() -> None:
    market = a_market()
    offer = market.offer(title="Phonics from the start")

    for words in ("phonics start", str(offer.provider), offer.reference):
        assert offer in offers_to_ask_about(market.asked(), words)
    assert not offers_to_ask_about(market.asked(), "geography").exists()


def test_providers_are_ranked_once_each_by_their_best_offer() -> None:
    market = a_market()
    best = market.offer()
    market.offer(best.provider, themes=[a_level_2_theme(parent=market.theme.parent)])
    other = market.offer(market.provider_school(km=20))
    asked = (market.theme, "primary", market.school, 12, False)

    found = ranked_providers(*asked, None, 5)

    assert [each.offer_reference for each in found] == [best.reference, other.reference]
    assert found[0].price_pence == 210_000
    assert len(ranked_providers(*asked, 210_000, 1)) == 1
    assert ranked_providers(*asked, 209_999, 5) == []


def test_a_suggestion_says_where_its_offer_is_for_another_theme() -> None:
    market = a_market()
    market.offer()
    market.offer(market.provider_school(km=20), themes=[a_level_2_theme(parent=market.theme.parent)])

    [exact, near] = ranked_providers(market.theme, "primary", market.school, 12, False, None, 5)

    assert "another theme" not in exact.why and "for another theme under the same heading" in near.why


def test_the_number_of_queries_does_not_grow_with_the_offers() -> None:
    market = a_market()

    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            rank(market.asked(school=market.school))
        return len(asked)

    for _ in range(2):
        market.offer(practitioners=[a_practitioner(user=a_person())])
    few = count()
    for _ in range(8):
        market.offer(practitioners=[a_practitioner(user=a_person())])

    assert count() == few <= MOST_QUERIES
