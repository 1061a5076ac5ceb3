"""Grid references become longitude and latitude, and back."""

import pytest

from marketplace.organisations.register.location import in_england, point, points, to_degrees, to_grid


def test_a_known_place_is_where_it_should_be():
    """The Ordnance Survey's worked example, Caister water tower: 651409.903 E, 313177.270 N."""
    place = point(651409.903, 313177.270)

    assert place.longitude == pytest.approx(1.716073, abs=5e-5)
    assert place.latitude == pytest.approx(52.658007, abs=5e-5)


@pytest.mark.parametrize(
    "pair",
    [(0, 0), (None, None), (410000, None), (None, 430000), (10, 20), (410000, 900000), (700000, 300000)],
)
def test_no_point_without_a_place_in_england(pair):
    assert point(*pair) is None
    assert not in_england(*pair)


def test_many_points_keep_their_order_and_their_gaps():
    found = points([410000, 0, 420000], [430000, 0, 440000])

    assert found == [point(410000, 430000), None, point(420000, 440000)]
    assert points([], []) == []


def test_there_and_back_again():
    eastings, northings = to_grid(*to_degrees([410000.0], [430000.0]))

    assert eastings[0] == pytest.approx(410000, abs=0.01)
    assert northings[0] == pytest.approx(430000, abs=0.01)
