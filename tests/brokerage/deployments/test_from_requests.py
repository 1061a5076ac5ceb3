"""A deployment that comes from a request for support: with the provider chosen, at the price answered."""

from typing import Any

import pytest

from marketplace.bookings.errors import NotBookable
from marketplace.brokerage import actions, queries
from marketplace.brokerage.models import Deployment, SupportRequest
from marketplace.kernel.errors import NotAllowed, NotNow
from tests.builders import (
    Scene,
    a_practitioner,
    a_request,
    a_school,
    an_asked_provider,
    an_awarded_request,
    an_offer,
    some_terms,
    the_parties,
)

pytestmark = pytest.mark.django_db


def from_request(scene: Scene, request: SupportRequest, **terms: Any) -> Deployment:
    return actions.draft_deployment(
        actor=scene.buyer,
        school=scene.school,
        offer=scene.offer,
        practitioner=scene.practitioner,
        theme=scene.theme,
        phase="primary",
        request=request,
        **some_terms(**terms),
    )


def test_a_deployment_from_a_request_has_the_price_answered_and_other_days_cost_their_part() -> None:
    scene = the_parties().scene
    request = an_awarded_request(scene.school, scene.offer.provider, half_days=4, price_pence=90_000)

    row = from_request(scene, request, half_days=4)

    assert (row.net_pence, row.source_reference, row.theme) == (90_000, request.reference, request.theme)
    terms = queries.agreement_terms_of(row)
    [line] = terms.price["lines"]
    assert request.reference in line["sentence"] and "£900.00 for 2 days" in line["sentence"]
    assert sum(terms.price["shares"].values()) == 2 * terms.price["shares"]["buyer"] == 180_000

    row = actions.change_terms(actor=scene.buyer, deployment=row, version=1, **some_terms(half_days=6))
    assert row.net_pence == 135_000


def test_a_deployment_from_a_request_is_with_the_provider_chosen() -> None:
    scene = the_parties().scene
    other = an_awarded_request(scene.school, an_asked_provider(scene.area))

    with pytest.raises(NotBookable, match="was chosen in"):
        from_request(scene, other)
    assert not Deployment.objects.scoped().exists()


def test_only_a_decided_request_of_the_school_leads_to_a_deployment() -> None:
    scene = the_parties().scene

    with pytest.raises(NotNow, match="No provider is chosen"):
        from_request(scene, a_request(scene.school, providers=[scene.offer.provider]))
    with pytest.raises(NotAllowed, match="another school"):
        from_request(scene, an_awarded_request(a_school(), scene.offer.provider))


def test_those_the_chosen_response_names_come_first_and_nobody_of_another_provider() -> None:
    scene = the_parties().scene
    second = a_practitioner(scene.offer.provider, name="Zara Named")
    scene.offer.current.practitioners.add(second)
    an_offer(an_asked_provider(scene.area), practitioners=[a_practitioner()])
    request = an_awarded_request(scene.school, scene.offer.provider, people=[second])

    found = queries.people_selected(scene.buyer, queries.selected_response(request))

    assert [person for _, person in found] == [second, scene.practitioner]
