"""Pieces that every resource's part of the contract is made of."""

from typing import Any

from apispec import APISpec

from notifier.api.problems import MEDIA_TYPE, PROBLEMS


def answer(description: str, schema: type) -> dict[str, Any]:
    """A response with a JSON body."""
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def problems(*statuses: int) -> dict[str, Any]:
    """By status, the problems that it stands for."""
    return {
        str(status): {
            "description": "; ".join(
                f"{code}: {title}" for code, (of, title) in PROBLEMS.items() if of == status
            ),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status in statuses
    }


def operation(
    name: str,
    summary: str,
    *,
    scope: str | None,
    responses: dict[str, Any],
    body: type | None = None,
    query: type | None = None,
) -> dict[str, Any]:
    """One operation; `scope` is that of the key, or the permission of the person."""
    made: dict[str, Any] = {"operationId": name, "summary": summary, "responses": responses}
    if scope is not None:
        made["security"] = [{"key": [scope] if scope else []}]
    if body is not None:
        made["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": body}},
        }
    if query is not None:
        made["parameters"] = [{"in": "query", "schema": query}]
    return made


def path(spec: APISpec, at: str, **operations: dict[str, Any]) -> None:
    """A path with its operations by method; its parameters are read from its braces."""
    names = [part[1:-1] for part in at.split("/") if part.startswith("{")]
    parameters = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in names
    ]
    spec.path(at, parameters=parameters, operations=operations)
