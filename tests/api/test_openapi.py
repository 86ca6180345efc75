"""The contract is sound OpenAPI, and names what the app answers."""

from typing import Any

from openapi_spec_validator import OpenAPIV31SpecValidator

from notifier.api import openapi
from notifier.api.problems import MEDIA_TYPE, PROBLEMS


def operations() -> list[tuple[str, str, dict[str, Any]]]:
    paths: dict[str, dict[str, Any]] = openapi.build()["paths"]
    return [
        (path, method, told)
        for path, methods in paths.items()
        for method, told in methods.items()
        if method != "parameters"
    ]


def test_it_is_sound_by_anothers_reader() -> None:
    OpenAPIV31SpecValidator(openapi.build()).validate()


def test_every_operation_has_an_id_of_its_own_and_a_summary() -> None:
    told = [operation for _, _, operation in operations()]
    assert len({operation["operationId"] for operation in told}) == len(told) > 15
    assert all(operation["summary"] for operation in told)


def test_every_refusal_is_a_problem_document() -> None:
    for path, method, operation in operations():
        for status, answer in operation["responses"].items():
            if int(status) >= 400 and path != "/readyz":
                assert MEDIA_TYPE in answer["content"], (path, method, status)


def test_every_status_named_is_one_of_a_problem_or_a_success() -> None:
    known = {status.value for status, _ in PROBLEMS.values()}
    for path, method, operation in operations():
        named = {int(status) for status in operation["responses"]}
        assert {status for status in named if status >= 400} <= known, (path, method)
        assert any(status < 400 for status in named), (path, method)
