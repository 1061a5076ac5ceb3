"""The API of requests for support: a whole life of one, as programs would lead it."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.brokerage import actions
from marketplace.brokerage.models import RequestStatus, SupportRequest
from marketplace.kernel.access import Role
from marketplace.organisations.models import User
from tests.builders import (
    a_level_2_theme,
    a_person,
    a_school,
    an_asked_provider,
    an_invitation_to_answer,
    lead_of_provider,
    request_terms,
    response_terms,
)

pytestmark = pytest.mark.django_db


def as_(person: Any) -> Client:
    client = Client()
    client.force_login(person if isinstance(person, User) else User.objects.get(pk=person.user_id))
    return client


def post(client: Client, name: str, reference: str = "", **data: Any) -> Any:
    address = reverse(name, args=[reference] if reference else [])
    return client.post(address, data, content_type="application/json")


def test_a_request_lives_from_draft_to_award() -> None:
    school, theme = a_school(), a_level_2_theme()
    head = as_(a_person(Role.HEADTEACHER, at=school))
    providers = [an_asked_provider() for _ in range(3)]
    about = {"school": school.urn, "theme": theme.code, "phase": "primary"}
    made = post(head, "support-request-list", **about, **_plain(request_terms(budget_pence=1_200_000)))
    assert made.status_code == 201, made.content
    reference = made.json()["reference"]
    post(head, "support-request-providers", reference, providers=[providers[0].reference])
    refused = post(head, "support-request-send", reference)
    assert (refused.status_code, refused.json()["code"]) == (409, "ask_more_providers")
    post(head, "support-request-providers", reference, providers=[each.reference for each in providers])
    sent = post(head, "support-request-send", reference).json()
    assert sent["status"] == "open" and len(sent["invitations"]) == 3

    for number, provider in enumerate(providers):
        lead = as_(lead_of_provider(provider))
        [row] = lead.get(reverse("request-invitation-list")).json()["results"]
        assert row["request"]["budget_pence"] is None
        terms = _plain(response_terms(price_pence=200_000 + number))
        answer = post(lead, "request-invitation-respond", row["reference"], **terms)
        assert answer.json()["response"]["gross_pence"] == round(1.2 * (200_000 + number))
    responses = reverse("support-request-responses", args=[reference])
    assert head.get(responses).json() == []
    actions.close_due_requests(now=timezone.now() + timedelta(days=21))
    first, *others = head.get(responses).json()
    losses = [{"invitation": each["invitation"], "reason": "price"} for each in others]

    done = post(
        head,
        "support-request-award",
        reference,
        invitation=first["invitation"],
        conflicts="None",
        losses=losses,
    )

    assert done.json()["status"] == "awarded"
    assert SupportRequest._rows.get().status == RequestStatus.AWARDED


def test_a_provider_declines_and_a_second_no_is_refused_by_the_table() -> None:
    invitation, lead = an_invitation_to_answer()
    client = as_(lead)

    assert post(client, "request-invitation-decline", invitation.reference, reason="dates").status_code == 200
    again = post(client, "request-invitation-decline", invitation.reference, reason="dates")

    assert (again.status_code, again.json()["code"]) == (409, "not_in_this_state")


def _plain(terms: Any) -> dict[str, Any]:
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in terms.__dict__.items()
    }
