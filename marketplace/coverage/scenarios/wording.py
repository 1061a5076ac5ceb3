"""What an edit does, in words. For the board without any provider, school or price."""

from collections.abc import Mapping

from marketplace.catalogue.models import DeliveryMode
from marketplace.coverage.scenarios.lines import Kind, Line
from marketplace.kernel.money import pounds


def words(line: Line, *, themes: Mapping[str, str], wards: Mapping[str, str], exact: bool = True) -> str:
    """One sentence without its full stop; `themes` and `wards` are names by code."""
    theme = themes.get(line.theme or "", line.theme or "")
    what = line.label if exact and line.label else "An offer"
    match line.kind:
        case Kind.ADD:
            return _added(line, theme, wards, exact)
        case Kind.EXTEND:
            whose = line.label if exact and line.label else "an offer"
            at = f" at {pounds(line.pence)} a day" if exact and line.pence else ""
            return f"{_days(line.days)} more of {whose}{at}"
        case Kind.REACH:
            return f"{what} would reach {line.km:g} km"
        case Kind.REMOTE:
            return f"{what} could {'also be had remotely' if line.remote else 'be had in person only'}"
        case Kind.REDIRECT:
            return f"{what} would also serve {theme}"
        case Kind.REMOVE:
            if line.provider:
                return f"Without any offer of {line.label if exact and line.label else 'one provider'}"
            return f"Without {line.label if exact and line.label else 'one offer'}"
        case Kind.NEED:
            who = line.label if exact and line.label else "A school"
            return f"{who} would need {_days(line.days)} of {theme}, {_phase(line)}"


def _added(line: Line, theme: str, wards: Mapping[str, str], exact: bool) -> str:
    said = [f"A new offer of {_days(line.days)} of {theme}, {_phase(line)}"]
    if line.ward:
        said.append(f"from {wards.get(line.ward, line.ward)} ward")
    if line.mode == DeliveryMode.REMOTE:
        said.append("remotely")
    elif line.km:
        said.append(f"reaching {line.km:g} km")
    if line.mode == DeliveryMode.BOTH:
        said.append("in person or remotely")
    if exact and line.pence:
        said.append(f"at {pounds(line.pence)} a day")
    return ", ".join([" ".join(said[:2]) if line.ward else said[0], *said[2 if line.ward else 1 :]])


def _phase(line: Line) -> str:
    return line.of_phase.label.lower()


def _days(days: float | None) -> str:
    return f"{days or 0:g} day" + ("" if days == 1 else "s")
