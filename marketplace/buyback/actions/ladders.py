"""Making an approval ladder one's own, and going back to the one above."""

from collections.abc import Sequence

from marketplace.buyback.models import ApprovalLadder, ApprovalStep
from marketplace.buyback.queries import ladders as queries
from marketplace.buyback.rules import Step, checked_steps
from marketplace.kernel import history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotAllowed
from marketplace.organisations.models import Area, Organisation


@action
def set_ladder(*, actor: Actor, owner: Organisation | Area, steps: Sequence[Step]) -> ApprovalLadder:
    """Make these steps the ladder of an organisation, or of an area for the schools that have none nearer.

    A trust's ladder holds for its schools. Raises `LadderInvalid` for steps that make no ladder.
    """
    _must_be_allowed(actor, owner)
    checked = checked_steps(steps, has_trust=queries.may_name_trust(owner))
    ladder = _lock_ladder(owner)
    before = _steps_of(ladder)
    if checked == before:
        return ladder
    _write(ladder, checked)
    history.write(
        ladder, verb="set", before=_count(before), after=_count(checked), by=actor, note=in_words(checked)
    )
    return ladder


@action
def clear_ladder(*, actor: Actor, owner: Organisation | Area) -> None:
    """Go back to the ladder of the trust, the area or the exchange."""
    _must_be_allowed(actor, owner)
    ladder = _lock_ladder(owner)
    before = _steps_of(ladder)
    if before:
        _write(ladder, ())
        history.write(
            ladder, verb="clear", before=_count(before), by=actor, note="The ladder above counts again"
        )


def in_words(steps: Sequence[Step]) -> str:
    """The steps as lines of text."""
    return "\n".join(step.words for step in steps)


def _lock_ladder(owner: Organisation | Area) -> ApprovalLadder:
    ladder, _ = ApprovalLadder.objects.select_for_update(no_key=True).get_or_create(**queries.owned_by(owner))
    return ladder


def _steps_of(ladder: ApprovalLadder) -> tuple[Step, ...]:
    return tuple(queries.step_of(row) for row in ladder.steps.all())


def _write(ladder: ApprovalLadder, steps: Sequence[Step]) -> None:
    ladder.steps.all().delete()
    ApprovalStep.objects.bulk_create(ApprovalStep(ladder=ladder, **step._asdict()) for step in steps)


def _count(steps: Sequence[Step]) -> str:
    return f"{len(steps)} step{'s' * (len(steps) != 1)}" if steps else ""


def _must_be_allowed(actor: Actor, owner: Organisation | Area) -> None:
    if not queries.may_set_ladder(actor, owner):
        raise NotAllowed(
            f"You can’t set the approval ladder of {owner}.",
            remedy="Ask the headteacher, a governor, the trust’s lead or, for an area, its convenor.",
        )
