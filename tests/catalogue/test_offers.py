"""Offers: written, handed in, judged, changed, paused and withdrawn."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.catalogue import actions, queries
from marketplace.catalogue.content import OfferIncomplete, OfferInvalid, content_of
from marketplace.catalogue.models import Offer, OfferScope, OfferStatus, Theme, VersionStatus
from marketplace.catalogue.pricing import PriceRuleInvalid
from marketplace.catalogue.rules import LooksLikeCertificateNumber, OwnInterest
from marketplace.catalogue.states import OFFER, VERSION
from marketplace.catalogue.tariffs import TariffInvalid
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import OrganisationKind
from tests.builders import (
    a_convenor,
    a_person,
    a_practitioner,
    a_provider,
    a_school,
    actor_of,
    an_area,
    an_offer,
    an_organisation,
    some_content,
)

pytestmark = pytest.mark.django_db


class Place:
    """A provider with its lead, in an area with a convenor."""

    def __init__(self, kind: str = OrganisationKind.TEACHING_SCHOOL_HUB) -> None:
        self.area = an_area()
        self.provider = an_organisation(kind, area=self.area)
        self.lead = actor_of(a_person(Role.PROVIDER_LEAD, at=self.provider))
        self.convenor = actor_of(a_convenor(self.area))

    def draft(self, **fields: object) -> Offer:
        return actions.draft_offer(actor=self.lead, provider=self.provider, content=some_content(**fields))

    def published(self, **fields: object) -> Offer:
        offer = actions.submit_offer(actor=self.lead, offer=self.draft(**fields))
        return actions.approve_offer(actor=self.convenor, offer=offer)


@pytest.fixture
def place() -> Place:
    return Place()


def test_an_offer_is_written_handed_in_and_published_by_the_convenor(place: Place) -> None:
    offer = place.draft(title="Phonics in Year 1")
    assert offer.status == OfferStatus.DRAFT and offer.current is None

    actions.submit_offer(actor=place.lead, offer=offer)
    assert [v.title for v in queries.to_review(place.convenor)] == ["Phonics in Year 1"]
    offer = actions.approve_offer(actor=place.convenor, offer=offer)

    assert offer.status == OfferStatus.PUBLISHED
    assert offer.current.title == "Phonics in Year 1"
    assert offer.current.status == VersionStatus.APPROVED
    assert offer.published_at and offer.confirmed_at
    assert [h.verb for h in queries.history_of(offer)] == ["draft", "submit", "publish"]


def test_an_offer_goes_back_with_reasons_and_comes_again(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())

    actions.return_offer(actor=place.convenor, offer=offer, reason="Say what evidence you have.")
    offer.refresh_from_db()
    assert offer.status == OfferStatus.RETURNED
    version = queries.version_in_work(offer)
    assert version.return_reason == "Say what evidence you have."
    assert [item.verb for item in queries.awaiting(place.lead)] == ["Put the offer right"]

    actions.edit_offer(
        actor=place.lead, offer=offer, content=replace(content_of(version), evidence="Two trials.")
    )
    actions.submit_offer(actor=place.lead, offer=offer)
    offer = actions.approve_offer(actor=place.convenor, offer=offer)

    assert offer.versions.count() == 1 and offer.current.evidence == "Two trials."
    assert offer.current.return_reason == ""


def test_an_offer_is_not_returned_without_a_reason(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())
    with pytest.raises(OfferInvalid, match="reason"):
        actions.return_offer(actor=place.convenor, offer=offer, reason="  ")


def test_editing_a_published_offer_makes_the_next_version_and_leaves_what_is_on_show(place: Place) -> None:
    offer = place.published(title="Old words")
    old = offer.current

    actions.edit_offer(actor=place.lead, offer=offer, content=replace(content_of(old), title="New words"))
    actions.submit_offer(actor=place.lead, offer=offer)
    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED and offer.current == old

    offer = actions.approve_offer(actor=place.convenor, offer=offer)
    assert (offer.current.number, offer.current.title) == (2, "New words")
    old.refresh_from_db()
    assert (old.title, old.status) == ("Old words", VersionStatus.APPROVED)


def test_a_returned_revision_leaves_the_offer_on_show(place: Place) -> None:
    offer = place.published()
    actions.edit_offer(actor=place.lead, offer=offer, content=some_content())
    actions.submit_offer(actor=place.lead, offer=offer)

    actions.return_offer(actor=place.convenor, offer=offer, reason="Too vague.")

    offer.refresh_from_db()
    assert offer.status == OfferStatus.PUBLISHED
    assert queries.version_in_work(offer).status == VersionStatus.RETURNED


def test_a_revision_can_be_discarded_and_another_started(place: Place) -> None:
    offer = place.published()
    actions.edit_offer(actor=place.lead, offer=offer, content=some_content(title="Second thoughts"))
    actions.discard_revision(actor=place.lead, offer=offer)
    assert queries.version_in_work(offer) is None

    version = actions.edit_offer(actor=place.lead, offer=offer, content=some_content(title="Third"))
    assert version.number == 3


def test_a_first_version_cannot_be_discarded(place: Place) -> None:
    with pytest.raises(NotNow, match="no earlier version"):
        actions.discard_revision(actor=place.lead, offer=place.draft())


def test_a_version_with_the_convenor_is_taken_back_before_it_changes(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())
    with pytest.raises(NotNow, match="with the convenor"):
        actions.edit_offer(actor=place.lead, offer=offer, content=some_content())

    offer = actions.take_back_offer(actor=place.lead, offer=offer)
    assert offer.status == OfferStatus.DRAFT
    actions.edit_offer(actor=place.lead, offer=offer, content=some_content(title="Better"))
    assert queries.version_in_work(offer).title == "Better"


def test_a_paused_offer_is_off_show_and_comes_back(place: Place) -> None:
    offer = place.published()
    buyer = actor_of(a_person(Role.HEADTEACHER, at=a_school(place.area)))

    offer = actions.pause_offer(actor=place.lead, offer=offer)
    with pytest.raises(NotFound):
        queries.offer_for(buyer, offer.reference)
    actions.resume_offer(actor=place.lead, offer=offer)

    assert queries.offer_for(buyer, offer.reference) == offer


def test_a_revision_of_a_paused_offer_is_approved_and_the_offer_stays_paused(place: Place) -> None:
    offer = actions.pause_offer(actor=place.lead, offer=place.published())
    actions.edit_offer(actor=place.lead, offer=offer, content=some_content(title="Later"))
    actions.submit_offer(actor=place.lead, offer=offer)

    offer = actions.approve_offer(actor=place.convenor, offer=offer)

    assert (offer.status, offer.current.title) == (OfferStatus.PAUSED, "Later")


def test_nothing_can_be_done_with_a_withdrawn_offer(place: Place) -> None:
    offer = place.published()
    actions.edit_offer(actor=place.lead, offer=offer, content=some_content())
    actions.submit_offer(actor=place.lead, offer=offer)
    offer = actions.withdraw_offer(actor=place.lead, offer=offer)

    for attempt in (
        lambda: actions.edit_offer(actor=place.lead, offer=offer, content=some_content()),
        lambda: actions.submit_offer(actor=place.lead, offer=offer),
        lambda: actions.take_back_offer(actor=place.lead, offer=offer),
        lambda: actions.resume_offer(actor=place.lead, offer=offer),
        lambda: actions.confirm_offer(actor=place.lead, offer=offer),
        lambda: actions.approve_offer(actor=place.convenor, offer=offer),
        lambda: actions.return_offer(actor=place.convenor, offer=offer, reason="No."),
    ):
        with pytest.raises(NotNow):
            attempt()
    assert not queries.to_review(place.convenor).exists()


def test_of_two_convenors_judging_at_once_the_second_is_told(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())
    actions.approve_offer(actor=place.convenor, offer=offer)
    with pytest.raises(NotNow, match="waiting to be judged"):
        actions.return_offer(actor=actor_of(a_convenor(place.area)), offer=offer, reason="Late.")


# Who may judge -------------------------------------------------------------------------------------------------------


def test_only_a_convenor_of_the_providers_area_judges(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())
    elsewhere = actor_of(a_convenor(an_area()))
    for nobody in (place.lead, elsewhere):
        with pytest.raises(NotAllowed):
            actions.approve_offer(actor=nobody, offer=offer)


def test_a_convenor_with_a_role_at_the_provider_cannot_judge_its_offers(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())
    user = a_convenor(place.area)
    from tests.builders.organisations import Membership

    Membership.objects.create(user=user, organisation=place.provider, role=Role.GOVERNOR)
    with pytest.raises(OwnInterest, match="hold a role"):
        actions.approve_offer(actor=actor_of(user), offer=offer)


def test_the_authoritys_own_offer_is_judged_by_another_convenor_than_its_author() -> None:
    place = Place(OrganisationKind.LA_SERVICE)
    author = a_convenor(place.area)
    from tests.builders.organisations import Membership

    Membership.objects.create(user=author, organisation=place.provider, role=Role.PROVIDER_LEAD)
    both = actor_of(author)
    offer = actions.draft_offer(actor=both, provider=place.provider, content=some_content())
    actions.submit_offer(actor=both, offer=offer)

    with pytest.raises(OwnInterest, match="wrote or submitted"):
        actions.approve_offer(actor=both, offer=offer)
    colleague = a_convenor(place.area)
    Membership.objects.create(user=colleague, organisation=place.provider, role=Role.STAFF)
    assert actions.approve_offer(actor=actor_of(colleague), offer=offer).status == OfferStatus.PUBLISHED


def test_others_cannot_change_an_offer(place: Place) -> None:
    offer = place.published()
    stranger = actor_of(a_person(Role.PROVIDER_LEAD, at=a_provider()))
    for attempt in (
        lambda: actions.edit_offer(actor=stranger, offer=offer, content=some_content()),
        lambda: actions.pause_offer(actor=stranger, offer=offer),
        lambda: actions.withdraw_offer(actor=place.convenor, offer=offer),
        lambda: actions.draft_offer(actor=stranger, provider=place.provider, content=some_content()),
    ):
        with pytest.raises(NotAllowed):
            attempt()


# What may be written -------------------------------------------------------------------------------------------------


def test_an_offer_is_handed_in_only_when_complete_and_everything_missing_is_told(place: Place) -> None:
    offer = place.draft(summary="", themes=(), phases=(), price_rule={})
    with pytest.raises(OfferIncomplete) as refused:
        actions.submit_offer(actor=place.lead, offer=offer)
    assert set(refused.value.problems) == {"summary", "themes", "phases", "price_rule"}
    offer.refresh_from_db()
    assert offer.status == OfferStatus.DRAFT


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"title": " "}, "title"),
        ({"title": "x" * 121}, "title"),
        ({"summary": "x" * 301}, "summary"),
        ({"phases": ("nursery",)}, "phases"),
        ({"mode": "by_post"}, "mode"),
        ({"reach_km": 0}, "reach_km"),
        ({"reach_km": 40_000}, "reach_km"),
        ({"minimum_half_days": 0}, "minimum_half_days"),
        ({"minimum_half_days": 50, "capacity_half_days": 40}, "minimum_half_days"),
        ({"capacity_half_days": -1}, "capacity_half_days"),
        ({"scope": "trust"}, "scope"),
    ],
)
def test_what_cannot_be_kept_is_refused_at_its_field(place: Place, fields: dict, field: str) -> None:
    with pytest.raises(OfferInvalid) as refused:
        place.draft(**fields)
    assert refused.value.field == field
    assert refused.value.remedy


def test_a_tariff_that_contradicts_itself_is_not_kept(place: Place) -> None:
    with pytest.raises(TariffInvalid):
        place.draft(cancellation_tariff={"tiers": [{"at_most": 7}]})


def test_a_price_rule_that_contradicts_itself_is_refused(place: Place) -> None:
    with pytest.raises(PriceRuleInvalid):
        place.draft(price_rule={"kind": "per_day"})


def test_a_fee_larger_than_the_price_is_found_before_the_convenor_sees_it(place: Place) -> None:
    offer = place.draft(brokerage_fee={"basis": "inclusive", "kind": "per_day", "value": 50_000})
    with pytest.raises(OfferIncomplete, match="more than the price"):
        actions.submit_offer(actor=place.lead, offer=offer)


def test_a_core_service_is_free_to_schools(place: Place) -> None:
    offer = place.draft(activity_basis="core")
    with pytest.raises(OfferIncomplete, match="free to schools"):
        actions.submit_offer(actor=place.lead, offer=offer)

    free = {"kind": "fixed", "amount_pence": 0}
    actions.submit_offer(actor=place.lead, offer=place.draft(activity_basis="core", price_rule=free))


def test_offers_name_themes_and_not_headings(place: Place) -> None:
    with pytest.raises(OfferInvalid, match="is a heading"):
        place.draft(themes=(Theme.objects.get(code="inclusion"),))


def test_a_provider_names_only_its_own_people(place: Place) -> None:
    stranger = a_practitioner()
    with pytest.raises(OfferInvalid, match="one of your people"):
        place.draft(practitioners=(stranger,))

    listed = a_practitioner(listed_by=place.provider)
    offer = place.draft(practitioners=(listed,))
    assert list(offer.versions.get().practitioners.all()) == [listed]


def test_a_trust_may_name_people_of_its_schools() -> None:
    place = Place(OrganisationKind.TRUST)
    person = a_practitioner(a_school(place.area, academy=True, trust=place.provider).organisation)
    place.draft(practitioners=(person,), scope=OfferScope.TRUST)


def test_numbers_of_certificates_are_refused_in_any_text(place: Place) -> None:
    with pytest.raises(LooksLikeCertificateNumber) as refused:
        place.draft(description="DBS 0012 3456 7890 on file")
    assert refused.value.field == "description"


# Confirming and seeing -----------------------------------------------------------------------------------------------


def test_an_offer_not_confirmed_for_180_days_asks_its_provider(place: Place) -> None:
    offer = place.published()
    Offer.objects.update(confirmed_at=timezone.now() - timedelta(days=181))
    assert [item.verb for item in queries.awaiting(place.lead)] == ["Say that the offer still stands"]

    actions.confirm_offer(actor=place.lead, offer=offer)
    assert queries.awaiting(place.lead) == []


def test_a_draft_is_seen_by_its_provider_only(place: Place) -> None:
    offer = place.draft()
    assert queries.offer_for(place.lead, offer.reference) == offer
    for other in (place.convenor, actor_of(a_person(Role.HEADTEACHER, at=a_school(place.area)))):
        with pytest.raises(NotFound):
            queries.offer_for(other, offer.reference)


def test_an_offer_handed_in_is_seen_by_the_areas_convenor(place: Place) -> None:
    offer = actions.submit_offer(actor=place.lead, offer=place.draft())
    assert queries.offer_for(place.convenor, offer.reference) == offer
    assert [item.url_args for item in queries.awaiting(place.convenor)] == [(offer.reference,)]


def test_an_offer_for_one_trust_is_seen_by_its_schools_only() -> None:
    area = an_area()
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    inside = actor_of(a_person(Role.HEADTEACHER, at=a_school(area, academy=True, trust=trust)))
    outside = actor_of(a_person(Role.HEADTEACHER, at=a_school(area)))
    lead = actor_of(a_person(Role.TRUST_LEAD, at=trust))
    offer = an_offer(trust, scope=OfferScope.TRUST)

    assert list(queries.published_offers(inside)) == [offer]
    assert list(queries.published_offers(lead)) == [offer]
    assert list(queries.published_offers(outside)) == []


def test_an_offer_of_a_trust_school_for_its_trust_is_seen_by_sister_schools() -> None:
    area = an_area()
    trust = an_organisation(OrganisationKind.TRUST, area=area)
    provider = a_school(area, academy=True, trust=trust).organisation
    sister = actor_of(a_person(Role.STAFF, at=a_school(area, academy=True, trust=trust)))
    offer = an_offer(provider, scope=OfferScope.TRUST)

    assert list(queries.published_offers(sister)) == [offer]
    assert not queries.published_offers(actor_of(a_person(Role.STAFF, at=a_school(area)))).exists()


def test_offers_of_a_suspended_provider_are_off_show(place: Place) -> None:
    place.published()
    place.provider.suspended_at = timezone.now()
    place.provider.save()
    assert not queries.published_offers(actor_of(a_person(Role.STAFF, at=a_school(place.area)))).exists()


def test_visitors_see_no_offers(place: Place) -> None:
    place.published()
    assert not queries.published_offers(Actor(user_id=None, name="Visitor")).exists()


@pytest.mark.parametrize("machine", [OFFER, VERSION], ids=["offer", "version"])
def test_every_pair_not_in_the_table_is_refused(machine) -> None:
    verbs = {edge.verb for edge in machine.edges}
    allowed = {(edge.source, edge.verb) for edge in machine.edges}
    for state in machine.states:
        for verb in verbs:
            if (state, verb) in allowed:
                assert machine.target(state, verb) in machine.states
            else:
                with pytest.raises(NotNow):
                    machine.target(state, verb)


def test_states_of_the_tables_are_states_of_the_models() -> None:
    assert OFFER.states == set(OfferStatus.values)
    assert VERSION.states == set(VersionStatus.values)
