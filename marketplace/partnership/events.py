"""What partnership announces. Ids and verbs only: nothing of what a commission says, nor of a school's category."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CallMoved:
    """A call was published, extended, closed or withdrawn."""

    call_id: int
    verb: str


@dataclass(frozen=True)
class CallAnswered:
    """A provider answered a call, changed or took back its answer, or a convenor did not take it up."""

    response_id: int
    verb: str


@dataclass(frozen=True)
class ReaderNamed:
    """A convenor named somebody who may read a commission."""

    reader_id: int
