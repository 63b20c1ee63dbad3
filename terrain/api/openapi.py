"""The OpenAPI 3.1 document, written from the same table that mounts the endpoints."""

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from terrain import __version__
from terrain.api.endpoint import Endpoint

REFUSAL = {
    "type": "object",
    "required": ["code", "message"],
    "properties": {
        "code": {"type": "string"},
        "field": {"type": ["string", "null"]},
        "value": {"type": ["string", "null"]},
        "right": {"type": ["string", "null"]},
        "message": {"type": "string"},
    },
}
GAP = re.compile(r"{(\w+)}")


def document(endpoints: Sequence[Endpoint]) -> dict[str, Any]:
    """Return the whole document."""
    kinds = list(dict.fromkeys(_kinds(endpoints)))
    schemas, components = msgspec.json.schema_components(
        kinds, ref_template="#/components/schemas/{name}"
    )
    schema_of = dict(zip(map(str, kinds), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for each in endpoints:
        paths.setdefault(each.path, {})[each.method.lower()] = _operation(each, schema_of)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Terrain", "version": __version__},
        "paths": paths,
        "components": {
            "schemas": components | {"Refusal": REFUSAL},
            "securitySchemes": {
                "key": {"type": "http", "scheme": "basic", "description": "The key as user name."},
                "bearer": {"type": "http", "scheme": "bearer"},
            },
        },
    }


def _kinds(endpoints: Iterable[Endpoint]) -> Iterable[Any]:
    for each in endpoints:
        yield from (kind for kind in (each.body, each.answers) if kind is not None)


def _operation(endpoint: Endpoint, schema_of: dict[str, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": endpoint.summary,
        "operationId": f"{endpoint.method.lower()}{re.sub(r'[^a-z0-9]+', '_', endpoint.path)}",
        "responses": {
            str(endpoint.status): _holding("Done.", schema_of.get(str(endpoint.answers), {})),
            "default": _holding("Refused.", {"$ref": "#/components/schemas/Refusal"}),
        },
        "parameters": [
            {"name": gap, "in": "path", "required": True, "schema": {"type": "string"}}
            for gap in GAP.findall(endpoint.path)
        ],
    }
    if endpoint.scope:
        operation["security"] = [{"key": []}, {"bearer": []}]
        operation["x-scope"] = endpoint.scope.value
    if endpoint.body is not None:
        body = _holding("", schema_of[str(endpoint.body)])
        operation["requestBody"] = {"required": True, "content": body["content"]}
    return operation


def _holding(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
