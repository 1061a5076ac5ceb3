"""The pages of deployments: the chain on one page, what each party may do there, and what nobody may learn from them."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Deployment
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotNow
from marketplace.organisations.models import User
from tests.builders import (
    OBJECTIVE_FOR_TESTS,
    Parties,
    a_deployment,
    a_deployment_visit,
    a_person,
    a_practitioner,
    a_school,
    actor_of,
    an_asked_provider,
    an_awarded_request,
    an_offer,
    some_terms,
    the_parties,
)

pytestmark = pytest.mark.django_db


def page_of(actor: Actor, path: str, data: dict[str, Any] | None = None, status: int = 200) -> str:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    answer = client.get(path) if data is None else client.post(path, data, follow=True)
    assert answer.status_code == status, answer.content.decode()[-1500:]
    return "".join(answer.content.decode().split("\n"))


def at(row: Deployment, more: str = "") -> str:
    return f"/deployments/{row.reference}/{more}"


def a_text(**changes: Any) -> dict[str, Any]:
    today = local(timezone.now()).date()
    ends = today + timedelta(days=60)
    return {
        "focus": "Early reading",
        "half_days": "4",
        "starts_on-day": today.day,
        "starts_on-month": today.month,
        "starts_on-year": today.year,
        "ends_on-day": ends.day,
        "ends_on-month": ends.month,
        "ends_on-year": ends.year,
        "payer": "school",
        "confidentiality": "Between us",
        "brokered_by": "provider",
        "aim_1": "All read",
        "measure_1": "The check",
        "baseline_1": "Six in ten",
        "area_1": "attendance",
    } | changes


# Agreeing ------------------------------------------------------------------------------------------------------------


def test_a_school_writes_an_agreement_from_its_need_and_sends_it() -> None:
    parties = the_parties()
    buyer, scene = parties.scene.buyer, parties.scene

    assert parties.need.reference in page_of(buyer, "/deployments/new/")
    found = page_of(buyer, f"/deployments/new/?need={parties.need.reference}")
    assert scene.practitioner.name in found and scene.offer.shown.title in found
    query = (
        f"?offer={scene.offer.reference}&person={scene.practitioner.reference}&school={scene.school.urn}"
        f"&need={parties.need.reference}"
    )
    saved = page_of(buyer, f"/deployments/new/agreement/{query}", a_text())

    row = Deployment.objects.scoped().get()
    assert (row.need, row.half_days, row.net_pence, row.status) == (parties.need, 8, 140_000, "draft")
    assert "Nobody else sees the agreement" in saved and "£1,400.00" in saved
    assert "All four are asked to sign" in page_of(buyer, at(row, "send/"), {})


def test_from_a_request_the_provider_chosen_its_days_and_its_price_are_taken_over() -> None:
    scene = the_parties().scene
    elsewhere = an_offer(
        an_asked_provider(scene.area), themes=[scene.theme], practitioners=[a_practitioner()]
    )
    request = an_awarded_request(
        scene.school, scene.offer.provider, people=[scene.practitioner], half_days=4, price_pence=90_000
    )

    assert f"/deployments/new/?source={request.reference}" in page_of(
        scene.buyer, f"/needs/requests/{request.reference}/"
    )
    who = page_of(scene.buyer, f"/deployments/new/?source={request.reference}")
    assert "Named in the response" in who and "£900.00" in who and elsewhere.reference not in who
    key = f"{scene.offer.reference}.{scene.practitioner.reference}"
    write = page_of(
        scene.buyer,
        f"/deployments/new/?source={request.reference}",
        {"school": scene.school.urn, "who": key},
    )
    first = queries.selected_response(request).first_day
    assert re.search(r'name="half_days"[^>]*value="2"', write)
    assert re.search(rf'name="starts_on-day"[^>]*value="{first.day}"', write)
    query = f"?offer={scene.offer.reference}&person={scene.practitioner.reference}&school={scene.school.urn}"
    saved = page_of(
        scene.buyer, f"/deployments/new/agreement/{query}&source={request.reference}", a_text(half_days="2")
    )
    assert "£900.00" in saved and request.reference in saved


def test_what_is_missing_is_told_at_its_field() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="draft")

    shown = page_of(
        parties.scene.buyer,
        at(row, "change/"),
        a_text(version=1, aim_1="", aim_2="More", area_2="", payer="split"),
        status=422,
    )

    for words in (
        "Objective 1: say what should change",
        "Objective 2: choose an area",
        "share, from 1 to 99",
    ):
        assert words in shown


def test_a_share_beyond_the_whole_is_told_once_and_with_its_name() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="draft")

    shown = page_of(
        parties.scene.buyer, at(row, "change/"), a_text(payer="split", school_percent="150"), status=422
    )

    assert (
        shown.count("If shared, the school’s share: enter 99 or less") == 2
    )  # in the summary and at the box
    assert "from 1 to 99 percent" not in shown


def test_a_change_says_whose_signature_falls() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign", signed=["broker"])
    name = parties.scene.provider_lead.name

    assert f"{name} signed the text as it is" in page_of(parties.scene.buyer, at(row, "change/"))
    shown = page_of(parties.scene.buyer, at(row, "change/"), a_text(version=1))

    assert "Whoever had signed signs again" in shown
    assert f"No longer signed, because the text changed after they had signed: {name}" in shown


def test_who_changes_an_old_text_is_told_and_may_go_on() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="draft")
    actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=6))

    shown = page_of(parties.scene.buyer, at(row, "change/"), a_text(version=1), status=422)

    assert "your text takes its place" in shown and 'name="version" value="2"' in shown


def test_four_sign_on_their_pages() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")

    for capacity, actor in parties.signers.items():
        assert f"sign/{capacity}/" in page_of(actor, at(row))
        signed = page_of(actor, at(row, f"sign/{capacity}/"), {"version": 1, "declared": "on"})

    assert "All four have signed: it is in force" in signed
    row.refresh_from_db()
    assert row.status == "active"


def test_nobody_signs_unread_or_an_old_text() -> None:
    parties = the_parties()
    row = a_deployment(parties, status="to_sign")
    path = at(row, "sign/practitioner/")

    assert "Tick that you have read" in page_of(parties.scene.person, path, {"version": 1}, status=422)
    actions.change_terms(actor=parties.scene.buyer, deployment=row, version=1, **some_terms(half_days=6))
    told = page_of(parties.scene.person, path, {"version": 1, "declared": "on"})

    assert "changed while you were reading" in told and "Sign version 2" in told


def test_the_releasing_head_sees_the_year_and_the_gap_in_the_assurance() -> None:
    parties = the_parties()
    practitioner = parties.scene.practitioner
    practitioner.agreed_half_days = 2
    practitioner.save()
    practitioner.assurances.all().delete()
    row = a_deployment(parties, status="to_sign")
    path = at(row, "sign/releasing_head/")

    shown = page_of(parties.scene.releasing_head, path)

    assert "Your assurance of checks does not cover" in shown
    assert "more than the days you agreed to" in shown
    refused = page_of(parties.scene.releasing_head, path, {"version": 1, "declared": "on"}, status=422)
    assert "Tick that you agree to more days" in refused
    done = page_of(
        parties.scene.releasing_head,
        path,
        {"version": 1, "declared": "on", "beyond_agreed": "on", "note": "Agreed"},
    )
    assert "Signed." in done


@pytest.mark.parametrize(
    ("verb", "status", "by"),
    [
        ("withdraw", "to_sign", "buyer"),
        ("decline", "to_sign", "person"),
        ("pause", "active", "receiving_head"),
        ("stop", "paused", "provider_lead"),
    ],
)
def test_it_ends_or_rests_with_a_reason(verb: str, status: str, by: str) -> None:
    parties = the_parties()
    row = a_deployment(parties, status=status)
    actor = getattr(parties.scene, by)

    assert "Reason" in page_of(actor, at(row, f"end/{verb}/"), {"reason": ""}, status=422)
    assert "An honest reason" in page_of(actor, at(row, f"end/{verb}/"), {"reason": "An honest reason"})


def test_a_paused_deployment_is_resumed_and_names_visits_that_stand() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    visit = a_deployment_visit(parties, row, day=parties.scene.day)
    actions.pause_deployment(actor=parties.scene.receiving_head, deployment=row, reason="Inspection")

    shown = page_of(parties.scene.receiving_head, at(row))

    assert "Visits still booked" in shown and visit.booking.reference in shown
    assert "It goes on." in page_of(parties.scene.receiving_head, at(row, "resume/"), {})


def test_the_agreement_is_a_pdf() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    client = Client()
    client.force_login(User.objects.get(pk=parties.scene.person.user_id))

    answer = client.get(at(row, "agreement.pdf"))

    assert answer.status_code == 200
    assert answer.content.startswith(b"%PDF") or b"Deployment agreement" in answer.content


# Working -------------------------------------------------------------------------------------------------------------


def test_a_visit_is_booked_from_the_deployment() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    query = "book/?kind=scoping&session=day&mode=in_person&first_day=" + parties.scene.day.isoformat()

    assert f'value="{local(timezone.now()).date()}"' in page_of(parties.scene.buyer, at(row, "book/"))
    assert "Free times" in page_of(parties.scene.buyer, at(row, query))
    ordered = page_of(parties.scene.buyer, at(row, query), {"day": parties.scene.day.isoformat()})

    assert "Held for you until" in ordered
    assert row.visits.get().kind == "scoping"


def test_more_than_agreed_is_refused_on_the_page() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=1)
    query = "book/?kind=visit&session=day&mode=in_person&first_day=" + parties.scene.day.isoformat()

    told = page_of(parties.scene.buyer, at(row, query), {"day": parties.scene.day.isoformat()}, status=422)

    assert "Change the agreement first" in told


def test_the_practitioner_writes_record_and_notes_and_the_school_comments() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    visit = a_deployment_visit(parties, row)
    path = at(row, f"visits/{visit.booking.reference}/")

    page_of(
        parties.scene.person,
        path,
        {"happened": "We taught together", "next_steps": "Again", "note_1": "Two routines"},
    )
    shown = page_of(parties.scene.buyer, path, {"text": "The lead was ill", "comment": "1"})

    for words in ("We taught together", "Two routines", "The lead was ill"):
        assert words in shown
    assert "The lead was ill" in page_of(parties.scene.person, path)
    assert "The lead was ill" not in page_of(parties.convenor, path)
    assert "Two routines" in page_of(parties.convenor, at(row))


def test_a_visit_of_a_deployment_is_not_evaluated_besides_the_deployment() -> None:
    parties = the_parties()
    visit = a_deployment_visit(parties, a_deployment(parties))
    booking, head = visit.booking, parties.scene.receiving_head
    words = {"happened": "We read together", "next_steps": "Group 3"}
    saved = page_of(parties.scene.person, f"/bookings/{booking.reference}/record/", words)

    assert "evaluates the deployment as a whole" in saved
    assert "Evaluate the support" not in page_of(head, f"/bookings/{booking.reference}/")
    assert "evaluates as a whole" in page_of(head, f"/bookings/{booking.reference}/evaluate/")
    with pytest.raises(NotNow, match="part of a deployment"):
        actions.evaluate(
            actor=head, booking=booking, success=4, effectiveness=4, what_changed="All read", evidence="Books"
        )


def test_a_record_that_is_late_is_shown_as_late() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    a_deployment_visit(parties, row, day=local(timezone.now()).date() - timedelta(days=20))

    assert "Record late" in page_of(parties.scene.receiving_head, at(row))


def test_review_mid_point_evaluation_and_comment_read_on_one_page() -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=2)
    visit = a_deployment_visit(parties, row)
    scene, today = parties.scene, local(timezone.now()).date()
    page_of(
        scene.person,
        at(row, "review/"),
        {
            "rag_1": "amber",
            "details_1": "Half-way there",
            "next_steps": "More of it",
            "reviewed_on": today.isoformat(),
        },
    )
    assert at(row, "evaluate/") not in page_of(scene.receiving_head, at(row))
    page_of(scene.provider_lead, at(row, "mid-point/"), {"on_course": "yes", "value": "The lead is sure"})
    actions.record_visit(actor=scene.person, booking=visit.booking, happened="A visit.", next_steps="None.")
    evaluation = {
        "outcome_1": "achieved",
        "evidence_1": "The check in June",
        "counter_evidence_1": "A strong cohort",
        "overall": "5",
        "effectiveness": "4",
        "value_for_money": "yes",
        "what_lasts": "The routines",
    }
    assert at(row, "evaluate/") in page_of(scene.receiving_head, at(row))
    page_of(scene.receiving_head, at(row, "evaluate/"), evaluation | {"evidence_1": " "}, status=422)
    page_of(scene.receiving_head, at(row, "evaluate/"), evaluation)
    page_of(scene.person, at(row, "comment/"), {"text": "They made time for it"})
    agreed = page_of(scene.receiving_head, at(row, "case-study/"), {"agreed": "yes"})
    assert "Agree to share it" not in agreed and "No longer agree to share it" in agreed
    assert "Agree to share it" in page_of(scene.releasing_head, at(row))
    page_of(scene.releasing_head, at(row, "case-study/"), {"agreed": "yes"})

    for actor in (scene.receiving_head, scene.provider_lead, scene.person, parties.convenor):
        shown = page_of(actor, at(row))
        order = [
            "1. The need",
            OBJECTIVE_FOR_TESTS["aim"],
            "3. Visits",
            "Half-way there",
            "The lead is sure",
            "The check in June",
            "A strong cohort",
            "They made time for it",
            "Case study",
        ]
        places = [shown.index(str(words)) for words in order]
        assert places == sorted(places)


def test_a_concern_is_raised_answered_closed_and_opened_again() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    scene = parties.scene

    form = page_of(scene.person, at(row, "concerns/new/"))
    assert "who broker this deployment" in form
    page_of(scene.person, at(row, "concerns/new/"), {"text": "Nobody is there", "listener": "broker"})
    page_of(scene.provider_lead, at(row, "concerns/1/"), {"answer": "I rang the head"})
    page_of(scene.provider_lead, at(row, "concerns/1/"), {"close": "1"})
    shown = page_of(scene.person, at(row, "concerns/1/"), {"reason": "It went on"})

    assert "It went on" in shown and "I rang the head" in shown
    assert "Concern 1" in page_of(scene.person, at(row))
    assert "Concern 1" not in page_of(scene.receiving_head, at(row))
    page_of(scene.receiving_head, at(row, "concerns/1/"), status=404)


# What nobody may learn -----------------------------------------------------------------------------------------------

CANARY = "CANARY-category-requires-improvement"


def test_the_provider_side_never_reads_what_the_school_wrote_in_its_need() -> None:
    parties = the_parties(note=CANARY, max_price_pence=98_765)
    row = a_deployment(parties, status="finished")
    scene = parties.scene
    paths = [at(row), "/deployments/", "/deployments/?format=csv", at(row, "concerns/new/"), "/"]

    for actor in (scene.provider_lead, scene.releasing_head, scene.person):
        for path in paths:
            shown = page_of(actor, path) if "csv" not in path else ""
            assert CANARY not in shown and "987.65" not in shown, path
    assert CANARY in page_of(scene.receiving_head, at(row))
    assert CANARY in page_of(parties.convenor, at(row))


def test_a_convenor_who_only_oversees_does_not_read_the_background() -> None:
    parties = the_parties()
    row = a_deployment(parties, background=CANARY)

    assert CANARY not in page_of(parties.convenor, at(row))
    for actor in (parties.scene.receiving_head, parties.scene.provider_lead, parties.scene.person):
        assert CANARY in page_of(actor, at(row))


def test_other_schools_see_nothing() -> None:
    parties = the_parties()
    row = a_deployment(parties)
    other = actor_of(a_person(Role.HEADTEACHER, Role.PROVIDER_LEAD, at=a_school(parties.scene.area)))

    assert row.reference not in page_of(other, "/deployments/")
    for more in ("", "agreement.pdf", "sign/broker/", "book/", "review/", "concerns/new/"):
        page_of(other, at(row, more), status=404)


# Lists ---------------------------------------------------------------------------------------------------------------


def test_the_list_is_filtered_sorted_and_given_as_csv() -> None:
    parties = the_parties()
    active = a_deployment(parties)
    waiting = a_deployment(parties, status="to_sign")
    head = parties.scene.receiving_head

    shown = page_of(head, "/deployments/?status=active&sort=-days")
    assert active.reference in shown and waiting.reference not in shown
    assert "No deployments match" in page_of(head, "/deployments/?case_study=on")
    client = Client()
    client.force_login(User.objects.get(pk=head.user_id))
    csv = b"".join(client.get("/deployments/?format=csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert csv.count("\n") == 3 and waiting.reference in csv


def test_the_list_costs_the_same_however_long_it_is(django_assert_max_num_queries: Any) -> None:
    parties: Parties = the_parties()
    for _ in range(5):
        a_deployment(parties, status="to_sign")
    client = Client()
    client.force_login(User.objects.get(pk=parties.scene.receiving_head.user_id))

    with django_assert_max_num_queries(12):
        assert client.get("/deployments/").status_code == 200


def test_the_page_costs_the_same_however_much_was_said(django_assert_max_num_queries: Any) -> None:
    parties = the_parties()
    row = a_deployment(parties, half_days=20)
    for days in (2, 5, 9):
        visit = a_deployment_visit(parties, row, day=local(timezone.now()).date() - timedelta(days=days))
        actions.record_deployment_visit(
            actor=parties.scene.person, visit=visit, happened="A visit", next_steps="Go on", notes={1: "Much"}
        )
    for _ in range(3):
        actions.review_progress(
            actor=parties.scene.person,
            deployment=row,
            ratings={1: actions.Rating("green", "Good")},
            next_steps="Go on",
        )
    client = Client()
    client.force_login(User.objects.get(pk=parties.scene.receiving_head.user_id))

    with django_assert_max_num_queries(40):
        assert client.get(at(row)).status_code == 200
