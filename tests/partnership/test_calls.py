"""Calls for offers: from a gap to drafts of offers."""

from datetime import timedelta

import pytest
from django.utils import timezone

from marketplace.catalogue import actions as catalogue
from marketplace.catalogue.models import OfferStatus
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound, NotNow
from marketplace.notifications import partnership as telling
from marketplace.notifications.models import Notification
from marketplace.organisations.models import Organisation
from marketplace.partnership import actions, queries
from marketplace.partnership.errors import CallInvalid
from marketplace.partnership.events import CallAnswered, CallMoved
from marketplace.partnership.models import CallStatus, ResponseStatus
from marketplace.partnership.verification import (
    answers_became_offers_of_their_providers,
    statuses_follow_their_history,
)
from tests.builders import (
    a_call,
    a_led_provider,
    a_level_2_theme,
    a_person,
    a_school,
    a_theme,
    actor_of,
    an_answer,
    an_area,
    answer_terms,
    call_terms,
    convenor_of,
    in_days,
)

pytestmark = pytest.mark.django_db


def test_an_answer_becomes_a_draft_offer_of_the_provider() -> None:
    area = an_area()
    theme = a_level_2_theme()
    call = a_call(area, actor=convenor_of(area), themes=[theme])
    provider, lead = a_led_provider(area)

    answer = an_answer(call, lead, provider)

    version = answer.offer.versions.get()
    assert (answer.offer.provider, answer.offer.status) == (provider, OfferStatus.DRAFT)
    assert (version.title, list(version.themes.all()), version.phases) == (call.title, [theme], ["primary"])
    assert (version.capacity_half_days, version.reach_km) == (20, 30)
    assert version.price_rule == {"kind": "per_day", "amount_pence": 40_000}
    catalogue.submit_offer(actor=lead, offer=answer.offer)  # nothing is missing
    assert statuses_follow_their_history() == answers_became_offers_of_their_providers() == []


def test_a_changed_answer_writes_its_draft_anew_until_it_is_handed_in() -> None:
    call = a_call()
    provider, lead = a_led_provider(call.area)
    answer = an_answer(call, lead, provider)

    an_answer(call, lead, provider, half_days=30)
    assert answer.offer.versions.get().capacity_half_days == 30
    catalogue.submit_offer(actor=lead, offer=answer.offer)
    an_answer(call, lead, provider, half_days=34)

    answer.refresh_from_db()
    assert answer.half_days == 34
    assert answer.offer.versions.get().capacity_half_days == 30


def test_answers_are_sealed_from_other_providers() -> None:
    call = a_call()
    (provider, lead), (other, rival) = a_led_provider(call.area), a_led_provider(call.area)
    answer = an_answer(call, lead, provider)
    an_answer(call, rival, other)

    assert [each.provider for each in queries.responses_of(rival, call)] == [other]
    assert not queries.may_read_answers(rival, call)
    with pytest.raises(NotFound):
        queries.response_for(rival, call, answer.reference)
    assert {each.provider for each in queries.responses_of(convenor_of(call.area), call)} == {provider, other}


def test_a_convenor_who_keeps_offers_reads_others_answers_after_the_end_only() -> None:
    call = a_call()
    provider, lead = a_led_provider(call.area)
    an_answer(call, lead, provider)
    convenor = convenor_of(call.area)
    own, _ = a_led_provider(call.area)
    user = own.memberships.get().user
    user.memberships.create(
        organisation=Organisation.objects.get(kind="local_authority", area=call.area), role=Role.CONVENOR
    )
    both = actor_of(user)

    assert list(queries.responses_of(both, call)) == []
    call = actions.close_call(actor=convenor, call=call)
    assert [each.provider for each in queries.responses_of(both, call)] == [provider]


def test_providers_of_the_area_and_near_neighbours_see_an_open_call() -> None:
    call = a_call()
    a_school(call.area)
    _, here = a_led_provider(call.area)
    _, near = a_led_provider(an_area(), easting=470_000)
    _, far = a_led_provider(an_area(), easting=600_000)
    staff = actor_of(a_person(Role.STAFF, at=a_school(call.area)))

    seen = [call in queries.calls_visible_to(actor) for actor in (here, near, far, staff)]

    assert seen == [True, True, False, False]
    with pytest.raises(NotFound):
        queries.call_for(far, call.reference)


def test_a_closed_call_stays_with_those_who_answered() -> None:
    call = a_call()
    (provider, lead), (_, silent) = a_led_provider(call.area), a_led_provider(call.area)
    an_answer(call, lead, provider)
    call = actions.close_call(actor=convenor_of(call.area), call=call, words="Thank you all.")

    assert call in queries.calls_visible_to(lead)
    assert call not in queries.calls_visible_to(silent)
    with pytest.raises(NotNow):
        an_answer(call, lead, provider)


def test_days_promised_are_counted_against_days_wanted() -> None:
    call = a_call()
    for days, fate in ((20, ""), (10, "pass_over"), (6, "take_back")):
        provider, lead = a_led_provider(call.area)
        answer = an_answer(call, lead, provider, half_days=days)
        if fate == "pass_over":
            actions.pass_over_response(actor=convenor_of(call.area), response=answer, reason="Too far away")
        elif fate:
            actions.take_back_response(actor=lead, response=answer)
        else:
            answer.offer.status, answer.offer.current = OfferStatus.PUBLISHED, answer.offer.versions.get()
            answer.offer.save()

    standing = queries.standing_of(call)

    assert (standing.wanted, standing.promised, standing.on_show, standing.missing, standing.answers) == (
        40,
        20,
        20,
        20,
        1,
    )


def test_an_answer_taken_back_can_be_given_again() -> None:
    call = a_call()
    provider, lead = a_led_provider(call.area)
    answer = an_answer(call, lead, provider)
    actions.take_back_response(actor=lead, response=answer)

    again = an_answer(call, lead, provider, half_days=8)

    assert (again.pk, again.status, again.half_days, again.offer) == (
        answer.pk,
        ResponseStatus.SUBMITTED,
        8,
        answer.offer,
    )


def test_only_a_convenor_of_the_area_publishes_and_ends_a_call() -> None:
    call = a_call()
    _, lead = a_led_provider(call.area)

    with pytest.raises(NotFound):
        a_call(call.area, actor=convenor_of(an_area()))
    with pytest.raises(NotAllowed):
        actions.close_call(actor=lead, call=call)
    with pytest.raises(CallInvalid, match="Say why"):
        actions.withdraw_call(actor=convenor_of(call.area), call=call, reason=" ")


def test_a_call_names_themes_and_no_headings() -> None:
    theme = a_level_2_theme()

    with pytest.raises(CallInvalid, match="heading"):
        a_call(themes=[theme.parent])
    assert a_call(themes=[theme, a_theme(parent=theme.parent)]).themes.count() == 2


def test_a_call_closes_after_its_last_day_unless_it_was_extended() -> None:
    soon, extended = a_call(closes_on=in_days(1)), a_call(closes_on=in_days(1))
    actions.extend_call(actor=convenor_of(extended.area), call=extended, closes_on=in_days(9))
    later = timezone.now() + timedelta(days=2)

    assert actions.close_due_calls(now=later) == 1
    assert actions.close_due_calls(now=later) == 0

    soon.refresh_from_db(), extended.refresh_from_db()
    assert (soon.status, extended.status) == (CallStatus.CLOSED, CallStatus.OPEN)
    with pytest.raises(CallInvalid, match="already"):
        actions.extend_call(actor=convenor_of(extended.area), call=extended, closes_on=in_days(9))


def test_a_provider_answers_for_itself_only() -> None:
    call = a_call()
    _, lead = a_led_provider(call.area)
    other, _ = a_led_provider(call.area)

    with pytest.raises(NotFound):
        an_answer(call, lead, other)


# Telling ---------------------------------------------------------------------------------------------------------------


def told(lead: object) -> list[str]:
    return list(Notification.objects.filter(user=lead.user_id).order_by("pk").values_list("title", flat=True))  # type: ignore[attr-defined]


def test_providers_hear_of_a_call_its_end_and_nothing_of_others_answers() -> None:
    call = a_call()
    convenor = convenor_of(call.area)
    (provider, lead), (_, silent) = a_led_provider(call.area), a_led_provider(call.area)
    telling.tell_of_call(CallMoved(call.pk, "publish"))
    answer = an_answer(call, lead, provider, approach="OURSECRETWAY of coaching")
    telling.tell_of_answer(CallAnswered(answer.pk, "respond"))
    actions.close_call(actor=convenor, call=call, words="Thank you all.")
    telling.tell_of_call(CallMoved(call.pk, "close"))
    telling.tell_of_call(CallMoved(call.pk, "close"))  # a job may run twice

    assert told(lead) == ["Call for offers: Early reading", "Closed: Early reading"]
    assert told(silent) == told(lead)
    assert told(convenor) == ["An answer to your call: Early reading"]
    of_silent = " ".join(Notification.objects.filter(user=silent.user_id).values_list("body", flat=True))
    assert (
        "OURSECRETWAY" not in of_silent and str(provider) not in of_silent and "Thank you all." in of_silent
    )
    assert "still a draft" in Notification.objects.get(user=lead.user_id, title__startswith="Closed").body


def test_who_has_not_answered_is_reminded_before_the_close() -> None:
    call = a_call(closes_on=in_days(2))
    (provider, lead), (_, silent) = a_led_provider(call.area), a_led_provider(call.area)
    an_answer(call, lead, provider)

    telling.remind_of_calls(0)
    telling.remind_of_calls(1)

    assert told(lead) == [] and len(told(silent)) == 1


def test_an_open_call_waits_in_my_work_until_it_is_answered() -> None:
    call = a_call(closes_on=in_days(2))
    provider, lead = a_led_provider(call.area)
    convenor = convenor_of(call.area)

    def waits() -> list[str]:
        return [
            item.verb for actor in (lead, convenor) for item in queries.awaiting(actor, now=timezone.now())
        ]

    assert waits() == ["Look at a call for offers", "Extend a call, or let it close"]
    an_answer(call, lead, provider)
    assert waits() == ["Extend a call, or let it close"]


def test_the_price_is_held_to_the_ceiling() -> None:
    call = a_call(**{"ceiling_pence": 39_999})
    provider, lead = a_led_provider(call.area)

    with pytest.raises(CallInvalid, match="above the ceiling"):
        an_answer(call, lead, provider)
    assert answer_terms().pence_a_day == 40_000 and call_terms().ceiling_pence == 45_000
