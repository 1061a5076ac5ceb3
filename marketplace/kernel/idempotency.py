"""Requests that may be sent twice: the same key with the same request gets the same answer (I21).

A program that got no answer can't know whether what it asked for was done. It sends an `Idempotency-Key` of its own making, and
the same again if in doubt. `claim` takes the key before anything is done and is committed at once, so that a second request
arriving meanwhile sees it; `hold` and `keep` belong to the transaction that does the work, so that work and answer are kept
together or not at all.
"""

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from marketplace.kernel.access import Actor
from marketplace.kernel.errors import DomainError, NotNow
from marketplace.kernel.models import IdempotencyKey

MAX_KEY_LENGTH = 100
# Between claiming a key and holding it lie milliseconds: a claim older than this that nobody holds belongs to a process that
# died. Its transaction was rolled back, so nothing was done.
TIME_TO_HOLD = timedelta(seconds=10)
KEPT_FOR = timedelta(days=7)


class KeyUsedForAnother(DomainError):
    """The key came before with a different request."""

    code = "idempotency_key_reused"
    status = 422


class StillAtIt(NotNow):
    """The same request is being dealt with at this moment."""

    code = "idempotency_key_in_use"


class KeyUnusable(DomainError):
    """The key is empty or too long."""

    code = "idempotency_key_unusable"


@dataclass(frozen=True)
class Answer:
    """What was answered: the HTTP status and the body, as JSON."""

    status: int
    body: Any


def fingerprint(*parts: bytes) -> str:
    """What tells one request from another."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()


def claim(*, actor: Actor, key: str, of: str) -> Answer | None:
    """Take `key` for the request with fingerprint `of`; the answer, where it was given before, else None: go ahead.

    Raises `KeyUsedForAnother`, `StillAtIt`, `KeyUnusable`. Must be called outside a transaction.
    """
    if not 0 < len(key) <= MAX_KEY_LENGTH:
        raise KeyUnusable(
            f"The Idempotency-Key must have 1 to {MAX_KEY_LENGTH} characters.", remedy="Use a random UUID."
        )
    row, is_new = IdempotencyKey.objects.get_or_create(
        user_id=_person(actor), organisation_id=actor.current, key=key, defaults={"fingerprint": of}
    )
    if is_new:
        return None
    if row.fingerprint != of:
        raise KeyUsedForAnother(
            "This Idempotency-Key was used for another request.",
            remedy="Make a new key for each new request.",
        )
    if row.status is not None:
        return Answer(row.status, row.answer)
    if not _take_over(row):
        raise StillAtIt("This request is being dealt with.", remedy="Send it again in a few seconds.")
    return None


def _take_over(row: IdempotencyKey) -> bool:
    """Whether the process that claimed the key is gone: nobody holds the row, nor has just claimed it."""
    now = timezone.now()
    rows = IdempotencyKey.objects.filter(pk=row.pk, status__isnull=True, created_at__lt=now - TIME_TO_HOLD)
    with transaction.atomic():
        is_abandoned = rows.select_for_update(skip_locked=True).first() is not None
        return is_abandoned and bool(rows.update(created_at=now))


def hold(*, actor: Actor, key: str) -> None:
    """Show, for as long as the transaction lasts, that somebody is dealing with the request."""
    _row(actor, key).select_for_update().first()


def keep(*, actor: Actor, key: str, answer: Answer) -> None:
    """Store the answer given; belongs in the transaction that did the work."""
    _row(actor, key).update(status=answer.status, answer=answer.body)


def release(*, actor: Actor, key: str) -> None:
    """Give the key back: nothing was done, and the same request may be tried again."""
    _row(actor, key).filter(status__isnull=True).delete()


def _row(actor: Actor, key: str) -> Any:
    return IdempotencyKey.objects.filter(user_id=_person(actor), organisation_id=actor.current, key=key)


def _person(actor: Actor) -> int:
    if actor.user_id is None:
        raise RuntimeError("an idempotency key belongs to a signed-in person")
    return actor.user_id


def forget_old_keys() -> int:
    """Drop answers too old to be asked for again; how many there were."""
    forgotten, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    return forgotten
