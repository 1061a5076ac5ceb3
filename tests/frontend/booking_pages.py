"""What tests of the pages of bookings use: somebody signed in, a page as text, an address that asks for a day."""

from typing import Any

from django.test import Client
from django.urls import reverse

from marketplace.bookings.models import Booking
from marketplace.bookings.queries import visible_to
from marketplace.catalogue.tariffs import STANDARD_TARIFF
from marketplace.kernel.access import SYSTEM, Actor
from marketplace.organisations.models import User
from tests.builders import (
    Scene,
    a_booking,
)


def signed_in(actor: Actor) -> Client:
    client = Client()
    client.force_login(User.objects.get(pk=actor.user_id))
    return client


def page(client: Client, path: str, status: int = 200) -> str:
    answer = client.get(path)
    assert answer.status_code == status, answer.content[:600]
    return answer.content.decode()


def an_address(scene: Scene, **changes: Any) -> str:
    wish = {
        "offer": scene.offer.reference,
        "practitioner": scene.practitioner.reference,
        "school": scene.school.urn,
        "theme": scene.theme.code,
        "phase": "primary",
        "mode": "in_person",
        "session": "day",
        "month": f"{scene.day:%Y-%m}",
    } | changes
    return reverse("bookings:dates") + "?" + "&".join(f"{key}={value}" for key, value in wish.items())


def the_booking() -> Booking:
    return visible_to(SYSTEM).get()


def booked(scene: Scene, **fields: Any) -> Booking:
    fields = {
        "school": scene.school,
        "practitioner": scene.practitioner,
        "offer": scene.offer,
        "cancellation_tariff": STANDARD_TARIFF.to_data(),
    } | fields
    return a_booking(**fields)
