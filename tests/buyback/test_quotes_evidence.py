"""Quotes evidence: what it has to say, that it stays as it is, and that large orders can't do without."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from marketplace.buyback import actions, queries
from marketplace.buyback.models import QuotesEvidence
from marketplace.buyback.rules import Approver, Asked, Pack, Step, missing_from
from marketplace.buyback.verification import evidence_is_complete
from marketplace.kernel import history
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.dates import local
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.organisations.models import OrganisationKind, School
from tests.builders import (
    a_ladder,
    a_person,
    a_provider,
    a_school,
    actor_of,
    an_offer,
    an_organisation,
    some_evidence,
)

THREE = [Asked("A", "quoted", 100, True), Asked("B", "quoted", 200, False), Asked("C", "quoted", 300, False)]


def a_pack(asked: list[Asked], **said: str) -> Pack:
    defaults = {"reason_not_lowest": "", "reason_fewer_quotes": "", "conflicts": "None"}
    return Pack(asked, **defaults | said)


def staff_of(school: School) -> Actor:
    return actor_of(a_person(Role.STAFF, at=school))


# What it has to say ----------------------------------------------------------------------------------------------------


def test_three_quotes_with_the_lowest_chosen_and_no_conflict_lack_nothing() -> None:
    assert missing_from(a_pack(THREE), 3) == []


@pytest.mark.parametrize(
    ("pack", "needed", "says"),
    [
        (a_pack([]), 0, ["Nobody has been asked", "No supplier has given a price"]),
        (a_pack([*THREE, Asked("D", "waiting", None, False)]), 3, ["D has still to answer"]),
        (a_pack([each._replace(is_chosen=False) for each in THREE]), 3, ["not said which quote is chosen"]),
        (a_pack(THREE[:2]), 3, ["2 of 3 quotes"]),
        (a_pack(THREE, conflicts=" "), 3, ["Conflicts of interest"]),
        (
            a_pack([THREE[0]._replace(is_chosen=False), THREE[1]._replace(is_chosen=True), THREE[2]]),
            3,
            ["B is not the lowest (A asks £1.00)"],
        ),
    ],
)
def test_what_is_missing_is_said_in_words(pack: Pack, needed: int, says: list[str]) -> None:
    missing = missing_from(pack, needed)

    assert len(missing) == len(says)
    assert all(words in sentence for words, sentence in zip(says, missing, strict=True))


def test_reasons_stand_in_for_a_quote_and_for_the_lowest_price() -> None:
    asked = [
        THREE[0]._replace(is_chosen=False),
        THREE[1]._replace(is_chosen=True),
        Asked("D", "declined", None, False),
    ]

    assert (
        missing_from(a_pack(asked, reason_not_lowest="Knows us", reason_fewer_quotes="Nobody else"), 3) == []
    )


# Gathering it ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_from_the_need_to_complete_evidence() -> None:
    provider = a_provider()
    school = a_school(provider.area)
    staff, today = staff_of(school), local(timezone.now()).date()
    evidence = actions.start_evidence(
        actor=staff, organisation=school.organisation, subject="Reading", need_pence=1_200_000
    )

    offered = actions.ask_offer(actor=staff, evidence=evidence, offer=an_offer(provider), half_days=40)
    assert (offered.answer, offered.supplier, offered.price_pence) == ("quoted", provider, 700_000)
    assert offered.price["lines"]
    for name, answer, pence in (("Eastgate", "quoted", 650_000), ("Westway", "declined", None)):
        asked = actions.ask_supplier(
            actor=staff, evidence=evidence, supplier_name=name, asked_on=today - timedelta(days=5)
        )
        actions.record_answer(actor=staff, quote=asked, answer=answer, price_pence=pence)
    actions.choose_quote(actor=staff, quote=offered)
    with pytest.raises(actions.EvidenceIncomplete) as refused:
        actions.complete_evidence(actor=staff, evidence=evidence)
    assert len(refused.value.missing) == 3
    actions.describe_evidence(
        actor=staff,
        evidence=evidence,
        subject="Reading, whole school",
        need_pence=1_200_000,
        reason_not_lowest="They know our children",
        reason_fewer_quotes="Nobody else comes here",
        conflicts="None",
    )

    done = actions.complete_evidence(actor=staff, evidence=evidence)

    assert done.status == "complete" and done.requirement["quotes_needed"] == 3
    assert [line.verb for line in history.of(done)] == [
        "start", "ask", "ask", "answer", "ask", "answer", "select", "complete",
    ]  # fmt: skip
    assert evidence_is_complete() == []


@pytest.mark.django_db
def test_complete_evidence_never_changes() -> None:
    school = a_school()
    staff, evidence = staff_of(school), some_evidence(school)
    quote = evidence.quotes.first()
    assert quote is not None

    for change in (
        lambda: actions.describe_evidence(actor=staff, evidence=evidence, subject="Else", need_pence=1),
        lambda: actions.record_answer(actor=staff, quote=quote, answer="declined"),
        lambda: actions.choose_quote(actor=staff, quote=quote),
        lambda: actions.remove_quote(actor=staff, quote=quote),
        lambda: actions.complete_evidence(actor=staff, evidence=evidence),
    ):
        with pytest.raises(NotNow, match="stays as it is"):
            change()
    for change in (
        lambda: QuotesEvidence.objects.filter(pk=evidence.pk).update(subject="Else"),
        lambda: QuotesEvidence.objects.filter(pk=evidence.pk).update(status="draft"),
        lambda: evidence.quotes.update(price_pence=1),
        lambda: evidence.quotes.create(supplier_name="Late", asked_on=quote.asked_on),
        lambda: quote.delete(),
    ):
        with pytest.raises(DatabaseError, match="stay"), transaction.atomic():
            change()


@pytest.mark.django_db
def test_evidence_is_for_the_organisations_own_people() -> None:
    school, evidence = a_school(), some_evidence(complete=False)

    with pytest.raises(NotFound):
        queries.evidence_for(staff_of(school), evidence.reference)
    with pytest.raises(NotAllowed):
        actions.start_evidence(
            actor=staff_of(school), organisation=evidence.organisation, subject="x", need_pence=1
        )
    governor = actor_of(a_person(Role.GOVERNOR, at=evidence.organisation))
    assert queries.evidence_for(governor, evidence.reference) == evidence
    with pytest.raises(NotAllowed):
        actions.complete_evidence(actor=governor, evidence=evidence)


@pytest.mark.django_db
def test_an_offer_is_priced_once() -> None:
    school = a_school()
    staff = staff_of(school)
    evidence, offer = some_evidence(school, complete=False), an_offer()
    actions.ask_offer(actor=staff, evidence=evidence, offer=offer, half_days=2)

    with pytest.raises(actions.EvidenceInvalid, match="already"):
        actions.ask_offer(actor=staff, evidence=evidence, offer=offer, half_days=4)


# Orders can't do without -----------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_large_order_needs_evidence_of_its_own_organisation_for_its_own_supplier() -> None:
    provider, school = a_provider(), a_school()
    buyer = school.organisation
    needed = 1_000_000

    actions.check_evidence(buyer, needed - 1, None)
    actions.check_evidence(buyer, needed, some_evidence(school))
    actions.check_evidence(buyer, needed, some_evidence(school, supplier=provider), supplier=provider)
    for evidence, says in (
        (None, "need 3 quotes"),
        (some_evidence(school, complete=False), "not complete"),
        (some_evidence(), "another organisation"),
        (some_evidence(school, quotes={"A": 1, "B": None}), "1 of 3 quotes"),
        (some_evidence(school, supplier=a_provider()), "chose"),
        (some_evidence(school), "chose Northside, and this order goes to"),
        (some_evidence(school, supplier=provider, need_pence=needed - 1), "this order costs"),
    ):
        with pytest.raises(actions.EvidenceMissing, match=says):
            actions.check_evidence(buyer, needed, evidence, supplier=provider)


@pytest.mark.django_db
def test_a_supplier_whose_name_was_typed_is_the_one_of_that_name() -> None:
    provider, school = a_provider(), a_school()
    evidence = some_evidence(school, quotes={f" {provider.name.upper()}": 1, "B": 2, "C": None})

    actions.check_evidence(
        school.organisation, 1_000_000, some_evidence(school, supplier=provider), supplier=provider
    )
    with pytest.raises(actions.EvidenceMissing, match="2 of 3 quotes"):
        actions.check_evidence(school.organisation, 1_000_000, evidence, supplier=provider)
    evidence.reason_fewer_quotes = "Nobody else within reach"
    actions.check_evidence(school.organisation, 1_000_000, evidence, supplier=provider)


@pytest.mark.django_db
def test_evidence_of_the_trust_serves_its_schools() -> None:
    trust = an_organisation(OrganisationKind.TRUST)
    school = a_school(academy=True, trust=trust)

    actions.check_evidence(school.organisation, 1_000_000, some_evidence(trust))


@pytest.mark.django_db
def test_the_minute_is_named_by_the_order_or_by_the_evidence() -> None:
    school = a_school()
    a_ladder(school, Step(0, Approver.GOVERNORS, minute_needed=True))

    with pytest.raises(actions.EvidenceMissing, match="minute") as refused:
        actions.check_evidence(school.organisation, 1, None)
    assert refused.value.field == "minute_reference"
    actions.check_evidence(school.organisation, 1, None, "FGB 7.2")
    actions.check_evidence(school.organisation, 1, some_evidence(school, minute_reference="FGB 7.2"))
