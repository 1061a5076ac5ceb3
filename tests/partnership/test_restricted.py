"""A school's support category and why support is commissioned: looked for wherever somebody else could read."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import NoReverseMatch, reverse
from procrastinate.contrib.django.models import ProcrastinateJob

from marketplace.brokerage.actions import send_deployment
from marketplace.coverage.models import Scenario
from marketplace.kernel.access import Role
from marketplace.kernel.models import AuditEntry, HistoryEntry, Transfer
from marketplace.notifications import partnership as telling
from marketplace.notifications.models import Notification
from marketplace.organisations.models import Organisation, User
from marketplace.partnership import actions
from marketplace.partnership.models import Commission
from tests.builders import (
    a_booking,
    a_booking_day,
    a_commission,
    a_needy_school,
    a_person,
    a_scenario,
    a_school,
    an_added_offer,
    convenor_of,
    some_terms,
    the_parties,
    worked_out,
)
from tests.platform.authorisation.addresses import endpoints

pytestmark = pytest.mark.django_db

REASON, EVIDENCE, FINDINGS = "COMMISSIONREASON", "EXITEVIDENCE", "REVIEWFINDINGS"
CANARIES = (REASON, EVIDENCE, FINDINGS, "CATEGORYREASON", "Highest: raised", "formal powers")


@pytest.fixture
def commission() -> Commission:
    """A commission with everything written in it that must not be read elsewhere, its deployment drafted and sent, a visit paid."""
    parties = the_parties()
    scene = parties.scene
    convenor = User.objects.get(pk=parties.convenor.user_id)
    for _ in range(4):
        a_needy_school(scene.area, 5, scene.theme)
    row = a_commission(
        scene.school,
        actor=parties.convenor,
        provider=scene.provider,
        theme=scene.theme,
        level="intervention",
        reason=REASON,
    )
    actions.draft_deployment_for(
        actor=parties.convenor,
        commission=row,
        offer=scene.offer,
        practitioner=scene.practitioner,
        **some_terms(),
    )
    row.refresh_from_db()
    assert row.deployment is not None
    send_deployment(actor=scene.buyer, deployment=row.deployment)
    booking = a_booking(
        school=scene.school,
        offer=scene.offer,
        practitioner=scene.practitioner,
        day=a_booking_day(days_ahead=30),
    )
    actions.pay_for_visit(actor=parties.convenor, commission=row, booking=booking)
    actions.review_commission(
        actor=parties.convenor,
        commission=row,
        reviewed_on=row.started_at.date(),  # type: ignore[union-attr]
        rag="red",
        findings=FINDINGS,
        next_steps=FINDINGS,
    )
    worked_out(scene.area)
    theme = {"theme": scene.theme.code, "phase": "primary"}
    for shared_with in ("convenors", "board"):
        a_scenario(
            scene.area, convenor, an_added_offer(**theme), name=f"For {shared_with}", shared_with=shared_with
        )
    return row


def outsiders(row: Commission) -> dict[str, User]:
    """Three people who together are everybody that is not a convenor of the area: what one role opens, they open."""
    authority = Organisation.objects.get(kind="local_authority", area=row.area)
    assert row.provider is not None and row.deployment is not None
    practitioner = row.deployment.practitioner
    school = a_person(Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.GOVERNOR, Role.STAFF, at=row.school)
    provider = User.objects.get(pk=practitioner.user_id)
    for role, place in (
        (Role.PROVIDER_LEAD, row.provider),
        (Role.FINANCE, row.provider),
        (Role.HEADTEACHER, practitioner.releasing_organisation),
        (Role.HEADTEACHER, a_school(row.area).organisation),
    ):
        provider.memberships.get_or_create(organisation=place, role=role)
    overseer = User.objects.get(pk=convenor_of(a_school().area).user_id)
    for role in (Role.BOARD_MEMBER, Role.SCRUTINY, Role.FINANCE, Role.SUPPORT):
        overseer.memberships.create(organisation=authority, role=role)
    return {
        "the school itself": school,
        "provider, practitioner, releasing school and another school": provider,
        "board, scrutiny, finance and a convenor elsewhere": overseer,
    }


def addresses(row: Commission) -> Iterator[str]:
    """Every page and API address that can be asked for, with what names the school, its deployment, visit, money or commission."""
    assert row.deployment is not None and row.provider is not None and row.funding_stream is not None
    booking = row.visits.get().booking
    school = row.school.school
    names = {
        "commissions": [row.reference],
        "deployments": [row.deployment.reference],
        "deployment": [row.deployment.reference],
        "bookings": [booking.reference],
        "booking": [booking.reference],
        "approvals": [row.funding_stream.reference],
        "partnership": [row.reference],
        "organisations": [row.school.reference, row.provider.reference],
        "organisation": [row.school.reference, row.provider.reference],
        "quality": [row.provider.reference],
        "catalogue": [row.deployment.offer_version.offer.reference],
        "coverage": list(Scenario.objects.scoped().values_list("reference", flat=True)),
    }
    known: dict[str, list[Any]] = {
        "urn": [school.urn],
        "theme": [row.theme.code],
        "phase": [row.phase],
        "code": [row.area.code],
        "pk": [row.funding_stream.pk],
        "year": ["2026-27"],
    }
    for endpoint in endpoints():
        if endpoint.method != "GET":
            continue
        family = endpoint.name.split(":")[0] if ":" in endpoint.name else endpoint.name.split("-")[0]
        choices = {
            p: names.get(family, []) if p == "reference" else known.get(p, []) for p in endpoint.parameters
        }
        for number in range(max((len(c) for c in choices.values()), default=1)):
            if any(number >= len(c) for c in choices.values()):
                break
            try:
                address = reverse(endpoint.name, kwargs={p: c[number] for p, c in choices.items()})
            except NoReverseMatch:
                continue
            yield address
            if not endpoint.parameters and not address.startswith("/api/"):
                yield f"{address}?format=csv&layer=commissioned&area={row.area.code}"


def test_nobody_outside_the_convenors_office_reads_category_or_reason_on_any_page_api_or_file(
    commission: Commission,
) -> None:
    asked = 0
    found: list[tuple[str, str, str]] = []

    for who, user in outsiders(commission).items():
        client = Client(raise_request_exception=False)
        client.force_login(user)
        for address in addresses(commission):
            answer = client.get(address)
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            text = content.decode("utf-8", "replace")
            asked += answer.status_code == 200
            found += [(who, address, word) for word in CANARIES if word in text]
            if commission.reference in address:
                assert answer.status_code in (404, 405), (who, address)

    assert found == []
    assert asked > 100, "hardly anything could be opened: is the walk still right?"


def test_the_convenor_reads_all_of_it_and_the_reading_is_audited(commission: Commission) -> None:
    client = Client()
    client.force_login(User.objects.get(pk=convenor_of(commission.area).user_id))

    page = client.get(reverse("partnership:commission", args=[commission.reference])).content.decode()

    assert REASON in page and "CATEGORYREASON" in page and "formal powers" in page
    assert AuditEntry.objects.filter(what="commission", subject_id=commission.pk).exists()


def test_no_history_job_message_or_movement_says_it(
    commission: Commission, caplog: pytest.LogCaptureFixture
) -> None:
    Commission.objects.scoped().filter(pk=commission.pk).update(next_review_on=commission.started_at)
    telling.remind_of_commissions(0)
    actions.exit_commission(
        actor=convenor_of(commission.area),
        commission=commission,
        reason=REASON,
        evidence=EVIDENCE,
        ended_on=commission.started_at.date(),  # type: ignore[union-attr]
    )
    said = [
        *HistoryEntry.objects.values_list("note", "after", "verb"),
        *Notification.objects.values_list("title", "body"),
        *Transfer.objects.values_list("reason", "effect"),
        *AuditEntry.objects.values_list("what", "detail"),
        *(json.dumps(args, default=str) for args in ProcrastinateJob.objects.values_list("args", flat=True)),
        str(commission),
        *(str(each) for each in commission.school.school.support_categories.all()),
        caplog.text,
    ]

    text = json.dumps(said, default=str)
    assert [word for word in CANARIES if word in text] == []
    assert "intervention" not in text.lower()


def test_an_academys_page_never_presents_it_as_intervened_in_by_the_authority() -> None:
    row = a_commission(a_school(academy=True), level="intervention")
    client = Client()
    client.force_login(User.objects.get(pk=convenor_of(row.area).user_id))

    page = client.get(reverse("partnership:commission", args=[row.reference])).content.decode()

    assert "ntervention" not in page and "interven" not in page.lower()
    assert "raised with the responsible body" in page
