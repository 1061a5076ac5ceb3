"""Where the card network tells us that something happened. The answer only says that it is kept; a worker looks into it."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from marketplace.billing.actions import cards as actions
from marketplace.billing.gateways import NotGenuine
from marketplace.billing.network import takes_cards


@csrf_exempt
@require_POST
def stripe_webhook(request: HttpRequest) -> HttpResponse:
    """Keep an event that carries the network's signature over the raw body; refuse any other."""
    if not takes_cards():
        return HttpResponse(status=404)
    try:
        actions.receive_event(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    except NotGenuine:
        return HttpResponse(status=400)
    return HttpResponse()
