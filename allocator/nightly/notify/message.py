"""What a channel is told after a night: new alerts, those that are gone, and those told before that still hold."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from allocator.cli_text import counted
from allocator.nightly.alerts import Severity
