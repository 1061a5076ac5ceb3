"""The life of a register import: uploaded, read, previewed, applied, and perhaps undone."""

from marketplace.kernel.transitions import Edge, Transitions
from marketplace.organisations.models import ImportStatus as Status

_ASKED = "convenor or operator"
_JOB = "job"

IMPORTS = Transitions(
    "register import",
    [
        Edge(Status.UPLOADED, "start_reading", _JOB, Status.READING),
        Edge(Status.READING, "start_reading", _JOB, Status.READING),  # taken up again after a crash
        Edge(Status.READING, "finish_reading", _JOB, Status.PREVIEWED),
        Edge(Status.UPLOADED, "fail", _JOB, Status.FAILED),
        Edge(Status.READING, "fail", _JOB, Status.FAILED),
        Edge(Status.PREVIEWED, "apply", _ASKED, Status.APPLYING),
        Edge(Status.APPLYING, "finish_applying", _JOB, Status.APPLIED),
        Edge(Status.APPLYING, "give_back", _JOB, Status.PREVIEWED),
        Edge(Status.APPLIED, "undo", _ASKED, Status.UNDOING),
        Edge(Status.UNDOING, "finish_undoing", _JOB, Status.UNDONE),
        Edge(Status.UNDOING, "give_back", _JOB, Status.APPLIED),
        Edge(Status.UPLOADED, "discard", _ASKED, Status.DISCARDED),
        Edge(Status.PREVIEWED, "discard", _ASKED, Status.DISCARDED),
        Edge(Status.FAILED, "discard", _ASKED, Status.DISCARDED),
    ],
)
AT_WORK = (Status.APPLYING, Status.UNDOING)
