"""Importing the register of schools: upload, read, apply, undo, discard.

Reading, applying and undoing are long, so a person asks and a job carries out: `apply_register` marks the batch and queues
`carry_out_apply`. Reading stores its findings piece by piece, in transactions of its own, for it touches nothing but the
batch. Applying and undoing are one transaction each, all or nothing, under the locks of their areas.
"""

import hashlib
import os
from collections.abc import Callable
from typing import BinaryIO

from django.conf import settings
from django.core.files import File
from django.utils import timezone
from procrastinate.contrib.django import app

from marketplace.kernel import events, history
from marketplace.kernel.access import Actor
from marketplace.kernel.db import action, locked
from marketplace.kernel.errors import DomainError, NotAllowed
from marketplace.organisations import queries
from marketplace.organisations.errors import ImportInTheWay
from marketplace.organisations.events import RegisterChanged
from marketplace.organisations.importing.compare import Comparison
from marketplace.organisations.importing.progress import progress_of
from marketplace.organisations.importing.take import put_in, take_back
from marketplace.organisations.models import Area, ImportStatus, RegisterImport
from marketplace.organisations.register import RegisterFileError, read_register
from marketplace.organisations.states import AT_WORK, IMPORTS

BatchRef = RegisterImport | str


@action
def upload_register(
    *, actor: Actor, upload: BinaryIO, file_name: str, area: Area | None = None
) -> RegisterImport:
    """Take a register file and queue its reading. `area` is the convenor's own; None, every area in the file, is for operators.

    Raises `RegisterFileError` at once when the file is not a list of schools.
    """
    if not actor.convenes(area.pk if area else None):
        raise NotAllowed("You can’t import the register here.", remedy="Ask a convenor of the area to do it.")
    if upload.seek(0, os.SEEK_END) > settings.REGISTER_UPLOAD_MAX_BYTES:
        raise RegisterFileError(
            "The file is too large.", remedy="Upload it zipped, or only your area’s rows."
        )
    upload.seek(0)
    batch = new_batch(actor=actor, upload=upload, file_name=file_name, area=area)
    upload.seek(0)
    batch.file.save(f"{batch.reference}.upload", File(upload))
    _queue("read", batch, actor)
    return batch


@action
def new_batch(*, actor: Actor, upload: BinaryIO, file_name: str, area: Area | None = None) -> RegisterImport:
    """A batch for a file whose head has been looked at, that a job or a command will read. Raises `RegisterFileError`."""
    header = read_register(upload).header
    batch = RegisterImport.objects.create(
        area=area,
        file_name=os.path.basename(file_name)[:200],
        sha256=_sha256(upload),
        layout=header.layout,
        encoding=header.encoding,
        created_by_id=actor.user_id,
        worked_at=timezone.now(),
    )
    history.write(batch, verb="upload", after=batch.status, by=actor)
    return batch


def import_register_now(
    *,
    actor: Actor,
    upload: BinaryIO,
    file_name: str,
    area: Area | None = None,
    only_la_code: str = "",
    apply: bool = True,
    tell: Callable[[int], None] = lambda done: None,
) -> RegisterImport:
    """Read a file and apply it at once, without the queue: for commands. `only_la_code` keeps to one area, known or not.

    Raises `RegisterFileError` for an unusable file and whatever applying may raise; the batch then tells the reason.
    """
    batch = new_batch(actor=actor, upload=upload, file_name=file_name, area=area)
    read_batch(actor=actor, batch=batch, upload=upload, only_la_code=only_la_code, tell=tell)
    if batch.status == ImportStatus.FAILED:
        raise RegisterFileError(batch.problem)
    if apply:
        batch = apply_register(actor=actor, batch=batch, queue=False)
        _now(carry_out_apply, actor, batch)
    return batch


def undo_register_now(*, actor: Actor, batch: BatchRef) -> RegisterImport:
    """Take a batch back at once, without the queue: for commands."""
    row = undo_register(actor=actor, batch=batch, queue=False)
    return _now(carry_out_undo, actor, row)


def _now(work: Callable[..., RegisterImport], actor: Actor, batch: RegisterImport) -> RegisterImport:
    try:
        return work(actor=actor, batch=batch)
    except DomainError as refusal:
        give_back(actor=actor, batch=batch, problem=str(refusal))
        raise


def read_batch(
    *,
    actor: Actor,
    batch: RegisterImport,
    upload: BinaryIO | None = None,
    only_la_code: str = "",
    tell: Callable[[int], None] = lambda done: None,
) -> RegisterImport:
    """Compare the file with what stands and store what applying would do: the job behind `upload_register`.

    `upload` is the file where the batch does not keep it. Ends in `previewed`, or in `failed` with the reason.
    """
    IMPORTS.move(batch, "start_reading", by=actor, problem="", done=0, worked_at=timezone.now())
    batch.changes.all().delete()
    batch.refusals.all().delete()
    codes = {batch.area.code} if batch.area else {only_la_code} if only_la_code else None

    def note_progress(done: int) -> None:
        RegisterImport.objects.filter(pk=batch.pk).update(done=done, worked_at=timezone.now())
        tell(done)

    try:
        reading = read_register(upload or batch.file.path, only_la_codes=codes)
        comparison = Comparison(batch, reading, note_progress)
        comparison.run()
    except (DomainError, OSError) as error:
        problem = (
            str(error) if isinstance(error, DomainError) else "The uploaded file is gone. Upload it again."
        )
        fail_batch(actor=actor, batch=batch, problem=problem)
        return batch
    IMPORTS.move(
        batch,
        "finish_reading",
        by=actor,
        la_codes=sorted(comparison.la_codes),
        newcomers=comparison.newcomers.to_data(),
        missing=comparison.missing,
        done=comparison.counts["read"],
        total=comparison.counts["read"],
        **comparison.tallies(),
    )
    _forget_file(batch)
    return batch


@action
def fail_batch(*, actor: Actor, batch: RegisterImport, problem: str) -> RegisterImport:
    """End a batch whose file can't be read, with the reason."""
    IMPORTS.move(batch, "fail", by=actor, problem=problem, finished_at=timezone.now())
    _forget_file(batch)
    return batch


@action
def apply_register(*, actor: Actor, batch: BatchRef, queue: bool = True) -> RegisterImport:
    """Ask for a previewed batch to be applied. Raises `ImportInTheWay` while another import of the same areas is at work."""
    batch = _locked_batch(actor, batch)
    _lock_areas(batch)
    _check_nothing_at_work(batch)
    IMPORTS.move(batch, "apply", by=actor, problem="", done=0, total=_size(batch), worked_at=timezone.now())
    if queue:
        _queue("apply", batch, actor)
    return batch


@action
def carry_out_apply(*, actor: Actor, batch: RegisterImport) -> RegisterImport:
    """Write every change of the batch, all or nothing. Raises `PreviewOutOfDate` when a school has changed since the preview."""
    _lock_areas(batch)
    with progress_of(batch) as tell:
        made = put_in(batch, by=actor, tell=tell)
    IMPORTS.move(
        batch, "finish_applying", by=actor, newcomers=made, done=batch.total, finished_at=timezone.now()
    )
    _announce(batch)
    return batch


@action
def undo_register(*, actor: Actor, batch: BatchRef, queue: bool = True) -> RegisterImport:
    """Ask for an applied batch to be taken back: only the newest of its areas, for later ones may build on it."""
    batch = _locked_batch(actor, batch)
    _lock_areas(batch)
    _check_nothing_at_work(batch)
    later = (
        RegisterImport.objects.filter(
            status=ImportStatus.APPLIED, la_codes__overlap=batch.la_codes, finished_at__gt=batch.finished_at
        )
        .order_by("-finished_at")
        .first()
        if batch.finished_at
        else None
    )
    if later:
        raise ImportInTheWay(
            f"{later.reference} was applied after this import and changed the same area.",
            remedy=f"Undo {later.reference} first.",
        )
    IMPORTS.move(batch, "undo", by=actor, problem="", done=0, total=_size(batch), worked_at=timezone.now())
    if queue:
        _queue("undo", batch, actor)
    return batch


@action
def carry_out_undo(*, actor: Actor, batch: RegisterImport) -> RegisterImport:
    """Put every school back as it was before the batch; a school it added goes, or is closed where other records rely on it."""
    _lock_areas(batch)
    with progress_of(batch) as tell:
        take_back(batch, by=actor, tell=tell)
    IMPORTS.move(batch, "finish_undoing", by=actor, done=batch.total, finished_at=timezone.now())
    _announce(batch)
    return batch


@action
def give_back(*, actor: Actor, batch: RegisterImport, problem: str) -> RegisterImport:
    """Return a batch whose job could not be carried out to where it was before, with the reason."""
    IMPORTS.move(batch, "give_back", by=actor, problem=problem)
    return batch


@action
def discard_register(*, actor: Actor, batch: BatchRef) -> RegisterImport:
    """Put a batch aside that will not be applied. What was found in the file stays to be looked at."""
    batch = _locked_batch(actor, batch)
    IMPORTS.move(batch, "discard", by=actor, finished_at=timezone.now())
    _forget_file(batch)
    return batch


def _locked_batch(actor: Actor, batch: BatchRef) -> RegisterImport:
    reference = batch if isinstance(batch, str) else batch.reference
    row: RegisterImport = locked(queries.imports_managed_by(actor), reference=reference)
    return row


def _lock_areas(batch: RegisterImport) -> None:
    """Hold the areas of the batch, by primary key, so that two imports of one area come one after the other."""
    list(Area.objects.select_for_update(no_key=True).filter(code__in=batch.la_codes).order_by("pk"))


def _check_nothing_at_work(batch: RegisterImport) -> None:
    other = (
        RegisterImport.objects.filter(status__in=AT_WORK, la_codes__overlap=batch.la_codes)
        .exclude(pk=batch.pk)
        .first()
    )
    if other:
        raise ImportInTheWay(
            f"{other.reference} is changing the same area at this moment.",
            remedy="Wait until it has finished.",
        )


def _size(batch: RegisterImport) -> int:
    return batch.added + batch.changed + batch.closed


def _announce(batch: RegisterImport) -> None:
    areas = Area.objects.filter(code__in=batch.la_codes).order_by("pk").values_list("pk", flat=True)
    events.publish(RegisterChanged(batch_id=batch.pk, area_ids=tuple(areas)))


def _queue(work: str, batch: RegisterImport, actor: Actor) -> None:
    app.configure_task("work_on_import", queue="imports").defer(
        batch_id=batch.pk, work=work, user_id=actor.user_id
    )


def _forget_file(batch: RegisterImport) -> None:
    """The upload names head teachers: it goes as soon as it is not needed."""
    if batch.file:
        batch.file.delete(save=True)


def _sha256(upload: BinaryIO) -> str:
    upload.seek(0)
    digest = hashlib.sha256()
    while piece := upload.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()
