"""Places where a process may die, by name. `reached` does nothing; a test arms one of them, kills the process there, and looks for loss.

Between any two of these something is committed or sent: dying at each of them, once, is dying everywhere that matters (I9).
"""

ASKED = "asked"  # a call’s row and its key are committed, nothing is sent
CLAIMED = "claimed"  # the call is about to be sent
ANSWERED = "answered"  # the network has carried it out, we have noted nothing
COMPLETED = "completed"  # what followed is committed
EVENT_STORED = "event_stored"  # an event lies in the inbox, nobody has looked
FETCHED = "fetched"  # the payment was fetched again, nothing is applied
APPLIED = "applied"  # what followed from it is committed, the event is not yet marked

POINTS = (ASKED, CLAIMED, ANSWERED, COMPLETED, EVENT_STORED, FETCHED, APPLIED)


def reached(point: str) -> None:
    """Nothing."""
