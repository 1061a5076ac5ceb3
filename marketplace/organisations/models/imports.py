"""Batches of changes from the register of schools."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from marketplace.kernel.references import new_reference
from marketplace.organisations.models.areas import Area
from marketplace.organisations.models.people import User


def import_reference() -> str:
    return new_reference("IMP")


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", "Waiting to be read"
    READING = "reading", "Being read"
    PREVIEWED = "previewed", "Ready to apply"
    APPLYING = "applying", "Being applied"
    APPLIED = "applied", "Applied"
    UNDOING = "undoing", "Being undone"
    UNDONE = "undone", "Undone"
    DISCARDED = "discarded", "Discarded"
    FAILED = "failed", "Failed"


class RegisterImport(models.Model):
    """One batch: a register file read, compared with what is known, applied, and perhaps undone.

    `area` is the convenor's area, or null when an operator imports every area in the file. `la_codes` are the areas in which
    the batch changes something. `newcomers` names the areas and groups of schools the file knows and we did not; once applied,
    those the batch made. `missing` counts our open schools of these areas that the file leaves out: a file may be partial, so
    they are told and left alone.
    """

    reference = models.CharField(max_length=12, unique=True, default=import_reference, editable=False)
    area = models.ForeignKey(Area, null=True, on_delete=models.PROTECT, related_name="imports")
    file_name = models.CharField(max_length=200)
    # Only from the upload until it has been read.
    file = models.FileField(upload_to="register/", null=True, blank=True)
    sha256 = models.CharField(max_length=64)
    layout = models.CharField(max_length=80, blank=True)
    encoding = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=12, choices=ImportStatus, default=ImportStatus.UPLOADED)
    problem = models.TextField(blank=True)
    la_codes = ArrayField(models.CharField(max_length=3), default=list)
    newcomers = models.JSONField(default=dict)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    read = models.PositiveIntegerField(default=0)
    added = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    closed = models.PositiveIntegerField(default=0)
    unchanged = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    missing = models.PositiveIntegerField(default=0)
    created_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    # The last sign of life of the job at work; one without any for long was killed, and is taken up again.
    worked_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.reference} {self.file_name}"

    @property
    def is_working(self) -> bool:
        """Whether a job is (or is about to be) at work on it."""
        return self.status in (
            ImportStatus.UPLOADED,
            ImportStatus.READING,
            ImportStatus.APPLYING,
            ImportStatus.UNDOING,
        )

    @property
    def changes_nothing(self) -> bool:
        return not (self.added or self.changed or self.closed)


class ChangeKind(models.TextChoices):
    ADD = "add", "Added"
    CHANGE = "change", "Changed"
    CLOSE = "close", "Closed"
    MISSING = "missing", "Not in this file"


class RegisterChange(models.Model):
    """One school the batch adds, changes or closes, or misses.

    `before` and `after` hold only the values that differ, by the names of `importing.record`. `doubts` are sentences on cells
    that could not be read, `note` what became of the school when the batch was undone, where that was not simply the state before.
    """

    batch = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=8, choices=ChangeKind)
    line = models.PositiveIntegerField(null=True)
    urn = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    la_code = models.CharField(max_length=3)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    doubts = models.JSONField(default=list)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "urn"], name="one_change_per_school_in_a_batch")
        ]
        indexes = [models.Index(fields=["batch", "kind", "id"], name="change_by_batch_and_kind")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.urn}"


class RegisterRefusal(models.Model):
    """A row of the file that was not taken, with its line number and the reason."""

    batch = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="refusals")
    line = models.PositiveIntegerField()
    urn = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=300)

    class Meta:
        ordering = ["line"]

    def __str__(self) -> str:
        return f"Line {self.line}: {self.reason}"
