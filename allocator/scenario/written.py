"""The text of a scenario that settings changed, for the plan that is made of it."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML

from allocator.scenario.load import LoadedScenario
from allocator.scenario.places import shown
from allocator.scenario.yaml_reader import read_yaml


def changed_text(loaded: LoadedScenario) -> str:
    """The changed document as YAML, under a comment that lists the settings; comments of the file are lost."""
    text = yaml_text(loaded.yaml.data)
    if read_yaml(text.encode(), loaded.file_name).data != loaded.yaml.data:
        raise AssertionError("the changed scenario, written as YAML, does not read back as it is")
    head = [f"# {shown(loaded.file_name)} of scenario {shown(loaded.scenario.name)}, changed by"]
    return "\n".join([*head, *(f"#   {setting}" for setting in loaded.settings), text])


def yaml_text(document: Any) -> str:
    """Plain data as YAML that reads back as the same, keys in their order."""
    writer = YAML(typ="safe", pure=True)
    writer.width = 120
    writer.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # the library types it as None
    stream = io.StringIO()
    writer.dump(document, stream)
    return stream.getvalue()
