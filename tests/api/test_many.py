"""`lint_many`: what it gives back, in this process and through executors of all kinds."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import (
    BrokenExecutor,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
)
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from support.interop import interop

from multitool_lint import Linted, lint, lint_many

ACTIONS = ["s3:Get*", "s3:GetObject", "iam:PassRole", "ec2:*", "ec2:DescribeInstances", "nope:X"]
COUNT = 30


def policy(number: int) -> str:
    statement = {"Effect": "Allow", "Action": ACTIONS[: 1 + number % 6], "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Sid": f"S{number}", **statement}]})


POLICIES: list[Any] = [policy(number) for number in range(COUNT)] + [
    json.loads(policy(1)),
    "{}",
    Path("missing.json"),
    policy(5),
]


class Lazy(Future[Any]):
    """Does its work when it is asked for the result."""

    work: Callable[[], Any]

    def result(self, timeout: float | None = None) -> Any:  # noqa: ANN401 - as its base
        self.set_result(self.work())
        return super().result(timeout)


class Counting(Executor):
    """Counts what has been submitted."""

    def __init__(self) -> None:
        self.count = 0

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Lazy:  # noqa: ANN401 - as its base
        self.count += 1
        future = Lazy()
        future.work = lambda: fn(*args, **kwargs)
        return future


@pytest.fixture(scope="module")
def expected() -> list[Linted]:
    return list(lint_many(POLICIES))


def test_results_are_those_of_lint_in_the_order_of_the_policies(expected: list[Linted]) -> None:
    assert [result.policy for result in expected] == POLICIES
    for result in expected[: COUNT + 1]:
        assert result.findings == lint(result.policy)
        assert result.error is None
    assert str(expected[COUNT + 1].error) == ("<policy>: no policy: an object without a Statement")
    assert isinstance(expected[COUNT + 2].error, FileNotFoundError)
    assert expected[COUNT + 3].findings


@pytest.mark.parametrize("kind", ["threads", "processes"])
def test_any_executor_of_the_standard_library(kind: str, expected: list[Linted]) -> None:
    context = get_context("spawn")
    with (
        ThreadPoolExecutor(2)
        if kind == "threads"
        else ProcessPoolExecutor(2, mp_context=context) as executor
    ):
        assert same(lint_many(POLICIES, executor=executor, at_once=2), expected)


@pytest.mark.exhaustive
def test_a_dask_cluster(expected: list[Linted]) -> None:
    distributed = interop("distributed")
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster) as client,
        client.get_executor() as executor,
    ):
        assert same(lint_many(POLICIES, executor=executor), expected)


def test_options_are_those_of_lint() -> None:
    options: dict[str, Any] = {"select": "redundant-action", "type": "scp"}
    with ThreadPoolExecutor(1) as executor:
        for linted in lint_many(POLICIES[:6], executor=executor, **options):
            assert linted.findings == lint(linted.policy, **options)


def test_a_mistake_in_an_option_is_reported_at_once() -> None:
    with pytest.raises(ValueError, match="unknown rule"):
        lint_many([], select=["nonsense"])


def test_no_more_is_under_way_than_is_wanted() -> None:
    taken = 0

    def many() -> Iterator[str]:
        nonlocal taken
        for number in range(3_000):
            taken += 1
            yield policy(number % 6) + " " * 10_000

    executor = Counting()
    results = lint_many(many(), executor=executor, at_once=3, select="redundant-action")
    next(results)
    assert executor.count == 3
    assert taken < 30


@pytest.mark.skipif(os.name == "nt", reason="processes are not ended like that on Windows")
def test_a_process_that_dies_breaks_the_executor() -> None:
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as executor:
        executor.submit(os.getpid).result()
        executor.submit(os._exit, 1)
        with pytest.raises(BrokenExecutor):
            list(lint_many(POLICIES, executor=executor))


def same(results: Iterator[Linted], expected: list[Linted]) -> bool:
    got = [(result.policy, result.findings, repr(result.error)) for result in results]
    assert got == [(result.policy, result.findings, repr(result.error)) for result in expected]
    return True
