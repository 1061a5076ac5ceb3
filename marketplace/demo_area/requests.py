"""Requests for support in every state, by the actions people use, at the time they would have happened.

The school of the people to sign in as has one whose responses wait to be compared, one that is open with a question to answer, and
a draft; other schools have had theirs awarded, ended, withdrawn, declined by all, or left without an answer. Schools that have not
confirmed their needs have been reminded.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import partial

from marketplace.brokerage import actions, queries, rules
from marketplace.brokerage.models import (
    LossReason,
    Need,
    NeedsNudge,
    NeedStatus,
    RequestInvitation,
    RequestStatus,
    SupportRequest,
)
from marketplace.brokerage.queries.ranking import ranked_providers
from marketplace.brokerage.rules import RequestTerms, ResponseTerms
from marketplace.demo_area.bodies import Place
from marketplace.demo_area.needs import Needs
from marketplace.demo_area.people import People
from marketplace.demo_area.stage import Chance, Today, clock_at, write
from marketplace.demo_area.told import Told
from marketplace.demo_area.words.requests import APPROACHES, OUTCOMES, QUESTIONS, WANTED, WITHDRAWN_BECAUSE
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import ACADEMIC, academic_year, contract_year, to_utc
from marketplace.notifications import request_messages as messages
from marketplace.notifications.requests import leads, senders
from marketplace.notifications.rules import Message
from marketplace.organisations.models import Organisation, School, User
from marketplace.organisations.queries import actor_for

MOST_ASKED = 4


@dataclass(frozen=True)
class Plan:
    """How a request goes: days ago it was sent, days it stayed open, what each provider asked does, and how it ends."""

    ends: str
    sent_ago: int
    answers: str
    open_for: int = 15
    own: bool = False

    def on(self, today: Today) -> datetime:
        return today.ago(self.sent_ago) + timedelta(hours=9)


PLANS = (
    Plan("closed", 24, "rrrd", own=True),
    Plan("open", 5, "r-d-", own=True),
    Plan("draft", 1, "----", own=True),
    Plan("awarded", 52, "rrd-"),
    Plan("open", 3, "----"),
    Plan("declined", 40, "dddd"),
    Plan("silent", 33, "----"),
    Plan("withdrawn", 12, "-r--"),
    Plan("ended", 45, "rr--"),
)
"""`r` responds, `d` declines, `-` says nothing (yet)."""


@dataclass
class Asked:
    """The requests that were made, and what the people to sign in as have heard of them."""

    requests: list[SupportRequest] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


def ask_for_support(place: Place, people: People, needs: Needs, chance: Chance, today: Today) -> Asked:
    """Make the requests, as many of them as the area has schools and providers for."""
    own = Chance.of(chance.seed, "requests")
    asked = Asked()
    for plan, need in _needs_for(place, people, needs, own):
        _Life(plan, need, people, own, today, asked).live()
    _remind(place, today)
    return asked


def _needs_for(place: Place, people: People, needs: Needs, chance: Chance) -> Iterator[tuple[Plan, Need]]:
    """A need for each plan: of the school to sign in at, or of another with people who buy; none twice."""
    known = {school.pk for school in place.schools}
    home = people.receiving_school.pk if people.receiving_school else 0
    buying = known & set(people.staff) & set(people.heads)
    open_needs = [each for each in needs.rows if each.status == NeedStatus.OPEN and each.school_id in buying]
    chance.rng.shuffle(open_needs)
    for plan in PLANS:
        need = next((each for each in open_needs if (each.school_id == home) == plan.own), None)
        if need is not None:
            open_needs.remove(need)
            yield plan, need


class _Life:
    """One request from its draft to where its plan ends."""

    def __init__(
        self, plan: Plan, need: Need, people: People, chance: Chance, today: Today, asked: Asked
    ) -> None:
        self.plan, self.need, self.people, self.chance, self.today = plan, need, people, chance, today
        self.asked = asked
        self.school: School = School.objects.select_related("organisation", "area").get(pk=need.school_id)
        self.staff = actor_for(people.staff[need.school_id])
        self.head = actor_for(people.heads[need.school_id])
        self.began = plan.on(today)

    def live(self) -> None:
        providers = self._providers()
        if not providers or self.need.phase not in self.school.phases:
            return
        with clock_at(self.began - timedelta(days=1)):
            request = actions.draft_request(
                actor=self.staff,
                school=self.school,
                theme=self.need.theme,
                phase=self.need.phase,
                terms=self._terms(),
                need=self.need,
            )
            actions.choose_providers(
                actor=self.staff,
                request=request,
                providers=providers,
                suggested=[each.pk for each in providers],
            )
        self.asked.requests.append(request)
        if self.plan.ends != "draft":
            self._send(request)
            self._answer(request)
            self._end(request)

    def _providers(self) -> list[Organisation]:
        """Providers whose offers fit, with somebody here to answer who does not buy for the school, nor its head belong to them."""
        found = ranked_providers(
            self.need.theme, self.need.phase, self.school, self._half_days(), True, None, 40
        )
        bodies = Organisation.objects.in_bulk([each.provider_id for each in found])
        return [
            bodies[each.provider_id]
            for each in found
            if (lead := self._lead(each.provider_id)) is not None
            and not actor_for(lead).roles.get(self.school.pk)
            and not self.head.roles.get(each.provider_id)
            and not self.staff.roles.get(each.provider_id)
        ][:MOST_ASKED]

    def _lead(self, provider_id: int) -> User | None:
        return self.people.leads.get(provider_id)

    def _half_days(self) -> int:
        return min(max(self.need.half_days_needed, 4), 12)

    def _terms(self) -> RequestTerms:
        closes = (self.began + timedelta(days=self.plan.open_for)).date()
        return RequestTerms(
            title=f"{self.need.theme.name} in our {self.need.get_phase_display().lower()} classes"[:120],
            wanted=self.chance.one_of(WANTED),
            outcomes=self.need.note or self.chance.one_of(OUTCOMES),
            half_days=self._half_days(),
            first_day=closes + timedelta(days=21),
            last_day=closes + timedelta(days=140),
            questions_close_on=closes - timedelta(days=7),
            responses_close_on=closes,
            remote_ok=self.need.remote_ok,
            budget_pence=self._half_days() * 30_000,
            budget_shown=self.chance.happens(40),
        )

    def _send(self, request: SupportRequest) -> None:
        with clock_at(self.began):
            actions.open_request(
                actor=self.staff, request=request, fewer_reason="Nobody else within reach offers it."
            )
        for each in request.invitations.select_related("provider"):
            self._tell(self.began, f"invitation:{each.pk}:invited", each, messages.invited)

    def _answer(self, request: SupportRequest) -> None:
        invitations = list(request.invitations.select_related("provider"))
        self._ask(request, invitations[0])
        for number, (each, way) in enumerate(zip(invitations, self.plan.answers, strict=False)):
            lead = self._lead(each.provider_id)
            assert lead is not None
            with clock_at(self.began + timedelta(days=2 + number, hours=3)):
                if way == "r":
                    self._respond(actor_for(lead), each, number)
                elif way == "d":
                    reason = self.chance.one_of(("no_capacity", "no_capacity", "dates", "too_far"))
                    actions.decline_request(actor=actor_for(lead), invitation=each, reason=reason)

    def _ask(self, request: SupportRequest, invitation: RequestInvitation) -> None:
        """The first asks something; the school answers, unless the request is still new and somebody has to see a question."""
        lead = self._lead(invitation.provider_id)
        assert lead is not None
        question, answer = self.chance.one_of(QUESTIONS)
        at = self.began + timedelta(days=1, hours=2)
        with clock_at(at):
            asked = actions.ask_question(actor=actor_for(lead), invitation=invitation, text=question)
        told = partial(messages.question_asked, asked)
        self.asked.told.append(Told(at, f"question:{asked.pk}:asked", partial(senders, request), told))
        if self.plan.ends != "open":
            with clock_at(at + timedelta(hours=20)):
                actions.answer_question(actor=self.staff, question=asked, text=answer)

    def _respond(self, lead: Actor, invitation: RequestInvitation, number: int) -> None:
        request = invitation.request
        offers = list(
            queries.offers_to_book_by(invitation).filter(
                current__themes=request.theme, current__phases__contains=[request.phase]
            )[:1]
        )
        people = list(offers[0].current.practitioners.all()[:1]) if offers and offers[0].current else []
        own = set(queries.people_to_propose(invitation).values_list("pk", flat=True))
        actions.respond_to_request(
            actor=lead,
            invitation=invitation,
            people=[each for each in people if each.pk in own],
            offer=offers[0] if offers else None,
            terms=ResponseTerms(
                half_days=request.half_days,
                first_day=request.first_day + timedelta(days=7 * number),
                last_day=request.last_day - timedelta(days=7),
                price_pence=request.half_days * (17_500 + 1_500 * self.chance.rng.randrange(5)),
                approach=APPROACHES[number % len(APPROACHES)],
                dates="Every second Tuesday, all day",
                other_people="" if people else "A colleague who has led this in two schools",
            ),
        )

    def _end(self, request: SupportRequest) -> None:
        ends = self.plan.ends
        if ends == "withdrawn":
            with clock_at(self.began + timedelta(days=8)):
                reason = self.chance.one_of(WITHDRAWN_BECAUSE)
                actions.withdraw_request(actor=self.staff, request=request, reason=reason)
        if ends in ("open", "withdrawn"):
            return
        closed_at = to_utc(request.responses_close_on + timedelta(days=1), time(1))
        with clock_at(closed_at):
            actions.close_due_requests()
        request.refresh_from_db()
        to = partial(senders, request)
        self.asked.told.append(
            Told(closed_at, f"request:{request.pk}:close", to, partial(messages.closed, request))
        )
        if request.status == RequestStatus.CLOSED and ends in ("awarded", "ended"):
            self._decide(request, closed_at + timedelta(days=4, hours=9))

    def _decide(self, request: SupportRequest, at: datetime) -> None:
        responses = queries.responses_to(self.head, request)
        with clock_at(at):
            if self.plan.ends == "ended":
                actions.end_request(
                    actor=self.head,
                    request=request,
                    reason="Neither could start before the summer.",
                    loss=LossReason.DATES,
                )
            else:
                chosen = responses[0].invitation
                others = [each.invitation for each in responses[1:]]
                actions.award_request(
                    actor=self.head,
                    request=request,
                    chosen=chosen,
                    losses={each.pk: LossReason.PRICE for each in others},
                    conflicts="None",
                    reason="The lowest price, and people our trust has worked with.",
                    reason_fewer_quotes="Two of those asked did not respond.",
                )
        for each in request.invitations.filter(status__in=("chosen", "not_chosen")):
            self._tell(at, f"invitation:{each.pk}:decided", each, messages.decided)

    def _tell(
        self,
        at: datetime,
        effect: str,
        invitation: RequestInvitation,
        message: Callable[[RequestInvitation], Message],
    ) -> None:
        to, words = partial(leads, invitation), partial(message, invitation)
        self.asked.told.append(Told(at, effect, to, words))


def _remind(place: Place, today: Today) -> None:
    """The rounds of this school year that are over, to the schools that have still not answered."""
    year = academic_year(today.day)
    silent = queries.schools_without_return(year).filter(area=place.area)
    schools = list(silent.order_by("pk").values_list("pk", flat=True))
    for day in _round_days(contract_year(ACADEMIC, today.day).start.year):
        if day < today.day:
            write(
                NeedsNudge(
                    school_id=pk, academic_year=year, round=rules.round_on(day), sent_at=to_utc(day, time(8))
                )
                for pk in schools
            )


def _round_days(year: int) -> Iterable[date]:
    return (date(year, *rules.FIRST_FROM), date(year, *rules.SECOND_FROM))
