"""A year of documents and payments: what was issued when, who paid when, and who has not.

Everybody's papers and payments stand on one agenda. Schools pay all that is due to a supplier in one transfer; journals go over to
the authority's ledger each month; of each age some debt is left, for the finance officers to look at.
"""

from datetime import date, datetime, time, timedelta
from functools import partial

from django.utils import timezone

from marketplace.billing import actions as billing
from marketplace.billing.actions.instalments import issue_due_instalments, plan_instalments
from marketplace.billing.actions.journals import run_journals, set_cost_centre
from marketplace.billing.models import Document, DocumentKind, Instalment, ReceiptMethod
from marketplace.billing.queries.journals import waiting_journals
from marketplace.billing.queries.receipts import outstanding_of
from marketplace.billing.rules.ageing import Age, age_of
from marketplace.bookings.models import Booking
from marketplace.buyback.models import AgreementYear, ServiceAgreement
from marketplace.demo_area.agenda import Agenda
from marketplace.demo_area.bodies import Place, Providers
from marketplace.demo_area.bookings import Booked
from marketplace.demo_area.buyback import drawing
from marketplace.demo_area.buyback.payments import pay_whole, reference_of
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.dates import local, to_utc
from marketplace.organisations.models import Organisation
from marketplace.organisations.queries import actor_for

CREDITED = (37, 112)
"""Of all papers for bookings in the order they were issued, those that were credited later."""

PAYS_AFTER = (16, 24, 31, 38)
"""Days from a paper to the payment run in which a school pays it."""

OVERPAID_PENCE = 2_500
A_LARGE_PAYMENT_PENCE = 100_000
ODD_PAYMENT_DAYS = 120
"""The first payments as large as this in the last months are not quite right: one is too much, two are a part."""


class Books:
    """The papers and payments of an area. `forgotten` are the documents left unpaid, by supplier and age."""

    def __init__(
        self, place: Place, providers: Providers, people: People, agenda: Agenda, chance: Chance, today: Today
    ) -> None:
        self.place, self.providers, self.people = place, providers, people
        self.agenda, self.chance, self.today = agenda, chance, today
        self.documents: list[Document] = []
        self.forgotten: dict[tuple[int, Age], Document] = {}
        self._of_bookings = 0
        self._open: dict[tuple[int, int], list[Document]] = {}
        self._due: set[tuple[int, int]] = set()
        self._credited: set[tuple[int, int]] = set()
        self._keepers: dict[int, Actor] = {}
        self._chased = {providers[name].pk for name in ("company", "service", "hub")}
        self._odd = iter(("over", "part", "", "part"))

    def keeper(self, payee: Organisation) -> Actor:
        """Who keeps the books of an organisation: its finance officer, its lead, its head."""
        if payee.pk not in self._keepers:
            people = self.people
            user = people.finance.get(payee.pk) or people.leads.get(payee.pk) or people.heads.get(payee.pk)
            self._keepers[payee.pk] = actor_for(user) if user else SYSTEM
        return self._keepers[payee.pk]

    # Papers ----------------------------------------------------------------------------------------------------------

    def enter(self, booked: Booked) -> None:
        """What bookings did to packages and credits, and the papers they called for."""
        for booking in booked.rows:
            life = booked.lives[booking.reference]
            if booking.is_prepaid:
                for at, status, actor in drawing.movements_of(booking, life):
                    put = self.agenda.at if booking.entitlement_id else self.agenda.at_once
                    put(at, partial(drawing.follow, booking, status, actor))
            if booking.delivered_at:
                self._paper_at(booking.delivered_at, booking)
            elif booking.cancellation_charge_pence or booking.cancellation_charge_half_days:
                self._paper_at(life.steps[-1].at, booking)

    def _paper_at(self, at: datetime, booking: Booking) -> None:
        self.agenda.at(at + timedelta(minutes=1), lambda: self._issue(booking))

    def _issue(self, booking: Booking) -> None:
        issue = billing.issue_for_delivery if booking.delivered_at else billing.issue_for_cancellation
        document = issue(actor=SYSTEM, booking=booking)
        if document is None:
            return
        self.note(document)
        if not document.gross_pence:
            return
        if self._of_bookings in CREDITED:
            self.agenda.at_once(document.issued_at + timedelta(days=6), partial(self._credit, document))
        self._of_bookings += 1

    def _credit(self, document: Document) -> None:
        note = billing.credit(actor=SYSTEM, document=document, reason="The wrong school was charged.")
        self.note_credit(note)

    def bill(self, year: AgreementYear, at: datetime) -> None:
        """Plan the instalments of a contract year that began at a moment, and issue each on its day."""
        self.agenda.at(at + timedelta(minutes=2), lambda: self._plan(year, at))

    def _plan(self, year: AgreementYear, at: datetime) -> None:
        for instalment in plan_instalments(actor=SYSTEM, year=year):
            when = max(to_utc(instalment.issue_on, time(6, 30)), at + timedelta(minutes=3))
            self.agenda.at(when, partial(self._issue_instalment, instalment))

    def _issue_instalment(self, instalment: Instalment) -> None:
        if issue_due_instalments(of=[instalment]):
            instalment.refresh_from_db()
            assert instalment.document is not None
            self.note(instalment.document)

    def note(self, document: Document) -> None:
        """A paper was issued: its buyer pays it in a later run, unless it is one of those that are forgotten."""
        self.documents.append(document)
        if document.kind != DocumentKind.INVOICE:
            return
        age = (document.supplier_id, age_of(document.due_on, self.today.day))
        if age[0] in self._chased and age not in self.forgotten and age[1] != Age.NOT_DUE:
            self.forgotten[age] = document
            return
        pair = (document.supplier_id, document.buyer_id)
        if document.gross_pence:
            self._open.setdefault(pair, []).append(document)
        if pair not in self._due:
            self._due.add(pair)
            after = timedelta(days=self.chance.one_of(PAYS_AFTER), hours=self.chance.rng.randrange(9, 15))
            self.agenda.at(document.issued_at + after, partial(self._pay, pair))

    def note_credit(self, note: Document) -> None:
        """A paper was credited, whole or in part: what was paid on it is on account, and what its buyer owes has to be asked."""
        self.documents.append(note)
        if note.credits:
            billing.release_overpaid(actor=SYSTEM, document=note.credits)
        self._credited.add((note.supplier_id, note.buyer_id))

    # Payments --------------------------------------------------------------------------------------------------------

    def _pay(self, pair: tuple[int, int]) -> None:
        """One transfer for all that a school owes a supplier; now and then too much, or only a part."""
        self._due.discard(pair)
        owing = self._open.pop(pair, [])
        if not owing:
            return
        total = sum(document.gross_pence for document in owing)
        actor, on = self.keeper(owing[0].supplier), local(timezone.now()).date()
        is_odd = total > A_LARGE_PAYMENT_PENCE and on > self.today + -ODD_PAYMENT_DAYS
        how = next(self._odd, "") if is_odd else ""
        effect = f"demo:{owing[0].pk}"
        if pair in self._credited or how:
            self._pay_what_is_owed(actor, owing, how, on, effect)
        else:
            pay_whole(actor=actor, documents=owing, on=on, effect=effect)

    def _pay_what_is_owed(
        self, actor: Actor, documents: list[Document], how: str, on: date, effect: str
    ) -> None:
        owed = outstanding_of(documents)
        total = sum(owed.values())
        paid = {"over": total + OVERPAID_PENCE, "part": total // 2}.get(how, total)
        if paid > 0:
            billing.record_receipt(
                actor=actor,
                payee=documents[0].supplier,
                payer=documents[0].buyer,
                pence=paid,
                method=ReceiptMethod.BACS,
                received_on=on,
                reference=reference_of(documents),
                allocations=_shares([(document, owed[document.pk]) for document in documents], paid),
                effect=effect,
            )

    # Journals --------------------------------------------------------------------------------------------------------

    def run_journals_each_month(self) -> None:
        """The journals of each past month, on the sixth of the next."""
        finance = self.people.finance.get(self.place.authority.pk)
        if finance is None:
            return
        actor = actor_for(finance)
        self.agenda.at(self.today.ago(380), lambda: self._cost_centres(actor))
        month = (self.today + -365).replace(day=1)
        while month <= self.today.day:
            following = (month + timedelta(days=32)).replace(day=1)
            at = to_utc(following.replace(day=6), time(10))
            self.agenda.at(at, partial(self._run, actor, month))
            month = following

    def _run(self, actor: Actor, month: date) -> None:
        following = (month + timedelta(days=32)).replace(day=1)
        if waiting_journals(self.place.area, following - timedelta(days=1)).exists():
            run_journals(actor=actor, area=self.place.area, month=month)

    def _cost_centres(self, actor: Actor) -> None:
        own = [school for school in self.place.schools if school.organisation.legal_status == "la_maintained"]
        for number, school in enumerate(own[:12]):
            set_cost_centre(actor=actor, organisation=school.organisation, code=f"S{2001 + number}")
        set_cost_centre(actor=actor, organisation=self.providers["service"], code="T0310")


def _shares(open_ones: list[tuple[Document, int]], paid: int) -> list[tuple[Document, int]]:
    """The oldest first, as far as the money goes."""
    shares = []
    for document, owed in open_ones:
        if (share := min(owed, paid)) > 0:
            shares.append((document, share))
            paid -= share
    return shares


def first_years(rows: list[ServiceAgreement]) -> list[AgreementYear]:
    """The contract years that have begun."""
    found = AgreementYear.objects.filter(agreement__in=rows).select_related("agreement")
    return list(found.order_by("agreement_id", "number"))
