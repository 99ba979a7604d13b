"""The JSON Schema of the scenario file, for editors (yaml-language-server) and for the format table of the docs."""

from __future__ import annotations

from typing import Any

from pydantic.json_schema import GenerateJsonSchema

from allocator.scenario.scenario import VERSION, Scenario


def json_schema() -> dict[str, Any]:
    """JSON Schema, draft 2020-12.

    Fields carry their unit in `description`; `uncertain: true` marks those that may differ from node to node.
    """
    schema = Scenario.model_json_schema(mode="validation")
    return {"$schema": GenerateJsonSchema.schema_dialect, **schema, "title": f"Allocator scenario, version {VERSION}"}
