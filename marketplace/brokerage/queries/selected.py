"""The response a school chose, as the deployment that follows from its request takes it over."""

from marketplace.brokerage.models import Deployment, RequestResponse, SupportRequest
from marketplace.brokerage.queries.requests import counted_responses
from marketplace.catalogue import queries as catalogue
from marketplace.catalogue.models import Offer, Practitioner
from marketplace.kernel.access import Actor
from marketplace.kernel.errors import NotNow


def selected_response(request: SupportRequest) -> RequestResponse:
    """The response that was chosen; `NotNow` where the request has none."""
    found = counted_responses(request).filter(invitation=request.chosen_id).first()
    if found is None:
        raise NotNow(
            f"No provider is chosen in {request.reference}.",
            remedy="Choose a response there first, then agree the deployment.",
        )
    return found


def response_behind(deployment: Deployment) -> RequestResponse | None:
    """The response a deployment came from, whose price is its price; `None` where it came from no request."""
    request = (
        SupportRequest.objects.scoped()
        .filter(reference=deployment.source_reference, chosen__provider=deployment.provider_id)
        .first()
    )
    return selected_response(request) if request else None


def people_selected(actor: Actor, response: RequestResponse) -> list[tuple[Offer, Practitioner]]:
    """The chosen provider's people, each once with an offer that names them: those the response names come first.

    The offer is the one the response names, else one for the request’s theme, else any the provider has on show.
    """
    request = response.invitation.request
    named = {person.pk for person in response.people.all()}

    def distance(offer: Offer) -> tuple[bool, bool]:
        themes = {theme.pk for theme in offer.shown.themes.all()}
        return offer.pk != response.offer_id, request.theme_id not in themes

    offers = catalogue.published_offers(actor).filter(provider=response.invitation.provider_id)
    found: dict[int, tuple[Offer, Practitioner]] = {}
    for offer in sorted(offers, key=distance):
        for person in offer.shown.practitioners.all():
            if person.releasing_organisation_id != request.school_id:
                found.setdefault(person.pk, (offer, person))
    return sorted(found.values(), key=lambda each: each[1].pk not in named)
