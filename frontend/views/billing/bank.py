"""Bank statements: upload, preview, take in; and the matching of what came in."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from frontend.forms.finance import StatementForm
from frontend.views.billing.receipts import kept_books
from frontend.views.tools import add_domain_error, back_to, page_of, signed_in
from marketplace.billing import actions, queries
from marketplace.billing.models import BankStatement, Document
from marketplace.billing.queries import matching as found_by
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError, NotFound
from marketplace.kernel.money import pounds


@signed_in
def statements(request: HttpRequest) -> HttpResponse:
    """Bank statements that were uploaded, newest first."""
    rows = BankStatement.objects.filter(payee__in=kept_books(request)).select_related("payee", "uploaded_by")
    context = {"page": page_of(request, rows.order_by("-pk"))}
    return render(request, "frontend/billing/finance/statements.html", context)


@signed_in
def upload(request: HttpRequest) -> HttpResponse:
    """Upload a bank statement; nothing is taken in yet."""
    form = StatementForm(request.POST or None, request.FILES or None, payees=kept_books(request))
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            statement = actions.read_statement(
                actor=request.actor,
                payee=form.cleaned_data["payee"],
                file_name=file.name,
                content=file.read(),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            return redirect("finance:statement", statement.reference)
    return render(
        request, "frontend/billing/finance/upload.html", {"form": form}, status=422 if form.errors else 200
    )


@signed_in
def statement(request: HttpRequest, reference: str) -> HttpResponse:
    """One statement: what would be taken in, or was, and what was refused."""
    found = _statement(request, reference)
    lines = [
        {"line": line, "on": date.fromisoformat(on), "pence": pence, "payer": payer, "text": text}
        for line, on, pence, payer, text, _ in found.preview.get("lines", [])
    ]
    context = {
        "statement": found,
        "page": page_of(request, lines, per_page=50),
        "refused": found.preview.get("refused", []),
        "history": history.of(found),
    }
    return render(request, "frontend/billing/finance/statement.html", context)


@signed_in
@require_POST
def apply(request: HttpRequest, reference: str) -> HttpResponse:
    """Take the statement in, and go on to matching."""
    found = _statement(request, reference)
    try:
        added = actions.apply_statement(actor=request.actor, statement=found)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("finance:statement", reference)
    messages.success(
        request, f"{added} receipt{'' if added == 1 else 's'} taken in. Now say what each one pays."
    )
    return redirect("finance:matching")


@signed_in
@require_POST
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Set the statement aside."""
    found = _statement(request, reference)
    try:
        actions.discard_statement(actor=request.actor, statement=found)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("finance:statement", reference)
    messages.success(request, f"{found.reference} was set aside. Nothing of it was taken in.")
    return redirect("finance:statements")


@signed_in
def matching(request: HttpRequest) -> HttpResponse:
    """Every receipt that is not matched, with what it may be for."""
    payees = {each.pk: each for each in kept_books(request)}
    proposed = found_by.proposals_for(found_by.unmatched_receipts(payees))
    exact = [(receipt, each[0]) for receipt, each in proposed if each and each[0].proposal.is_exact]
    others = [(receipt, each) for receipt, each in proposed if not (each and each[0].proposal.is_exact)]
    context = {
        "exact": exact,
        "exact_total": sum(receipt.unmatched_pence for receipt, _ in exact),  # type: ignore[attr-defined]
        "page": page_of(request, others, per_page=15),
        "count": len(proposed),
    }
    return render(request, "frontend/billing/finance/matching.html", context)


@signed_in
@require_POST
def confirm_exact(request: HttpRequest) -> HttpResponse:
    """Confirm the exact proposals that were ticked."""
    wanted = [pair.partition("|") for pair in request.POST.getlist("match")]
    chosen: list[tuple[str, str]] = [(receipt, value) for receipt, _, value in wanted]
    references = [receipt for receipt, _ in chosen]
    done = 0
    for payee in kept_books(request).filter(receipts__reference__in=references).distinct():
        own = set(payee.receipts.filter(reference__in=references).values_list("reference", flat=True))
        done += actions.confirm_exact(
            actor=request.actor, payee=payee, chosen=[pair for pair in chosen if pair[0] in own]
        )
    if done:
        messages.success(request, f"{done} receipt{'' if done == 1 else 's'} matched.")
    if done < len(chosen):
        left = len(chosen) - done
        messages.error(
            request,
            f"{left} of them changed meanwhile and {'was' if left == 1 else 'were'} left: look at "
            f"{'it' if left == 1 else 'them'} again.",
        )
    if not chosen:
        messages.error(request, "Nothing was ticked, so nothing was matched.")
    return redirect("finance:matching")


@signed_in
@require_POST
def match(request: HttpRequest, reference: str) -> HttpResponse:
    """Confirm one proposal as it was shown."""
    receipt = queries.receipt_for(request.actor, reference)
    try:
        shares = _shares(request.POST.get("choice", ""), receipt.payee_id)
        left = actions.confirm_match(actor=request.actor, receipt=receipt, shares=shares)
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("finance:receipt", reference)
    paid = sum(pence for _, pence in shares)
    numbers = ", ".join(document.full_number for document, _ in shares)
    rest = f" {pounds(left)} more came in, and lies on account of the buyer." if left else ""
    messages.success(request, f"{pounds(paid)} of {reference} pays {numbers}.{rest}")
    return back_to(request, "finance:receipt", reference)


def _shares(choice: str, payee_id: int) -> list[tuple[Document, int]]:
    """Documents and pence of a choice such as `DOC-1=4200;DOC-2=100`. Raises `DomainError` for anything else."""
    pairs: list[tuple[str, int]] = []
    for part in choice.split(";"):
        reference, _, pence = part.partition("=")
        if not pence.isascii() or not pence.isdecimal() or len(pence) > 11:
            raise DomainError("Nothing was chosen.", remedy="Choose what the receipt pays.")
        pairs.append((reference, int(pence)))
    rows = Document.objects.filter(reference__in=[ref for ref, _ in pairs], supplier=payee_id)
    found = {row.reference: row for row in rows.select_related("series", "buyer")}
    if any(reference not in found for reference, _ in pairs):
        raise NotFound
    return [(found[reference], pence) for reference, pence in pairs]


def _statement(request: HttpRequest, reference: str) -> BankStatement:
    rows: Any = BankStatement.objects.filter(payee__in=kept_books(request).order_by()).select_related("payee")
    found: BankStatement | None = rows.filter(reference=reference).first()
    if found is None:
        raise NotFound
    return found
