"""The library over many policies: `lint_many`, in this process or through any executor."""

from __future__ import annotations

import os
from concurrent.futures import BrokenExecutor, Executor, Future
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.api.lint import read_settings, read_source, require_policy
from multitool_lint.linter.batches import OF_A_BATCH, BatchResult, in_order, lint_packed, pack, work
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.serialize import restored
from multitool_lint.linter.settings import FileSettings, Opinion

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from multitool_lint.api.configuration import Configuration
    from multitool_lint.api.lint import Copy, Given
    from multitool_lint.config.settings import AppliedSettings
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.report import Report, Suppressed
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source

    Outcome = Report | Exception
    SettingsOf = Callable[[str], FileSettings]


class Linted(NamedTuple):
    """The result of one of many policies: its report, or the error that `lint` would raise.

    `policy` is the object that was given.
    """

    policy: Given
    report: Report | None = None
    error: Exception | None = None

    @property
    def findings(self) -> list[Finding]:
        """What `lint` returns; nothing if there is an error."""
        return list(self.report.findings) if self.report else []

    @property
    def suppressed(self) -> list[Suppressed]:
        """What configuration, comments and baseline suppress."""
        return list(self.report.suppressed) if self.report else []


def lint_many(  # noqa: PLR0913  # the options of `lint`, and two
    policies: Iterable[Given],
    *,
    executor: Executor | None = None,
    at_once: int = 64,
    config: Configuration | Callable[[str], Configuration] | None = None,
    type: PolicyType | str | None = None,
    resource_type: str | None = None,
    select: Iterable[str] | None = None,
    ignore: Iterable[str] | None = None,
    strict: bool = False,
    engine: str | None = None,
    confirm_all: bool = False,
    access_levels: str | None = None,
    catalog: Copy = None,
) -> Iterator[Linted]:
    """Lint many policies, and yield the result of each in the order in which they were given.

    Policies and options are those of `lint`. If a policy cannot be linted, its result has an error,
    and the others are still linted. Policies are taken from the iterable, and files are read, only
    as results are requested: millions need no more memory than a few.

    A `config` may be a function of the path of a file, such as `Configuration.find`, which is
    called once for each folder.

    With an `executor`, of threads, processes or a cluster, policies are submitted in batches of
    about 64,000 characters, of which up to `at_once` are pending: use at least twice the number of
    workers. Files are read in this process. A worker needs the same version of this package and, at
    the same path, the catalog if one is given, and the other files of a Terraform module. The
    executor is not shut down.

    Raises:
        ValueError: the value of an option is not known.
        concurrent.futures.BrokenExecutor: the executor is broken; raised by the iterator.
    """
    settings_in = partial(
        read_settings,
        catalog=catalog,
        opinion=Opinion.EVERY if confirm_all else Opinion.USUAL,
        type=type,
        resource_type=resource_type,
        select=select,
        ignore=ignore,
        engine=engine,
        access_levels=access_levels,
    )
    outcomes: Iterator[tuple[Given, Outcome]]
    settings = _by_path(config, settings_in)
    if executor is None:
        outcomes = ((policy, _outcome_here(policy, settings)) for policy in policies)
    else:
        outcomes = _outcomes_elsewhere(policies, settings, executor, at_once)
    return (_linted(policy, outcome, strict=strict) for policy, outcome in outcomes)


def _by_path(
    config: Configuration | Callable[[str], Configuration] | None,
    settings_in: Callable[[Configuration | None], AppliedSettings],
) -> SettingsOf:
    """What holds for each file by its path."""
    if not callable(config):
        return settings_in(config).of
    by_folder: dict[str, AppliedSettings] = {}

    def settings(path: str) -> FileSettings:
        folder = os.path.dirname(path)  # noqa: PTH120 - for each of many files
        if folder not in by_folder:
            by_folder[folder] = settings_in(config(path))
        return by_folder[folder].of(path)

    return settings


class _Batch(NamedTuple):
    """Policies, each with its source, or why there is none."""

    items: list[tuple[Given, tuple[Source, FileSettings] | Exception]]

    def sources(self) -> list[tuple[Source, FileSettings]]:
        return [item for _, item in self.items if not isinstance(item, Exception)]


def _outcome_here(policy: Given, settings: SettingsOf) -> Outcome:
    try:
        source = read_source(policy)
        return lint_with_settings(source, settings(source.path))
    except Exception as error:  # noqa: BLE001 - it is returned, and the others are linted
        return error


def _outcomes_elsewhere(
    policies: Iterable[Given], settings: SettingsOf, executor: Executor, at_once: int
) -> Iterator[tuple[Given, Outcome]]:
    def submit(batch: _Batch) -> Future[list[BatchResult]]:
        return executor.submit(lint_packed, pack(batch.sources()))

    for batch, future in in_order(_batches(policies, settings), submit, max(at_once, 1)):
        yield from _answered(batch, future)


def _batches(policies: Iterable[Given], settings: SettingsOf) -> Iterator[_Batch]:
    batch, work_in_it = _Batch([]), 0
    for policy in policies:
        item: tuple[Source, FileSettings] | Exception
        try:
            source = read_source(policy)
            item = source, settings(source.path)
            work_in_it += work(source)
        except Exception as error:  # noqa: BLE001 - as above
            item = error
            work_in_it += 1
        batch.items.append((policy, item))
        if work_in_it >= OF_A_BATCH:
            yield batch
            batch, work_in_it = _Batch([]), 0
    if batch.items:
        yield batch


def _answered(batch: _Batch, future: Future[list[BatchResult]]) -> Iterator[tuple[Given, Outcome]]:
    failure: Exception | None = None
    answers: Iterator[BatchResult] = iter(())
    try:
        answers = iter(future.result())
    except BrokenExecutor:
        raise
    except Exception as error:  # noqa: BLE001 - a worker that died, say: the others go on
        failure = error
    for policy, item in batch.items:
        if isinstance(item, Exception):
            yield policy, item
        elif failure:
            yield policy, failure
        else:
            result = next(answers)
            if result.error:
                yield policy, RuntimeError(result.error)
            else:
                yield policy, restored(item[0], result.record)


def _linted(policy: Given, outcome: Outcome, *, strict: bool) -> Linted:
    if isinstance(outcome, Exception):
        return Linted(policy, error=outcome)
    outcome.warn_of_former_ids()
    try:
        require_policy(outcome, strict=strict)
    except ValueError as error:
        return Linted(policy, error=error)
    return Linted(policy, outcome)
