"""Credentials as files of configuration name them: where a secret is to be read, never the secret itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from allocator.scenario.faults import Fault
from allocator.scenario.places import Places, Quoted
from allocator.scenario.record import Record
from allocator.scenario.yaml_reader import Path


def _check_variable(name: str) -> str:
    if not name.replace("_", "").isalnum() or not name.isascii() or name[0].isdigit():
        raise ValueError("the name of an environment variable, never the secret itself")
    return name


Variable = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_check_variable)]
Text = Annotated[str, Field(min_length=1, max_length=500)]


HIDDEN = frozenset({"url", "secret_url", "secret", "password", "environment"})
"""Fields of which no fault quotes what stands there: a secret may have been written where its place is to be named."""


class Credential(Record):
    """A secret: read from the environment or a file when it is sent, and kept nowhere."""

    environment: Variable | None = None
    """Environment variable that holds it; null: a file does."""
    file: Text | None = None
    """File whose first line it is, which others may not read; beside this one unless the path is absolute."""


class Secret(Credential):
    """A credential that goes with a request."""

    header: Text | None = None
    """Header that carries it; null: it goes into the query."""
    parameter: Text | None = None
    """Parameter of the query that carries it; null: it goes into a header."""
    prefix: Annotated[str, Field(max_length=50)] = ""
    """Put before it, for example "Bearer "."""


def credential_faults(asked: Credential, here: Path, places: Places) -> Iterator[Fault]:
    """Where it is not said, or said twice, what holds a secret or carries it."""
    if (asked.environment is None) == (asked.file is None):
        yield places.fault(here, Quoted("both or neither"), "environment or file", "keep one of them")
    if isinstance(asked, Secret) and (asked.header is None) == (asked.parameter is None):
        yield places.fault(here, Quoted("both or neither"), "header or parameter", "keep one of them")
