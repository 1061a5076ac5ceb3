"""Writing a request for support, and choosing whom to ask."""

from collections.abc import Collection

from marketplace.brokerage import queries, rules
from marketplace.brokerage.actions.requests.steps import lock_draft, today
from marketplace.brokerage.errors import RequestInvalid
from marketplace.brokerage.models import Need, RequestInvitation, RequestStatus, SupportRequest
from marketplace.brokerage.rules import RequestTerms
from marketplace.catalogue.models import Theme
from marketplace.kernel import history
from marketplace.kernel.access import SCHOOL_BUYERS, Actor
from marketplace.kernel.db import action
from marketplace.organisations.models import Organisation, Phase, School


@action
def draft_request(
    *,
    actor: Actor,
    school: School,
    theme: Theme,
    phase: str,
    terms: RequestTerms,
    need: Need | None = None,
) -> SupportRequest:
    """Write a request, from a declared need or from scratch. Nobody else sees it before it is opened. Raises `RequestInvalid`."""
    actor.must_hold(*SCHOOL_BUYERS, at=school.pk, to="ask for support for this school")
    if theme.parent_id is None:
        raise RequestInvalid(
            f"“{theme}” is a heading.", remedy="Choose one of the themes under it.", field="theme"
        )
    if phase not in school.phases:
        offered = ", ".join(Phase(each).label for each in school.phases) or "none in the register"
        raise RequestInvalid(
            f"{school.organisation} has no {Phase(phase).label.lower()} phase.",
            remedy=f"Its phases: {offered}.",
            field="phase",
        )
    if need is not None and need.school_id != school.pk:
        raise RequestInvalid(
            "That need is another school’s.", remedy="Start from a need of this school.", field="school"
        )
    rules.check_terms(terms, today=today())
    request: SupportRequest = SupportRequest.objects.scoped().create(
        school=school.organisation,
        need=need,
        theme=theme,
        phase=phase,
        created_by_id=actor.user_id,
        **_fields(terms),
    )
    history.write(request, verb="write", after=RequestStatus.DRAFT, by=actor)
    return request


@action
def change_request(*, actor: Actor, request: SupportRequest, terms: RequestTerms) -> SupportRequest:
    """Write a draft anew. Its school, theme and phase stay."""
    row = lock_draft(actor, request)
    rules.check_terms(terms, today=today())
    for name, value in _fields(terms).items():
        setattr(row, name, value)
    row.save()
    history.write(row, verb="change", before=row.status, after=row.status, by=actor)
    return row


@action
def choose_providers(
    *,
    actor: Actor,
    request: SupportRequest,
    providers: Collection[Organisation],
    suggested: Collection[int] = (),
) -> list[RequestInvitation]:
    """Say whom a draft is to go to; who was chosen before and is not among `providers` no longer is.

    `suggested` are the ids of those the exchange suggested, for the record. Raises `RequestInvalid` for a body that can't be asked.
    """
    row = lock_draft(actor, request)
    wanted = {each.pk: each for each in providers}
    if len(wanted) > rules.MOST_ASKED:
        raise RequestInvalid(
            f"At most {rules.MOST_ASKED} providers are asked at once.",
            remedy="Choose fewer.",
            field="providers",
        )
    check_askable(row, wanted.values())
    row.invitations.exclude(provider__in=wanted).delete()
    there = set(row.invitations.values_list("provider", flat=True))
    RequestInvitation.objects.scoped().bulk_create(
        RequestInvitation(request=row, provider=each, suggested=pk in set(suggested))
        for pk, each in wanted.items()
        if pk not in there
    )
    return list(row.invitations.select_related("provider"))


def check_askable(request: SupportRequest, providers: Collection[Organisation]) -> None:
    """Raise `RequestInvalid` for the first body that can't be asked."""
    can = set(
        queries.askable_providers(request)
        .filter(pk__in=[each.pk for each in providers])
        .values_list("pk", flat=True)
    )
    for each in providers:
        if each.pk not in can:
            raise RequestInvalid(
                f"{each} can’t be asked: it has no offer on show, nobody here to answer, or is your own school.",
                remedy="Choose another provider.",
                field="providers",
            )


def _fields(terms: RequestTerms) -> dict[str, object]:
    return {
        "title": terms.title.strip(),
        "wanted": terms.wanted.strip(),
        "outcomes": terms.outcomes.strip(),
        "half_days": terms.half_days,
        "first_day": terms.first_day,
        "last_day": terms.last_day,
        "remote_ok": terms.remote_ok,
        "budget_pence": terms.budget_pence,
        "budget_shown": terms.budget_shown,
        "questions_close_on": terms.questions_close_on,
        "responses_close_on": terms.responses_close_on,
        "closes_when_all_answered": terms.closes_when_all_answered,
    }
