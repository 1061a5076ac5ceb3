"""The life of a register import (uploaded, read, previewed, applied, perhaps undone), of a declared interest and of a belonging."""

from marketplace.kernel.transitions import Edge, Transitions
from marketplace.organisations.models import BelongingStatus, InterestStatus
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

INTERESTS = Transitions(
    "interest",
    [
        Edge(InterestStatus.DECLARED, "end", "the person", InterestStatus.ENDED),
        Edge(
            InterestStatus.DECLARED, "strike_out", "headteacher, lead or convenor", InterestStatus.STRUCK_OUT
        ),
        Edge(InterestStatus.ENDED, "strike_out", "headteacher, lead or convenor", InterestStatus.STRUCK_OUT),
    ],
)

_OWN_HEAD = "the school’s headteacher, its trust’s lead or a convenor"
_LEADING = "the network’s lead or a convenor"

BELONGINGS = Transitions(
    "membership of a network",
    [
        Edge(BelongingStatus.PROPOSED, "accept", _OWN_HEAD, BelongingStatus.ACTIVE),
        Edge(BelongingStatus.PROPOSED, "decline", _OWN_HEAD, BelongingStatus.DECLINED),
        Edge(BelongingStatus.PROPOSED, "withdraw", _LEADING, BelongingStatus.DECLINED),
        Edge(BelongingStatus.ACTIVE, "leave", _OWN_HEAD, BelongingStatus.LEFT),
        Edge(BelongingStatus.ACTIVE, "remove", _LEADING, BelongingStatus.LEFT),
    ],
)
