"""The commissioned layer: days of its own, never in the headline, for the convenor alone; and the weight of a school's concern."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from marketplace.coverage import queries
from marketplace.coverage.gathering import Gathered, gather
from marketplace.coverage.measures import Layer, Settings, measure
from marketplace.coverage.models import Cell, Snapshot
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import User
from marketplace.partnership import queries as partnership
from tests.builders import (
    a_board_member,
    a_commission,
    a_level_2_theme,
    a_needy_school,
    a_provider_at,
    a_school,
    actor_of,
    an_area,
    convenor_of,
    days_of_help,
    worked_out,
)

pytestmark = pytest.mark.django_db


def gathered(area: object) -> Gathered:
    return gather(area, today=timezone.localdate(), settings=Settings())  # type: ignore[arg-type]


def test_commissioned_days_are_a_layer_of_their_own_and_never_in_the_headline() -> None:
    area, theme = an_area(), a_level_2_theme()
    need = a_needy_school(area, 4, theme)
    provider = a_provider_at(area)
    days_of_help(provider, 5, theme)
    before = worked_out(area)
    headline = Cell.objects.get(snapshot=before, theme=None, phase="", ward=None).need

    a_commission(need.school.school, theme=theme, half_days=12, provider=provider)
    found = gathered(area)
    after = worked_out(area)

    assert list(found.inputs.needs.layer) == [Layer.DECLARED, Layer.COMMISSIONED]
    assert [key.stated for key in found.commissioned] == [6.0]
    assert headline == 4 and measure(found.inputs).needs.days.sum() == 4
    assert after == before, "a commission makes no snapshot, so that its time tells nobody of it"
    assert Snapshot.objects.count() == 1


def test_a_convenor_sees_the_layer_measured_with_declared_need_and_nobody_else_does() -> None:
    area, theme = an_area(), a_level_2_theme()
    a_needy_school(area, 4, theme)
    row = a_commission(a_school(area), theme=theme, half_days=12)
    days_of_help(a_provider_at(area), 5, theme)
    worked_out(area)
    convenor, board = convenor_of(area), actor_of(a_board_member(area))
    today = timezone.localdate()

    [cell] = queries.commissioned_cells(convenor, queries.sight_of(convenor), today=today)

    assert (cell.theme, cell.phase, cell.schools, cell.days) == (row.theme, "primary", 1, 6.0)
    assert cell.met == pytest.approx(3.0), "five days are shared over four declared and six commissioned"
    assert cell.met + cell.brokerable + cell.unmet == pytest.approx(6.0)
    with pytest.raises(NotFound):
        queries.commissioned_cells(board, queries.sight_of(board), today=today)
    assert partnership.commissioned_needs(board, area) == []
    assert partnership.commissioned_total(board, area) is None
    assert partnership.commissioned_total(convenor, area) == (12, 1)


def test_only_the_convenors_matrix_names_commissioned_days() -> None:
    area = an_area()
    a_commission(a_school(area), half_days=12)
    worked_out(area)

    def page(user: User, query: str = "") -> str:
        client = Client()
        client.force_login(user)
        return client.get(reverse("coverage:matrix") + query).content.decode()

    convenor = User.objects.get(pk=convenor_of(area).user_id)
    assert "Commissioned by the authority: 6 days" in page(convenor)
    assert "6 days are commissioned" in page(convenor, "?layer=commissioned")
    for role in (Role.BOARD_MEMBER, Role.SCRUTINY):
        member = a_board_member(area, role)
        shown = page(member, "?layer=commissioned")
        assert "Commissioned by" not in shown and "are commissioned" not in shown


def test_concern_orders_choices_and_never_changes_counted_days() -> None:
    area, theme = an_area(), a_level_2_theme()
    calm, worrying = a_needy_school(area, 4, theme), a_needy_school(area, 4, theme, east=1)
    plain = measure(gathered(area).inputs)
    a_commission(worrying.school.school, theme=theme, level="intervention")

    found = gathered(area)
    result = measure(found.inputs)

    weights = dict(
        zip(found.inputs.needs.id.tolist(), found.inputs.needs.choice_weight.tolist(), strict=False)
    )
    assert weights[worrying.pk] == pytest.approx(2 * weights[calm.pk])
    assert result.needs.id[result.most_pressing()[0]] == worrying.pk
    assert list(result.needs.days) == list(plain.needs.days)


def test_what_is_over_or_paid_for_needs_no_days_any_more() -> None:
    row = a_commission(half_days=12)
    convenor = convenor_of(row.area)
    [need] = partnership.commissioned_needs(convenor, row.area)
    assert need.half_days == 12

    row.status = "withdrawn"
    row.save()

    assert partnership.commissioned_needs(convenor, row.area) == []
