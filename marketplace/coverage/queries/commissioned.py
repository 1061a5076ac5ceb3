"""Layers of need beside what schools declared and never added to it: what the authority has commissioned, and what is modelled for
schools that said nothing. For the area's convenors only, since both follow from levels of concern.

Nothing of it is kept in a snapshot: it is worked out when a convenor asks, from what is there now.
"""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date

from marketplace.catalogue.models import Theme
from marketplace.coverage.gathering import gather
from marketplace.coverage.gathering.columns import PHASES
from marketplace.coverage.measures import Layer, measure
from marketplace.coverage.queries.access import Sight, settings_of
from marketplace.kernel import audit
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Phase

PHASE_OF = {int(measured): phase for phase, measured in PHASES.items()}


@dataclass(frozen=True)
class LayerCell:
    """Days of one theme and phase in the layer, what of them would be met as things stand, and at best.

    They are measured together with declared needs, which want the same days.
    """

    theme: Theme
    phase: Phase
    schools: int
    days: float
    met: float
    best: float

    @property
    def brokerable(self) -> float:
        """Days that moving what is offered could add."""
        return self.best - self.met

    @property
    def unmet(self) -> float:
        """Days nobody could give, however well brokered."""
        return self.days - self.best


def commissioned_cells(actor: Actor, sight: Sight, *, today: date) -> list[LayerCell]:
    """Days commissioned and not yet booked by theme and phase; the reading is audited, and so is a refusal (`NotFound`)."""
    audit.record(by=actor, what="commissioned days", subject=sight.area, allowed=sight.exact)
    return _cells(sight, Layer.COMMISSIONED, today)


def latent_cells(actor: Actor, sight: Sight, *, today: date) -> list[LayerCell]:
    """Modelled days by theme and phase; the reading is audited, and so is a refusal (`NotFound`)."""
    audit.record(by=actor, what="modelled days", subject=sight.area, allowed=sight.exact)
    return _cells(sight, Layer.LATENT, today)


def models_needs(sight: Sight) -> bool:
    """Whether the area has set a rate for any theme."""
    return any(days for _, days in settings_of(sight.area)[1].choices.latent_days)


def _cells(sight: Sight, layer: Layer, today: date) -> list[LayerCell]:
    if not sight.exact:
        raise NotFound
    _, settings = settings_of(sight.area)
    gathered = gather(sight.area, today=today, settings=settings)
    both = replace(settings, layers=(*settings.layers, layer))
    result = measure(gathered.inputs, both, checks=False, empty_cells=False)
    needs, base = result.needs, result.base
    rows: dict[tuple[int, int], list[int]] = defaultdict(list)
    for row in (needs.layer == layer).nonzero()[0].tolist():
        if needs.days[row] > 0:
            rows[int(needs.theme[row]), int(needs.phase[row])].append(row)
    themes = Theme.objects.in_bulk({gathered.themes[theme].id for theme, _ in rows})
    cells = [
        LayerCell(
            theme=themes[gathered.themes[theme].id],
            phase=PHASE_OF[phase],
            schools=len({gathered.schools[needs.school[row]].id for row in of_cell}),
            days=float(needs.days[of_cell].sum()),
            met=float(base.met[of_cell].sum()),
            best=float(base.best[of_cell].sum()),
        )
        for (theme, phase), of_cell in rows.items()
    ]
    return sorted(cells, key=lambda cell: (-cell.days, cell.theme.name, cell.phase))
