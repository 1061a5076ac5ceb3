"""One of everything, one person per column, and requests that carry all that is needed to do a thing."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from frontend.session import RENEWED
from marketplace.billing.actions import issue_for_delivery
from marketplace.bookings.models import Blackout, Booking, DiaryException, HandOver
from marketplace.buyback.actions import grant_entitlements
from marketplace.buyback.models import CarryRequest
from marketplace.catalogue.models import VersionStatus
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import ACADEMIC, FINANCIAL, contract_year
from marketplace.organisations.actions import invite
from marketplace.organisations.models import Cluster, ImportStatus, Organisation, RegisterImport, User
from tests.builders import (
    a_booking,
    a_convenor,
    a_package,
    a_person,
    a_school,
    a_ward,
    a_window,
    an_agreement,
    an_area,
    an_edition,
    an_offer,
    an_organisation,
)
from tests.builders.bookings import Scene, a_booking_day, a_scene
from tests.builders.brokerage import a_level_2_theme, a_need
from tests.builders.coverage import worked_out
from tests.builders.notifications import a_notification
from tests.platform.authorisation import (
    advice,
    agreements,
    approvals,
    cards,
    country,
    courses,
    delivery,
    deployments,
    finance,
    messages,
    networks,
    oversight,
    partnership,
    quality,
    ranking,
    recording,
    requests,
    selling,
    settling,
    shapes,
    sharing,
    waivers,
    whatif,
)
from tests.platform.authorisation.addresses import Endpoint, endpoints

# The world ------------------------------------------------------------------------------------------------------------


@dataclass
class World:
    """One of everything, and one person per column."""

    scene: Scene = field(init=False)
    people: dict[str, User | None] = field(init=False)

    def __post_init__(self) -> None:
        area = an_area()
        self.ward = a_ward(area)
        self.scene = scene = a_scene(area=area)
        self.area, school = area, scene.school
        self.trust = an_organisation("trust", area=area)
        school.trust = self.trust
        school.save()
        convenor = a_convenor(area)
        self.authority = convenor.memberships.get().organisation
        self.people = {
            "anonymous": None,
            "staff": _user(scene.buyer),
            "headteacher": _user(scene.receiving_head),
            "budget_holder": _user(scene.budget_holder),
            "governor": a_person(Role.GOVERNOR, at=school),
            "trust_lead": a_person(Role.TRUST_LEAD, at=self.trust),
            "releasing_head": _user(scene.releasing_head),
            "provider_lead": _user(scene.provider_lead),
            "practitioner": _user(scene.person),
            "convenor": convenor,
            "board_member": a_person(Role.BOARD_MEMBER, at=self.authority),
            "scrutiny": a_person(Role.SCRUTINY, at=self.authority),
            "finance": a_person(Role.FINANCE, at=self.authority),
            "support": a_person(Role.SUPPORT, at=self.authority),
            "same_area": a_person(*SCHOOL_ROLES, at=a_school(area)),
            "other_area": self._somebody_elsewhere(),
            "removed": self._somebody_removed(),
        }
        self._lay_out_records()

    def _somebody_elsewhere(self) -> User:
        """All that one can be, in another area."""
        area = an_area()
        person = a_convenor(area)
        authority = person.memberships.get().organisation
        places = {a_school(area).organisation: SCHOOL_ROLES, an_organisation(area=area): PROVIDER_ROLES}
        for organisation, roles in (places | {authority: AREA_ROLES}).items():
            _give(person, organisation, roles)
        return person

    def _somebody_removed(self) -> User:
        """All that one can be here, until yesterday."""
        person = a_person()
        for organisation, roles in {
            self.scene.school.organisation: SCHOOL_ROLES,
            self.scene.releasing.organisation: SCHOOL_ROLES,
            self.scene.provider: PROVIDER_ROLES,
            self.authority: (Role.CONVENOR, *AREA_ROLES),
        }.items():
            _give(person, organisation, roles)
        person.memberships.update(ended_at=timezone.now() - timedelta(days=1))
        return person

    def _lay_out_records(self) -> None:
        scene, today = self.scene, timezone.localdate()
        theme = a_level_2_theme()
        version = scene.offer.current
        assert version is not None
        version.themes.add(theme)
        self.theme = theme
        self.another_theme = a_level_2_theme()
        self.need = a_need(scene.school, theme)
        self.withdrawn = a_need(scene.school, a_level_2_theme(), status="withdrawn")
        self.held = self._booking("held", 30, requested_by=self.people["staff"])
        self.to_approve = self._booking("awaiting_approval", 35, requested_by=self.people["staff"])
        self.to_release = self._booking("awaiting_release", 40)
        self.confirmed = self._booking("confirmed", 45)
        self.over = self._booking("confirmed", -2)
        self.delivered = self._booking("delivered", -12)
        self.document = issue_for_delivery(actor=SYSTEM, booking=self.delivered)
        self.submitted = an_offer(scene.provider, status="submitted")
        self.submitted.versions.update(status=VersionStatus.SUBMITTED)
        self.submitted.current = None
        self.submitted.save()
        self.exception = DiaryException.objects.create(
            practitioner=scene.practitioner,
            first_day=today + timedelta(days=90),
            last_day=today + timedelta(days=90),
        )
        closed = {"first_day": date(2030, 5, 1), "last_day": date(2030, 5, 2), "reason": "Tests"}
        self.closed_here = Blackout.objects.create(organisation=scene.releasing.organisation, **closed)
        self.closed_in_area = Blackout.objects.create(area=self.area, **closed)
        self.batch = RegisterImport.objects.create(
            area=self.area, file_name="register.csv", sha256="0" * 64, status=ImportStatus.PREVIEWED
        )
        self.applied = RegisterImport.objects.create(
            area=self.area, file_name="register.csv", sha256="1" * 64, status=ImportStatus.APPLIED
        )
        self.cluster = Cluster.objects.create(area=self.area, name="East")
        self.invitation = invite(
            actor=SYSTEM, organisation=scene.school.organisation, email="new@example.org", role=Role.STAFF
        )
        self.membership = a_person(Role.STAFF, at=scene.school).memberships.get()
        self.notification = a_notification(_user(scene.receiving_head))
        self._lay_out_balances()
        approvals.lay_out(self)
        agreements.lay_out(self)
        settling.lay_out(self)
        quality.lay_out(self)
        finance.lay_out(self)
        selling.lay_out(self)
        courses.lay_out(self)
        country.lay_out(self)
        cards.lay_out(self)
        deployments.lay_out(self)
        ranking.lay_out(self)
        requests.lay_out(self)
        partnership.lay_out(self)
        shapes.lay_out(self)
        messages.lay_out(self)
        recording.lay_out(self)
        waivers.lay_out(self)
        delivery.lay_out(self)
        sharing.lay_out(self)
        networks.lay_out(self)
        worked_out(self.area)
        advice.lay_out(self)
        whatif.lay_out(self)
        oversight.lay_out(self)

    def _lay_out_balances(self) -> None:
        """Days that may be carried forward or turned into credits, one such request, a charge, and a session on offer."""
        scene, today = self.scene, timezone.localdate()
        first_day = contract_year(FINANCIAL, today).start
        window = a_window(
            self.area,
            first_day=first_day,
            prices_visible_from=first_day,
            orders_from=first_day,
            closes_on=first_day,
        )
        package = a_package(scene.provider)
        edition = an_edition(package, window=window, carry_forward="with_approval", exchange_rights=True)
        agreement = an_agreement(school=scene.school, seller=scene.provider, editions=[edition], years=2)
        [self.entitlement] = grant_entitlements(actor=SYSTEM, year=agreement.contract_years.get())
        self.entitlement.valid_to = today + timedelta(days=30)
        self.entitlement.save()
        other = an_agreement(school=scene.school, seller=scene.provider, editions=[edition], years=2)
        [self.to_carry] = grant_entitlements(actor=SYSTEM, year=other.contract_years.get())
        CarryRequest.objects.create(entitlement=self.to_carry, quantity=1, reason="Illness")
        self.charged = self._booking("cancelled_by_buyer", 50, cancellation_charge_pence=17_500)
        self.on_offer = self._booking("confirmed", 55)
        self.sibling = a_school(self.area)
        self.sibling.trust = self.trust
        self.sibling.save()
        HandOver.objects.create(
            booking=self.on_offer,
            from_school=scene.school.organisation,
            to_school=self.sibling.organisation,
            reason="Inspection",
        )

    def _booking(self, status: str, days: int, **fields: Any) -> Booking:
        return a_booking(
            status=status,
            school=self.scene.school,
            offer=self.scene.offer,
            practitioner=self.scene.practitioner,
            day=a_booking_day(days_ahead=days),
            **fields,
        )

    def client(self, column: str) -> Client:
        """A browser of the person in a column, whose session was renewed a moment ago: else each of a thousand requests would write it."""
        client = Client(raise_request_exception=False)
        if person := self.people[column]:
            client.force_login(person)
            session = client.session
            session[RENEWED] = int(time.time())
            session.save()
        return client

    @cached_property
    def requests(self) -> list[tuple[Endpoint, str, str]]:
        """Every address with what is sent to it: the same from each column, for no request leaves anything behind."""
        return [
            (each, self.address(each), "" if each.method == "GET" else self.body(each))
            for each in endpoints()
        ]

    def address(self, endpoint: Endpoint) -> str:
        """The endpoint's address in this world."""
        values = {name: self._value(endpoint.name, name) for name in endpoint.parameters}
        query = QUERIES[endpoint.name](self) if endpoint.name in QUERIES else {}
        return reverse(endpoint.name, kwargs=values) + (f"?{urlencode(query)}" if query else "")

    def body(self, endpoint: Endpoint) -> str:
        """All that could be asked for, under every name it is asked for by: what is not known is not looked at."""
        is_page = ":" in endpoint.name
        fields = (
            COMMON_BODY
            | (PAGE_BODY if is_page else API_BODY)(self)
            | BODIES.get(endpoint.name, lambda w: {})(self)
        )
        return urlencode(fields, doseq=True)

    def _value(self, address: str, parameter: str) -> Any:
        for known in (f"{address} {parameter}", f"{_family(address)} {parameter}", parameter):
            if known in VALUES:
                return VALUES[known](self)
        raise AssertionError(f"{address}: say in VALUES what stands for {parameter}")


SCHOOL_ROLES = (Role.STAFF, Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.GOVERNOR, Role.PROVIDER_LEAD)
PROVIDER_ROLES = (Role.PROVIDER_LEAD, Role.PRACTITIONER, Role.FINANCE)
AREA_ROLES = (Role.BOARD_MEMBER, Role.SCRUTINY, Role.FINANCE, Role.SUPPORT)

BOOKINGS: dict[str, Callable[[World], Booking]] = {
    "order": lambda w: w.held,
    "ordered": lambda w: w.to_approve,
    "approve": lambda w: w.to_approve,
    "refuse-approval": lambda w: w.to_approve,
    "decline": lambda w: w.to_release,
    "withdraw": lambda w: w.to_approve,
    "consent": lambda w: w.to_release,
    "refuse-release": lambda w: w.to_release,
    "no_show": lambda w: w.over,
    "no-show": lambda w: w.over,
    "record": lambda w: w.over,
    "evaluate": lambda w: w.delivered,
    "waive": lambda w: w.charged,
    "waive-charge": lambda w: w.charged,
    "ways-to-pay": lambda w: w.held,
    "take_over": lambda w: w.on_offer,
    "take_offer_back": lambda w: w.on_offer,
}

# What stands for a parameter: by address, by family of addresses, or everywhere.
VALUES: dict[str, Callable[[World], Any]] = {
    "home:sign_in_by_link token": lambda w: "forged",
    "catalogue reference": lambda w: w.scene.offer.reference,
    "catalogue:review reference": lambda w: w.submitted.reference,
    "catalogue:section name": lambda w: "about",
    "catalogue:price kind": lambda w: "per_day",
    "catalogue:move verb": lambda w: "pause",
    **{
        f"catalogue:{name} reference": lambda w: w.scene.practitioner.reference
        for name in (
            "person",
            "edit_person",
            "designate",
            "end_designation",
            "stand_down",
            "reinstate",
            "assurance",
            "withdraw_assurance",
        )
    },
    "offer reference": lambda w: w.scene.offer.reference,
    "practitioner reference": lambda w: w.scene.practitioner.reference,
    "free reference": lambda w: w.scene.practitioner.reference,
    "bookings reference": lambda w: w.confirmed.reference,
    "booking reference": lambda w: w.confirmed.reference,
    **{
        f"{space}{name} reference": lambda w, which=which: which(w).reference
        for name, which in BOOKINGS.items()
        for space in ("bookings:", "brokerage:", "booking-")
        if f"{space}{name}" != "brokerage:withdraw"
    },
    "bookings:cancel by": lambda w: "buyer",
    "bookings:no_show absent": lambda w: "provider",
    **{
        f"bookings:{name} reference": lambda w: w.scene.practitioner.reference
        for name in ("diary", "week", "diary_settings", "add_exception", "remove_exception")
    },
    "bookings:remove_exception number": lambda w: w.exception.pk,
    "bookings:closed_days_of reference": lambda w: w.scene.releasing.organisation.reference,
    "bookings:remove_closed_days_of reference": lambda w: w.scene.releasing.organisation.reference,
    "bookings:remove_closed_days_of number": lambda w: w.closed_here.pk,
    "bookings:remove_area_closed_days number": lambda w: w.closed_in_area.pk,
    "brokerage:reopen reference": lambda w: w.withdrawn.reference,
    "brokerage reference": lambda w: w.need.reference,
    "need reference": lambda w: w.need.reference,
    "billing reference": lambda w: w.document.reference,
    "document reference": lambda w: w.document.reference,
    "balances reference": lambda w: w.scene.school.organisation.reference,
    "balances year": lambda w: "2020-21",
    **{
        f"balances:{name} {part}": lambda w, part=part, which=which: (
            which(w).pk if part == "number" else which(w).agreement.reference
        )
        for name, which in {
            "entitlement": lambda w: w.entitlement,
            "carry": lambda w: w.entitlement,
            "convert": lambda w: w.entitlement,
            "carry_decide": lambda w: w.to_carry,
        }.items()
        for part in ("reference", "number")
    },
    "entitlement pk": lambda w: w.entitlement.pk,
    "credits reference": lambda w: w.scene.school.organisation.reference,
    "coverage:cell theme": lambda w: w.theme.code,
    "coverage:cell phase": lambda w: "primary",
    "notifications reference": lambda w: w.notification.reference,
    "notification reference": lambda w: w.notification.reference,
    "organisations:invitation token": lambda w: "forged",
    "organisations reference": lambda w: w.batch.reference,
    "organisations code": lambda w: w.area.code,
    "organisations:undo reference": lambda w: w.applied.reference,
    "organisations:organisation reference": lambda w: w.scene.school.organisation.reference,
    "organisations:change_organisation reference": lambda w: w.scene.provider.reference,
    "organisations:cluster reference": lambda w: w.cluster.reference,
    "organisations:delete_cluster reference": lambda w: w.cluster.reference,
    "organisations:invite_to reference": lambda w: w.scene.school.organisation.reference,
    "organisations:resend reference": lambda w: w.invitation.reference,
    "organisations:revoke reference": lambda w: w.invitation.reference,
    "organisations:end_role reference": lambda w: w.membership.reference,
    "import-undo reference": lambda w: w.applied.reference,
    "import reference": lambda w: w.batch.reference,
    "school urn": lambda w: w.scene.school.urn,
    "area code": lambda w: w.area.code,
    "ward code": lambda w: w.ward.code,
}


for _added in (
    advice,
    agreements,
    approvals,
    cards,
    country,
    courses,
    deployments,
    finance,
    messages,
    oversight,
    networks,
    partnership,
    quality,
    ranking,
    recording,
    requests,
    selling,
    settling,
    sharing,
    shapes,
    delivery,
    waivers,
    whatif,
):
    VALUES |= _added.VALUES


def _family(address: str) -> str:
    """`catalogue:offer` → `catalogue`; `offer-price` → `offer`."""
    return address.split(":")[0] if ":" in address else address.removesuffix("-list").split("-")[0]


def _give(person: User, organisation: Organisation, roles: tuple[Role, ...]) -> None:
    for role in roles:
        person.memberships.get_or_create(organisation=organisation, role=role)


def _user(actor: Any) -> User:
    return User.objects.get(pk=actor.user_id)


THIS_YEAR = contract_year(ACADEMIC, timezone.localdate())

# Requests that do what they ask for ---------------------------------------------------------------------------------------


def _wish(world: World) -> dict[str, Any]:
    return {
        "offer": world.scene.offer.reference,
        "practitioner": world.scene.practitioner.reference,
        "school": world.scene.school.urn,
        "theme": world.theme.code,
        "phase": "primary",
        "mode": "in_person",
        "session": "day",
    }


def _day(name: str, day: date) -> dict[str, Any]:
    return {
        f"{name}-day": day.day,
        f"{name}-month": day.month,
        f"{name}-year": day.year,
        name: day.isoformat(),
    }


FAR_OFF = date(2030, 6, 5)

COMMON_BODY: dict[str, Any] = {
    "decision": "yes",
    "reason": "Because",
    "note": "Because",
    "by": "buyer",
    "absent": "provider",
    "happened": "We planned.",
    "next_steps": "Observe in a month.",
    "success": 4,
    "effectiveness": 4,
    "what_changed": "Reading",
    "evidence": "Lessons seen",
    "level": "focused",
    "urgency": "this_year",
    "phase": "primary",
    "phases": ["primary"],
    "name": "A name",
    "title": "A title",
    "summary": "A summary",
    "agreed": "12",
    "scope": "accompanied",
    "scheme": "Specialist leader of education",
    "awarded_by": "A hub",
    "place": 0,
    "kind": "closed",
    "threshold": "1234",
    "set": "1",
    "minimum_notice_days": 7,
    "travel_minutes": 40,
    "email": "somebody.new@example.org",
    "role": "governor",
    "0_first_from": "09:00",
    "0_first_to": "12:00",
    "first_0": THIS_YEAR.start.isoformat(),
    "last_0": THIS_YEAR.end.isoformat(),
    "name_0": "The whole year",
    **_day("first_day", FAR_OFF),
    **_day("valid_from", date(2026, 9, 1)),
    **_day("ends", date(2027, 7, 31)),
}


def PAGE_BODY(world: World) -> dict[str, Any]:
    return {
        "school": world.scene.school.pk,
        "theme": world.another_theme.pk,
        "themes": [world.theme.code],
        "support_type": world.submitted.versions.get().support_type.code,
        "organisation": world.scene.school.pk,
        "urn": world.scene.school.urn,
        "schools": [world.scene.school.urn],
        **_day("valid_to", date(2031, 7, 31)),
    }


def API_BODY(world: World) -> dict[str, Any]:
    return {"school": world.scene.school.urn, "theme": world.another_theme.code, "area": world.area.code}


QUERIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "bookings:new": _wish,
    "bookings:dates": _wish,
    "free-sessions-free-sessions": lambda w: {"first": "2027-01-04", "last": "2027-01-08"},
    "booking-cancellation-quote": lambda w: {"by": "buyer"},
    "offer-price": lambda w: {"school": w.scene.school.urn},
    "notifications:poll": lambda w: {"since": 0},
}
BODIES: dict[str, Callable[[World], dict[str, Any]]] = {
    "booking-list": lambda w: _wish(w) | {"day": _free_day(w)},
    "bookings:dates": lambda w: _wish(w) | {"day": _free_day(w)},
    "balances:carry": lambda w: {"quantity": "1"},
    "balances:convert": lambda w: {"quantity": "1"},
    "balances:sponsor": lambda w: {"quantity": "2", "sponsor": w.authority.reference},
    "balances:credit_values": lambda w: {
        "area": w.area.code,
        "support_type": "",
        "pence": "175",
        **_day("from_day", date(2029, 9, 1)),
    },
    "bookings:hand_over": lambda w: {"school": w.sibling.urn},
    "bookings:take_over": lambda w: {"pay_by": "standard"},
    "catalogue:assurance": lambda w: {"declared": "on"},
    "catalogue:review": lambda w: {"decision": "publish"},
    "organisations:new_organisation": lambda w: {"kind": "la_service"},
}


for _added in (advice, agreements, courses, deployments, partnership, ranking):
    QUERIES |= _added.QUERIES
for _added in (
    advice,
    agreements,
    approvals,
    cards,
    country,
    courses,
    deployments,
    finance,
    messages,
    oversight,
    networks,
    partnership,
    quality,
    ranking,
    recording,
    requests,
    selling,
    settling,
    sharing,
    shapes,
    delivery,
    waivers,
    whatif,
):
    BODIES |= _added.BODIES


def _free_day(world: World) -> str:
    return a_booking_day(days_ahead=60).isoformat()
