"""A form sent again by going back does nothing twice."""

import time
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from frontend.views import repeats
from marketplace.billing.models import Document, Receipt
from marketplace.brokerage.models import DeploymentConcern, ProgressReview
from marketplace.kernel.access import Role
from marketplace.organisations.models import User
from marketplace.partnership.models import CommissionReview
from tests.billing.settling import Brokered
from tests.builders import (
    a_commission,
    a_convenor,
    a_deployment,
    a_person,
    a_provider,
    a_receipt,
    an_area,
    in_days,
    the_parties,
)

pytestmark = pytest.mark.django_db


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def day(name: str, days: int) -> dict[str, int]:
    when = in_days(days)
    return {f"{name}-day": when.day, f"{name}-month": when.month, f"{name}-year": when.year}


def test_money_recorded_twice_by_going_back_is_recorded_once_and_leads_to_what_came_of_it() -> None:
    payee = a_provider(an_area())
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=payee))
    form = {"payee": payee.reference, "amount": "420", "method": "cheque", "reference": "000123"}
    form |= {"received_on": "2026-11-02"}

    first = lead.post(reverse("finance:record"), form | {"key": "of the first page"})
    again = lead.post(reverse("finance:record"), form | {"key": "of the page come back to"}, follow=True)
    other = lead.post(reverse("finance:record"), form | {"reference": "000124", "key": "c"})

    assert again.redirect_chain == [(first["Location"], 302)]
    assert "Nothing was done a second time" in again.content.decode()
    assert other["Location"] != first["Location"]
    assert Receipt.objects.count() == 2


def test_a_part_of_a_document_is_credited_once() -> None:
    scene = Brokered()
    scene.a_day()
    document = Document.objects.get(kind="invoice")
    lead = signed_in(User.objects.get(pk=scene.finance.user_id))
    part = {"scope": "part", f"line_{document.lines.get().pk}": "83.33", "reason": "Half a day"}

    for _ in range(2):
        lead.post(reverse("billing:credit", args=[document.reference]), part)

    assert Document.objects.filter(kind="credit_note").count() == 1


def test_after_ten_minutes_the_same_may_be_meant_again(monkeypatch: pytest.MonkeyPatch) -> None:
    receipt = a_receipt(10_000, payee=a_provider(an_area()))
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=receipt.payee))
    to, form = (
        reverse("finance:pay_back", args=[receipt.reference]),
        {"amount": "20", "reason": "Paid too much"},
    )
    now = time.time()

    lead.post(to, form)
    lead.post(to, form)
    assert receipt.allocations.count() == 1
    monkeypatch.setattr(repeats.time, "time", lambda: now + repeats.SECONDS + 5)
    lead.post(to, form)

    assert receipt.allocations.count() == 2


def test_a_refused_form_may_be_sent_again() -> None:
    receipt = a_receipt(10_000, payee=a_provider(an_area()))
    lead = signed_in(a_person(Role.PROVIDER_LEAD, at=receipt.payee))
    to = reverse("finance:pay_back", args=[receipt.reference])

    refused = [lead.post(to, {"amount": "200", "reason": "Too much"}).status_code for _ in range(2)]

    assert refused == [422, 422]


def test_a_review_is_saved_once_and_one_that_comes_too_late_is_not_lost() -> None:
    row = a_commission()
    convenor = signed_in(a_convenor(row.area))
    to = reverse("partnership:review", args=[row.reference])
    said = {"rag": "green", "findings": "Good", "next_steps": "Go on"}
    said |= day("reviewed_on", 0) | day("next_review_on", 60)

    convenor.post(to, said)
    convenor.post(to, said)
    convenor.post(reverse("partnership:pause", args=[row.reference]), {"reason": "A new head"})
    late = convenor.post(to, said | {"findings": "Good, as before"})

    assert CommissionReview.objects.filter(commission=row).count() == 1
    page = late.content.decode()
    assert late.status_code == 422 and "Good, as before" in page
    assert "The commission is paused by now. Nothing was saved." in page


def test_a_deployment_keeps_a_review_and_a_concern_once() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    person = signed_in(User.objects.get(pk=parties.scene.person.user_id))
    review = {
        "rag_1": "amber",
        "details_1": "Half-way",
        "next_steps": "More of it",
        "reviewed_on": in_days(0).isoformat(),
    }
    concern = {"text": "Nobody is there", "listener": "broker"}

    for _ in range(2):
        person.post(reverse("deployments:review", args=[row.reference]), review)
        person.post(reverse("deployments:new_concern", args=[row.reference]), concern)

    assert ProgressReview.objects.filter(deployment=row).count() == 1
    assert DeploymentConcern.objects.scoped().filter(deployment=row).count() == 1
