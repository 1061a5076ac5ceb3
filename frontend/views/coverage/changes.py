"""What changed since an earlier time the area was worked out."""

from collections.abc import Collection, Iterator

from django.http import HttpRequest, HttpResponseBase

from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response, page_of
from marketplace.coverage import queries
from marketplace.coverage.models import Snapshot
from marketplace.coverage.queries import Changes
from marketplace.kernel.errors import NotFound

TO_CHOOSE_FROM = 30


@looking
def changes(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The cells that changed between `?since=` and the newest, for a convenor.

    Unless told, it is compared with what the last board was shown, and before any board with the snapshot before.
    """
    if not look.sight.exact:
        raise NotFound
    # of several meetings that were shown the same one, the last
    meetings = {each.snapshot_id: each for each in queries.board_dates(look.sight).reverse()}
    earlier = _earlier(look, meetings)
    asked = request.GET.get("since", "")
    since = next((each for each in earlier if str(each.number) == asked), earlier[0] if earlier else None)
    found = queries.changes_between(look.sight, since, look.snapshot) if since else None
    if found and request.GET.get("format") == "csv":
        return csv_response(_csv(found), "coverage-changes.csv")
    context = {
        "tabs": tabs(look, "changes"),
        "earlier": [(each, meetings.get(each.pk)) for each in earlier],
        "since": since,
        "meeting": meetings.get(since.pk) if since else None,
        "found": found,
        "met": queries.needs_met_since(look.sight, since.computed_at) if since else (),
        "board_url": look.link("board"),
        "page": page_of(request, found.cells if found else [], per_page=50),
    }
    return page(
        request,
        look,
        "frontend/coverage/changes.html",
        context,
        fragments={"changes": "frontend/coverage/_changes.html"},
    )


def _earlier(look: Look, meetings: Collection[int]) -> list[Snapshot]:
    """What can be compared with: first what boards were shown, then the others, the latest first."""
    before = queries.snapshots_of(look.sight).filter(number__lt=look.snapshot.number)
    return [*before.filter(pk__in=meetings), *before.exclude(pk__in=meetings)[:TO_CHOOSE_FROM]]


def _csv(found: Changes) -> Iterator[list[object]]:
    yield [
        "Theme", "Phase", "Status before", "Status now", "Days needed", "Met", "Brokerable", "Capacity gap", "Reach gap",
    ]  # fmt: skip
    for change in found.cells:
        yield [
            change.cell.theme_name,
            change.cell.phase_label,
            change.before.status_label if change.before else "No need",
            change.after.status_label if change.after else "No need",
            change.need,
            change.met,
            change.brokerable,
            change.capacity_gap,
            change.reach_gap,
        ]
