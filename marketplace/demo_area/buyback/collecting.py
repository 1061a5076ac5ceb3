"""What finance officers find on their desk: debts of every age, reminders sent, a question, a write-off to decide, payments to match."""

from datetime import date, timedelta
from functools import partial

from marketplace.billing.actions.collecting import (
    raise_dispute,
    request_write_off,
    send_reminder,
    set_bank_details,
    set_reminder_policy,
)
from marketplace.billing.actions.receipts import record_receipt
from marketplace.billing.actions.statements import apply_statement, read_statement
from marketplace.billing.models import Document, DocumentKind, ReceiptMethod
from marketplace.billing.queries.receipts import outstanding
from marketplace.billing.rules.ageing import Age
from marketplace.demo_area.agenda import Agenda
from marketplace.demo_area.bodies import Providers
from marketplace.demo_area.buyback.books import Books
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Today
from marketplace.demo_area.words.buyback import DISPUTED, WRITE_OFF
from marketplace.organisations.models import Organisation
from marketplace.organisations.queries import actor_for

ACCOUNTS = {
    "company": ("20-45-45", "53096741"),
    "service": ("20-45-45", "10448812"),
    "hub": ("20-19-08", "73350216"),
}
REMINDED = (Age.TO_60, Age.OVER_90)


class Collecting:
    """The desk of those who keep the company's books."""

    def __init__(
        self, providers: Providers, books: Books, people: People, agenda: Agenda, today: Today
    ) -> None:
        self.providers, self.books, self.people = providers, books, people
        self.agenda, self.today = agenda, today
        self.company: Organisation = providers["company"]

    def plan(self) -> None:
        """Put it all on the agenda."""
        self.agenda.at(self.today.ago(380), self._set_up)
        for days, age in zip((20, 9), REMINDED, strict=True):
            self.agenda.at(
                self.today.ago(days) + timedelta(hours=10),
                partial(self._remind, age),
            )
        self.agenda.at(self.today.ago(6) + timedelta(hours=11), self._question)
        self.agenda.at(self.today.ago(4) + timedelta(hours=11), self._ask_to_write_off)
        self.agenda.at(self.today.ago(17) + timedelta(hours=9), self._unmatched)
        self.agenda.at(self.today.ago(1) + timedelta(hours=16), self._bank_statement)

    def _set_up(self) -> None:
        for name, (sort_code, number) in ACCOUNTS.items():
            payee = self.providers[name]
            set_bank_details(
                actor=self.books.keeper(payee),
                supplier=payee,
                account_name=payee.name[:80],
                sort_code=sort_code,
                account_number=number,
            )
        set_reminder_policy(
            actor=self.books.keeper(self.company),
            supplier=self.company,
            first_days=7,
            second_days=21,
            final_days=35,
            sends_itself=False,
        )

    def _debt(self, age: Age) -> Document | None:
        return self.books.forgotten.get((self.company.pk, age))

    def _remind(self, age: Age) -> None:
        if document := self._debt(age):
            send_reminder(actor=self.books.keeper(self.company), document=document)

    def _question(self) -> None:
        document = self._debt(Age.TO_30)
        payer = self.people.heads.get(document.buyer_id) if document else None
        if document and payer:
            raise_dispute(actor=actor_for(payer), document=document, reason=DISPUTED)

    def _ask_to_write_off(self) -> None:
        document, lead = self._debt(Age.OVER_90), self.people.leads.get(self.company.pk)
        if document and lead:
            request_write_off(
                actor=actor_for(lead), document=document, pence=outstanding(document), reason=WRITE_OFF
            )

    def _unmatched(self) -> None:
        """Two payments nobody can place."""
        for number, (pence, said) in enumerate(
            ((41_200, "SCHOOL FUND TFR"), (9_950, "INV 20 SEPT THANK YOU"))
        ):
            record_receipt(
                actor=self.books.keeper(self.company),
                payee=self.company,
                payer=None,
                pence=pence,
                method=ReceiptMethod.BACS,
                received_on=self.today + -17,
                reference=said,
                effect=f"demo:unmatched:{number}",
            )

    def _bank_statement(self) -> None:
        """Yesterday's statement: one payment for one invoice, one for two, one with no reference, one of a stranger; and money out."""
        keeper = self.books.keeper(self.company)
        left_out = {document.pk for document in self.books.forgotten.values()}
        owing = [
            (document, owed)
            for document in Document.objects.filter(supplier=self.company, kind=DocumentKind.INVOICE)
            .exclude(pk__in=left_out)
            .select_related("series", "buyer")
            .order_by("-pk")[:40]
            if (owed := outstanding(document)) > 0
        ][:4]
        content = _csv(owing, self.today + -1)
        statement = read_statement(
            actor=keeper, payee=self.company, file_name="statement.csv", content=content.encode()
        )
        apply_statement(actor=keeper, statement=statement)


def _csv(owing: list[tuple[Document, int]], day: date) -> str:
    rows = ["Date,Description,Reference,Paid in,Paid out"]
    written = f"{day:%d/%m/%Y}"
    for document, owed in owing[:2]:
        rows.append(_row(written, document.buyer.name.upper(), document.full_number, owed))
    for document, owed in owing[2:4]:
        rows.append(_row(written, document.buyer.name.upper(), "BACS", owed))
    rows.append(_row(written, "J HOLROYD", "HALL HIRE", 6_000))
    rows.append(f"{written},BANK CHARGES,,,12.40")
    return "\n".join(rows) + "\n"


def _row(day: str, who: str, said: str, pence: int) -> str:
    return f'{day},"{who[:40]}",{said},{pence // 100}.{pence % 100:02},'
