"""The OpenAPI document: valid, without warnings, and every operation says how it may refuse."""

import pytest
from django.core.management import call_command
from django.test import Client
from drf_spectacular.generators import SchemaGenerator

OPERATIONS = [
    (f"{method.upper()} {path}", operation)
    for path, methods in SchemaGenerator().get_schema(request=None, public=True)["paths"].items()
    for method, operation in methods.items()
]


def test_it_is_valid_and_raises_no_warning(tmp_path: object) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, file=f"{tmp_path}/schema.yaml")


@pytest.mark.parametrize(("name", "operation"), OPERATIONS, ids=[name for name, _ in OPERATIONS])
def test_every_operation_says_how_it_may_refuse(name: str, operation: dict[str, dict[str, object]]) -> None:
    answers = operation["responses"]

    assert {"400", "401", "403", "404", "409", "422", "429"} <= set(answers)
    assert "application/problem+json" in str(answers["404"])
    assert any(status.startswith("2") for status in answers), name


@pytest.mark.parametrize("operation", [op for name, op in OPERATIONS if name.startswith("POST")])
def test_every_post_takes_an_idempotency_key(operation: dict[str, list[dict[str, str]]]) -> None:
    assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}


@pytest.mark.django_db
def test_anybody_may_read_it(client: Client) -> None:
    answer = client.get("/api/schema/")

    assert answer.status_code == 200 and "openapi: 3" in answer.content.decode()[:40]
