"""Pages of requests for support: the way through them, what they count in queries, and what they keep to themselves."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import (
    InvitationStatus,
    NeedsNudge,
    RequestInvitation,
    RequestResponse,
    RequestStatus,
    SupportRequest,
    UnmetCause,
    UnmetDemand,
)
from marketplace.kernel.access import Role
from marketplace.notifications.models import Notification
from marketplace.organisations.models import Membership, User
from tests.builders import (
    a_convenor,
    a_need,
    a_person,
    a_request,
    a_response,
    a_school,
    actor_of,
    an_area,
    an_asked_provider,
    an_invitation_to_answer,
    an_organisation,
    lead_of_provider,
    request_terms,
    response_terms,
)

pytestmark = pytest.mark.django_db


def as_(client: Client, person: Any) -> Client:
    client.force_login(person if isinstance(person, User) else User.objects.get(pk=person.user_id))
    return client


def day(name: str, value: date) -> dict[str, Any]:
    return {f"{name}-day": value.day, f"{name}-month": value.month, f"{name}-year": value.year}


def written(**changes: Any) -> dict[str, Any]:
    """The fields of a request as a browser sends them."""
    terms = request_terms()
    days = ("first_day", "last_day", "questions_close_on", "responses_close_on")
    return {
        "title": terms.title,
        "wanted": terms.wanted,
        "outcomes": terms.outcomes,
        "days": "6",
        **{key: value for name in days for key, value in day(name, getattr(terms, name)).items()},
        **changes,
    }


def answered(**changes: Any) -> dict[str, Any]:
    """The fields of a response as a browser sends them."""
    terms = response_terms()
    return {
        "other_people": terms.other_people,
        "days": "6",
        **day("first_day", terms.first_day),
        **day("last_day", terms.last_day),
        "price": "2400",
        "approach": terms.approach,
        **changes,
    }


def test_a_school_writes_a_request_from_a_need_chooses_and_sends_it(client: Client) -> None:
    school = a_school()
    need = a_need(school, max_price_pence=40_000)
    providers = [an_asked_provider(school.area, theme=need.theme) for _ in range(3)]
    as_(client, a_person(Role.STAFF, at=school))
    new = reverse("requests:new") + f"?need={need.reference}"
    page = client.get(new)
    assert page.context["form"].initial["budget"] == 240_000
    body = written(school=school.pk, theme=need.theme.pk, phase="primary", budget="12000")

    client.post(new, body)
    made = SupportRequest._rows.get()
    at = {
        name: reverse(f"requests:{name}", args=[made.reference]) for name in ("providers", "send", "request")
    }
    assert all(str(each).encode() in client.get(at["providers"]).content for each in providers)
    client.post(at["providers"], {"providers": [each.reference for each in providers[:2]]})
    refused = client.post(at["send"], {})
    assert refused.status_code == 422 and "2 of at least 3 providers" in refused.content.decode()
    client.post(at["providers"], {"providers": [each.reference for each in providers]})
    client.post(at["send"], {})

    made.refresh_from_db()
    assert (made.status, made.need) == (RequestStatus.OPEN, need)
    assert made.invitations.filter(suggested=True).count() == 3
    assert need.theme.name in client.get(reverse("brokerage:need", args=[need.reference])).content.decode()


def test_what_was_typed_stays_when_a_rule_refuses(client: Client) -> None:
    school = a_school()
    need = a_need(school)
    as_(client, a_person(Role.STAFF, at=school))
    past = timezone.localdate() - timedelta(days=1)

    page = client.post(
        reverse("requests:new"),
        written(school=school.pk, theme=need.theme.pk, phase="primary", **day("questions_close_on", past)),
    )

    assert page.status_code == 422
    assert "questions_close_on" in page.context["form"].errors
    assert "reading leads" in page.content.decode()


def test_looking_for_a_provider_by_name_keeps_what_was_ticked(client: Client) -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=1)
    wanted = an_asked_provider(name="Harbour Learning")
    kept = request.invitations.get().provider
    as_(client, a_person(Role.STAFF, at=request.school))

    page = client.post(
        reverse("requests:providers", args=[request.reference]),
        {"find": "1", "name": "harbour", "providers": [kept.reference]},
    )

    assert {value for value, _ in page.context["form"].fields["providers"].choices} >= {
        kept.reference,
        wanted.reference,
    }
    assert page.context["form"].initial["providers"] == [kept.reference]
    assert not RequestInvitation._rows.filter(provider=wanted).exists()


def test_nobody_goes_on_to_send_a_request_that_asks_nobody(client: Client) -> None:
    request = a_request(status=RequestStatus.DRAFT, asked=1)
    as_(client, a_person(Role.STAFF, at=request.school))
    providers = reverse("requests:providers", args=[request.reference])

    page = client.post(providers, {"name": ""})
    assert page.status_code == 422 and "Choose at least one provider" in page.content.decode()
    assert request.invitations.count() == 1
    request.invitations.all().delete()
    assert client.get(reverse("requests:send", args=[request.reference]))["location"] == providers


def test_a_provider_asks_responds_changes_and_declines(client: Client) -> None:
    invitation, lead = an_invitation_to_answer()
    as_(client, lead)
    at = {
        name: reverse(f"requests:{name}", args=[invitation.reference])
        for name in ("invitation", "ask", "respond", "decline")
    }

    client.post(at["ask"], {"text": "How many classes?"})
    client.post(at["respond"], answered())
    client.post(at["respond"], answered(price="2300.50"))
    assert RequestResponse._rows.get().price_pence == 230_050
    page = client.get(at["invitation"]).content.decode()
    assert "(yours)" in page and "£2,300.50" in page

    client.post(at["decline"], {"reason": "dates", "note": ""})
    assert "You took it back" in client.get(at["invitation"]).content.decode()


def closed(prices: list[int], **fields: Any) -> tuple[SupportRequest, list[RequestInvitation]]:
    request = a_request(asked=len(prices), **fields)
    invitations = list(request.invitations.select_related("provider"))
    for invitation, price in zip(invitations, prices, strict=True):
        a_response(invitation, price_pence=price, approach=f"Approach of {invitation.provider}")
    request.status, request.closed_at = RequestStatus.CLOSED, timezone.now()
    request.save()
    return request, invitations


def test_a_head_compares_and_chooses_and_goes_on_to_book(client: Client) -> None:
    request, [cheap, dear] = closed([200_000, 300_000], budget_pence=300_000)
    SupportRequest._rows.update(status="open")
    offer = dear.provider.offers.get()
    RequestResponse._rows.filter(invitation=dear).update(offer=offer, vat_pence=60_000)
    SupportRequest._rows.update(status="closed")
    as_(client, a_person(Role.HEADTEACHER, at=request.school))

    page = client.get(reverse("requests:compare", args=[request.reference])).content.decode()
    assert page.index(str(cheap.provider)) < page.index(str(dear.provider))
    assert "No: £600.00 above" in page and f"Approach of {dear.provider}" in page
    choose = reverse("requests:choose", args=[request.reference, dear.reference])
    body = {f"loss_{cheap.pk}": "fit", "interest": "none"}
    refused = client.post(choose, body)
    assert refused.status_code == 422 and "The lowest price is" in refused.content.decode()
    sister = {"reason": "They know our intake.", "conflicts": "The chair’s sister works there."}
    refused = client.post(choose, body | sister)
    told = refused.content.decode()
    assert refused.status_code == 422 and "Answer yes, or empty this box" in told and "sister works" in told
    client.post(choose, body | {"reason": "They know our intake."})

    request.refresh_from_db()
    assert (request.status, request.chosen) == (RequestStatus.AWARDED, dear)
    page = client.get(reverse("requests:request", args=[request.reference])).content.decode()
    assert f"{reverse('bookings:new')}?offer={offer.reference}" in page
    assert request.evidence is not None and request.evidence.reference in page


def test_the_comparison_comes_as_csv_with_formulas_disarmed(client: Client) -> None:
    request, _ = closed([200_000])
    SupportRequest._rows.update(status="open")
    RequestResponse._rows.update(approach="=1+1")
    SupportRequest._rows.update(status="closed")
    as_(client, a_person(Role.HEADTEACHER, at=request.school))

    answer = client.get(reverse("requests:compare", args=[request.reference]) + "?format=csv")

    text = b"".join(answer).decode()  # type: ignore[arg-type]
    assert "Price before VAT" in text and "'=1+1" in text


def test_before_the_close_the_comparison_is_sealed_and_with_an_interest_it_stays_so(client: Client) -> None:
    request = a_request(asked=1)
    a_response(request.invitations.get(), approach="Secret approach")
    head = a_person(Role.HEADTEACHER, at=request.school)
    as_(client, head)
    compare = reverse("requests:compare", args=[request.reference])
    assert "sealed" in client.get(compare).content.decode()
    SupportRequest._rows.update(status="closed")
    assert "Secret approach" in client.get(compare).content.decode()

    head.memberships.create(organisation=RequestInvitation._rows.get().provider, role=Role.PRACTITIONER)

    for address in (compare, f"{compare}?format=csv"):
        answer = client.get(address)
        content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
        assert b"Secret approach" not in content


CANARIES = (
    "SECRETAPPROACH",
    "SECRETPRICE",
    "SECRETDATES",
    "SECRETPERSON",
    "9,876.54",
    "987654",
    "12,345.67",
    "1234567",
)


def test_nothing_of_a_provider_nor_a_secret_budget_nor_who_asked_reaches_another_provider(
    client: Client, run_jobs: Any
) -> None:
    """Every page, answer of the API, mail and notification of one provider, after another has asked, answered, declined and won."""
    area = an_area()
    school = a_school(area)
    head = actor_of(a_person(Role.HEADTEACHER, at=school))
    providers = [
        an_asked_provider(area, name=name) for name in ("Asker Ltd", "SECRETRIVAL Ltd", "Watcher Ltd")
    ]
    request = a_request(
        school, status=RequestStatus.DRAFT, providers=providers, budget_pence=1_234_567, budget_shown=False
    )
    actions.open_request(actor=head, request=request)
    asker, rival, watcher = request.invitations.select_related("provider")
    leads = [lead_of_provider(each.provider) for each in (asker, rival, watcher)]
    User.objects.filter(pk=leads[0].user_id).update(name="SECRETASKER")
    question = actions.ask_question(
        actor=actor_of(User.objects.get(pk=leads[0].user_id)), invitation=asker, text="How many classes?"
    )
    actions.answer_question(actor=head, question=question, text="Fourteen.")
    actions.respond_to_request(
        actor=leads[1],
        invitation=rival,
        terms=response_terms(
            price_pence=987_654,
            approach="SECRETAPPROACH",
            dates="SECRETDATES",
            other_people="SECRETPERSON",
        ),
    )
    actions.respond_to_request(actor=leads[2], invitation=watcher, terms=response_terms(price_pence=500_000))
    run_jobs()
    seen = list(_everything_shown(client, leads[2], watcher, request))
    actions.close_due_requests(now=timezone.now() + timedelta(days=21))
    seen += _everything_shown(client, leads[2], watcher, request)
    actions.award_request(
        actor=head,
        request=request,
        chosen=rival,
        losses={watcher.pk: "fit"},
        conflicts="None",
        reason="SECRETREASON",
        reason_fewer_quotes="Nobody else was free.",
    )
    run_jobs()
    seen += _everything_shown(client, leads[2], watcher, request)
    person = User.objects.get(pk=leads[2].user_id)
    told = Notification.objects.filter(user=person)
    seen += [f"{each.title} {each.body} {each.path}" for each in told]
    seen += [f"{m.subject} {m.body}" for m in mail.outbox if person.email in m.to]

    assert {each.kind for each in told} == {"request_invited", "request_answered", "request_decided"}
    assert len([m for m in mail.outbox if person.email in m.to]) == 3
    everything = "\n".join(seen)
    assert "Fourteen." in everything and "Watcher Ltd" in everything
    for canary in (*CANARIES, "SECRETASKER", "SECRETRIVAL", "Asker Ltd", "SECRETREASON", rival.reference):
        assert canary not in everything, canary
    # Nor does the school learn who asked.
    school_sees = "\n".join(
        client_text(as_(Client(), head), reverse(f"requests:{name}", args=[request.reference]))
        for name in ("request", "compare")
    ) + "".join(f"{each.title} {each.body}" for each in Notification.objects.filter(user=head.user_id))
    assert "How many classes?" in school_sees and "SECRETASKER" not in school_sees


def _everything_shown(
    client: Client, lead: Any, own: RequestInvitation, request: SupportRequest
) -> list[str]:
    as_(client, lead)
    pages = [
        reverse("requests:invitations"),
        reverse("requests:invitations") + "?format=csv",
        *(
            reverse(f"requests:{name}", args=[own.reference])
            for name in ("invitation", "ask", "respond", "decline")
        ),
        reverse("home:home"),
        reverse("home:waiting"),
        reverse("notifications:list"),
        reverse("request-invitation-list"),
        reverse("request-invitation-detail", args=[own.reference]),
        reverse("support-request-list"),
    ]
    hidden = [
        *(reverse(f"requests:{name}", args=[request.reference]) for name in ("request", "compare", "send")),
        *(
            reverse("requests:invitation", args=[each.reference])
            for each in request.invitations.exclude(pk=own.pk)
        ),
        reverse("support-request-detail", args=[request.reference]),
        reverse("support-request-responses", args=[request.reference]),
        reverse("requests:overview"),
    ]
    for address in hidden:
        assert client.get(address).status_code in (403, 404), address
    return [client_text(client, address) for address in pages]


def client_text(client: Client, address: str) -> str:
    answer = client.get(address, follow=True)
    assert answer.status_code == 200, address
    content = b"".join(answer) if answer.streaming else answer.content  # type: ignore[arg-type]
    return content.decode()


def test_a_convenor_filters_unmet_demand_by_cause(client: Client) -> None:
    area = an_area()
    request = a_request(a_school(area), asked=1)
    actions.close_due_requests(now=timezone.now() + timedelta(days=21))
    actions.tell_the_authority(
        actor=actor_of(a_convenor(area)), area=area, organisation=None, query={"q": ["chess"]}
    )
    as_(client, a_convenor(area))
    unmet = reverse("brokerage:unmet")

    assert len(client.get(unmet).context["page"].object_list) == 2
    page = client.get(unmet, {"cause": UnmetCause.NO_RESPONSES})
    assert [row.request for row in page.context["page"]] == [request]
    assert request.reference in page.content.decode()


@pytest.mark.parametrize("page", ["brokerage:unmet", "requests:silent", "requests:overview"])
def test_a_convenor_of_two_areas_sees_the_one_they_act_for(client: Client, page: str) -> None:
    first, second = an_area(name="Ashire"), an_area(name="Beeshire")
    convenor = a_convenor(first)
    authority = an_organisation("local_authority", area=second)
    Membership.objects.create(user=convenor, organisation=authority, role=Role.CONVENOR)
    as_(client, convenor)
    assert client.get(reverse(page)).context["area"] == first

    client.post(reverse("home:act_for"), {"organisation": authority.pk})

    assert client.get(reverse(page)).context["area"] == second


def test_a_trust_lead_says_for_which_school_the_authority_is_told(client: Client) -> None:
    trust = an_organisation("trust")
    schools = [a_school(an_area(name=name), academy=True, trust=trust) for name in ("Ashire", "Beeshire")]
    as_(client, a_person(Role.TRUST_LEAD, at=trust))
    tell = reverse("brokerage:tell")
    assert "For which school?" in client.get(tell).content.decode()

    client.post(tell, {"school": schools[1].pk, "note": "Chess"})

    told = UnmetDemand.objects.get()
    assert (told.area, told.organisation) == (schools[1].area, schools[1].organisation)


def test_whoever_buys_for_one_school_is_not_asked_for_which(client: Client) -> None:
    school = a_school()
    as_(client, a_person(Role.HEADTEACHER, at=school))
    tell = reverse("brokerage:tell")
    page = client.get(tell).content.decode()
    assert "For which school?" not in page and str(school.area) in page

    client.post(tell, {"note": "Chess"})

    assert UnmetDemand.objects.get().organisation == school.organisation


def test_a_convenor_reminds_silent_schools_from_their_list(client: Client) -> None:
    area = an_area()
    schools = [a_school(area) for _ in range(2)]
    a_person(Role.HEADTEACHER, at=schools[0])
    as_(client, a_convenor(area))
    silent = reverse("requests:silent")
    assert "No headteacher is on the exchange" in client.get(silent).content.decode()

    client.post(reverse("requests:remind"), {"urn": schools[0].urn})
    assert "Again from" in client.get(silent).content.decode()
    again = client.post(reverse("requests:remind"), {"urn": schools[0].urn})
    client.post(reverse("requests:remind"))

    assert again.status_code == 409
    assert NeedsNudge.objects.count() == 1


def test_lists_cost_the_same_number_of_queries_however_long(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    area = an_area()
    school = a_school(area)
    provider = an_asked_provider(area)
    for _ in range(12):
        a_request(school, providers=[provider])
    addresses = {
        "requests:requests": a_person(Role.STAFF, at=school),
        "requests:invitations": lead_of_provider(provider),
        "requests:overview": a_convenor(area),
        "requests:silent": a_convenor(area),
    }

    for name, person in addresses.items():
        as_(client, person)
        with django_assert_max_num_queries(14):
            assert client.get(reverse(name)).status_code == 200


def test_one_request_with_twelve_responses_costs_few_queries(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    request, _ = closed([200_000 + n for n in range(12)])
    as_(client, a_person(Role.HEADTEACHER, at=request.school))

    for name in ("request", "compare"):
        with django_assert_max_num_queries(24):
            client.get(reverse(f"requests:{name}", args=[request.reference]))


def test_a_provider_sees_its_way_and_a_school_its_own(client: Client) -> None:
    provider = an_asked_provider()
    page = as_(client, lead_of_provider(provider)).get(reverse("requests:invitations")).content.decode()
    assert reverse("requests:invitations") in page and "Requests to us" in page

    request = a_request()
    page = as_(client, a_person(Role.STAFF, at=request.school)).get(reverse("requests:requests"))
    parts = {each["text"]: each["current"] for each in page.context["subnavigation"]}
    assert parts == {"Our needs": False, "Requests for support": True}


def test_work_waits_for_those_who_can_do_it(client: Client) -> None:
    request, [invitation] = closed([100_000])
    waiting, lead = an_invitation_to_answer()
    question = actions.ask_question(actor=lead, invitation=waiting, text="How many classes?")
    now = timezone.now()

    def verbs(actor: Any) -> list[str]:
        return [item.verb for item in queries.awaiting(actor, now=now) if "needs" not in item.verb]

    assert verbs(actor_of(a_person(Role.HEADTEACHER, at=request.school))) == ["Choose a provider"]
    assert verbs(actor_of(a_person(Role.STAFF, at=request.school))) == []
    assert verbs(lead_of_provider(invitation.provider)) == []
    assert verbs(lead) == ["Answer a request for support"]
    assert verbs(actor_of(a_person(Role.STAFF, at=waiting.request.school))) == ["Answer a question"]
    assert question.answered_at is None
    assert waiting.status == InvitationStatus.INVITED
