"""What may be wrong with what is asked of coverage."""

from marketplace.kernel.errors import DomainError, NotNow


class CoverageSettingsInvalid(DomainError):
    """A parameter of an area's coverage is unknown or makes no sense; `field` names it."""

    code = "coverage_settings_invalid"
    status = 422


class AdviceImpossible(DomainError):
    """What was asked of the advice makes no sense; `field` names what."""

    code = "advice_impossible"
    status = 422


class ScenarioEditInvalid(DomainError):
    """An edit of a what-if says something that can't be; `field` names it."""

    code = "scenario_edit_invalid"
    status = 422


class ScenarioCannotBeWorkedOut(NotNow):
    """What the snapshot was made of is not kept: it is being worked out again, or an older one is asked for."""

    code = "scenario_cannot_be_worked_out"

    def __init__(self) -> None:
        super().__init__(
            "The coverage this what-if stands on has to be worked out again first.",
            remedy="On the page “Coverage” choose “Work it out again”, and come back in a minute.",
        )


class ScenarioHasGoneOn(NotNow):
    """The edit is not there any more, often because it was taken out in another window."""

    code = "scenario_has_gone_on"


class BoardDateInvalid(DomainError):
    """A board meeting without a name, or before what it is said to have seen."""

    code = "board_date_invalid"


class BenchmarkFileInvalid(DomainError):
    """A file of another area's indicators can't be taken."""

    code = "benchmark_file_invalid"
    status = 422


class NeighbourInvalid(DomainError):
    """An area can't be chosen for comparison like this."""

    code = "neighbour_invalid"
    status = 422


class EngagementWordsInvalid(DomainError):
    """The words of the area's reminders can't be used; `field` names the entry."""

    code = "engagement_words_invalid"
    status = 422


class NudgedTooSoon(NotNow):
    """The school was reminded within the last 30 days."""

    code = "nudged_too_soon"


class NobodyToTell(NotNow):
    """Neither the school nor who leads its trust or diocese has anybody with an account."""

    code = "nobody_to_tell"
