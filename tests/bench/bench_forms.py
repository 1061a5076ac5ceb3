"""How long a form takes to be written, against Django's own rendering of the same form."""

import timeit

from django.forms.renderers import DjangoTemplates

from tests.frontend.test_forms_render import EveryKindOfField

MOST = 2


def test_a_form_of_every_field_costs_a_few_times_what_django_s_own_does() -> None:
    ours = min(timeit.repeat(lambda: str(EveryKindOfField()), number=1, repeat=30))
    plain = min(timeit.repeat(lambda: str(EveryKindOfField(renderer=DjangoTemplates())), number=1, repeat=30))

    print(
        f"\nform of 13 fields: {ours * 1000:.1f} ms, Django's own {plain * 1000:.1f} ms, ratio {ours / plain:.1f}"
    )
    assert ours < MOST * plain
