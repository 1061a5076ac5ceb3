"""The schools of the register."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render

from frontend.forms.organisations import SchoolFilterForm
from frontend.views.organisations.lists import csv_query, filtered, headed, in_order, wants_csv
from frontend.views.tools import csv_response, page_of, signed_in
from marketplace.organisations import queries
from marketplace.organisations.models import Phase, School

SORTS = {
    "name": "organisation__name",
    "urn": "urn",
    "ward": "ward__name",
    "trust": "trust__name",
    "pupils": "pupils",
}
HEADINGS = (
    "URN", "Reference", "Name", "Area", "Ward", "Phases", "Kind", "Trust", "Pupils", "Open", "Postcode", "Telephone",
    "Website", "Easting", "Northing", "Place",
)  # fmt: skip
OF_STATUS = {"": School.OPEN_STATUSES, "closed": ("2",), "proposed": ("4",)}


@signed_in
def schools(request: HttpRequest) -> HttpResponseBase:
    """Schools, filtered: open ones unless others are asked for."""
    actor = request.actor  # type: ignore[attr-defined]
    own = queries.areas_of(actor)
    code = request.GET.get("area", "")
    form = SchoolFilterForm(
        request.GET,
        areas=queries.areas_with_schools(actor),
        wards=queries.wards_in(code, own),
        trusts=queries.trusts_in(code, own),
    )
    rows = filtered(
        form,
        queries.schools(actor),
        {
            "q": queries.schools_matching,
            "area": lambda rows, area: rows.filter(area=area),
            "ward": lambda rows, ward: rows.filter(ward=ward),
            "phase": lambda rows, phase: rows.filter(phases__contains=[phase]),
            "money": lambda rows, status: rows.filter(organisation__legal_status=status),
            "trust": lambda rows, trust: rows.filter(trust=trust),
        },
    )
    status = form.cleaned_data.get("status", "")
    if status != "all":
        rows = rows.filter(status_code__in=OF_STATUS.get(status, School.OPEN_STATUSES))
    rows = in_order(request, rows, SORTS, "name")
    if wants_csv(request):
        return csv_response(headed(HEADINGS, map(_csv_row, rows.iterator(500))), "schools.csv")
    page = page_of(request, rows, per_page=25)
    for school in page.object_list:
        school.phases_in_words = phases_in_words(school)
    context = {"page": page, "filter_form": form, "csv_query": csv_query(request)}
    return render(request, "frontend/organisations/schools.html", context)


def phases_in_words(school: School) -> str:
    return ", ".join(str(Phase(phase).label) for phase in school.phases)


def _csv_row(school: School) -> Iterable[object]:
    return (
        school.urn,
        school.organisation.reference,
        school.organisation.name,
        school.area.name,
        school.ward.name if school.ward else "",
        phases_in_words(school),
        school.organisation.get_legal_status_display(),
        school.trust.name if school.trust else "",
        school.pupils,
        "yes" if school.is_open else "no",
        school.postcode,
        school.telephone,
        school.website,
        school.easting,
        school.northing,
        school.get_location_source_display(),
    )
