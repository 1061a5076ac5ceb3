"""Requests for support: written, sent, answered in time, closed, decided; who sees what of them."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from marketplace.brokerage import actions, queries
from marketplace.brokerage.errors import AskMore, HasInterest, RequestInvalid, SelectionIncomplete, TooLate
from marketplace.brokerage.models import (
    InvitationStatus,
    LossReason,
    RequestInvitation,
    RequestQuestion,
    RequestResponse,
    RequestStatus,
    SupportRequest,
    UnmetCause,
    UnmetDemand,
)
from marketplace.brokerage.queries.ranking import ranked_providers
from marketplace.brokerage.queries.requests import asked_about
from marketplace.buyback import actions as buyback
from marketplace.buyback.actions.checking import check_evidence
from marketplace.buyback.models import EvidenceStatus, QuotesEvidence
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role, UnscopedAccess
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import Organisation, School
from tests.builders import (
    a_convenor,
    a_level_2_theme,
    a_need,
    a_person,
    a_practitioner,
    a_request,
    a_response,
    a_school,
    a_theme,
    actor_of,
    an_area,
    an_asked_provider,
    an_invitation_to_answer,
    an_offer,
    an_organisation,
    lead_of_provider,
    request_terms,
    response_terms,
)

pytestmark = pytest.mark.django_db


def staff_of(school: School | Organisation) -> Actor:
    return actor_of(a_person(Role.STAFF, at=school))


def head_of(school: School | Organisation) -> Actor:
    return actor_of(a_person(Role.HEADTEACHER, at=school))


def answered(prices: list[int], **fields: Any) -> tuple[SupportRequest, list[RequestInvitation]]:
    """A closed request with a response at each price."""
    request = a_request(asked=len(prices), **fields)
    invitations = list(request.invitations.select_related("provider"))
    for invitation, price in zip(invitations, prices, strict=True):
        a_response(invitation, price_pence=price)
    request.status, request.closed_at = RequestStatus.CLOSED, timezone.now()
    request.save()
    return request, invitations


def award(request: SupportRequest, chosen: RequestInvitation, **changes: Any) -> SupportRequest:
    losers = request.invitations.exclude(pk=chosen.pk).values_list("pk", flat=True)
    given: dict[str, Any] = {
        "actor": head_of(request.school),
        "request": request,
        "chosen": chosen,
        "losses": dict.fromkeys(losers, LossReason.FIT),
        "conflicts": "None",
    }
    return actions.award_request(**given | changes)


# Writing and sending -------------------------------------------------------------------------------------------------


def test_a_request_is_written_from_a_need_of_the_same_school() -> None:
    school = a_school()
    need = a_need(school)
    staff = staff_of(school)

    request = actions.draft_request(
        actor=staff, school=school, theme=need.theme, phase=need.phase, terms=request_terms(), need=need
    )

    assert request.status == RequestStatus.DRAFT
    assert list(need.requests.all()) == [request]
    with pytest.raises(RequestInvalid, match="another school"):
        actions.draft_request(
            actor=staff,
            school=school,
            theme=need.theme,
            phase=need.phase,
            terms=request_terms(),
            need=a_need(theme=need.theme),
        )


def test_a_heading_or_a_phase_the_school_lacks_can_not_be_asked_for() -> None:
    school = a_school()
    staff = staff_of(school)

    with pytest.raises(RequestInvalid, match="heading"):
        actions.draft_request(
            actor=staff, school=school, theme=a_theme(), phase="primary", terms=request_terms()
        )
    with pytest.raises(RequestInvalid, match="no secondary phase"):
        actions.draft_request(
            actor=staff, school=school, theme=a_level_2_theme(), phase="secondary", terms=request_terms()
        )


def test_only_a_draft_can_be_rewritten() -> None:
    request = a_request(status=RequestStatus.DRAFT)
    staff = staff_of(request.school)
    actions.change_request(actor=staff, request=request, terms=request_terms(title="Phonics"))
    assert queries.request_for(staff, request.reference).title == "Phonics"

    actions.open_request(actor=staff, request=request, fewer_reason="")

    with pytest.raises(NotNow, match="was sent"):
        actions.change_request(actor=staff, request=request, terms=request_terms(title="Other"))


def test_above_the_quotes_threshold_at_least_three_are_asked_or_it_is_said_why_there_are_fewer() -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=2, budget_pence=1_200_000)
    staff = staff_of(request.school)

    with pytest.raises(AskMore, match=r"2 of at least 3 providers are asked\. Your budget of £12,000"):
        actions.open_request(actor=staff, request=request)
    actions.open_request(actor=staff, request=request, fewer_reason="Nobody else teaches Braille.")

    request.refresh_from_db()
    assert (request.status, request.fewer_reason) == (RequestStatus.OPEN, "Nobody else teaches Braille.")


def test_below_the_threshold_one_is_enough_and_without_a_budget_the_threshold_counts_as_reached() -> None:
    small = a_request(status=RequestStatus.DRAFT, asked=1, budget_pence=500_000)
    unknown = a_request(status=RequestStatus.DRAFT, asked=1)

    actions.open_request(actor=staff_of(small.school), request=small)
    with pytest.raises(AskMore, match="You gave no budget"):
        actions.open_request(actor=staff_of(unknown.school), request=unknown)


def test_nobody_is_asked_who_can_not_answer() -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=1)
    staff = staff_of(request.school)
    without_offer = an_organisation("independent")
    without_lead = an_offer(an_organisation("independent")).provider

    for body in (without_offer, without_lead, request.school):
        with pytest.raises(RequestInvalid, match="can’t be asked"):
            actions.choose_providers(actor=staff, request=request, providers=[body])


def test_choosing_again_replaces_the_choice() -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=2)
    kept = request.invitations.first()
    assert kept is not None
    other = an_asked_provider()

    actions.choose_providers(
        actor=staff_of(request.school),
        request=request,
        providers=[kept.provider, other],
        suggested=[other.pk],
    )

    assert {(each.provider, each.suggested) for each in request.invitations.all()} == {
        (kept.provider, False),
        (other, True),
    }


def test_one_more_provider_can_be_asked_while_questions_are_taken() -> None:
    request = a_request(asked=1)
    staff = staff_of(request.school)
    another = an_asked_provider()

    actions.ask_another(actor=staff, request=request, provider=another)
    actions.ask_another(actor=staff, request=request, provider=another)
    assert request.invitations.count() == 2

    request.questions_close_on = timezone.localdate() - timedelta(days=1)
    request.save()
    with pytest.raises(TooLate):
        actions.ask_another(actor=staff, request=request, provider=an_asked_provider())


def test_suggested_are_providers_whose_offer_fits_and_who_can_answer_but_not_those_chosen() -> None:
    area, theme = an_area(), a_level_2_theme()
    school = a_school(area)
    fits, chosen = an_asked_provider(area, theme=theme), an_asked_provider(area, theme=theme)
    an_asked_provider(area, theme=a_level_2_theme())
    an_offer(an_organisation("independent", area=area), themes=[theme])  # nobody there to answer
    request = a_request(school, theme=theme, providers=[chosen], status=RequestStatus.DRAFT)

    found = queries.suggested_providers(request)

    assert [each.provider_id for each in found] == [fits.pk]
    assert found[0].price_pence == 210_000


def test_a_suggestion_costs_no_more_than_the_ceiling() -> None:
    area, theme = an_area(), a_level_2_theme()
    an_asked_provider(area, theme=theme)
    asked = (theme, "primary", a_school(area), 12, False)

    assert len(ranked_providers(*asked, 210_000, 5)) == 1
    assert ranked_providers(*asked, 209_999, 5) == []


@pytest.mark.parametrize(("budget_pence", "suggested"), [(252_000, 1), (251_999, 0)])
def test_a_budget_holds_the_vat_of_what_is_suggested(budget_pence: int, suggested: int) -> None:
    area, theme = an_area(), a_level_2_theme()
    an_asked_provider(area, theme=theme)
    request = a_request(
        a_school(area), theme=theme, asked=0, status=RequestStatus.DRAFT, budget_pence=budget_pence
    )

    assert len(queries.suggested_providers(request)) == suggested


# Questions -----------------------------------------------------------------------------------------------------------


def test_a_question_and_its_answer_are_read_by_all_asked_and_nobody_learns_who_asked() -> None:
    request = a_request(asked=2)
    first, second = request.invitations.select_related("provider", "request__school")
    question = actions.ask_question(
        actor=lead_of_provider(first.provider), invitation=first, text="How many classes?"
    )
    actions.answer_question(actor=staff_of(request.school), question=question, text="Fourteen.")

    assert [(q.text, q.answer, q.is_own) for q in queries.questions_for(first)] == [
        ("How many classes?", "Fourteen.", True)
    ]
    assert [(q.answer, q.is_own) for q in queries.questions_for(second)] == [("Fourteen.", False)]
    assert not hasattr(queries.questions_of(head_of(request.school), request)[0], "asked_by")


def test_questions_close_on_their_day_and_an_answer_stays() -> None:
    invitation, lead = an_invitation_to_answer()
    question = actions.ask_question(actor=lead, invitation=invitation, text="When?")
    staff = staff_of(invitation.request.school)
    actions.answer_question(actor=staff, question=question, text="In May.")

    with pytest.raises(NotNow, match="answered already"):
        actions.answer_question(actor=staff, question=question, text="In June.")
    SupportRequest._rows.update(questions_close_on=timezone.localdate() - timedelta(days=1))
    with pytest.raises(TooLate, match="Questions were taken until"):
        actions.ask_question(actor=lead, invitation=invitation, text="Where?")


# Responses -----------------------------------------------------------------------------------------------------------


def test_a_response_can_be_changed_until_the_close_and_there_is_one() -> None:
    invitation, lead = an_invitation_to_answer()
    actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms())
    actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms(price_pence=200_000))

    response = RequestResponse._rows.get()
    assert (response.price_pence, response.vat_pence) == (200_000, 40_000)
    assert "taxable" in response.vat_reason


def test_a_response_names_own_people_and_an_own_offer() -> None:
    invitation, lead = an_invitation_to_answer()
    own = a_practitioner(invitation.provider)
    offer = invitation.provider.offers.get()
    terms = response_terms(other_people="")

    with pytest.raises(RequestInvalid, match="Say who would come"):
        actions.respond_to_request(actor=lead, invitation=invitation, terms=terms)
    with pytest.raises(RequestInvalid, match="not one of your people"):
        actions.respond_to_request(actor=lead, invitation=invitation, terms=terms, people=[a_practitioner()])
    with pytest.raises(RequestInvalid, match="not one of yours"):
        actions.respond_to_request(
            actor=lead, invitation=invitation, terms=terms, people=[own], offer=an_offer()
        )
    response = actions.respond_to_request(
        actor=lead, invitation=invitation, terms=terms, people=[own], offer=offer
    )
    assert list(response.people.all()) == [own]


def test_a_late_response_or_decline_is_refused_although_the_job_has_not_run() -> None:
    invitation, lead = an_invitation_to_answer()
    yesterday = timezone.localdate() - timedelta(days=1)
    SupportRequest._rows.update(questions_close_on=yesterday, responses_close_on=yesterday)

    with pytest.raises(TooLate):
        actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms())
    with pytest.raises(TooLate):
        actions.decline_request(actor=lead, invitation=invitation, reason="no_capacity")
    assert invitation.request.status == RequestStatus.OPEN


def test_after_the_close_a_response_is_read_by_its_provider_and_changed_by_nobody() -> None:
    _request, [invitation] = answered([100_000])
    lead = lead_of_provider(invitation.provider)

    with pytest.raises(NotNow, match="the school is deciding"):
        actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms())
    response = queries.own_response(queries.invitation_for(lead, invitation.reference))
    assert response is not None and response.price_pence == 100_000
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        RequestResponse._rows.update(price_pence=1)
    with pytest.raises(DatabaseError, match="stays as it is"), transaction.atomic():
        response.delete()


def test_a_decline_has_a_reason_and_takes_a_response_back_and_may_be_thought_over() -> None:
    invitation, lead = an_invitation_to_answer()
    actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms())
    with pytest.raises(RequestInvalid):
        actions.decline_request(actor=lead, invitation=invitation, reason="")
    with pytest.raises(RequestInvalid, match="Say what the reason is"):
        actions.decline_request(actor=lead, invitation=invitation, reason="other")

    actions.decline_request(actor=lead, invitation=invitation, reason="no_capacity", note="Illness")
    assert not queries.counted_responses(invitation.request).exists()

    actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms())
    assert queries.counted_responses(invitation.request).count() == 1


def test_nobody_responds_to_the_school_they_buy_for() -> None:
    invitation, _ = an_invitation_to_answer()
    both = a_person(Role.PROVIDER_LEAD, at=invitation.provider)
    both.memberships.create(organisation=invitation.request.school, role=Role.STAFF)

    with pytest.raises(NotAllowed, match="you buy for"):
        actions.respond_to_request(actor=actor_of(both), invitation=invitation, terms=response_terms())


# Closing -------------------------------------------------------------------------------------------------------------


def test_a_request_closes_after_its_last_day_and_those_without_answer_have_not_answered() -> None:
    request = a_request(asked=2)
    first, second = request.invitations.all()
    a_response(first)

    assert actions.close_due_requests() == 0
    assert actions.close_due_requests(now=timezone.now() + timedelta(days=21)) == 1

    request.refresh_from_db(), second.refresh_from_db()
    assert (request.status, second.status) == (RequestStatus.CLOSED, InvitationStatus.NO_ANSWER)
    assert history.of(request).last().note == "1 of 2 responded"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("declining", "cause"),
    [(0, UnmetCause.NO_RESPONSES), (1, UnmetCause.NO_RESPONSES), (2, UnmetCause.ALL_DECLINED)],
)
def test_a_request_without_responses_comes_to_nothing_and_is_unmet_demand_with_its_cause(
    declining: int, cause: str
) -> None:
    request = a_request(asked=2)
    for invitation in request.invitations.select_related("provider")[:declining]:
        actions.decline_request(
            actor=lead_of_provider(invitation.provider), invitation=invitation, reason="no_capacity"
        )

    actions.close_due_requests(now=timezone.now() + timedelta(days=21))

    request.refresh_from_db()
    unmet = UnmetDemand.objects.get()
    assert request.status == RequestStatus.UNSUCCESSFUL
    assert (unmet.request, unmet.cause, unmet.query["theme"]) == (request, cause, [request.theme.code])
    assert unmet.note == (f"We have nobody free ({declining})" if declining else "")


def test_a_request_closes_at_once_when_all_have_answered_if_the_school_chose_so() -> None:
    request = a_request(asked=2, closes_when_all_answered=True)
    first, second = request.invitations.select_related("provider")
    actions.respond_to_request(
        actor=lead_of_provider(first.provider), invitation=first, terms=response_terms()
    )
    request.refresh_from_db()
    assert request.status == RequestStatus.OPEN

    actions.decline_request(actor=lead_of_provider(second.provider), invitation=second, reason="dates")

    request.refresh_from_db()
    assert request.status == RequestStatus.CLOSED


def test_a_request_is_withdrawn_with_a_reason_which_those_asked_read() -> None:
    invitation, lead = an_invitation_to_answer()
    staff = staff_of(invitation.request.school)
    with pytest.raises(RequestInvalid):
        actions.withdraw_request(actor=staff, request=invitation.request, reason=" ")

    actions.withdraw_request(actor=staff, request=invitation.request, reason="The post was filled.")

    brief = queries.brief_of(queries.invitation_for(lead, invitation.reference))
    assert (brief.status_label, brief.end_reason) == ("Withdrawn", "The post was filled.")
    with pytest.raises(NotNow):
        actions.respond_to_request(actor=lead, invitation=invitation, terms=response_terms())


# Deciding ------------------------------------------------------------------------------------------------------------


def test_the_school_reads_responses_only_after_the_close_the_lowest_first() -> None:
    request = a_request(asked=2)
    head = head_of(request.school)
    for invitation, price in zip(request.invitations.all(), (300_000, 200_000), strict=True):
        a_response(invitation, price_pence=price)

    assert queries.responses_to(head, request) == []
    actions.close_due_requests(now=timezone.now() + timedelta(days=21))

    assert [each.price_pence for each in queries.responses_to(head, request)] == [200_000, 300_000]


def test_an_award_makes_complete_quotes_evidence_that_lets_the_order_pass_the_ladder() -> None:
    request = a_request(asked=4, budget_pence=1_500_000)
    invitations = list(request.invitations.select_related("provider"))
    for invitation, price in zip(invitations[:3], (1_000_000, 1_100_000, 1_200_000), strict=True):
        a_response(invitation, price_pence=price)
    actions.decline_request(
        actor=lead_of_provider(invitations[3].provider), invitation=invitations[3], reason="too_far"
    )
    actions.close_due_requests(now=timezone.now() + timedelta(days=21))
    losses = {each.pk: LossReason.PRICE for each in invitations[1:3]}

    award(request, invitations[0], losses=losses)

    request.refresh_from_db()
    evidence = request.evidence
    assert evidence is not None and evidence.status == EvidenceStatus.COMPLETE
    assert [(q.supplier, q.answer, q.price_pence, q.is_chosen) for q in evidence.quotes.all()] == [
        (invitations[0].provider, "quoted", 1_000_000, True),
        (invitations[1].provider, "quoted", 1_100_000, False),
        (invitations[2].provider, "quoted", 1_200_000, False),
        (invitations[3].provider, "declined", None, False),
    ]
    check_evidence(request.school, 1_000_000, evidence, supplier=invitations[0].provider)
    assert [each.status for each in request.invitations.all()] == [
        "chosen",
        "not_chosen",
        "not_chosen",
        "declined",
    ]


def test_an_award_fills_evidence_the_school_began() -> None:
    request, [first, _second] = answered([200_000, 300_000])
    head = head_of(request.school)
    draft = buyback.start_evidence(
        actor=head, organisation=request.school, subject="Reading", need_pence=200_000
    )

    award(request, first, actor=head, evidence=draft)

    assert QuotesEvidence.objects.get().quotes.count() == 2


def test_a_dearer_response_needs_a_reason_and_a_loser_a_category() -> None:
    request, [cheap, dear] = answered([200_000, 300_000])

    with pytest.raises(SelectionIncomplete, match="lowest price is £2,000"):
        award(request, dear)
    with pytest.raises(SelectionIncomplete, match="was not chosen"):
        award(request, dear, reason="They know our intake.", losses={})
    with pytest.raises(SelectionIncomplete, match="Conflicts"):
        award(request, dear, reason="They know our intake.", conflicts=" ")
    assert not QuotesEvidence.objects.exists()

    award(request, dear, reason="They know our intake.")

    cheap.refresh_from_db()
    assert cheap.loss_reason == LossReason.FIT
    assert QuotesEvidence.objects.get().reason_not_lowest == "They know our intake."


def test_who_belongs_to_a_provider_that_answered_neither_reads_nor_decides() -> None:
    request, [first, second] = answered([200_000, 300_000])
    person = a_person(Role.HEADTEACHER, at=request.school)
    person.memberships.create(organisation=second.provider, role=Role.PRACTITIONER)
    head = actor_of(person)

    assert queries.responses_to(head, request) == []
    with pytest.raises(HasInterest):
        award(request, first, actor=head)
    with pytest.raises(HasInterest):
        actions.end_request(actor=head, request=request, reason="None", loss=LossReason.CHANGED)


def test_staff_write_a_request_and_those_who_commit_money_decide_it() -> None:
    request, [first] = answered([200_000])

    with pytest.raises(NotAllowed):
        award(request, first, actor=staff_of(request.school))
    award(request, first, actor=actor_of(a_person(Role.BUDGET_HOLDER, at=request.school)))


def test_a_request_is_decided_once() -> None:
    request, [first, second] = answered([200_000, 200_000])
    award(request, first)

    for decide in (
        lambda: award(request, second),
        lambda: actions.withdraw_request(actor=staff_of(request.school), request=request, reason="No"),
    ):
        with pytest.raises(NotNow):
            decide()


def test_where_none_is_suitable_the_request_ends_with_a_reason_and_is_unmet_demand() -> None:
    request, [first] = answered([200_000])
    head = head_of(request.school)
    with pytest.raises(SelectionIncomplete):
        actions.end_request(actor=head, request=request, reason="", loss=LossReason.CHANGED)

    actions.end_request(actor=head, request=request, reason="Nobody speaks Pashto.", loss=LossReason.PEOPLE)

    first.refresh_from_db(), request.refresh_from_db()
    assert (request.status, first.status) == (RequestStatus.UNSUCCESSFUL, InvitationStatus.NOT_CHOSEN)
    assert UnmetDemand.objects.get().cause == UnmetCause.NONE_SUITABLE


# Who sees what -------------------------------------------------------------------------------------------------------


def test_a_request_is_seen_by_its_school_and_its_trust_and_nobody_else() -> None:
    school = a_school()
    trust = an_organisation("trust")
    school.trust = trust
    school.save()
    request = a_request(school)
    for actor in (staff_of(school), actor_of(a_person(Role.TRUST_LEAD, at=trust))):
        assert queries.request_for(actor, request.reference) == request

    lead = lead_of_provider(request.invitations.select_related("provider")[0].provider)
    for actor in (staff_of(a_school()), actor_of(a_convenor(school.area)), lead):
        with pytest.raises(NotFound):
            queries.request_for(actor, request.reference)
        with pytest.raises(NotFound):
            queries.responses_to(actor, request)
        with pytest.raises(NotFound):
            queries.invitations_of(actor, request)
    with pytest.raises(UnscopedAccess):
        SupportRequest.objects.all()


def test_an_invitation_is_seen_by_the_leads_of_its_provider_once_it_is_sent() -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=2, budget_pence=500_000)
    first, second = request.invitations.select_related("provider")
    lead, other = lead_of_provider(first.provider), lead_of_provider(second.provider)
    assert not queries.invitations_visible_to(lead).exists()

    actions.open_request(actor=staff_of(request.school), request=request)

    assert queries.invitation_for(lead, first.reference) == first
    for actor in (other, staff_of(request.school), actor_of(a_person(Role.PRACTITIONER, at=first.provider))):
        with pytest.raises(NotFound):
            queries.invitation_for(actor, first.reference)


def test_a_budget_is_told_to_providers_only_where_the_school_says_so() -> None:
    kept, _ = an_invitation_to_answer(budget_pence=500_000)
    told, _ = an_invitation_to_answer(budget_pence=500_000, budget_shown=True)

    assert queries.brief_of(kept).budget_pence is None
    assert queries.brief_of(told).budget_pence == 500_000


def test_a_convenor_sees_status_theme_counts_and_outcome_of_requests_in_the_area() -> None:
    area = an_area()
    request, [first, _second] = answered([200_000, 300_000], school=a_school(area))
    a_request(a_school(area), status=RequestStatus.DRAFT)
    award(request, first)
    convenor = actor_of(a_convenor(area))

    [row] = queries.requests_overseen(convenor, area)

    seen = queries.as_overseen(row)
    assert (seen.reference, seen.status, seen.asked, seen.responded) == (request.reference, "awarded", 2, 2)
    assert seen.chosen == first.provider.name
    assert not {"approach", "price_pence", "wanted"} & set(row)
    with pytest.raises(NotFound):
        queries.requests_overseen(actor_of(a_convenor(an_area())), area)


def test_a_question_asked_after_midnight_in_summer_is_dated_by_london_clocks() -> None:
    past_midnight = datetime(2027, 6, 30, 23, 30, tzinfo=UTC)
    row = RequestQuestion(
        text="Which years?", asked_at=past_midnight, answer="All", answered_at=past_midnight
    )

    [asked] = asked_about([row])  # type: ignore[arg-type]

    assert asked.asked_on == asked.answered_on == date(2027, 7, 1)
