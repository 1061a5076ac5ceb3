"""The modelled layer: what schools that said nothing may need, never in the headline."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.coverage import actions, queries
from marketplace.coverage.gathering import Gathered, gather
from marketplace.coverage.measures import Layer, measure
from marketplace.coverage.parameters import settings_from
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area, Phase
from tests.builders import (
    a_board_member,
    a_commission,
    a_convenor,
    a_level_2_theme,
    a_need,
    a_provider_at,
    a_school,
    actor_of,
    an_area,
    days_of_help,
    replied,
    worked_out,
)

pytestmark = pytest.mark.django_db


def gathered(area: Area, **rates: float) -> Gathered:
    return gather(area, today=timezone.localdate(), settings=settings_from({"latent_days": rates}))


def latent(found: Gathered) -> list[float]:
    needs = found.inputs.needs
    return needs.days[needs.layer == Layer.LATENT].tolist()  # type: ignore[no-any-return]


def test_nothing_is_modelled_unless_an_area_sets_a_rate() -> None:
    area, theme = an_area(), a_level_2_theme(code="maths-x")
    a_school(area, pupils=210)

    assert latent(gathered(area)) == []
    assert latent(gathered(area, **{theme.code: 0.0})) == []


def test_days_follow_pupils_the_rate_and_concern_and_are_in_no_headline() -> None:
    area, theme = an_area(), a_level_2_theme(code="maths-x")
    a_school(area, pupils=200)
    worrying = a_school(area, pupils=200)
    a_commission(worrying, level="intervention")
    a_school(an_area(), pupils=200)

    found = gathered(area, **{theme.code: 1.5})

    assert latent(found) == [3.0, 6.0]
    assert measure(found.inputs).needs.days.sum() == 0


def test_a_school_that_said_what_it_needs_is_not_modelled() -> None:
    area, theme, other = an_area(), a_level_2_theme(code="maths-x"), a_level_2_theme(code="art-x")
    a_need(a_school(area, pupils=100), theme)
    replied(a_school(area, pupils=100))
    a_school(area, pupils=None)

    assert latent(gathered(area, **{theme.code: 1.0, other.code: 2.0})) == []


def test_a_word_too_old_to_count_as_one_leaves_only_the_themes_with_an_open_need_out() -> None:
    area, theme, other = an_area(), a_level_2_theme(code="maths-x"), a_level_2_theme(code="art-x")
    a_need(a_school(area, pupils=100), theme, declared_at=timezone.now() - timedelta(days=60))
    settings = settings_from({"latent_days": {theme.code: 1.0, other.code: 2.0}, "replied_within_days": 30})

    assert latent(gather(area, today=timezone.localdate(), settings=settings)) == [2.0]


def test_pupils_are_shared_among_the_phases_of_a_school() -> None:
    area, theme = an_area(), a_level_2_theme(code="maths-x")
    a_school(area, pupils=1000, phases=[Phase.PRIMARY, Phase.SECONDARY])

    assert latent(gathered(area, **{theme.code: 1.0})) == [5.0, 5.0]


def with_a_rate() -> tuple[Area, Client, str]:
    """An area with ten modelled days and five on offer, and a convenor of it."""
    area, theme = an_area(), a_level_2_theme(code="maths-x")
    a_school(area, pupils=1000, easting=440_000, northing=390_000)
    days_of_help(a_provider_at(area), 5, theme)
    user = a_convenor(area)
    actions.change_settings(actor=actor_of(user), area=area, values={"latent_days": {theme.code: 1.0}})
    worked_out(area)
    client = Client()
    client.force_login(user)
    return area, client, theme.code


def test_a_convenor_sees_the_layer_and_nobody_else_does() -> None:
    area, client, code = with_a_rate()
    convenor, board = actor_of(a_convenor(area)), actor_of(a_board_member(area))
    today = timezone.localdate()

    [cell] = queries.latent_cells(convenor, queries.sight_of(convenor), today=today)

    assert (cell.theme.code, cell.schools, cell.days, cell.met, cell.unmet) == (code, 1, 10.0, 5.0, 5.0)
    with pytest.raises(NotFound):
        queries.latent_cells(board, queries.sight_of(board), today=today)
    page = client.get("/coverage/?layer=modelled").content.decode()
    assert "10 days are modelled" in page and "No school has asked for these days" in page
    assert "Look at what is modelled" in client.get("/coverage/").content.decode()
    member = Client()
    member.force_login(a_board_member(area))
    assert "are modelled" not in member.get("/coverage/?layer=modelled").content.decode()


def test_a_level_of_concern_makes_no_snapshot_through_the_model() -> None:
    area, theme = an_area(), a_level_2_theme(code="maths-x")
    settings = settings_from({"latent_days": {theme.code: 1.0}})
    school = a_school(area, pupils=200)
    provider = a_provider_at(area)
    days_of_help(provider, 5, theme)
    before = gathered(area, **{theme.code: 1.0}).fingerprint(settings)

    a_commission(school, theme=theme, provider=provider, level="intervention")

    assert gathered(area, **{theme.code: 1.0}).fingerprint(settings) == before
