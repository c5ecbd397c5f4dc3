"""Reports of many files: from the cache where they are in it, else from several processes.

Files go in batches, in their order, and only a few batches are held at once. The cache is read and
written by this process alone.
"""

from __future__ import annotations

import os
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.run.cache import open_cache
from multitool_lint.cli.run.cache_keys import Keys
from multitool_lint.cli.run.lint_file import FileOutcome, lint_file
from multitool_lint.limits import MAX_BATCH_CHARACTERS, MAX_BATCH_FILES, MAX_PROCESSES
from multitool_lint.linter import batches
from multitool_lint.linter.serialize import record, restored

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Future

    from multitool_lint.cli.files.target import Target
    from multitool_lint.cli.run.workers import Workers
    from multitool_lint.linter.batches import BatchResult
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.syntax.source import Source

_ENOUGH = 200_000
"""The work, in characters, for which starting processes pays where nobody asked for any."""


_BATCHES_TO_LOOK_AT = 4


class _Entry(NamedTuple):
    """A file, and its record if that is known; without a source there is nothing to be known."""

    target: Target
    key: bytes = b""
    record: str | None = None


@dataclass(slots=True)
class _Batch:
    """Files in their order; `sources` are those that are to be linted, and `work` how long that is.

    Characters count whether in the cache or not: so much text is held.
    """

    entries: list[_Entry] = field(default_factory=list)
    sources: list[tuple[Source, FileSettings]] = field(default_factory=list)
    work: int = 0
    characters: int = 0

    @property
    def full(self) -> bool:
        return (
            self.work >= batches.OF_A_BATCH
            or self.characters >= MAX_BATCH_CHARACTERS
            or len(self.entries) >= MAX_BATCH_FILES
        )


def outcomes_of_many(targets: Iterable[Target], arguments: Namespace) -> Iterator[FileOutcome]:
    """Lint the files, and give back what came of them in their order."""
    run = _Run(arguments)
    finished = False
    try:
        for batch, future in run.under_way(run.batches(targets)):
            yield from run.outcomes(batch, future)
        finished = True
    finally:
        run.end(finished=finished)


class _Run:
    """The cache and the processes of a run, which are there once they are needed."""

    def __init__(self, arguments: Namespace) -> None:
        self._arguments = arguments
        self._cache = open_cache(arguments)
        self._keys = _keys() if self._cache else None
        self._workers: Workers | None = None
        self._jobs = arguments.jobs or min(_processors(), MAX_PROCESSES)
        # A user who asks for processes gets them for less.
        self._enough = 1 if arguments.jobs else _ENOUGH

    def batches(self, targets: Iterable[Target]) -> Iterator[_Batch]:
        """The files in batches: enough work to be worth the way, and text to hold several of."""
        batch = _Batch()
        for target in targets:
            source = target.source
            entry = self._looked_up(target, source) if source else _Entry(target)
            batch.entries.append(entry)
            if source:
                batch.characters += len(source.text)
                if entry.record is None:
                    batch.sources.append((source, target.settings))
                    batch.work += batches.work(source)
            if batch.full:
                yield batch
                batch = _Batch()
        if batch.entries:
            yield batch

    def under_way(
        self, filled: Iterable[_Batch]
    ) -> Iterator[tuple[_Batch, Future[list[BatchResult]] | None]]:
        """The batches, submitted; without a future where that does not pay."""
        ahead: list[_Batch] = []
        window: deque[tuple[_Batch, Future[list[BatchResult]] | None]] = deque()
        for batch in filled:
            ahead.append(batch)
            work = sum(held.work for held in ahead)
            if self._workers is None and self._jobs > 1 and work >= self._enough:
                from multitool_lint.cli.run.workers import Workers

                self._workers = Workers(self._jobs)
            if self._workers:
                submit = self._workers.submit
                window += [(held, submit(held.sources) if held.sources else None) for held in ahead]
            elif self._jobs > 1 and work and len(ahead) < _BATCHES_TO_LOOK_AT:
                continue
            else:
                window += [(held, None) for held in ahead]
            ahead.clear()
            while len(window) > (2 * self._jobs if self._workers else 0):
                yield window.popleft()
        yield from window
        yield from ((held, None) for held in ahead)

    def outcomes(
        self, batch: _Batch, future: Future[list[BatchResult]] | None
    ) -> Iterator[FileOutcome]:
        """What came of the files of a batch."""
        results: Iterator[BatchResult] | None = None
        if future:
            from multitool_lint.cli.run.workers import answer

            results = iter(answer(future, batch.sources))
        for entry in batch.entries:
            source = entry.target.source
            report = _report(source, entry.record) if source and entry.record else None
            if report:
                yield FileOutcome(entry.target, report)
            elif source and results and entry.record is None:
                yield self._noted(entry, source, next(results))
            else:
                yield self._here(entry)

    def end(self, *, finished: bool) -> None:
        """Close the cache, and end the processes: at once, if the run was broken off."""
        if self._workers:
            self._workers.close(wait=finished)
        if self._cache:
            self._cache.close()

    def _looked_up(self, target: Target, source: Source) -> _Entry:
        if not (self._cache and self._keys):
            return _Entry(target)
        key = self._keys.key(target, source)
        return _Entry(target, key, self._cache.get(key))

    def _noted(self, entry: _Entry, source: Source, result: BatchResult) -> FileOutcome:
        if result.error:
            return FileOutcome(entry.target, error=result.error)
        report = restored(source, result.record)
        self._keep(entry, report, result.record)
        return FileOutcome(entry.target, report)

    def _here(self, entry: _Entry) -> FileOutcome:
        outcome = lint_file(entry.target, self._arguments)
        if self._cache and outcome.report:
            self._keep(entry, outcome.report, record(outcome.report))
        return outcome

    def _keep(self, entry: _Entry, report: Report, text: str) -> None:
        # A fault of ours may be gone the next time.
        if self._cache and entry.key and not _has_failed(report):
            self._cache.put(entry.key, text)


def _keys() -> Keys | None:
    try:
        return Keys()
    except OSError:
        return None  # the tool is being installed at this moment, say


def _report(source: Source, text: str) -> Report | None:
    try:
        return restored(source, text)
    except ValueError:
        return None


def _has_failed(report: Report) -> bool:
    return any(finding.rule == "internal-error" for finding in report.findings)


def _processors() -> int:
    """How many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
