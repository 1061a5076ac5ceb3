"""Jobs of organisations: the long parts of a register import, and taking up again those whose worker died."""

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from marketplace.kernel.access import SYSTEM, Actor
from marketplace.kernel.errors import DomainError
from marketplace.organisations import actions, queries
from marketplace.organisations.models import ImportStatus, RegisterImport, User

SILENT_FOR = timedelta(minutes=10)
OUR_FAULT = (
    "Something went wrong on our side and nothing was changed. Try again; if it fails again, tell support."
)
WORK = {
    "read": (ImportStatus.UPLOADED, ImportStatus.READING),
    "apply": (ImportStatus.APPLYING,),
    "undo": (ImportStatus.UNDOING,),
}


@app.task(name="work_on_import", queue="imports")
def work_on_import(batch_id: int, work: str, user_id: int | None) -> None:
    """Read, apply or undo a batch for the person who asked. Does nothing when the batch has moved on, so it may run twice."""
    batch = RegisterImport.objects.select_related("area").get(pk=batch_id)
    if batch.status not in WORK[work]:
        return
    actor = _actor(user_id)
    try:
        if work == "read":
            actions.read_batch(actor=actor, batch=batch)
        elif work == "apply":
            actions.carry_out_apply(actor=actor, batch=batch)
        else:
            actions.carry_out_undo(actor=actor, batch=batch)
    except DomainError as refusal:
        _end(actor, batch_id, str(refusal))
    except Exception:
        _end(actor, batch_id, OUR_FAULT)
        raise


def _end(actor: Actor, batch_id: int, problem: str) -> None:
    """Leave the batch where a person can go on from, with the reason."""
    batch = RegisterImport.objects.get(pk=batch_id)
    if batch.status in WORK["read"]:
        actions.fail_batch(actor=actor, batch=batch, problem=problem)
    elif batch.is_working:
        actions.give_back(actor=actor, batch=batch, problem=problem)


def _actor(user_id: int | None) -> Actor:
    return SYSTEM if user_id is None else queries.actor_for(User.objects.get(pk=user_id))


@app.periodic(cron="*/5 * * * *")
@app.task(name="resume_imports", queue="imports")
def resume_imports(timestamp: int) -> None:
    """Queue again the imports whose job has given no sign of life for ten minutes."""
    for batch in RegisterImport.objects.filter(worked_at__lt=timezone.now() - SILENT_FOR):
        for work, states in WORK.items():
            if batch.status in states:
                _queue_again(batch, work)


def _queue_again(batch: RegisterImport, work: str) -> None:
    job = work_on_import.configure(queueing_lock=f"import-{batch.pk}")
    with suppress(AlreadyEnqueued), transaction.atomic():
        job.defer(batch_id=batch.pk, work=work, user_id=batch.created_by_id)
