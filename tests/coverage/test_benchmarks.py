"""Comparing areas: what a file holds, what is taken, and two exchanges compared through one."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from marketplace.catalogue.models import Theme
from marketplace.coverage.benchmarks import actions, queries
from marketplace.coverage.benchmarks.definitions import INDICATORS
from marketplace.coverage.benchmarks.files import Figures, read, written
from marketplace.coverage.benchmarks.worked_out import own_figures
from marketplace.coverage.errors import BenchmarkFileInvalid, NeighbourInvalid
from marketplace.coverage.models import Neighbour, NeighbourFigures
from marketplace.coverage.queries import sight_of
from marketplace.kernel.errors import NotFound
from marketplace.organisations.models import Area
from tests.builders import (
    a_board_member,
    a_convenor,
    a_needy_school,
    a_provider_at,
    actor_of,
    an_area,
    days_of_help,
    replied,
    worked_out,
)

TODAY = date(2026, 11, 30)
WHY = "As many schools, and as many of them academies"


def figures(**changes: Any) -> Figures:
    values: dict[str, float | None] = {"met_share": 0.61, "median_price": 38_500.0}
    return Figures(
        **{"code": "372", "name": "Overbeck", "as_of": TODAY, "academic_year": "2026/27", "values": values}
        | changes
    )


def changed(**changes: Any) -> bytes:
    return json.dumps(json.loads(written(figures())) | changes).encode()


def test_a_file_is_read_as_it_was_written() -> None:
    found = read(written(figures()).encode(), today=TODAY)

    assert (found.code, found.name, found.as_of) == ("372", "Overbeck", TODAY)
    assert found.values == {each.key: figures().values.get(each.key) for each in INDICATORS}


def test_a_file_says_what_its_days_count_and_one_that_does_not_counts_the_year() -> None:
    silent = json.loads(written(figures()))
    del silent["counts"]

    assert read(written(figures(of_a_term=True)).encode(), today=TODAY).of_a_term
    assert not read(json.dumps(silent).encode(), today=TODAY).of_a_term


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xff\xfe", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "does not hold"),
        (b'{"form": "other"}', "does not hold"),
        (changed(form_version=2), "form are version 2"),
        (changed(definitions_version=True), "definitions are version True"),
        (changed(area={"code": "37", "name": "X"}), "area’s code"),
        (changed(area={"code": "372", "name": " "}), "area’s name"),
        (changed(as_of="tomorrow"), "The day"),
        (changed(as_of="2026-12-01"), "yet to come"),
        (changed(academic_year=2026), "school year"),
        (changed(counts="month"), "What the days count"),
        (changed(indicators=[]), "no indicators"),
        (changed(indicators={"met_share": 1.2}), "“Met as things stand” is 1.2"),
        (changed(indicators={"need_per_1000": "many"}), "is many"),
        (changed(indicators={"need_per_1000": float("nan")}), "is nan"),
    ],
)
def test_a_file_that_can_not_be_taken_is_refused_with_the_reason(content: bytes, words: str) -> None:
    with pytest.raises(BenchmarkFileInvalid) as refused:
        read(content, today=TODAY)

    assert words in refused.value.message and refused.value.remedy


def test_each_indicator_says_what_it_means_and_how_it_is_worked_out() -> None:
    assert len(INDICATORS) == len({each.key for each in INDICATORS}) >= 10
    assert all(each.meaning.endswith(".") and "÷" in each.formula for each in INDICATORS)


def an_exchange(name: str, days_offered: float, needy: int = 6) -> Area:
    """An area of ten schools, some of which need five days each."""
    area, theme = an_area(name=name), Theme.objects.get(code="phonics")
    for n in range(10):
        need = a_needy_school(area, 5, theme, east=n)
        if n >= needy:
            need.delete()
        else:
            replied(need.school)
    days_of_help(a_provider_at(area), days_offered, theme)
    worked_out(area)
    return area


@pytest.mark.django_db
def test_two_exchanges_are_compared_through_a_file() -> None:
    ours, theirs = an_exchange("Calderbeck", 15), an_exchange("Overbeck", 30)
    given = written(queries.to_give(sight_of(actor_of(a_convenor(theirs)))))

    actions.take_in(actor=actor_of(a_convenor(ours)), area=ours, content=given.encode(), reason=WHY)

    found = queries.comparison(sight_of(actor_of(a_board_member(ours))))
    lines = {line.indicator.key: (line.own, line.others) for line in found.lines}
    assert lines["met_share"][1] == [own_figures(theirs).values["met_share"]]
    assert lines["met_share"][0] < lines["met_share"][1][0]
    assert lines["need_per_1000"] == (14.3, [14.3])
    assert [each.neighbour.reason for each in found.neighbours] == [WHY]
    assert not found.mixes_windows


@pytest.mark.django_db
def test_the_days_of_a_term_beside_those_of_a_year_are_told() -> None:
    ours = an_exchange("Calderbeck", 15)
    told = written(figures(of_a_term=True)).encode()
    convenor = a_convenor(ours)
    actions.take_in(actor=actor_of(convenor), area=ours, content=told, reason=WHY)
    client = Client()
    client.force_login(convenor)

    page = " ".join(client.get("/coverage/benchmark/").content.decode().split())

    assert "Calderbeck counts the school year; Overbeck counts a term." in page


@pytest.mark.django_db
def test_what_an_area_gives_away_hides_fewer_than_five() -> None:
    few = own_figures(an_exchange("Calderbeck", 15, needy=4))

    assert few.values["met_share"] is None and few.values["engaged_share"] is None
    assert few.values["n_eff"] is None and few.values["median_price"] is None


@pytest.mark.django_db
def test_a_newer_file_replaces_and_an_older_one_is_refused() -> None:
    area = an_area(code="371")
    convenor = actor_of(a_convenor(area))
    today = timezone.localdate()

    def take(days_ago: int, **changes: Any) -> NeighbourFigures:
        content = written(figures(as_of=today - timedelta(days=days_ago), **changes)).encode()
        return actions.take_in(actor=convenor, area=area, content=content, reason=changes.pop("reason", WHY))

    take(9)
    take(2, values={"met_share": 0.7})
    take(2, values={"met_share": 0.8})
    with pytest.raises(BenchmarkFileInvalid, match="are newer"):
        take(5)
    with pytest.raises(BenchmarkFileInvalid, match="your own area"):
        take(1, code="371")

    assert [each.values["met_share"] for each in NeighbourFigures.objects.all()] == [0.8, 0.61]


@pytest.mark.django_db
def test_neighbours_are_chosen_for_a_reason_by_the_convenor_only() -> None:
    area = an_area(code="371")
    convenor, content = actor_of(a_convenor(area)), written(figures(as_of=date(2026, 9, 1))).encode()

    with pytest.raises(NeighbourInvalid, match="Say why"):
        actions.take_in(actor=convenor, area=area, content=content, reason="Near")
    for other in (a_board_member(area), a_convenor(an_area())):
        with pytest.raises(NotFound):
            actions.take_in(actor=actor_of(other), area=area, content=content, reason=WHY)
    actions.take_in(actor=convenor, area=area, content=content, reason=WHY)
    actions.give_reason(actor=convenor, area=area, code="372", reason="The same partnership of schools")
    assert Neighbour.objects.get().reason == "The same partnership of schools"

    actions.stop_comparing(actor=convenor, area=area, code="372")

    assert not Neighbour.objects.exists()
