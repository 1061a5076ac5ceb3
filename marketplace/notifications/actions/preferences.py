"""Choosing how to be e-mailed."""

from collections.abc import Mapping

from marketplace.kernel.access import Actor
from marketplace.kernel.db import action
from marketplace.kernel.errors import NotFound
from marketplace.notifications import unsubscribing
from marketplace.notifications.choosing import offered_for, weakest_for, words_of
from marketplace.notifications.errors import ChoiceUnusable
from marketplace.notifications.models import Choice, Preference
from marketplace.notifications.queries.preferences import choices_of
from marketplace.notifications.rules import Kind
from marketplace.organisations.models import User
from marketplace.organisations.queries import actor_for


@action
def choose_emails(*, actor: Actor, choices: Mapping[Kind, Choice]) -> int:
    """Keep what the person chose for some kinds; how many changed. `ChoiceUnusable` where somebody would wait in vain."""
    if actor.user_id is None:
        raise NotFound
    for kind, choice in choices.items():
        if choice not in offered_for(kind):
            raise ChoiceUnusable(
                f"“{words_of(kind)}” can’t be turned off: somebody waits for you.",
                remedy="Choose the daily summary instead.",
                field=kind,
            )
    before = choices_of(actor)
    changed = {kind: choice for kind, choice in choices.items() if choice != before[kind]}
    for kind, choice in changed.items():
        Preference.objects.update_or_create(user_id=actor.user_id, kind=kind, defaults={"choice": choice})
    return len(changed)


@action
def stop_emails(*, token: str) -> tuple[User, Kind | None]:
    """Stop what a signed link of an e-mail is about, as far as it can be stopped. `NotFound` for a link without power."""
    user, kind = unsubscribing.read(token)
    actor = actor_for(user)
    chosen = choices_of(actor)
    stopped = [kind] if kind else [each for each, choice in chosen.items() if choice == Choice.DAILY]
    choose_emails(actor=actor, choices={each: weakest_for(each) for each in stopped})
    return user, kind
