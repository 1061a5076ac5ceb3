"""Who hears of settlement: both sides of a statement, whatever becomes of it, and of a claim for cover."""

import ast
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from marketplace.billing import actions
from marketplace.billing.actions import papers
from marketplace.billing.models import CoverKind
from marketplace.billing.states import CLAIM, SETTLEMENT
from marketplace.kernel.access import Role
from marketplace.notifications.models import Notification
from marketplace.notifications.settling import CLAIM_WORDS, STATEMENT_WORDS
from marketplace.organisations.models import OrganisationKind
from tests.billing.settling import Brokered
from tests.builders import a_person, actor_of, an_organisation

pytestmark = pytest.mark.django_db

Jobs = Callable[[], list[str]]


class Sides:
    """A brokered day, somebody on each side who is told, and their colleagues who act."""

    def __init__(self, *, same_authority: bool = False) -> None:
        self.scene = Brokered(same_authority=same_authority)
        self.scene.a_day()
        self.broker = a_person(Role.FINANCE, at=self.scene.broker)
        self.releasing = a_person(Role.FINANCE, at=self.scene.releasing)

    def told(self) -> tuple[list[str], list[str]]:
        """Titles so far without the reference: of the broker's officer, of the releasing school's."""
        broker, releasing = (
            [title.rpartition(":")[0] for title in rows.values_list("title", flat=True)]
            for rows in (
                Notification.objects.filter(user=user).order_by("pk")
                for user in (self.broker, self.releasing)
            )
        )
        return broker, releasing


def test_both_sides_hear_of_a_statement_its_dispute_and_its_payment(run_jobs: Jobs) -> None:
    sides = Sides()
    scene = sides.scene
    statement = scene.a_statement()
    run_jobs()

    statement = actions.dispute_statement(actor=scene.head, statement=statement, reason="Half a day only.")
    run_jobs()
    actions.clear_dispute(actor=scene.finance, statement=statement, note="A whole day, by telephone.")
    run_jobs()
    today = papers.today()
    actions.record_invoice(actor=scene.head, statement=statement, number="OAK-1", dated=today, vat_pence=0)
    run_jobs()
    actions.pay_statement(actor=scene.finance, statement=statement, paid_on=today)
    run_jobs()

    heard = [
        "New settlement statement",
        "Settlement disputed",
        "Dispute settled",
        "Invoice recorded",
        "Settlement paid",
    ]
    for told in sides.told():
        assert [title for title in told if title in STATEMENT_WORDS.values()] == heard


def test_both_sides_hear_of_a_statement_withdrawn_and_of_one_in_the_journal(run_jobs: Jobs) -> None:
    sides = Sides(same_authority=True)
    scene = sides.scene
    authority = an_organisation(OrganisationKind.LOCAL_AUTHORITY, area=scene.area)
    actions.withdraw_statement(actor=scene.finance, statement=scene.a_statement(), reason="One day too few.")
    scene.a_statement()
    finance = actor_of(a_person(Role.FINANCE, at=authority))
    actions.run_journals(actor=finance, area=scene.area, month=papers.today())

    run_jobs()

    for told in sides.told():
        assert {"Settlement withdrawn", "Settlement in the journal"} <= set(told)


def test_the_broker_hears_of_a_claim_and_the_school_of_the_answer(run_jobs: Jobs) -> None:
    sides = Sides()
    scene = sides.scene
    booking = scene.a_day()
    for answer in (actions.refuse_backfill, actions.accept_backfill):
        claim = actions.claim_backfill(
            actor=scene.head, booking=booking, pence=10_000, cover=CoverKind.values[0]
        )
        reason = {"reason": "Whose cover?"} if answer is actions.refuse_backfill else {}
        answer(actor=scene.finance, claim=claim, **reason)
    run_jobs()

    broker, releasing = sides.told()
    assert broker.count("Claim for cover") == 2
    assert {"Claim for cover refused", "Claim for cover accepted"} <= set(releasing)


def published(event: str) -> Iterator[str]:
    """The verbs under which the actions of billing publish an event, as they are written there."""
    for module in Path(actions.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(module.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == event:
                verb = node.args[1]
                if isinstance(verb, ast.Constant):
                    yield str(verb.value)


def test_there_are_words_for_every_verb_that_is_published() -> None:
    decided = {edge.verb for edge in CLAIM.edges} - {"withdraw"}

    assert set(published("StatementMoved")) | {edge.verb for edge in SETTLEMENT.edges} == set(STATEMENT_WORDS)
    assert set(published("ClaimMoved")) | decided == set(CLAIM_WORDS)
