"""What sellers may do: write terms and packages, put them on sale, and never change what was on sale."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from marketplace.buyback import actions, queries
from marketplace.buyback.editions import EditionContent, Inclusion, content_of
from marketplace.buyback.models import BuyBackWindow, PackageEdition, TermsVersion
from marketplace.buyback.rules.windows import WindowDates, WindowInvalid
from marketplace.buyback.selling_errors import EditionIncomplete, EditionInvalid, TermsInvalid
from marketplace.catalogue.presets import STANDARD, TARIFFS
from marketplace.kernel import events, history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import FINANCIAL, local
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound, NotNow
from tests.builders import (
    a_convenor,
    a_person,
    a_provider,
    a_school,
    a_window,
    actor_of,
    an_area,
    an_edition,
    an_organisation,
    terms_of,
)

pytestmark = pytest.mark.django_db

DATES = WindowDates(
    calendar=FINANCIAL,
    first_day=date(2029, 4, 1),
    prices_visible_from=date(2029, 1, 15),
    orders_from=date(2029, 2, 1),
    closes_on=date(2029, 3, 31),
)


def a_seller() -> tuple[Actor, EditionContent, BuyBackWindow]:
    """A provider lead, the content of a package that is ready to be sold, and a window."""
    seller = a_provider()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=seller))
    content = EditionContent(
        summary="Days of support through the year.",
        price_rule={"kind": "fixed", "amount_pence": 120_000},
        cancellation_tariff=TARIFFS[STANDARD].data,
        terms=terms_of(seller),
        inclusions=(Inclusion("days", 8),),
    )
    return lead, content, a_window(seller.area)


def a_draft(**changes: object) -> tuple[Actor, PackageEdition]:
    lead, content, window = a_seller()
    assert content.terms is not None
    edition = actions.start_package(
        actor=lead,
        seller=content.terms.seller,
        name="Subject leadership",
        window=window,
        content=replace(content, **changes),  # type: ignore[arg-type]
    )
    return lead, edition


# Windows --------------------------------------------------------------------------------------------------------------


def test_the_areas_convenor_and_finance_officer_set_its_windows() -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    authority = next(iter(convenor.roles))
    finance = actor_of(a_person(Role.FINANCE, at=a_provider(area)))

    window = actions.open_window(actor=convenor, area=area, dates=DATES)

    assert window.dates == DATES
    assert history.of(window).get().by_name == convenor.name
    with pytest.raises(NotFound):
        actions.change_window(actor=finance, window=window, dates=DATES)
    later = replace(DATES, closes_on=date(2029, 4, 30), late_rule="pro_rata", late_charge_pence=5_000)
    from marketplace.organisations.models import Organisation

    officer = actor_of(a_person(Role.FINANCE, at=Organisation.objects.get(pk=authority)))
    assert actions.change_window(actor=officer, window=window, dates=later).dates == later


def test_an_area_has_one_window_for_a_contract_year() -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    actions.open_window(actor=convenor, area=area, dates=DATES)

    with pytest.raises(WindowInvalid) as refused:
        actions.open_window(actor=convenor, area=area, dates=DATES)

    assert refused.value.field == "year"


def test_the_contract_year_of_a_window_stays() -> None:
    area = an_area()
    convenor = actor_of(a_convenor(area))
    window = actions.open_window(actor=convenor, area=area, dates=DATES)

    with pytest.raises(NotAllowed):
        actions.change_window(actor=convenor, window=window, dates=replace(DATES, first_day=date(2030, 4, 1)))


# Terms ----------------------------------------------------------------------------------------------------------------


def test_terms_are_numbered_and_stay_once_published() -> None:
    seller = a_provider()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=seller))
    first = actions.draft_terms(actor=lead, seller=seller, title="Our terms", body="We come on time.")
    actions.edit_terms(actor=lead, terms=first, title="Our terms", body="We come in time.")
    first = actions.publish_terms(actor=lead, terms=first)

    second = actions.draft_terms(actor=lead, seller=seller, title="Our terms", body="New.")

    assert (first.number, second.number) == (1, 2)
    with pytest.raises(NotNow):
        actions.edit_terms(actor=lead, terms=first, title="Our terms", body="Other words.")


def test_the_database_refuses_to_change_published_terms_whoever_asks() -> None:
    terms = terms_of(a_provider())

    for change in (
        lambda: TermsVersion.objects.filter(pk=terms.pk).update(body="Other words."),
        lambda: terms.delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_terms_need_title_and_words_and_one_draft_at_a_time() -> None:
    seller = a_provider()
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=seller))
    with pytest.raises(TermsInvalid) as refused:
        actions.draft_terms(actor=lead, seller=seller, title=" ", body="Words")
    assert refused.value.field == "title"
    actions.draft_terms(actor=lead, seller=seller, title="Terms", body="Words")

    with pytest.raises(NotNow):
        actions.draft_terms(actor=lead, seller=seller, title="Terms", body="Words")


def test_drafts_of_terms_are_seen_by_their_seller_alone() -> None:
    seller = a_provider()
    draft = terms_of(seller, published=False)
    lead = actor_of(a_person(Role.PROVIDER_LEAD, at=seller))
    school = actor_of(a_person(Role.HEADTEACHER, at=a_school(seller.area)))

    assert queries.terms_by(lead, seller.reference, draft.number) == draft
    with pytest.raises(NotFound):
        queries.terms_by(school, seller.reference, draft.number)


# Packages ---------------------------------------------------------------------------------------------------------------


def test_a_complete_package_goes_on_sale_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[object] = []
    lead, edition = a_draft()
    monkeypatch.setattr(events, "publish", told.append)

    actions.publish_edition(actor=lead, edition=edition)

    edition.refresh_from_db()
    assert edition.status == "published"
    assert [type(event).__name__ for event in told] == ["EditionPublished"]
    today = local(timezone.now()).date()
    assert list(queries.editions_on_sale(on=today, window=edition.window)) == [edition]


@pytest.mark.parametrize(
    ("changes", "section"),
    [
        ({"inclusions": ()}, "includes"),
        ({"price_rule": {}}, "price"),
        ({"terms": None}, "terms"),
        ({"summary": " "}, "about"),
        ({"activity_basis": "core"}, "price"),
        ({"price_rule": {"kind": "per_place", "amount_pence": 5_000}}, "price"),
    ],
)
def test_a_package_is_put_on_sale_only_when_nothing_is_missing(
    changes: dict[str, object], section: str
) -> None:
    lead, content, window = a_seller()
    assert content.terms is not None
    edition = actions.start_package(
        actor=lead,
        seller=content.terms.seller,
        name="Package",
        window=window,
        content=replace(content, **changes),  # type: ignore[arg-type]
    )

    with pytest.raises(EditionIncomplete) as refused:
        actions.publish_edition(actor=lead, edition=edition)

    assert list(refused.value.problems) == [section]


def test_a_package_can_include_places_and_be_priced_by_place() -> None:
    lead, edition = a_draft(
        price_rule={"kind": "per_place", "amount_pence": 5_000}, inclusions=(Inclusion("places", 3),)
    )

    assert actions.publish_edition(actor=lead, edition=edition).status == "published"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"term_years": (4,)}, "term_years"),
        ({"term_years": ()}, "term_years"),
        ({"carry_forward": "capped"}, "carry_cap"),
        ({"inclusions": (Inclusion("days", 0),)}, "inclusions"),
        ({"service_kind": "catering"}, "service_kind"),
        ({"summary": "x" * 301}, "summary"),
    ],
)
def test_what_cannot_stay_even_in_a_draft_is_refused_with_its_field(
    changes: dict[str, object], field: str
) -> None:
    lead, edition = a_draft()

    with pytest.raises(EditionInvalid) as refused:
        actions.edit_edition(
            actor=lead,
            edition=edition,
            content=replace(content_of(edition), **changes),  # type: ignore[arg-type]
        )

    assert refused.value.field == field


def test_terms_of_another_seller_are_refused() -> None:
    lead, edition = a_draft()

    with pytest.raises(EditionInvalid):
        actions.edit_edition(
            actor=lead,
            edition=edition,
            content=replace(content_of(edition), terms=terms_of(a_provider())),
        )


def test_what_is_on_sale_does_not_change() -> None:
    lead, edition = a_draft()
    actions.publish_edition(actor=lead, edition=edition)

    with pytest.raises(NotNow):
        actions.set_price_rule(actor=lead, edition=edition, rule={"kind": "fixed", "amount_pence": 1})
    for change in (
        lambda: PackageEdition.objects.filter(pk=edition.pk).update(price_rule={}),
        lambda: PackageEdition.objects.filter(pk=edition.pk).update(status="draft"),
        lambda: PackageEdition.objects.filter(pk=edition.pk).delete(),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()


def test_a_withdrawn_edition_can_be_put_right_by_a_new_one_for_the_same_year() -> None:
    lead, edition = a_draft()
    actions.publish_edition(actor=lead, edition=edition)
    actions.withdraw_edition(actor=lead, edition=edition, note="Wrong price")

    again = actions.copy_edition(actor=lead, edition=edition, window=edition.window)

    assert again.status == "draft"
    assert content_of(again).inclusions == content_of(edition).inclusions


def test_next_years_edition_is_copied_with_the_latest_terms_and_without_the_old_days_of_the_price() -> None:
    lead, edition = a_draft(
        price_rule={"kind": "fixed", "amount_pence": 120_000, "effective_to": "2031-03-31"}
    )
    latest = terms_of(edition.package.seller)
    following = a_window(
        edition.window.area,
        first_day=edition.window.dates.last_day + timedelta(days=1),
        state="hidden",
    )

    copy = actions.copy_edition(actor=lead, edition=edition, window=following)

    assert (copy.package, copy.window, copy.terms) == (edition.package, following, latest)
    assert copy.price_rule == {"kind": "fixed", "amount_pence": 120_000}
    with pytest.raises(EditionInvalid):
        actions.copy_edition(actor=lead, edition=edition, window=following)


def test_only_the_sellers_leads_keep_its_packages() -> None:
    _, edition = a_draft()
    stranger = actor_of(a_person(Role.PROVIDER_LEAD, at=a_provider()))

    for change in (
        lambda: actions.publish_edition(actor=stranger, edition=edition),
        lambda: actions.discard_edition(actor=stranger, edition=edition),
    ):
        with pytest.raises(DomainError):
            change()


def test_a_draft_can_be_thrown_away_with_its_package() -> None:
    lead, edition = a_draft()

    actions.discard_edition(actor=lead, edition=edition)

    assert not queries.packages_kept_by(lead).exists()


def test_schools_see_a_package_only_once_its_window_shows_prices() -> None:
    window = a_window(state="hidden")
    edition = an_edition(window=window)

    assert not queries.editions_on_sale(on=local(timezone.now()).date()).exists()
    assert queries.editions_on_sale(on=window.prices_visible_from).get() == edition


def test_a_trust_sees_the_windows_to_come_of_every_area_it_has_a_school_in() -> None:
    own, elsewhere = an_area(), an_area()
    trust = an_organisation("trust", area=own)
    school = a_school(elsewhere, academy=True)
    school.trust = trust
    school.save()
    coming = [a_window(area, state="hidden") for area in (own, elsewhere)]
    a_window(an_area(), state="hidden")

    found = queries.next_windows_for(trust, on=timezone.localdate())

    assert set(found) == set(coming)
    assert queries.next_windows_for(school.organisation, on=timezone.localdate()) == [coming[1]]
