"""What did not go as planned: an agreement ended early, and a school that became an academy in the middle of its year."""

from datetime import date, time, timedelta
from functools import partial

from marketplace.billing.actions.instalments import take_back_not_run
from marketplace.buyback.actions.endings import convert_agreement, terminate_agreement
from marketplace.buyback.models import AgreementStatus, EndingGround, ServiceAgreement
from marketplace.demo_area.agenda import Agenda
from marketplace.demo_area.buyback.books import Books, first_years
from marketplace.demo_area.buyback.orders import Buying
from marketplace.demo_area.stage import Today
from marketplace.demo_area.words.buyback import CONVERSION, TERMINATION
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM
from marketplace.kernel.dates import FINANCIAL, to_utc
from marketplace.organisations.models import LegalStatus, Organisation, School
from marketplace.organisations.queries import actor_for

CONVERTER, ACADEMIES = "34", "10"
"""Type and group of types in the register."""
DAYS_IN_FORCE = 100


class Changes:
    """The two agreements that change, of schools that book nothing, so that nothing else hangs on them."""

    def __init__(self, buying: Buying, books: Books, agenda: Agenda, today: Today) -> None:
        self.buying, self.books, self.agenda, self.today = buying, books, agenda, today
        booking = set(buying.people.budget_holders)
        self.candidates = [
            row
            for row in buying.ordered.rows
            if row.status == AgreementStatus.ACTIVE
            and row.buyer_id not in booking
            and row.starts_on <= today + -DAYS_IN_FORCE
        ]

    def plan(self) -> None:
        """Put both on the agenda, as far as there are agreements old enough."""
        converting = next((row for row in self.candidates if row.calendar == FINANCIAL), None)
        if converting is not None:
            school = converting.buyer_id
            on = (self.today + -40).replace(day=1)
            for row in self.candidates:
                if row.buyer_id == school:
                    self.agenda.at_once(to_utc(on, time(9)), partial(self._convert, row, on))
        left = [row for row in self.candidates if converting is None or row.buyer_id != converting.buyer_id]
        if left:
            told = self.today + -70
            last_day = told.replace(day=1) - timedelta(days=1)
            at = max(to_utc(told, time(11)), to_utc(left[0].starts_on, time(12)))
            self.agenda.at_once(at, lambda: self._terminate(left[0], max(last_day, left[0].starts_on)))

    def _convert(self, agreement: ServiceAgreement, on: date) -> None:
        school = School.objects.select_related("organisation").get(pk=agreement.buyer_id)
        if school.organisation.legal_status != LegalStatus.ACADEMY:
            _becomes_academy(school)
        convenor = actor_for(self.buying.people.convenors[0])
        successor = convert_agreement(actor=convenor, agreement=agreement, on=on, reason=CONVERSION)
        self._settle(agreement)
        for year in first_years([successor]):
            self.books.bill(year, to_utc(on, time(9)))

    def _terminate(self, agreement: ServiceAgreement, last_day: date) -> None:
        lead = self.buying.people.leads[agreement.seller_id]
        terminate_agreement(
            actor=actor_for(lead),
            agreement=agreement,
            ground=EndingGround.AGREED,
            last_day=last_day,
            reason=TERMINATION,
        )
        self._settle(agreement)

    def _settle(self, agreement: ServiceAgreement) -> None:
        for note in take_back_not_run(actor=SYSTEM, agreement=agreement):
            self.books.note_credit(note)


def _becomes_academy(school: School) -> None:
    """What the register’s next extract would say of a converter academy."""
    school.type_code, school.type_group_code = CONVERTER, ACADEMIES
    school.save(update_fields=["type_code", "type_group_code"])
    Organisation.objects.filter(pk=school.pk).update(legal_status=LegalStatus.ACADEMY)
    history.write(school.organisation, verb="convert", by=SYSTEM, note=CONVERSION)
