"""Who hears of agreements. `tasks.py` imports this, so that its subscribers and jobs are there for the worker."""

from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.buyback import queries as buyback
from marketplace.buyback.events import AgreementEndingTold, AgreementMoved, PriceChangeTold
from marketplace.buyback.models import AgreementEnding, AgreementStatus, PriceNotice, ServiceAgreement
from marketplace.kernel import history
from marketplace.kernel.access import SYSTEM, Role
from marketplace.kernel.dates import local
from marketplace.kernel.events import subscribe
from marketplace.notifications import agreement_messages as messages
from marketplace.notifications import live
from marketplace.notifications.actions import tell
from marketplace.notifications.live import Audience
from marketplace.notifications.people import ASKED, holders
from marketplace.notifications.rules import Message, Recipient
from marketplace.organisations.queries import people_with_interest

DAYS_BEFORE_THE_END = 60
DECIDERS = frozenset({Role.HEADTEACHER, Role.BUDGET_HOLDER, Role.TRUST_LEAD})
SELLERS = frozenset({Role.PROVIDER_LEAD})

Told = list[tuple[list[Recipient], Message]]


@subscribe(AgreementMoved)
def tell_of_agreement(event: AgreementMoved) -> None:
    """Tell those who must act, or for whom something begins or ends; never the person who did it."""
    agreement = (
        buyback.agreements_visible_to(SYSTEM).select_related("requested_by").get(pk=event.agreement_id)
    )
    entry = history.of(agreement).filter(verb=event.verb).last()
    for to, message in _messages(agreement, event):
        others = [each for each in to if entry is None or each.user_id != entry.by_id]
        tell(to=others, message=message, effect=f"agreement:{agreement.pk}:{event.verb}:{message.title[:40]}")


def _messages(agreement: ServiceAgreement, event: AgreementMoved) -> Told:
    buyers, sellers = _requester(agreement), holders(agreement.seller_id, SELLERS)
    if event.verb == "submit":
        # What the orderer could approve alone was approved in the same moment: nobody is asked.
        still = agreement.status == AgreementStatus.AWAITING_APPROVAL
        return [(_asked(agreement), messages.approval_wanted(agreement))] if still else []
    if event.verb == "approve":
        return [(buyers, messages.approved(agreement)), (sellers, messages.ordered(agreement))]
    if event.after == AgreementStatus.WITHDRAWN:
        return [(buyers, messages.came_to_nothing(agreement, event.verb))]
    if event.verb == "activate":
        return [(buyers + holders(agreement.buyer_id, DECIDERS), messages.in_force(agreement))]
    if event.verb in ("end", "terminate", "supersede"):
        return [(buyers + holders(agreement.buyer_id, DECIDERS) + sellers, messages.over(agreement))]
    return []


def _asked(agreement: ServiceAgreement) -> list[Recipient]:
    """Those the ladder names, and who can accept the terms where nobody has."""
    approver = buyback.requirement_of(agreement).approver
    asked = _without_interest(agreement, holders(agreement.buyer_id, ASKED[approver]))
    if all(each.user_id == agreement.requested_by_id for each in asked):
        asked = _without_interest(agreement, holders(agreement.buyer_id, buyback.APPROVER_ROLES[approver]))
    if agreement.accepted_at is None:
        asked = asked + holders(agreement.buyer_id, DECIDERS)
    return list(dict.fromkeys(asked))


def _without_interest(agreement: ServiceAgreement, people: list[Recipient]) -> list[Recipient]:
    tied = people_with_interest([each.user_id for each in people], [agreement.seller_id])
    return [each for each in people if each.user_id not in tied]


def _requester(agreement: ServiceAgreement) -> list[Recipient]:
    person = agreement.requested_by_id
    return [Recipient(person, agreement.ordered_by_id)] if person else []


@subscribe(AgreementMoved)
def show_agreement(event: AgreementMoved) -> None:
    """Open pages of the two sides ask again."""
    agreement = buyback.agreements_visible_to(SYSTEM).get(pk=event.agreement_id)
    sides = sorted({agreement.buyer_id, agreement.ordered_by_id, agreement.seller_id})
    live.broadcast_all(
        "agreement", [Audience(organisation=pk) for pk in sides], {"reference": agreement.reference}
    )


@subscribe(AgreementEndingTold)
def tell_of_ending(event: AgreementEndingTold) -> None:
    """Notice was given or taken back: both sides hear of it, but for the person who did it."""
    ending = AgreementEnding.objects.select_related("agreement").get(pk=event.ending_id)
    agreement = buyback.agreements_visible_to(SYSTEM).get(pk=ending.agreement_id)
    verb = "notice_taken_back" if ending.taken_back_at else "notice_given"
    entry = history.of(agreement).filter(verb=verb).last()
    to = holders(agreement.buyer_id, DECIDERS) + holders(agreement.seller_id, SELLERS)
    others = [each for each in to if entry is None or each.user_id != entry.by_id]
    tell(to=others, message=messages.ending_told(agreement, ending), effect=f"ending:{ending.pk}:{verb}")


@subscribe(PriceChangeTold)
def tell_of_price(event: PriceChangeTold) -> None:
    """Those who decide and pay for the school hear of next year's price."""
    notice = PriceNotice.objects.select_related(
        "line__agreement__buyer", "line__agreement__seller", "edition__package", "edition__window"
    ).get(pk=event.notice_id)
    to = holders(notice.line.agreement.buyer_id, DECIDERS | {Role.FINANCE})
    tell(to=to, message=messages.price_changed(notice), effect=f"price_notice:{notice.pk}")


@app.periodic(cron="20 6 * * *")
@app.task(name="remind_of_ending_agreements", queue="notifications")
def remind_of_ending_agreements(timestamp: int) -> None:
    """Every morning: agreements that end within 60 days and that nothing follows yet."""
    today = local(timezone.now()).date()
    for agreement in buyback.ending_soon(today, DAYS_BEFORE_THE_END).select_related("requested_by"):
        to = _requester(agreement) + holders(agreement.buyer_id, DECIDERS)
        effect = f"agreement:{agreement.pk}:ends_soon"
        tell(to=list(dict.fromkeys(to)), message=messages.ends_soon(agreement), effect=effect)
