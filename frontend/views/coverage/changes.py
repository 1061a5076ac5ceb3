"""What changed since an earlier time the area was worked out."""

from collections.abc import Iterator

from django.http import HttpRequest, HttpResponseBase

from frontend.views.coverage.shared import Look, looking, page, tabs
from frontend.views.tools import csv_response, page_of
from marketplace.coverage import queries
from marketplace.coverage.queries import Changes
from marketplace.kernel.errors import NotFound

TO_CHOOSE_FROM = 30


@looking
def changes(request: HttpRequest, look: Look) -> HttpResponseBase:
    """The cells that changed between `?since=` (the snapshot before, unless told) and the newest, for a convenor."""
    if not look.sight.exact:
        raise NotFound
    earlier = list(queries.snapshots_of(look.sight).filter(number__lt=look.snapshot.number)[:TO_CHOOSE_FROM])
    asked = request.GET.get("since", "")
    since = next((each for each in earlier if str(each.number) == asked), earlier[0] if earlier else None)
    found = queries.changes_between(look.sight, since, look.snapshot) if since else None
    if found and request.GET.get("format") == "csv":
        return csv_response(_csv(found), "coverage-changes.csv")
    context = {
        "tabs": tabs(look, "changes"),
        "earlier": earlier,
        "since": since,
        "found": found,
        "page": page_of(request, found.cells if found else [], per_page=50),
    }
    return page(
        request,
        look,
        "frontend/coverage/changes.html",
        context,
        fragments={"changes": "frontend/coverage/_changes.html"},
    )


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
