"""Buying places as a group of schools, and the page all of them see."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from frontend.forms.courses import GroupForm, PlacesForm
from frontend.views.courses import presenting
from frontend.views.tools import add_domain_error, signed_in
from marketplace.bookings.actions import courses as actions
from marketplace.bookings.queries import courses as queries
from marketplace.kernel import history
from marketplace.kernel.errors import DomainError


@signed_in
def book(request: HttpRequest, reference: str) -> HttpResponse:
    """Places for several schools of the family at one price: which schools, how many each, and how the price is split."""
    event = queries.event_for(request.actor, reference)
    mine = {str(school.urn): school for school in queries.schools_to_book_for(request.actor)}
    if not mine or queries.why_closed(event, timezone.now()):
        return redirect("courses:event", reference)
    lead = mine.get(request.GET.get("school", "")) or next(iter(mine.values()))
    form = GroupForm(request.POST or None, schools=queries.family_schools(lead))
    if request.method == "POST" and form.is_valid():
        try:
            group = actions.book_as_group(
                actor=request.actor,
                event=event,
                lead_school=lead,
                shares=form.shares(),
                split_by=form.cleaned_data["split_by"],
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, "Ordered. Each school approves its own share.")
            return redirect("courses:group", group.reference)
    context = {
        "event": event,
        "form": form,
        "lead": lead,
        "choose_form": PlacesForm(initial={"school": str(lead.urn)}, schools=mine.values())
        if len(mine) > 1
        else None,
        "rows": presenting.event_rows(event, timezone.now()),
    }
    return render(request, "frontend/courses/group_new.html", context, status=422 if form.errors else 200)


@signed_in
def group(request: HttpRequest, reference: str) -> HttpResponse:
    """A group booking: its price, how it is split, and where each school stands."""
    found = queries.group_for(request.actor, reference)
    seen = set(queries.orders_visible_to(request.actor).filter(group=found).values_list("pk", flat=True))
    context = {
        "group": found,
        "event": found.event,
        "rows": presenting.event_rows(found.event, timezone.now()),
        "shares": [(share, share.pk in seen) for share in queries.shares_of(found)],
        "price_lines": presenting.price_lines(found.price),
        "split": found.price.get("split", ""),
        "history": history.of(found),
    }
    return render(request, "frontend/courses/group.html", context)
