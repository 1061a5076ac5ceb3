"""Who writes to whom about a deployment and about a request for support."""

from collections.abc import Callable

import pytest
from django.utils import timezone

from marketplace.brokerage.models import RequestStatus, SupportRequest
from marketplace.kernel.access import Actor, Role
from marketplace.kernel.errors import NotFound
from marketplace.notifications import actions, queries
from marketplace.notifications.models import Conversation, Notification
from marketplace.organisations.models import User
from tests.builders import (
    a_deployment,
    a_message,
    a_person,
    a_request,
    a_response,
    a_school,
    actor_of,
    an_interest,
    lead_of_provider,
    the_parties,
)

pytestmark = pytest.mark.django_db


def opened(actor: Actor, kind: str, reference: str) -> Conversation:
    return actions.open_conversation(actor=actor, kind=kind, reference=reference)


class TestDeployments:
    def test_its_parties_write_to_each_other_and_who_only_oversees_does_not(self) -> None:
        parties = the_parties()
        deployment = a_deployment(parties)
        scene = parties.scene
        conversation = opened(scene.buyer, "deployment", deployment.reference)
        a_message(scene.buyer, conversation, "Which week suits you?")

        for actor in (scene.receiving_head, scene.provider_lead, scene.releasing_head, scene.person):
            assert queries.conversation_for(actor, conversation.reference) == conversation
        stranger = actor_of(a_person(Role.HEADTEACHER, at=a_school(scene.area)))
        for outside in (parties.convenor, stranger):
            assert list(queries.conversations_visible_to(outside)) == []
            with pytest.raises(NotFound):
                opened(outside, "deployment", deployment.reference)

    def test_a_convenor_whose_authority_brokers_it_takes_part(self) -> None:
        parties = the_parties()
        deployment = a_deployment(parties, brokered_by="authority")

        conversation = opened(parties.convenor, "deployment", deployment.reference)
        a_message(parties.convenor, conversation, "Who comes to the first meeting?")

        assert list(queries.conversations_visible_to(parties.convenor)) == [conversation]


class TestRequests:
    def test_nobody_writes_in_private_while_a_request_is_open(self) -> None:
        request = a_request(asked=2)
        first = request.invitations.select_related("provider").first()
        assert first is not None
        a_response(first)
        head = actor_of(a_person(Role.HEADTEACHER, at=request.school))

        for actor in (head, lead_of_provider(first.provider)):
            with pytest.raises(NotFound):
                opened(actor, "request", first.reference)

    def test_after_the_close_each_provider_has_a_conversation_of_its_own(self) -> None:
        request, [first, second], head = closed_with_two_responses()
        one = opened(head, "request", first.reference)
        other = opened(head, "request", second.reference)
        a_message(head, one, "Could it be a Tuesday?")
        a_message(head, other, "Could it be a Friday?")

        leads = lead_of_provider(first.provider), lead_of_provider(second.provider)

        assert one != other
        assert list(queries.conversations_visible_to(leads[0])) == [one]
        assert list(queries.conversations_visible_to(leads[1])) == [other]
        with pytest.raises(NotFound):
            queries.conversation_for(leads[1], one.reference)
        assert request.status == RequestStatus.CLOSED

    def test_who_belongs_to_another_provider_that_was_asked_takes_no_part_for_the_school(self) -> None:
        request, [first, second], _ = closed_with_two_responses()
        both = a_person(Role.HEADTEACHER, at=request.school)
        both.memberships.create(organisation=second.provider, role=Role.STAFF)

        with pytest.raises(NotFound):
            opened(actor_of(both), "request", first.reference)

    def test_who_declared_an_interest_in_a_provider_asked_neither_reads_nor_hears_of_the_exchange(
        self, run_jobs: Callable[[], list[str]]
    ) -> None:
        request, [first, second], head = closed_with_two_responses()
        tied = a_person(Role.BUDGET_HOLDER, at=request.school)
        an_interest(tied, second.provider)
        conversation = opened(head, "request", first.reference)
        a_message(lead_of_provider(first.provider), conversation, "Could it be a Tuesday?")
        run_jobs()

        with pytest.raises(NotFound):
            opened(actor_of(tied), "request", first.reference)
        with pytest.raises(NotFound):
            queries.conversation_for(actor_of(tied), conversation.reference)
        told = Notification.objects.filter(kind="message_waiting").values_list("user", flat=True)
        assert list(told) == [head.user_id]

    def test_its_page_leads_each_side_to_its_own_view(self, client: object) -> None:
        request, [first, _second], head = closed_with_two_responses()
        page = f"/needs/invitations/{first.reference}/"

        client.force_login(person_of(head))  # type: ignore[attr-defined]
        assert client.get(page).url == f"/needs/requests/{request.reference}/"  # type: ignore[attr-defined]
        client.force_login(person_of(lead_of_provider(first.provider)))  # type: ignore[attr-defined]
        assert "/messages/about/request/" in client.get(page).content.decode()  # type: ignore[attr-defined]


def closed_with_two_responses() -> tuple[SupportRequest, list, Actor]:  # type: ignore[type-arg]
    request = a_request(asked=2)
    invitations = list(request.invitations.select_related("provider"))
    for invitation in invitations:
        a_response(invitation)
    SupportRequest.objects.scoped().filter(pk=request.pk).update(
        status=RequestStatus.CLOSED, closed_at=timezone.now()
    )
    request.refresh_from_db()
    return request, invitations, actor_of(a_person(Role.HEADTEACHER, at=request.school))


def person_of(actor: Actor) -> User:
    return User.objects.get(pk=actor.user_id)
