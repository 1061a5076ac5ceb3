"""Search: words, filters, counts, order, prices, and what is said when nothing is found."""

from collections.abc import Collection
from datetime import date

import pytest
from django.utils import timezone

from marketplace.catalogue import actions, queries, search
from marketplace.catalogue.actions.people import Profile
from marketplace.catalogue.events import SearchFoundNothing
from marketplace.catalogue.models import EmptySearch, Theme
from marketplace.catalogue.search import Criteria, Sort, availability_source
from marketplace.kernel import events
from marketplace.kernel.access import Actor, Role
from marketplace.organisations.models import OrganisationKind, Phase, School
from tests.builders import (
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    a_support_type,
    a_theme,
    actor_of,
    an_area,
    an_offer,
    an_organisation,
)

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate()


@pytest.fixture
def school() -> School:
    return a_school(name="Meadow Primary")


@pytest.fixture
def head(school: School) -> Actor:
    return actor_of(a_person(Role.HEADTEACHER, at=school))


def titles(actor: Actor, school: School | None = None, **criteria: object) -> list[str]:
    found = search.find(actor, Criteria(**criteria), school=school, today=TODAY)
    return [result.offer.title for result in found.results]


# Words ---------------------------------------------------------------------------------------------------------------


def test_words_are_found_in_every_part_of_an_offer(head: Actor) -> None:
    person = a_practitioner(name="A. Quillfeather")
    person.themes.set([a_theme(name="Penmanship")])
    an_offer(
        a_provider(name="Brightwater Hub"),
        title="Coaching for teams",
        summary="Modelled lessons",
        description="Includes a glossary",
        themes=[Theme.objects.get(code="phonics")],
        support_type=a_support_type(name="Mentoring"),
        practitioners=[person],
    )
    an_offer(title="Something else")
    for word in (
        "coaching", "modelled", "glossary", "phonics", "early reading", "synthetic", "curriculum", "mentoring", "Brightwater",
        "penmanship", "quillfeather",
    ):  # fmt: skip
        assert titles(head, q=word) == ["Coaching for teams"], word


def test_words_in_the_title_count_most(head: Actor) -> None:
    an_offer(title="Improving lessons", description="We also touch on oracy.")
    an_offer(title="Oracy in lessons")
    assert titles(head, q="oracy") == ["Oracy in lessons", "Improving lessons"]


@pytest.mark.parametrize("sort", Sort)
def test_offers_found_only_through_their_people_come_later_in_every_order(
    head: Actor, school: School, sort: Sort
) -> None:
    person = a_practitioner()
    person.themes.set([a_theme(name="Oracy")])
    an_offer(title="Oracy itself", price_rule={"kind": "per_day", "amount_pence": 90_000})
    an_offer(title="Budgets", practitioners=[person], price_rule={"kind": "per_day", "amount_pence": 1_000})
    assert titles(head, school, q="oracy", sort=sort) == ["Oracy itself", "Budgets"]


@pytest.mark.parametrize(
    ("q", "found"),
    [
        ("phon", {"Phonics coaching"}),
        ("phonics coach", {"Phonics coaching"}),
        ('"maths coaching"', {"Maths coaching"}),
        ("coaching -maths", {"Phonics coaching"}),
        ("phonics or maths", {"Phonics coaching", "Maths coaching"}),
        ("coached", {"Phonics coaching", "Maths coaching"}),
        ("zebra", set()),
    ],
)
def test_words_are_read_as_on_the_web(head: Actor, q: str, found: set[str]) -> None:
    theme = a_theme()
    an_offer(title="Phonics coaching", themes=[theme])
    an_offer(title="Maths coaching", themes=[theme])
    assert set(titles(head, q=q)) == found


@pytest.mark.parametrize(
    "q",
    [
        "'",
        '"',
        "((",
        "a & b | !",
        ":*",
        "\\",
        "the",
        "%_%",
        "x" * 400,
        "😀",
        "ph\x00onics",
        "O'Brien’s",
        "-",
        '"phon',
    ],
)
def test_no_words_break_the_search(head: Actor, q: str) -> None:
    an_offer()
    titles(head, q=q)


def test_the_index_follows_edits_of_offer_and_people(head: Actor) -> None:
    hub = an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB)
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=hub))
    person = a_practitioner(listed_by=hub, name="Early Name")
    an_offer(hub, title="Coaching", practitioners=[person])

    actions.edit_practitioner(actor=lead, practitioner=person, profile=Profile(name="Later Wintergreen"))
    assert titles(head, q="wintergreen") == ["Coaching"]
    assert titles(head, q="early") == []


# Filters and counts --------------------------------------------------------------------------------------------------


def test_a_heading_finds_the_themes_under_it(head: Actor) -> None:
    an_offer(title="P", themes=[Theme.objects.get(code="phonics")])
    an_offer(title="A", themes=[Theme.objects.get(code="attendance")])
    assert titles(head, themes=("curriculum-and-teaching",)) == ["P"]
    assert titles(head, themes=("phonics",)) == ["P"]
    assert set(titles(head, themes=("phonics", "attendance"))) == {"P", "A"}


def test_a_theme_chosen_under_a_chosen_heading_narrows_it(head: Actor) -> None:
    an_offer(title="P", themes=[Theme.objects.get(code="phonics")])
    an_offer(title="M", themes=[Theme.objects.get(code="maths")])
    assert titles(head, themes=("curriculum-and-teaching", "phonics")) == ["P"]


def test_filters_narrow_together(head: Actor, school: School) -> None:
    coaching = a_support_type(code="coach")
    an_offer(title="Yes", phases=[Phase.SECONDARY], support_type=coaching, mode="remote")
    an_offer(title="Phase", phases=[Phase.PRIMARY], support_type=coaching, mode="remote")
    an_offer(title="Type", phases=[Phase.SECONDARY], mode="remote")
    an_offer(title="Mode", phases=[Phase.SECONDARY], support_type=coaching, mode="in_person")
    an_offer(title="Both", phases=[Phase.SECONDARY], support_type=coaching, mode="both")
    chosen = {"phases": ("secondary",), "support_types": ("coach",), "modes": ("remote",)}
    assert set(titles(head, school, **chosen)) == {"Yes", "Both"}


def test_filter_by_provider_distance_quality_and_price(head: Actor, school: School) -> None:
    near = an_organisation(OrganisationKind.SCHOOL_COMPANY, easting=445_000, northing=390_000)
    far = an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB, easting=470_000, northing=390_000)
    good = an_offer(near, title="Near", price_rule={"kind": "per_day", "amount_pence": 60_000})
    an_offer(far, title="Far", price_rule={"kind": "per_day", "amount_pence": 30_000})
    for _ in range(6):
        actions.rate_offer(offer=good, hundredths=100)

    assert titles(head, school, provider_kinds=("school_company",)) == ["Near"]
    assert titles(head, school, within_km=10) == ["Near"]
    assert set(titles(head, school, within_km=31)) == {"Near", "Far"}
    assert titles(head, school, quality=80) == ["Near"]
    assert titles(head, school, max_price_pence=30_000) == ["Far"]
    assert titles(head, school, max_price_pence=29_999) == []


def test_the_quality_filter_agrees_with_the_quality_shown(head: Actor) -> None:
    offer = an_offer(title="Rated")
    for rating in (100, 80, 60, 100):
        actions.rate_offer(offer=offer, hundredths=rating)
    quality = search.find(head, Criteria(), school=None, today=TODAY).results[0].offer.quality
    assert quality == 77  # (350 + 340) / 9 = 76.67
    assert titles(head, quality=76) == ["Rated"]
    assert titles(head, quality=78) == []


def test_counts_beside_a_filter_keep_the_other_filters(head: Actor) -> None:
    phonics, attendance = Theme.objects.get(code="phonics"), Theme.objects.get(code="attendance")
    an_offer(themes=[phonics], phases=[Phase.PRIMARY])
    an_offer(themes=[phonics], phases=[Phase.PRIMARY, Phase.SECONDARY])
    an_offer(themes=[attendance], phases=[Phase.SECONDARY])

    found = search.find(head, Criteria(themes=("phonics",), phases=("secondary",)), school=None, today=TODAY)

    assert len(found.results) == 1
    assert found.facets["phase"] == {"primary": 2, "secondary": 1}
    assert found.facets["theme"]["phonics"] == 1
    assert found.facets["theme"]["attendance"] == 1
    assert found.facets["theme"]["curriculum-and-teaching"] == 1


def test_every_count_is_what_choosing_it_finds(head: Actor, school: School) -> None:
    themes = list(Theme.objects.filter(parent__isnull=False)[:4])
    for n in range(12):
        an_offer(
            themes=themes[n % 4 : n % 4 + 2],
            phases=[Phase.PRIMARY] if n % 3 else [Phase.PRIMARY, Phase.SECONDARY],
            mode=("in_person", "remote", "both")[n % 3],
            price_rule={"kind": "per_day", "amount_pence": 20_000 + 5_000 * n},
        )
    base = {"q": "support", "max_price_pence": 60_000}
    found = search.find(head, Criteria(**base), school=school, today=TODAY)
    for name, counts in found.facets.items():
        for value, count in counts.items():
            assert len(titles(head, school, **base, **{search.PARAMETERS[name]: (value,)})) == count, (
                name,
                value,
            )


def test_only_the_first_five_hundred_are_ranked_and_those_that_pass_come_first(
    head: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("marketplace.catalogue.search.candidates.MOST_RANKED", 5)
    an_offer(title="Wanted", phases=[Phase.POST_16])
    for _ in range(8):
        an_offer(phases=[Phase.PRIMARY])
    found = search.find(head, Criteria(phases=("post_16",)), school=None, today=TODAY)
    assert [r.offer.title for r in found.results] == ["Wanted"]
    assert found.cut


# Dates ---------------------------------------------------------------------------------------------------------------


@pytest.fixture
def diaries(monkeypatch: pytest.MonkeyPatch) -> dict[int, date]:
    """A stand-in for the diaries of the bookings capability: practitioner id → the one free day."""
    free: dict[int, date] = {}

    def free_between(ids: Collection[int], first: date, last: date) -> set[int]:
        return {pk for pk in ids if pk in free and first <= free[pk] <= last}

    monkeypatch.setattr(availability_source, "_free_between", free_between)
    monkeypatch.setattr(
        availability_source, "_next_free", lambda ids: {pk: free[pk] for pk in ids if pk in free}
    )
    return free


def test_the_filter_by_dates_asks_whoever_keeps_the_diaries(head: Actor, diaries: dict[int, date]) -> None:
    free, busy = a_practitioner(), a_practitioner()
    diaries[free.pk] = date(2027, 1, 20)
    an_offer(title="Free", practitioners=[free, busy])
    an_offer(title="Busy", practitioners=[busy])
    an_offer(title="Nobody named")
    january = {"free_from": date(2027, 1, 1), "free_to": date(2027, 1, 31)}
    assert titles(head, **january) == ["Free"]
    assert titles(head, free_from=date(2027, 1, 20)) == ["Free"]
    assert titles(head, free_from=date(2027, 2, 1), free_to=date(2027, 2, 9)) == []


def test_results_shown_carry_people_and_the_next_free_day(head: Actor, diaries: dict[int, date]) -> None:
    early, late = a_practitioner(name="B"), a_practitioner(name="A")
    diaries |= {early.pk: date(2027, 1, 20), late.pk: date(2027, 3, 1)}
    offer = an_offer(practitioners=[early, late])
    [shown] = search.results_for(head, [offer.reference], school=None, today=TODAY)
    assert [person.name for person in shown.people] == ["A", "B"]
    assert shown.next_free == date(2027, 1, 20)


def test_without_diaries_dates_are_left_out(head: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(availability_source, "_free_between", None)
    an_offer(title="Anyway")
    assert titles(head, free_from=date(2027, 1, 1)) == ["Anyway"]


# Price, distance, order ----------------------------------------------------------------------------------------------


def test_each_result_has_the_price_for_the_school_line_by_line(head: Actor, school: School) -> None:
    an_offer(price_rule={"kind": "flat_plus_per_pupil", "flat_pence": 46_614, "primary_pence": 114})
    [result] = search.find(head, Criteria(), school=school, today=TODAY).results
    assert result.price_pence == 70_554
    assert [line.pence for line in result.price.lines] == [46_614, 23_940]


def test_a_price_that_cannot_be_worked_out_is_words_and_never_an_error(head: Actor) -> None:
    unknown = a_school(pupils=None)
    an_offer(title="Per pupil", price_rule={"kind": "per_pupil", "pupil_pence": 500})
    an_offer(title="Broken", price_rule={"kind": "nonsense"})
    found = search.find(head, Criteria(), school=unknown, today=TODAY)
    problems = {r.offer.title: r.priced.problem for r in found.results}
    assert "number of pupils" in problems["Per pupil"]
    assert problems["Broken"]
    assert titles(head, unknown, max_price_pence=10**9) == []


def test_prices_follow_the_days_asked_for(head: Actor, school: School) -> None:
    an_offer(minimum_half_days=4)
    prices = [
        search.find(head, Criteria(half_days=n), school=school, today=TODAY).results[0].price_pence
        for n in (None, 2, 10)
    ]
    assert prices == [70_000, 70_000, 175_000]


def test_distance_is_a_straight_line_to_the_nearest_site(head: Actor, school: School) -> None:
    area = an_area()
    trust = an_organisation(OrganisationKind.TRUST, area=area, easting=540_000, northing=390_000)
    a_school(area, trust=trust, easting=443_000, northing=394_000)
    a_school(area, trust=trust, easting=440_000, northing=390_000, status_code="2")
    an_offer(trust)
    [result] = search.find(head, Criteria(), school=school, today=TODAY).results
    assert result.offer.metres == 5_000


def test_an_offer_that_does_not_travel_that_far_says_so(head: Actor, school: School) -> None:
    far = an_organisation(OrganisationKind.INDEPENDENT, easting=470_000)
    an_offer(far, title="In person", reach_km=25)
    an_offer(far, title="Remote", reach_km=25, mode="remote")
    found = search.find(head, Criteria(), school=school, today=TODAY)
    assert {r.offer.title: r.beyond_reach for r in found.results} == {"In person": True, "Remote": False}


def test_orders(head: Actor, school: School) -> None:
    near, far = an_organisation(easting=441_000), an_organisation(easting=460_000)
    cheap = an_offer(far, title="Cheap and far", price_rule={"kind": "per_day", "amount_pence": 20_000})
    an_offer(near, title="Dear and near", price_rule={"kind": "per_day", "amount_pence": 50_000})
    actions.rate_offer(offer=cheap, hundredths=100)
    assert titles(head, school, sort=Sort.NEAREST) == ["Dear and near", "Cheap and far"]
    assert titles(head, school, sort=Sort.CHEAPEST) == ["Cheap and far", "Dear and near"]
    assert titles(head, school, sort=Sort.BEST_RATED) == ["Cheap and far", "Dear and near"]
    assert titles(head, school, sort=Sort.NEWEST) == ["Dear and near", "Cheap and far"]


def test_the_best_fit_weighs_words_theme_phase_nearness_quality_and_price(
    head: Actor, school: School
) -> None:
    phonics = Theme.objects.get(code="phonics")
    hub = an_organisation(OrganisationKind.TEACHING_SCHOOL_HUB, easting=442_000)
    an_offer(hub, title="Phonics", themes=[phonics])
    an_offer(hub, title="Phonics for sixth form", themes=[phonics], phases=[Phase.POST_16])
    an_offer(
        an_organisation(easting=500_000),
        title="Far",
        summary="phonics",
        themes=[Theme.objects.get(code="maths")],
    )
    found = search.find(head, Criteria(q="phonics"), school=school, today=TODAY)
    assert [r.offer.title for r in found.results] == ["Phonics", "Phonics for sixth form", "Far"]
    parts = {part.weight.key: part.share for part in found.results[0].fit.parts}
    assert parts["theme"] == 1 and parts["phase"] == 1 and parts["nearness"] == 1 and parts["quality"] == 0.7
    assert {part.weight.key: part.share for part in found.results[2].fit.parts}["theme"] == 0.6
    scores = [r.fit.score for r in found.results]
    assert scores == sorted(scores, reverse=True)


def test_ones_own_offers_and_the_authoritys_are_marked(head: Actor, school: School) -> None:
    an_offer(school.organisation, title="Own")
    an_offer(a_provider(), title="Authority")
    found = search.find(head, Criteria(), school=school, today=TODAY)
    assert {r.offer.title: (r.is_own, r.is_la_service) for r in found.results} == {
        "Own": (True, False),
        "Authority": (False, True),
    }


@pytest.mark.parametrize("sort", Sort)
def test_ones_own_offers_come_last_in_every_order(head: Actor, school: School, sort: Sort) -> None:
    an_offer(a_provider(), title="Authority", price_rule={"kind": "per_day", "amount_pence": 90_000})
    an_offer(school.organisation, title="Own")
    assert titles(head, school, sort=sort) == ["Authority", "Own"]


def test_offers_compared_come_in_the_order_asked_for_and_hidden_ones_are_left_out(head: Actor) -> None:
    a, b = an_offer(), an_offer()
    hidden = an_offer(status="paused")
    shown = search.results_for(head, [b.reference, hidden.reference, a.reference], school=None, today=TODAY)
    assert [r.offer.reference for r in shown] == [b.reference, a.reference]


# Nothing found -------------------------------------------------------------------------------------------------------


def test_an_empty_result_says_which_filter_stands_in_the_way(head: Actor, school: School) -> None:
    an_offer(title="Phonics", mode="in_person")
    an_offer(title="Phonics too", mode="in_person")
    an_offer(title="Maths", mode="remote")
    found = search.find(
        head,
        Criteria(q="phonics", modes=("remote",), max_price_pence=90_000),
        school=school,
        today=TODAY,
    )
    assert found.results == []
    assert found.widening == {"mode": 2, "q": 1}


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    announced: list[object] = []
    monkeypatch.setattr(events, "publish", announced.append)
    return announced


def test_a_search_that_found_nothing_is_told_once_per_person_search_and_day(
    head: Actor, school: School, told: list[object]
) -> None:
    query = Criteria(q="zebra", phases=("primary",)).to_query()
    for _ in range(3):
        actions.note_empty_search(actor=head, school=school, query=query, today=TODAY)
    actions.note_empty_search(actor=head, school=school, query={"q": ["lion"]}, today=TODAY)
    actions.note_empty_search(actor=head, school=school, query=query, today=date(2027, 1, 1))
    other = actor_of(a_person(Role.STAFF, at=school))
    actions.note_empty_search(actor=other, school=school, query=query, today=TODAY)

    assert len(told) == 4
    assert told[0] == SearchFoundNothing(school.area_id, school.pk, {"q": ["zebra"], "phase": ["primary"]})
    assert EmptySearch.objects.count() == 4


def test_a_search_without_words_or_filters_is_never_unmet_demand(
    head: Actor, school: School, told: list[object]
) -> None:
    assert not actions.note_empty_search(actor=head, school=school, query={}, today=TODAY)
    assert told == []


def test_a_search_is_read_back_from_its_own_address() -> None:
    criteria = Criteria(
        q="maths",
        themes=("maths",),
        max_price_pence=35_050,
        half_days=3,
        free_from=date(2027, 1, 20),
        within_km=10,
    )
    assert criteria.to_query() == {
        "q": ["maths"], "theme": ["maths"], "within": ["10"], "max_price": ["350.50"], "free_from": ["2027-01-20"],
        "days": ["1.5"],
    }  # fmt: skip
    assert criteria.filters == ("q", "theme", "within", "max_price", "free_from")
    assert criteria.without("free_from").free_from is None
    given = {"q": "maths", "theme": ["maths"], "within": 10, "max_price": 35_050, "days": 3, "free_to": None}
    assert Criteria.from_parameters(given) == Criteria(
        q="maths", themes=("maths",), within_km=10, max_price_pence=35_050, half_days=3
    )


# Schools -------------------------------------------------------------------------------------------------------------


def test_the_price_is_for_the_school_one_acts_for(head: Actor, school: School) -> None:
    assert queries.acting_school(head) == school
    other = a_school()
    assert queries.acting_school(head, other.urn) == other


def test_facts_of_a_school_come_from_the_register() -> None:
    area = an_area()
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    school = a_school(area, academy=True, trust=trust, pupils=200, census_date=date(2026, 1, 15))
    a_school(area, academy=True, trust=trust, pupils=300)
    a_school(area, academy=True, trust=trust, pupils=999, status_code="2")
    facts = queries.school_facts(school)
    assert (facts.pupils, facts.trust_pupils, facts.is_academy, facts.census) == (
        200, 500, True, "January 2026 census",
    )  # fmt: skip


# Budget --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("offers", [10, 60])
def test_a_search_takes_the_same_few_queries_for_any_number_of_offers(
    head: Actor, school: School, offers: int, diaries: dict[int, date], django_assert_max_num_queries
) -> None:
    for _ in range(offers):
        an_offer(practitioners=[a_practitioner()])
    with django_assert_max_num_queries(5):
        found = search.find(head, Criteria(q="support"), school=school, today=TODAY)
        search.with_people(found.results[:20])
    assert len(found.results) == offers
