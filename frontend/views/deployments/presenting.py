"""What the pages of a deployment say: the agreement in rows, who has signed, the chain from need to evaluation."""

from datetime import date
from typing import Any

from django.utils import timezone

from marketplace.brokerage import queries, rules
from marketplace.brokerage.models import Deployment, DeploymentFunding, DeploymentSignature, DeploymentVisit
from marketplace.brokerage.rules.deployments import Capacity, ObjectiveTerms, Terms
from marketplace.brokerage.rules.visit_prices import price_per_day
from marketplace.kernel.access import Actor
from marketplace.kernel.dates import local, long_date
from marketplace.kernel.days import format_days
from marketplace.kernel.money import pounds

Rows = list[tuple[str, Any]]


def party_rows(deployment: Deployment) -> Rows:
    """Who is who."""
    return [
        ("Receiving school", deployment.receiving_school),
        ("Practitioner", deployment.practitioner),
        ("Released by", deployment.releasing_organisation),
        ("Provider", deployment.provider),
        ("Broker", deployment.broker),
    ]


def terms_rows(terms: Terms, *, with_background: bool) -> Rows:
    """What is agreed, but for the objectives."""
    rows: Rows = [
        ("Focus", terms.focus),
        ("Days", format_days(terms.half_days)),
        ("Runs", f"{long_date(terms.starts_on)} to {long_date(terms.ends_on)}"),
        ("Mid-point", long_date(terms.mid_point_on)),
        ("Price", _price_words(terms)),
        ("Who pays", terms.paid_by + (f". {terms.payer_note}" if terms.payer_note else "")),
        (
            "How the school pays",
            f"{'Journal transfer' if terms.route == 'journal' else 'Invoice'}. {terms.route_reason}",
        ),
        ("Confidentiality", terms.confidentiality),
    ]
    if with_background and terms.background:
        rows.insert(1, ("Background", terms.background))
    return rows


def _price_words(terms: Terms) -> str:
    """The whole price and, where it grows with the days, what a day costs: so each visit is priced."""
    whole, day = f"{pounds(terms.net_pence)} before VAT", price_per_day(terms)
    return whole if day is None else f"{whole}: {pounds(day)} a day, which every visit under it costs"


def funding_rows(funding: list[DeploymentFunding]) -> Rows:
    """From which funding stream the authority pays, by year."""
    return [(each.financial_year, f"{each.stream}") for each in funding]


def objective_rows(objective: ObjectiveTerms) -> Rows:
    """One objective of the text."""
    return [
        ("What should change", objective.aim),
        ("How we will know", objective.success_measure),
        ("Where it stands now", objective.baseline),
        ("Area", rules.OBJECTIVE_AREAS[objective.area]),
    ]


def price_lines(terms: Terms) -> list[dict[str, Any]]:
    """The lines that made the price."""
    return [{"text": line["sentence"], "amount": line["pence"]} for line in terms.price.get("lines", [])]


def signatures(deployment: Deployment, signed: list[DeploymentSignature]) -> list[dict[str, Any]]:
    """The four capacities, each with its signature or without."""
    by = {each.capacity: each for each in signed}
    return [
        {
            "capacity": capacity.label,
            "who": queries.signed_as(deployment, capacity),
            "signature": by.get(capacity.value),
        }
        for capacity in Capacity
    ]


def fallen(deployment: Deployment) -> list[DeploymentSignature]:
    """Signatures of the version before, which no longer count because the text on the table is another."""
    earlier = [
        version
        for version in deployment.versions.all()
        if version.number < deployment.version and version.number != deployment.version_in_force
    ]
    if not earlier or not deployment.waits_for_signatures:
        return []
    return list(earlier[-1].signatures.all())


def visit_shown(visit: DeploymentVisit, today: date) -> dict[str, Any]:
    """One visit of the chain: its booking, its record, and whether that is late."""
    booking = visit.booking
    record = getattr(booking, "visit_record", None)
    due_on = rules.record_due_on(booking.day)
    return {
        "visit": visit,
        "booking": booking,
        "record": record,
        "due_on": due_on,
        "is_missing": record is None and booking.status == "confirmed" and booking.ends_at < timezone.now(),
        "is_late": record.late if record else booking.status == "confirmed" and due_on < today,
    }


def load_rows(deployment: Deployment, terms: Terms) -> list[dict[str, Any]]:
    """For each school year, the days agreed, used, promised, and what is left once this text is signed."""
    taken = queries.half_days_taken(deployment)
    return [
        {
            "year": year,
            "agreed": load.agreed,
            "used": load.used,
            "promised": load.promised,
            "extra": extra,
            "left": load.left - extra,
        }
        for year, load, extra in queries.loads_if_signed(deployment, terms, taken)
    ]


def what_comes_next(deployment: Deployment, *, given: int, taken: int) -> list[str]:
    """What the agreement asks for from here on, in sentences."""
    if deployment.status != "active":
        return []
    reviews = list(deployment.reviews.all())
    steps = []
    left = rules.days_left(deployment.half_days, taken)
    if left:
        steps.append(f"{format_days(left)} can still be booked, until {long_date(deployment.ends_on)}.")
    if not reviews or reviews[-1].next_review_on:
        following = reviews[-1].next_review_on if reviews else None
        due = rules.review_due_on(deployment.starts_on, deployment.ends_on, following)
        steps.append(f"The next progress review is due on {long_date(due)}.")
    if not hasattr(deployment, "mid_point"):
        steps.append(f"The broker looks in by {long_date(deployment.mid_point_on)}.")
    today = local(timezone.now()).date()
    if rules.may_be_evaluated(
        today=today, ends_on=deployment.ends_on, agreed=deployment.half_days, delivered=given
    ):
        steps.append(
            f"The receiving headteacher evaluates it by {long_date(rules.evaluation_due_by(deployment.ends_on))}."
        )
    return steps


def need_rows(actor: Actor, deployment: Deployment) -> Rows:
    """The need it answers: theme and phase for all; the school's own words for its people and the convenors only."""
    rows: Rows = [("Theme", deployment.theme), ("Phase", deployment.get_phase_display())]
    if deployment.source_reference:
        rows.append(("Came from", deployment.source_reference))
    need = deployment.need
    if need is None or not queries.sees_need(actor, deployment):
        return rows
    rows.append(("Days needed", format_days(need.half_days_needed)))
    if need.note:
        rows.append(("What good looks like", need.note))
    return rows
