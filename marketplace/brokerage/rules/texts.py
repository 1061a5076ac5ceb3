"""How long what people write about needs, visits and deployments may be: no longer than others read."""

from marketplace.brokerage.errors import NeedInvalid

LONGEST_NEED_NOTE = 1_000
LONGEST_HAPPENED = 5_000
LONGEST_NEXT_STEPS = 3_000
LONGEST_EVALUATION_TEXT = 3_000
LONGEST_OBJECTIVE_NOTE = 2_000
LONGEST_REASON = 500


def within(text: str, field: str, longest: int) -> str:
    """The text without spaces around it; `NeedInvalid` where it has more than `longest` characters."""
    text = text.strip()
    if len(text) > longest:
        raise NeedInvalid("That is too long.", remedy=f"Use {longest:,} characters or fewer.", field=field)
    return text
