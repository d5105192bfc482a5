"""Requests made up from the OpenAPI description: no 5xx, and no answer that the description does not know."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi import checks
from served_app import app_in, listening, loads

from triage.pipeline import Triage

EXAMPLES = 15
"""Requests of each address."""


@pytest.fixture(scope="module")
def description(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return app_in(tmp_path_factory.mktemp("described")).openapi()


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory, triage: Triage) -> Iterator[int]:
    with listening(tmp_path_factory.mktemp("service"), loader=loads(triage)) as port:
        yield port


def test_every_address_is_described_with_an_example_and_its_errors(description: dict[str, Any]) -> None:
    for path, acts in description["paths"].items():
        for method, act in acts.items():
            assert act.get("summary"), path
            assert act["responses"], path
            assert "404" in act["responses"], (method, path)
    for schema in ("PredictIn", "BatchIn", "InferIn", "ErrorOut"):
        assert description["components"]["schemas"][schema]["examples"], schema


def test_made_up_requests_break_nothing(port: int, description: dict[str, Any]) -> None:
    schema = schemathesis.openapi.from_dict(description, config=SchemathesisConfig())
    schema.config.update(base_url=f"http://127.0.0.1:{port}")
    wanted = [
        not_a_server_error,
        checks.status_code_conformance,
        checks.content_type_conformance,
        checks.response_schema_conformance,
    ]
    tried = 0
    for result in schema.get_all_operations():
        operation = result.ok()

        @hypothesis.settings(
            max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
            suppress_health_check=list(hypothesis.HealthCheck),
        )  # fmt: skip
        @hypothesis.given(case=operation.as_strategy())
        def try_out(case: Any) -> None:
            case.call_and_validate(checks=wanted)

        try_out()
        tried += 1
    assert tried >= 18


def test_the_description_is_the_same_at_the_socket(port: int, description: dict[str, Any]) -> None:
    import httpx

    assert httpx.get(f"http://127.0.0.1:{port}/openapi.json").json()["paths"].keys() == description["paths"].keys()
