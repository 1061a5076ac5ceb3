"""The list of agreements, the totals by school, an agreement's own page and its PDF."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone

from frontend.forms.agreements import AgreementFilterForm
from frontend.pdf import pdf_response
from frontend.views.agreements import presenting
from frontend.views.tools import csv_response, page_of, query_string, signed_in
from marketplace.billing import queries as billing
from marketplace.buyback import queries
from marketplace.buyback.models import AgreementStatus, ServiceAgreement
from marketplace.buyback.rules.drawing import amount_words
from marketplace.kernel import history
from marketplace.kernel.dates import ContractCalendar, contract_year_label, local

SORTS = {
    "school": "buyer__name",
    "seller": "seller__name",
    "starts": "starts_on",
    "price": "ordered_pence",
    "status": "status",
}
HEADINGS = (
    "Reference",
    "Status",
    "School",
    "URN",
    "Seller",
    "Contract year",
    "First day",
    "Last day",
    "Years",
    "Packages",
    "First year before VAT",
    "VAT as it stood",
    "Late charge",
    "Latest year before VAT",
    "Paid by",
    "Purchase order",
    "Accepted by",
    "Approved by",
)


@signed_in
def agreements(request: HttpRequest) -> HttpResponseBase:
    """Agreements of the person's schools, or with them, filtered and sorted, as a page or as CSV."""
    visible = queries.agreements_visible_to(request.actor)
    form = _filter_form(request, visible)
    rows = _filtered(visible, form)
    ordered = _sorted(request, queries.with_amounts(rows))
    if request.GET.get("format") == "csv":
        return csv_response(_csv(ordered), "agreements.csv")
    context = {
        "filter_form": form,
        "page": page_of(request, ordered.prefetch_related("lines")),
        "csv_query": query_string(request, page=None, format="csv"),
        "schools_query": query_string(request, page=None, sort=None),
        "totals": _totals(rows),
        "several_schools": "school" in form.fields,
        "several_sellers": visible.order_by().values("seller").distinct().count() > 1,
    }
    return render(request, "frontend/agreements/list.html", context)


@signed_in
def schools(request: HttpRequest) -> HttpResponseBase:
    """For a trust, a seller or an area: what each school has agreed, with totals, as a page or as CSV."""
    visible = queries.agreements_visible_to(request.actor)
    form = _filter_form(request, visible)
    found = queries.totals_by_school(_filtered(visible, form))
    if request.GET.get("format") == "csv":
        return csv_response(_schools_csv(found), "agreements-by-school.csv")
    context = {
        "filter_form": form,
        "page": page_of(request, found, per_page=50),
        "csv_query": query_string(request, page=None, format="csv"),
        "totals": {
            name: sum(school[name] for school in found)
            for name in ("running", "running_pence", "waiting", "waiting_pence")
        },
    }
    return render(request, "frontend/agreements/schools.html", context)


@signed_in
def agreement(request: HttpRequest, reference: str) -> HttpResponse:
    """One agreement: who agreed on what, what it costs year by year, what comes next, and what can be done."""
    found = queries.agreement_for(request.actor, reference)
    today = local(timezone.now()).date()
    verbs = queries.agreement_verbs_for(request.actor, found, today=today)
    standing = {
        "agreement": found,
        "ending": queries.ending_of(found),
        "buttons": presenting.buttons(found, verbs),
        "today": today,
    }
    if request.htmx:  # something happened while the page was open
        return render(request, "frontend/agreements/_standing.html", standing)
    years = queries.years_standing(found)
    context = standing | {
        "parties": presenting.party_rows(found),
        "terms": presenting.terms_rows(found),
        "payment": presenting.payment_rows(found),
        "succession": presenting.succession_rows(found),
        "lines": presenting.lines_shown(found),
        "years": years,
        "next": queries.what_next(found, years, today=today),
        "notices": queries.price_notices_of(found),
        "balances": _balances(request, found),
        "documents": billing.documents_visible_to(request.actor).filter(agreement=found),
        "history": history.of(found),
    }
    return render(request, "frontend/agreements/agreement.html", context)


def _balances(request: HttpRequest, agreement: ServiceAgreement) -> list[dict[str, Any]]:
    """What is left of what it includes, in words, each with its place in the ledger."""
    rows = queries.with_balances(queries.entitlements_visible_to(request.actor)).filter(agreement=agreement)
    return [
        {
            "entitlement": row,
            "left": amount_words(row.available, row.unit),
            "granted": amount_words(row.granted, row.unit),
        }
        for row in rows.order_by("valid_from", "pk")
    ]


@signed_in
def agreement_pdf(request: HttpRequest, reference: str) -> HttpResponse:
    """The agreement as a tagged PDF: what a school files."""
    found = queries.agreement_for(request.actor, reference)
    context = {
        "agreement": found,
        "parties": presenting.party_rows(found),
        "terms": presenting.terms_rows(found),
        "payment": presenting.payment_rows(found),
        "lines": presenting.lines_shown(found),
        "years": queries.years_standing(found),
        "printed_on": local(timezone.now()).date(),
    }
    page = render_to_string("frontend/agreements/agreement_pdf.html", context)
    return pdf_response(page, f"{found.reference}.pdf")


# The list ------------------------------------------------------------------------------------------------------------


def _filter_form(request: HttpRequest, visible: QuerySet[ServiceAgreement]) -> AgreementFilterForm:
    windows = visible.order_by("-window__first_day", "calendar").values_list("window__first_day", "calendar")
    years = {
        first_day.isoformat(): contract_year_label(ContractCalendar(calendar), first_day)
        for first_day, calendar in windows.distinct()
    }
    buyers = visible.order_by("buyer__name").values_list("buyer__reference", "buyer__name").distinct()
    return AgreementFilterForm(request.GET, years=years.items(), schools=buyers)


def _filtered(rows: QuerySet[ServiceAgreement], form: AgreementFilterForm) -> QuerySet[ServiceAgreement]:
    if not form.is_valid():
        return rows
    asked = form.cleaned_data
    if text := asked["q"]:
        of_package = queries.agreements_with_package(text)
        rows = rows.filter(
            Q(reference__iexact=text)
            | Q(buyer__name__icontains=text)
            | Q(seller__name__icontains=text)
            | Q(purchase_order_number__iexact=text)
            | Q(pk__in=of_package)
        )
    if asked["status"]:
        rows = rows.filter(status=asked["status"])
    if asked.get("year"):
        rows = queries.of_contract_year(rows, date.fromisoformat(asked["year"]))
    if asked.get("school"):
        rows = rows.filter(buyer__reference=asked["school"])
    return rows


def _sorted(request: HttpRequest, rows: QuerySet[ServiceAgreement]) -> QuerySet[ServiceAgreement]:
    asked = request.GET.get("sort", "-starts")
    field = SORTS.get(asked.removeprefix("-"), "starts_on")
    return rows.order_by(f"-{field}" if asked.startswith("-") else field, "-pk")


def _totals(rows: QuerySet[ServiceAgreement]) -> dict[str, int]:
    """What the first years of those that run, and of those that wait, come to before VAT."""
    counted: QuerySet[Any] = queries.with_amounts(rows).order_by()
    sums = counted.aggregate(
        running=Sum("ordered_pence", filter=Q(status__in=("submitted", "active"))),
        waiting=Sum("ordered_pence", filter=Q(status=AgreementStatus.AWAITING_APPROVAL)),
    )
    return {name: pence or 0 for name, pence in sums.items()}


def _csv(rows: QuerySet[ServiceAgreement]) -> Iterator[tuple[object, ...]]:
    yield HEADINGS
    whole = queries.with_lines(rows).select_related("approved_by")
    for row in whole.iterator(chunk_size=500):
        lines, years = list(row.lines.all()), list(row.contract_years.all())
        school = getattr(row.buyer, "school", None)
        yield (
            row.reference,
            row.get_status_display(),
            row.buyer.name,
            school.urn if school else "",
            row.seller.name,
            presenting.year_label(row),
            row.starts_on.isoformat(),
            row.ends_on.isoformat(),
            row.years,
            "; ".join(line.description for line in lines),
            _amount(sum(line.year_pence for line in lines)),
            _amount(sum(line.vat_pence for line in lines)),
            _amount(row.late_charge_pence),
            _amount(sum(years[-1].pence.values())) if years else "",
            row.get_route_display(),
            row.purchase_order_number,
            row.accepted_name,
            str(row.approved_by or ""),
        )


def _schools_csv(found: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    yield ("School", "URN", "In force or ordered", "Before VAT", "Waiting for approval", "Before VAT")
    for each in found:
        school = getattr(each["school"], "school", None)
        yield (
            each["school"].name,
            school.urn if school else "",
            each["running"],
            _amount(each["running_pence"]),
            each["waiting"],
            _amount(each["waiting_pence"]),
        )


def _amount(pence: int) -> str:
    """Pounds as a spreadsheet reads them, without sign or comma: `1234.50`."""
    return f"{pence // 100}.{pence % 100:02d}"
