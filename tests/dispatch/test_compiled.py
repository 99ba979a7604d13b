"""Compiled code is kept on disk where that is possible, and works where it is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from allocator.dispatch import kernel


def test_without_a_folder_that_may_be_written_to_code_is_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    def njit(cache: bool = False, **_: Any) -> Callable[[Any], Any]:
        if cache:
            raise RuntimeError("cannot cache function: no locator available")
        return lambda function: function

    monkeypatch.setattr(kernel, "njit", njit)
    assert kernel._compiled(lambda: 5)() == 5


def test_a_full_disk_fails_only_the_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    failures = [OSError(28, "No space left on device")]

    def njit(**_: Any) -> Callable[[Any], Any]:
        def compiled(function: Callable[[], int]) -> Callable[[], int]:
            def called() -> int:
                if failures:
                    raise failures.pop()
                return function()

            return called

        return compiled

    monkeypatch.setattr(kernel, "njit", njit)
    assert kernel._compiled(lambda: 5)() == 5
    assert failures == []
