"""How much work a run does, counted in calls: the same on every machine."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def calls(function: Callable[..., Any], run: Callable[[], object]) -> int:
    """How often a function of Python is called in a run."""
    code = getattr(function, "__wrapped__", function).__code__
    count = 0

    def profile(frame: Any, event: str, _: object) -> None:  # noqa: ANN401 - a frame
        nonlocal count
        count += event == "call" and frame.f_code is code

    before = sys.getprofile()
    sys.setprofile(profile)
    try:
        run()
    finally:
        sys.setprofile(before)
    return count


def lines(run: Callable[[], object]) -> int:
    """How many lines of Python a run executes, each round of a loop counted."""
    count = 0

    def trace(_frame: Any, event: str, _: object) -> Any:  # noqa: ANN401 - a frame, a function
        nonlocal count
        count += event == "line"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        run()
    finally:
        sys.settrace(before)
    return count
