"""The bank of days: balances with every movement, sponsoring, what a credit is worth, and the year's statement."""

from collections.abc import Iterator
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.views.decorators.http import require_POST

from frontend.forms.balances import CreditValueForm, SponsorForm
from frontend.pdf import pdf_response
from frontend.views.balances.shared import bookings_behind, tabs
from frontend.views.tools import add_domain_error, csv_response, page_of, query_string, signed_in
from marketplace.buyback import actions, queries
from marketplace.buyback.rules import exchange as rules
from marketplace.kernel.dates import academic_year, local
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.organisations.models import Organisation, OrganisationKind

SORTS = {"name": "name", "balance": "balance", "reserved": "reserved"}


@signed_in
def holders(request: HttpRequest) -> HttpResponseBase:
    """The organisations whose credits the person may see; passed over where there is one."""
    rows = queries.holders_visible_to(request.actor)
    own = rows.filter(pk__in=request.actor.organisations(), kind=OrganisationKind.SCHOOL)
    shown = queries.with_credits(rows) | own
    asked = request.GET.get("sort", "name")
    field = SORTS.get(asked.removeprefix("-"), "name")
    shown = shown.order_by(f"-{field}" if asked.startswith("-") else field, "pk")
    if text := request.GET.get("q", "").strip():
        shown = shown.filter(name__icontains=text)
    if request.GET.get("format") == "csv":
        return csv_response(_holders_csv(shown), "bank-of-days.csv")
    page = page_of(request, shown)
    if page.paginator.count == 1 and not request.GET:
        return redirect("balances:holder", page[0].reference)
    context = {
        "page": page,
        "q": text,
        "tabs": tabs(request, "credits"),
        "csv_query": query_string(request, page=None, format="csv"),
    }
    return render(request, "frontend/balances/holders.html", context)


@signed_in
def holder(request: HttpRequest, reference: str) -> HttpResponse:
    """One organisation's credits with every movement."""
    found = queries.holder_for(request.actor, reference)
    steps = queries.credit_steps(found.pk)
    page = page_of(request, list(reversed(steps)))
    this_year = academic_year(local(timezone.now()).date())
    context = {
        "holder": found,
        "page": page,
        "bookings": bookings_behind(request.actor, [step.transfer for step in page]),
        "years": [(year, year.replace("/", "-")) for year in queries.statement_years(found)],
        "this_year": this_year,
        "may_sponsor": found.kind == OrganisationKind.SCHOOL
        and queries.sponsors_of(request.actor).filter(area=found.area_id).exists(),
        "tabs": tabs(request, "credits"),
    }
    return render(request, "frontend/balances/holder.html", context)


@signed_in
def sponsor(request: HttpRequest, reference: str) -> HttpResponse:
    """Give a school credits, with the reason."""
    found = queries.holder_for(request.actor, reference)
    sponsors = list(queries.sponsors_of(request.actor).filter(area=found.area_id))
    if not sponsors or found.kind != OrganisationKind.SCHOOL:
        raise NotFound
    form = SponsorForm(request.POST or None, sponsors=sponsors)
    if request.method == "POST" and form.is_valid():
        try:
            actions.sponsor_credits(actor=request.actor, school=found, **form.values())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"{found} has the credits.")
            return redirect("balances:holder", reference)
    context = {"form": form, "holder": found}
    return render(request, "frontend/balances/sponsor.html", context, status=422 if form.errors else 200)


@signed_in
def credit_values(request: HttpRequest) -> HttpResponse:
    """What a credit is worth in one's areas, by kind of support and day; say so anew."""
    areas = list(queries.areas_valued_by(request.actor))
    if not areas:
        raise NotAllowed(
            "You can’t say what a credit is worth.", remedy="Ask the area’s finance officer or convenor."
        )
    form = CreditValueForm(
        request.POST or None, areas=areas, initial={"from_day": local(timezone.now()).date()}
    )
    if request.method == "POST" and form.is_valid():
        try:
            actions.set_credit_value(actor=request.actor, **form.values())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "The value is set.")
            return redirect("balances:credit_values")
    context = {
        "form": form,
        "areas": [(area, list(queries.credit_values(area))) for area in areas],
        "tabs": tabs(request, "credit_values"),
    }
    return render(
        request, "frontend/balances/credit_values.html", context, status=422 if form.errors else 200
    )


# The year's statement ------------------------------------------------------------------------------------------------


@signed_in
def statement(request: HttpRequest, reference: str, year: str) -> HttpResponse:
    """What an organisation's credits did in an academic year, so far or as it was settled."""
    return render(request, "frontend/balances/statement.html", _statement(request, reference, year))


@signed_in
def statement_csv(request: HttpRequest, reference: str, year: str) -> HttpResponseBase:
    """The statement for a spreadsheet."""
    context = _statement(request, reference, year)
    return csv_response(
        _statement_csv(context["holder"], context["statement"]), f"bank-of-days-{year[:4]}.csv"
    )


@signed_in
def statement_pdf(request: HttpRequest, reference: str, year: str) -> HttpResponse:
    """The statement as a tagged PDF."""
    page = render_to_string("frontend/balances/statement_pdf.html", _statement(request, reference, year))
    return pdf_response(page, f"bank-of-days-{year[:4]}.pdf")


@signed_in
@require_POST
def settle(request: HttpRequest, reference: str, year: str) -> HttpResponse:
    """Keep the statement of a year that is over."""
    found = queries.holder_for(request.actor, reference)
    actions.make_exchange_statement(actor=request.actor, organisation=found, year=year)
    messages.success(request, "The year is settled. Its statement stays as it is.")
    return redirect("balances:statement", reference, year)


def _statement(request: HttpRequest, reference: str, year: str) -> dict[str, Any]:
    found = queries.holder_for(request.actor, reference)
    period = queries.year_period(year)
    made = queries.statement_made(found, year)
    so_far = rules.Statement.from_data(made.content) if made else queries.statement_so_far(found, year)
    over = period.end < local(timezone.now()).date()
    return {
        "holder": found,
        "statement": so_far,
        "made": made,
        "year": year.replace("/", "-"),
        "is_over": over,
        "may_settle": over and made is None and queries.may_state(request.actor, found),
        "totals": [
            {"text": text, "credits": so_far.total(kind), "pence": so_far.pence(kind)}
            for kind, text in rules.KINDS.items()
            if kind != rules.GIVEN
        ],
        "kinds": rules.KINDS,
        "vat_remark": rules.VAT_REMARK,
        "tabs": tabs(request, "credits"),
    }


def _statement_csv(found: Organisation, statement: rules.Statement) -> Iterator[tuple[object, ...]]:
    yield (
        "Organisation",
        "Year",
        "Day",
        "What",
        "Description",
        "Credits",
        "Pounds a credit",
        "Money equivalent in pounds",
        "VAT treatment",
        "VAT in pounds",
    )
    yield (found.name, statement.year, "", "Opening balance", "", statement.opening, "", "", "", "")
    for row in statement.movements:
        yield (
            found.name,
            statement.year,
            row.on.isoformat(),
            rules.KINDS[row.kind],
            row.description,
            row.credits,
            _decimal(row.pence_each),
            _decimal(row.pence),
            row.vat,
            _decimal(row.vat_pence),
        )
    yield (found.name, statement.year, "", "Closing balance", "", statement.closing, "", "", "", "")


def _holders_csv(rows: Any) -> Iterator[tuple[object, ...]]:
    yield ("Organisation", "Credits", "Reserved")
    for row in rows:
        yield (row.name, row.balance, row.reserved)


def _decimal(pence: int | None) -> str:
    if pence is None:
        return ""
    whole, odd = divmod(abs(pence), 100)
    return f"{'-' if pence < 0 else ''}{whole}.{odd:02d}"
