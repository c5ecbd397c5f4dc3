"""Files linted in other threads, processes or machines, some at a time."""

from __future__ import annotations

import pickle
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, TypeVar

from multitool_lint.linter.lint import internal_error, lint_with_settings
from multitool_lint.linter.serialize import record
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from concurrent.futures import Future

    from multitool_lint.linter.settings import FileSettings

OF_A_BATCH = 64_000
"""The work, in characters, that is worth the way to another process, and no more than that."""

_OF_FILE = 2_000
"""The characters that a file of none would take as long as."""


class BatchResult(NamedTuple):
    """What came of a source: the record of its report, or the error that kept it from one."""

    record: str = ""
    error: str = ""


class Packed(NamedTuple):
    """Sources on their way: settings, pickled, then path, text and number of settings of each."""

    settings: tuple[bytes, ...]
    sources: tuple[tuple[str, str, int], ...]


def work(source: Source) -> int:
    """About how long a source takes to lint, in characters."""
    return len(source.text) + _OF_FILE


def pack(sources: Sequence[tuple[Source, FileSettings]]) -> Packed:
    """Sources with the settings that hold for each; most share theirs."""
    numbers: dict[int, int] = {}
    settings = []
    for _, file_settings in sources:
        if id(file_settings) not in numbers:
            numbers[id(file_settings)] = len(numbers)
            settings.append(pickle.dumps(file_settings))
    return Packed(
        tuple(settings),
        tuple((source.path, source.text, numbers[id(settings)]) for source, settings in sources),
    )


def lint_packed(packed: Packed) -> list[BatchResult]:
    """Lint the sources, each by itself; what prevents that is reported in its place."""
    results = []
    for path, text, number in packed.sources:
        try:
            settings = _settings(packed.settings[number])
            results.append(BatchResult(record(lint_with_settings(Source(path, text), settings))))
        except Exception as error:  # noqa: BLE001 - the others are still linted
            results.append(BatchResult(error=internal_error(error)))
    return results


@lru_cache(maxsize=8)
def _settings(pickled: bytes) -> FileSettings:
    # Kept: they hold the catalog, of which more and more has been read.
    settings: FileSettings = pickle.loads(pickled)  # noqa: S301 - as any executor does
    return settings


Batch = TypeVar("Batch")
Answer = TypeVar("Answer")


def in_order(
    batches: Iterable[Batch], submit: Callable[[Batch], Future[Answer]], at_once: int
) -> Iterator[tuple[Batch, Future[Answer]]]:
    """Submit batches, and give them back in their order; no more than some wait at once."""
    waiting: deque[tuple[Batch, Future[Answer]]] = deque()
    try:
        for batch in batches:
            waiting.append((batch, submit(batch)))
            if len(waiting) >= at_once:
                yield waiting.popleft()
        while waiting:
            yield waiting.popleft()
    finally:
        for _, future in waiting:
            future.cancel()
