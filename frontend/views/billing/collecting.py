"""Getting paid: reminders, where transfers go, questions of buyers, write-offs."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.finance import GettingPaidForm, ReasonForm, WriteOffForm
from frontend.views.billing.receipts import kept_books
from frontend.views.tools import add_domain_error, page_of, signed_in
from marketplace.billing import actions, queries
from marketplace.billing.models import Document, Reminder, WriteOff
from marketplace.billing.queries import collecting
from marketplace.kernel import history
from marketplace.kernel.dates import local
from marketplace.kernel.errors import DomainError, NotAllowed, NotFound
from marketplace.kernel.money import pounds

DUE_SHOWN = 100

VERBS = {"approve": "approved", "refuse": "refused", "undo": "undone"}


@signed_in
def reminders(request: HttpRequest) -> HttpResponse:
    """Reminders that are due; the ones ticked are sent."""
    kept = kept_books(request)
    due = collecting.reminders_due(
        Document.objects.filter(supplier__in=kept.order_by()), local(timezone.now()).date()
    )
    if request.method == "POST":
        wanted = set(request.POST.getlist("document"))
        chosen = [each.document for each in due if each.document.reference in wanted]
        sent = sum(actions.send_reminder(actor=request.actor, document=d) is not None for d in chosen)
        if sent:
            messages.success(request, f"{sent} reminder{'' if sent == 1 else 's'} sent.")
        else:
            messages.error(request, "No reminder was sent. Tick those to send.")
        return redirect("finance:reminders")
    sent_before = Reminder.objects.filter(document__supplier__in=kept.order_by()).select_related(
        "document__series", "document__buyer", "sent_by"
    )
    context = {
        "due": due[:DUE_SHOWN],
        "due_count": len(due),
        "page": page_of(request, sent_before.order_by("-pk")),
    }
    return render(request, "frontend/billing/finance/reminders.html", context)


@signed_in
def getting_paid(request: HttpRequest, reference: str) -> HttpResponse:
    """Where transfers to a supplier go, and when it reminds."""
    supplier = kept_books(request).filter(reference=reference).first()
    if supplier is None:
        raise NotFound
    policy, bank = collecting.policy_of(supplier), collecting.bank_details_of(supplier)
    names = ("first_days", "second_days", "final_days", "sends_itself")
    initial = {name: getattr(policy, name) for name in names}
    details = ("account_name", "sort_code", "account_number", "remittance_email")
    initial |= {name: getattr(bank, name, "") for name in details}
    form = GettingPaidForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            actions.set_reminder_policy(
                actor=request.actor, supplier=supplier, **{name: data[name] for name in names}
            )
            if any(data[name] for name in details):
                actions.set_bank_details(
                    actor=request.actor, supplier=supplier, **{name: data[name] for name in details}
                )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Saved.")
            return redirect("finance:aged_debt")
    context = {"form": form, "supplier": supplier, "history": history.of(bank) if bank else []}
    return _page(request, "getting_paid", form, context)


@signed_in
def question(request: HttpRequest, reference: str) -> HttpResponse:
    """Question a document, as its buyer."""
    document = queries.document_for(request.actor, reference)
    if not request.actor.holds(*queries.BUYER_READERS, at=document.buyer_id):
        raise NotFound
    form = ReasonForm(request.POST or None, label="What is wrong with it?")
    if request.method == "POST" and form.is_valid():
        try:
            actions.raise_dispute(actor=request.actor, document=document, reason=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(
                request, f"{document.supplier} was told. No reminder comes until they have answered."
            )
            return redirect("billing:document", reference)
    return _page(request, "question", form, {"form": form, "document": document})


@signed_in
def answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Answer a buyer's question, as the supplier."""
    dispute = collecting.dispute_for(request.actor, pk)
    if dispute.status != "open":
        return redirect("billing:document", dispute.document.reference)
    form = ReasonForm(request.POST or None, label="How is it settled?")
    if request.method == "POST" and form.is_valid():
        try:
            actions.settle_dispute(actor=request.actor, dispute=dispute, answer=form.cleaned_data["reason"])
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Answered. Reminders go on if it stays unpaid.")
            return redirect("billing:document", dispute.document.reference)
    context = {
        "form": form,
        "dispute": dispute,
        "may_keep": queries.may_keep_books(request.actor, dispute.document.supplier),
    }
    return _page(request, "answer", form, context)


@signed_in
def write_offs(request: HttpRequest) -> HttpResponse:
    """Debts given up, asked to be given up, and kept."""
    rows = collecting.write_offs_visible_to(request.actor)
    if not rows.exists() and not queries.books_visible_to(request.actor).exists():
        raise NotFound
    context = {"page": page_of(request, rows.order_by("-pk"))}
    return render(request, "frontend/billing/finance/write_offs.html", context)


@signed_in
def request_write_off(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask to give up a debt."""
    document = queries.document_for(request.actor, reference)
    if not queries.may_keep_books(request.actor, document.supplier):
        raise NotFound
    owed = queries.outstanding(document)
    form = WriteOffForm(request.POST or None, initial={"amount": max(owed, 0)})
    if request.method == "POST" and form.is_valid():
        try:
            found = actions.request_write_off(
                actor=request.actor,
                document=document,
                pence=form.cleaned_data["amount"],
                reason=form.cleaned_data["reason"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, f"Asked. Somebody else has to approve {found.reference}.")
            return redirect("finance:write_off", found.reference)
    return _page(request, "request_write_off", form, {"form": form, "document": document, "owed": owed})


@signed_in
def write_off(request: HttpRequest, reference: str) -> HttpResponse:
    """One write-off: approve or refuse it, or undo it when the money comes in after all."""
    found = collecting.write_off_for(request.actor, reference)
    form = ReasonForm(request.POST or None, label="Reason")
    verb = request.POST.get("verb", "")
    if verb == "approve":
        form = ReasonForm(None, label="Reason")
    if request.method == "POST" and verb in VERBS and (verb == "approve" or form.is_valid()):
        try:
            _decide(request, found, verb, form)
        except NotAllowed:
            raise
        except DomainError as error:
            if form.is_bound:
                add_domain_error(form, error)
            else:
                messages.error(request, str(error))
                return redirect("finance:write_off", reference)
        else:
            messages.success(request, f"{pounds(found.pence)}: {VERBS[verb]}.")
            return redirect("finance:write_off", reference)
    may_decide = collecting.may_decide_write_off(request.actor, found)
    context = {
        "form": form,
        "write_off": found,
        "may_see_document": queries.documents_visible_to(request.actor).filter(pk=found.document_id).exists(),
        "may_decide": may_decide and found.status == "requested",
        "may_undo": found.status == "approved"
        and queries.may_keep_books(request.actor, found.document.supplier),
        "waits_for_another": found.status == "requested" and not may_decide,
        "history": history.of(found),
    }
    return _page(request, "write_off", form, context)


def _decide(request: HttpRequest, found: WriteOff, verb: str, form: ReasonForm) -> None:
    if verb == "approve":
        actions.approve_write_off(actor=request.actor, write_off=found)
    elif verb == "refuse":
        actions.refuse_write_off(actor=request.actor, write_off=found, reason=form.cleaned_data["reason"])
    else:
        actions.undo_write_off(actor=request.actor, write_off=found, reason=form.cleaned_data["reason"])


def _page(request: HttpRequest, name: str, form: Form, context: dict[str, Any]) -> HttpResponse:
    return render(
        request, f"frontend/billing/finance/{name}.html", context, status=422 if form.errors else 200
    )
