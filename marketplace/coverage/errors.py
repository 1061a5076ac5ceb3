"""What may be wrong with what is asked of coverage."""

from marketplace.kernel.errors import DomainError


class CoverageSettingsInvalid(DomainError):
    """A parameter of an area's coverage is unknown or makes no sense; `field` names it."""

    code = "coverage_settings_invalid"
    status = 422
