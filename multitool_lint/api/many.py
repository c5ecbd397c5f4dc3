"""The library over many policies: `lint_many`, in this process or through any executor."""

from __future__ import annotations

from concurrent.futures import BrokenExecutor
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.api.lint import read_settings, read_source, require_policy, with_levels
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.linter.batches import OF_A_BATCH, in_order, lint_packed, pack, work
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.serialize import restored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from concurrent.futures import Executor, Future

    from multitool_lint.api.lint import Copy, Given
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.linter.batches import BatchResult
    from multitool_lint.linter.report import Report
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source

    Outcome = Report | Exception


class Linted(NamedTuple):
    """The result of one of many policies: its findings, or the error that `lint` would raise.

    `policy` is the object that was given.
    """

    policy: Given
    findings: list[Finding]
    error: Exception | None = None


def lint_many(  # noqa: PLR0913  # the options of `lint`, and two
    policies: Iterable[Given],
    *,
    executor: Executor | None = None,
    at_once: int = 64,
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

    With an `executor`, of threads, processes or a cluster, policies are submitted in batches of
    about 64,000 characters, of which up to `at_once` are pending: use at least twice the number of
    workers. Files are read in this process. A worker needs the same version of this package and, at
    the same path, the catalog if one is given, and the other files of a Terraform module. The
    executor is not shut down.

    Raises:
        ValueError: the value of an option is not known.
        concurrent.futures.BrokenExecutor: the executor is broken; raised by the iterator.
    """
    catalog = with_levels(catalog, access_levels)
    settings = read_settings(
        type, resource_type, select, ignore, catalog, engine=engine, confirm_all=confirm_all
    )
    outcomes: Iterator[tuple[Given, Outcome]]
    if executor is None:
        outcomes = ((policy, _outcome_here(policy, settings)) for policy in policies)
    else:
        catalog_ = settings.catalog
        if catalog_ and catalog_.directory == BUNDLED and not any(catalog_.extras):
            # The package may be in another folder there.
            settings = settings._replace(catalog=None)
        outcomes = _outcomes_elsewhere(policies, settings, executor, at_once)
    return (_linted(policy, outcome, strict=strict) for policy, outcome in outcomes)


class _Batch(NamedTuple):
    """Policies, each with its source, or why there is none."""

    items: list[tuple[Given, Source | Exception]]

    def sources(self) -> list[Source]:
        return [source for _, source in self.items if not isinstance(source, Exception)]


def _outcome_here(policy: Given, settings: FileSettings) -> Outcome:
    try:
        return lint_with_settings(read_source(policy), settings)
    except Exception as error:  # noqa: BLE001 - it is returned, and the others are linted
        return error


def _outcomes_elsewhere(
    policies: Iterable[Given], settings: FileSettings, executor: Executor, at_once: int
) -> Iterator[tuple[Given, Outcome]]:
    def submit(batch: _Batch) -> Future[list[BatchResult]]:
        return executor.submit(
            lint_packed, pack([(source, settings) for source in batch.sources()])
        )

    for batch, future in in_order(_batches(policies), submit, max(at_once, 1)):
        yield from _answered(batch, future)


def _batches(policies: Iterable[Given]) -> Iterator[_Batch]:
    batch, work_in_it = _Batch([]), 0
    for policy in policies:
        source: Source | Exception
        try:
            source = read_source(policy)
            work_in_it += work(source)
        except Exception as error:  # noqa: BLE001 - as above
            source = error
            work_in_it += 1
        batch.items.append((policy, source))
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
    for policy, source in batch.items:
        if isinstance(source, Exception):
            yield policy, source
        elif failure:
            yield policy, failure
        else:
            result = next(answers)
            if result.error:
                yield policy, RuntimeError(result.error)
            else:
                yield policy, restored(source, result.record)


def _linted(policy: Given, outcome: Outcome, *, strict: bool) -> Linted:
    if isinstance(outcome, Exception):
        return Linted(policy, [], outcome)
    outcome.warn_of_former_ids()
    try:
        require_policy(outcome, strict=strict)
    except ValueError as error:
        return Linted(policy, [], error)
    return Linted(policy, list(outcome.findings))
