"""What-ifs: they come to what they say, touch nothing live, and are seen by those they were shared with."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest
from django.apps import apps
from django.db.models import Model

from marketplace.brokerage.models import Need
from marketplace.catalogue import actions as catalogue
from marketplace.catalogue.models import Offer, Theme
from marketplace.coverage.errors import (
    ScenarioCannotBeWorkedOut,
    ScenarioEditInvalid,
    ScenarioHasGoneOn,
)
from marketplace.coverage.gathering import gather, packed, unpacked
from marketplace.coverage.measures import Settings
from marketplace.coverage.models import Release, Scenario, SharedWith, Snapshot, SnapshotInputs
from marketplace.coverage.queries import settings_of
from marketplace.coverage.scenarios import actions, grounds, queries
from marketplace.kernel import history
from marketplace.kernel.access import Role
from marketplace.kernel.errors import NotAllowed, NotFound
from marketplace.kernel.models import HistoryEntry
from marketplace.organisations.models import Area, User
from tests.builders import (
    a_board_member,
    a_convenor,
    a_level_2_theme,
    a_needy_school,
    a_person,
    a_provider_at,
    a_ward,
    actor_of,
    an_area,
    days_of_help,
    replied,
    worked_out,
)
from tests.builders.scenarios import a_scenario, an_added_offer

pytestmark = pytest.mark.django_db


@pytest.fixture
def phonics() -> Theme:
    return Theme.objects.get(code="phonics")


@pytest.fixture
def area() -> Area:
    return an_area(name="Calderbeck")


@pytest.fixture
def convenor(area: Area) -> User:
    return a_convenor(area)


@pytest.fixture
def offer(area: Area, phonics: Theme) -> Offer:
    """Five schools that need 10 days of phonics each, and an offer of 15 that reaches two of them. Worked out."""
    ward = a_ward(area, name="Fell", easting=440_000, northing=390_000)
    for n in range(5):
        replied(a_needy_school(area, 10, phonics, east=3 * n, ward=ward, name=f"Needy School {n}").school)
    found = days_of_help(a_provider_at(area, name="Fell Hub"), 15, phonics, reach_km=4, mode="in_person")
    worked_out(area)
    return found


def kinds(offer: Offer) -> list[dict[str, Any]]:
    """An edit of every kind."""
    need = Need.objects.scoped().select_related("school__school").order_by("pk").first()
    assert need is not None
    about = {"offer": offer.reference}
    return [
        an_added_offer(),
        {"kind": "extend", **about, "days": 10, "pence": 35_000},
        {"kind": "reach", **about, "km": 40, "cost_pence": 20_000},
        {"kind": "remote", **about, "remote": True},
        {"kind": "redirect", **about, "theme": "maths", "cost_pence": 50_000},
        {"kind": "need", "school": need.school.school.urn, "theme": "maths", "phase": "primary", "days": 4},
        {"kind": "remove", **about},
    ]


def test_a_cell_whose_status_is_held_back_is_not_told_by_a_scenario_either(
    area: Area, offer: Offer, phonics: Theme
) -> None:
    snapshot, release = Snapshot.objects.get(area=area), Release.objects.get(area=area)
    cell = (phonics.pk, "primary", None)
    assert not grounds._made(snapshot).hidden(cell)

    for told in release.cells:
        if "place" not in told and (told["theme"], told["phase"], told["ward"]) == cell:
            told["status"] = "held"
    release.save()

    assert grounds._made(snapshot).hidden(cell)


def test_a_scenario_says_what_it_would_close_and_at_what_price(
    area: Area, convenor: User, offer: Offer
) -> None:
    scenario = a_scenario(area, convenor)

    found = queries.shown(actor_of(convenor), scenario).outcome
    assert found.before.need == found.after.need == 50
    assert (found.before.met, found.before.reach_gap) == (15, 30)
    assert (found.after.met, found.after.best, found.after.reach_gap) == (32, 35, 0)
    assert found.closed == 20 and found.spent_pence == 800_000 and found.pence_a_day == 40_000
    assert found.gained == 5 and found.lost == 0
    [cell] = found.whole_area
    assert (cell.theme, cell.phase, cell.status_before, cell.status_after) == (
        "phonics",
        "primary",
        "gap",
        "gap",
    )
    assert [each.ward_name for each in found.by_ward] == ["Fell"]


def test_every_kind_of_edit_can_be_tried_and_together_they_equal_one_after_the_other(
    area: Area, convenor: User, offer: Offer
) -> None:
    together = a_scenario(area, convenor, *kinds(offer))

    first, *rest = kinds(offer)
    one_by_one = a_scenario(area, convenor, first)
    for edit in rest:
        one_by_one = actions.add(actor=actor_of(convenor), scenario=one_by_one, edit=edit)

    assert one_by_one.outcome == together.outcome
    assert [line.kind for line in queries.lines_of(together)] == [
        "add", "extend", "reach", "remote", "redirect", "need", "remove",
    ]  # fmt: skip


def everything_but(*left_out: type[Model]) -> dict[str, list[tuple[Any, ...]]]:
    return {
        model._meta.label: list(model._base_manager.order_by("pk").values_list())
        for model in apps.get_models()
        if model not in left_out and model._meta.managed
    }


def test_edits_never_touch_live_data(area: Area, convenor: User, offer: Offer) -> None:
    def live() -> Any:
        return packed(gather(area, today=date(2026, 11, 1), settings=Settings()))

    actor = actor_of(convenor)
    rows, inputs = everything_but(Scenario, HistoryEntry), live()

    scenario = a_scenario(area, convenor, name="Everything")
    for edit in kinds(offer):
        scenario = actions.add(actor=actor, scenario=scenario, edit=edit)
    scenario = actions.undo(actor=actor, scenario=scenario)
    scenario = actions.remove(actor=actor, scenario=scenario, number=1)
    actions.share(actor=actor, scenario=scenario, shared_with=SharedWith.CONVENORS)
    actions.work_out_again(actor=actor, scenario=scenario)
    actions.copy(actor=actor, scenario=scenario)
    actions.discard(actor=actor, scenario=scenario)

    assert everything_but(Scenario, HistoryEntry) == rows
    assert live() == inputs


def test_what_a_snapshot_was_made_of_is_kept_and_had_back_as_it_was(area: Area, offer: Offer) -> None:
    snapshot = Snapshot.objects.get()
    settings = settings_of(area)[1]

    back = unpacked(bytes(SnapshotInputs.objects.get(snapshot=snapshot).content))

    assert back.fingerprint(settings) == snapshot.inputs_hash
    assert np.isnan(back.inputs.offers.cap_days).all()


def test_a_snapshot_is_made_ready_once(
    area: Area, convenor: User, offer: Offer, django_assert_num_queries: Callable[..., Any]
) -> None:
    snapshot = Snapshot.objects.get()
    ready = grounds.footing(snapshot)

    with django_assert_num_queries(0):
        assert grounds.footing(snapshot) is ready


def test_undo_takes_back_the_last_change_whatever_it_was(area: Area, convenor: User, offer: Offer) -> None:
    actor = actor_of(convenor)
    scenario = a_scenario(area, convenor)
    actions.add(actor=actor, scenario=scenario, edit={"kind": "remove", "offer": offer.reference})
    actions.remove(actor=actor, scenario=scenario, number=1)

    after_remove = actions.undo(actor=actor, scenario=scenario)
    assert [line.id for line in queries.lines_of(after_remove)] == [1, 2]
    after_add = actions.undo(actor=actor, scenario=scenario)
    assert [line.id for line in queries.lines_of(after_add)] == [1]

    with pytest.raises(ScenarioHasGoneOn):
        actions.undo(actor=actor, scenario=scenario)


def test_an_edit_taken_out_twice_is_gone_and_numbers_are_not_used_again(
    area: Area, convenor: User, offer: Offer
) -> None:
    actor = actor_of(convenor)
    scenario = a_scenario(area, convenor, an_added_offer(), an_added_offer(days=5))
    actions.remove(actor=actor, scenario=scenario, number=2)

    with pytest.raises(ScenarioHasGoneOn):
        actions.remove(actor=actor, scenario=scenario, number=2)
    again = actions.add(actor=actor, scenario=scenario, edit=an_added_offer(days=7))

    assert [line.id for line in queries.lines_of(again)] == [1, 3]


@pytest.mark.parametrize(
    ("edit", "field"),
    [
        ({"kind": "extend", "offer": "OF-NONE", "days": 3}, "offer"),
        ({"kind": "remove", "provider": "OR-NONE"}, "provider"),
        (an_added_offer(theme="no-such-theme"), "theme"),
        (an_added_offer(ward="E09999999"), "ward"),
        ({"kind": "need", "school": 999_999, "theme": "phonics", "phase": "primary", "days": 1}, "school"),
    ],
)
def test_an_edit_of_what_is_not_there_is_refused(
    edit: dict[str, Any], field: str, area: Area, convenor: User, offer: Offer
) -> None:
    with pytest.raises(ScenarioEditInvalid) as refused:
        a_scenario(area, convenor, edit)

    assert refused.value.field == field


def test_an_edit_that_no_longer_fits_is_shown_and_not_lost(area: Area, convenor: User, offer: Offer) -> None:
    actor = actor_of(convenor)
    scenario = a_scenario(
        area, convenor, an_added_offer(), {"kind": "extend", "offer": offer.reference, "days": 5}, name="Plan"
    )
    catalogue.withdraw_offer(actor=actor_of(a_person(Role.PROVIDER_LEAD, at=offer.provider)), offer=offer)
    worked_out(area)

    assert queries.shown(actor, scenario).overtaken
    moved = actions.work_out_again(actor=actor, scenario=scenario)

    found = queries.shown(actor, moved)
    assert not found.overtaken
    [line] = found.unfit
    assert line.label == f"{offer.current.title}, Fell Hub"
    assert "withdrawn" in found.outcome.unfit[line.id]
    assert found.outcome.spent_pence == 800_000
    assert found.outcome.after.met == 20


def test_a_scenario_keeps_its_outcome_when_the_inputs_go_on(area: Area, convenor: User, offer: Offer) -> None:
    scenario = a_scenario(area, convenor)
    was = scenario.outcome
    a_needy_school(area, 8, Theme.objects.get(code="phonics"))
    worked_out(area)

    found = queries.shown(actor_of(convenor), Scenario.objects.scoped().get())

    assert found.outcome.as_data() == was and found.overtaken


def test_a_base_that_is_no_longer_kept_gives_way_to_the_newest(
    area: Area, convenor: User, offer: Offer
) -> None:
    scenario = a_scenario(area, convenor)
    first = scenario.snapshot
    SnapshotInputs.objects.filter(snapshot=first).delete()
    a_needy_school(area, 8, Theme.objects.get(code="phonics"))
    newest = worked_out(area)

    scenario = actions.add(actor=actor_of(convenor), scenario=scenario, edit=an_added_offer(days=3))

    assert scenario.snapshot == newest


def test_without_kept_inputs_it_is_said_what_to_do(area: Area, convenor: User, offer: Offer) -> None:
    SnapshotInputs.objects.all().delete()

    with pytest.raises(ScenarioCannotBeWorkedOut) as refused:
        a_scenario(area, convenor)

    assert "Work it out again" in refused.value.remedy


# Who sees what ----------------------------------------------------------------------------------------------------------


def test_only_those_it_was_shared_with_see_it(area: Area, convenor: User, offer: Offer) -> None:
    scenario = a_scenario(area, convenor, name="Plan")
    colleague, board = a_convenor(area), a_board_member(area)
    head = a_person(Role.HEADTEACHER, at=area.schools.first())
    elsewhere = a_convenor(an_area())

    def seen_by(person: User) -> bool:
        return queries.visible_to(actor_of(person)).exists()

    assert [seen_by(p) for p in (convenor, colleague, board, head, elsewhere)] == [True, *[False] * 4]
    actions.share(actor=actor_of(convenor), scenario=scenario, shared_with=SharedWith.CONVENORS)
    assert [seen_by(p) for p in (colleague, board, head, elsewhere)] == [True, False, False, False]
    actions.share(actor=actor_of(convenor), scenario=scenario, shared_with=SharedWith.BOARD)
    assert [seen_by(p) for p in (colleague, board, head, elsewhere)] == [True, True, False, False]
    actions.share(actor=actor_of(convenor), scenario=scenario, shared_with=SharedWith.NOBODY)
    assert [seen_by(p) for p in (colleague, board)] == [False, False]


def test_only_its_author_changes_it_and_others_may_copy(area: Area, convenor: User, offer: Offer) -> None:
    scenario = a_scenario(area, convenor, name="Plan", shared_with=SharedWith.BOARD)
    colleague, board = actor_of(a_convenor(area)), actor_of(a_board_member(area))

    for actor in (colleague, board):
        with pytest.raises(NotAllowed):
            actions.add(actor=actor, scenario=scenario, edit=an_added_offer())
        with pytest.raises(NotAllowed):
            actions.discard(actor=actor, scenario=scenario)
    with pytest.raises(NotAllowed):
        actions.copy(actor=board, scenario=scenario)
    with pytest.raises(NotFound):
        actions.start(actor=board, area=area, edits=[an_added_offer()])

    mine = actions.copy(actor=colleague, scenario=scenario)
    changed = actions.add(actor=colleague, scenario=mine, edit=an_added_offer(days=4))
    assert len(changed.edits) == 2 and len(Scenario.objects.scoped().get(pk=scenario.pk).edits) == 1


def test_the_board_sees_fives_of_days_hidden_cells_stay_hidden_and_few_schools_are_not_counted(
    area: Area, convenor: User, offer: Offer
) -> None:
    maths, lonely = Theme.objects.get(code="maths"), a_level_2_theme()
    for theme in (maths, lonely):
        replied(a_needy_school(area, 4, theme, east=2, name=f"School of {theme}").school)
    worked_out(area)
    scenario = a_scenario(
        area, convenor, an_added_offer(theme="maths", days=4, pence=30_000), name="Maths", shared_with="board"
    )

    exact = queries.shown(actor_of(convenor), scenario)
    told = queries.shown(actor_of(a_board_member(area)), scenario)

    assert exact.exact and exact.outcome.gained == 1
    assert [cell.theme for cell in exact.outcome.whole_area] == ["maths"]
    assert not told.exact and not told.outcome.gained
    assert told.outcome.cells == [] and told.outcome.hidden == 1
    assert all(days % 5 == 0 for days in (*told.outcome.before.parts, *told.outcome.after.parts))


def test_the_board_is_shown_a_what_if_on_what_was_last_released(
    area: Area, convenor: User, offer: Offer
) -> None:
    released = Release.objects.get().snapshot
    a_needy_school(area, 25, Theme.objects.get(code="phonics"), east=1)
    newest = worked_out(area)
    scenario = a_scenario(area, convenor, name="Plan", shared_with="board")

    told = queries.shown(actor_of(a_board_member(area)), scenario)

    assert scenario.snapshot == newest != released
    assert told.basis == released and not told.overtaken
    assert told.outcome.before.need == 50


def test_a_scenario_with_a_schools_need_is_not_for_the_board(
    area: Area, convenor: User, offer: Offer
) -> None:
    actor = actor_of(convenor)
    need = kinds(offer)[5]
    with_need = a_scenario(area, convenor, need, name="Need")
    shared = a_scenario(area, convenor, name="Plan", shared_with="board")

    with pytest.raises(ScenarioEditInvalid):
        actions.share(actor=actor, scenario=with_need, shared_with=SharedWith.BOARD)
    with pytest.raises(ScenarioEditInvalid):
        actions.add(actor=actor, scenario=shared, edit=need)
    actions.share(actor=actor, scenario=with_need, shared_with=SharedWith.CONVENORS)


def test_a_draft_is_saved_under_a_name_before_it_is_shared(area: Area, convenor: User, offer: Offer) -> None:
    actor = actor_of(convenor)
    scenario = a_scenario(area, convenor)

    with pytest.raises(ScenarioEditInvalid):
        actions.share(actor=actor, scenario=scenario, shared_with=SharedWith.CONVENORS)
    with pytest.raises(ScenarioEditInvalid):
        actions.save(actor=actor, scenario=scenario, name="  ")
    actions.save(actor=actor, scenario=scenario, name=" Close  the gap ")
    shared = actions.share(actor=actor, scenario=scenario, shared_with=SharedWith.CONVENORS)

    assert shared.name == "Close the gap"
    assert [entry.verb for entry in history.of(shared)] == ["start", "save", "share"]


def test_old_drafts_give_way_to_new_ones(
    monkeypatch: pytest.MonkeyPatch, area: Area, convenor: User, offer: Offer
) -> None:
    monkeypatch.setattr(actions, "DRAFTS_KEPT", 2)
    kept = a_scenario(area, convenor, name="Kept")

    drafts = [a_scenario(area, convenor) for _ in range(3)]

    left = set(Scenario.objects.scoped().values_list("pk", flat=True))
    assert left == {kept.pk, drafts[1].pk, drafts[2].pk}
