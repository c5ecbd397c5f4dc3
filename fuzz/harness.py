"""A harness, and how it is run: batches of random inputs until the time is over."""

from __future__ import annotations

import hashlib
import signal
import time
import traceback
from contextlib import contextmanager
from itertools import count
from math import inf
from typing import TYPE_CHECKING, NamedTuple

import hypothesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from types import FrameType

    from hypothesis.strategies import SearchStrategy

LIMIT_SECONDS = 20
"""The CPU time of one input, many times what any takes."""

_REDUCTION_SECONDS = 60
"""How long, after the end, a failing input is made smaller."""

_BATCH = settings(
    max_examples=50,
    database=None,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
    report_multiple_bugs=False,
    suppress_health_check=list(HealthCheck),
    verbosity=Verbosity.quiet,
)


class Harness(NamedTuple):
    """What is tried with which inputs.

    `check` raises an exception where an invariant does not hold. Every input is bytes, so that it
    can be kept in a file, whose name ends with `ending`.
    """

    name: str
    ending: str
    inputs: Callable[[], SearchStrategy[bytes]]
    check: Callable[[bytes], None]


class Crash(NamedTuple):
    """A small input for which an invariant does not hold, and the seed of the batch it was in."""

    data: bytes
    seed: int
    error: str


class Outcome(NamedTuple):
    """How many inputs were tried, and what failed."""

    tried: int
    crash: Crash | None = None


class HangError(BaseException):
    """An input takes longer than the limit; not an Exception, which the linter would catch."""


def run(harness: Harness, seed: int, seconds: float, most: float = inf) -> Outcome:
    """Try inputs until the time is over, they are enough, or one fails.

    Equal seeds lead to equal inputs.
    """
    inputs = harness.inputs()
    end = time.monotonic() + seconds
    tried = 0
    failing: list[tuple[bytes, str]] = []

    def example(data: bytes) -> None:
        nonlocal tried
        if time.monotonic() > end + (_REDUCTION_SECONDS if failing else 0):
            return
        if tried >= most and not failing:
            return
        tried += 1
        if error := failure(harness, data):
            failing.append((data, error))
            raise AssertionError(error)

    for batch_seed in count(seed):
        if time.monotonic() > end or tried >= most:
            return Outcome(tried)
        batch = hypothesis.seed(batch_seed)(_BATCH(given(inputs)(example)))
        try:
            batch()
        except Exception:
            if not failing:
                raise
            # The last one is what the others were reduced to.
            return Outcome(tried, Crash(failing[-1][0], batch_seed, failing[-1][1]))
    raise AssertionError("seeds have no end")


def failure(harness: Harness, data: bytes) -> str:
    """What is wrong with an input, "" where nothing is."""
    try:
        with _limited():
            harness.check(data)
    except (Exception, HangError, SystemExit) as error:  # noqa: BLE001 - that there is none is an invariant
        return "".join(traceback.format_exception(error, limit=-12))
    return ""


def keep(harness: Harness, crash: Crash, folder: Path) -> Path:
    """Write the input of a crash to a file."""
    folder.mkdir(parents=True, exist_ok=True)
    name = hashlib.sha256(crash.data).hexdigest()[:12]
    path = folder / f"{harness.name}-{name}{harness.ending}"
    path.write_bytes(crash.data)
    return path


@contextmanager
def _limited() -> Iterator[None]:
    """Raise HangError in what takes too much CPU time; without a limit on Windows."""
    if not hasattr(signal, "SIGVTALRM"):
        yield
        return

    def give_up(_signal: int, _frame: FrameType | None) -> None:
        raise HangError(f"more than {LIMIT_SECONDS} s of CPU time")

    before = signal.signal(signal.SIGVTALRM, give_up)
    signal.setitimer(signal.ITIMER_VIRTUAL, LIMIT_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
