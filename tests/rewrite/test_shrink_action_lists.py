"""The shortest patterns for certain actions, checked by other means than those that find them."""

import fnmatch
import os
import re
import subprocess
import sys
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.rewrite.shrink.action_lists import shorten
from multitool_lint.rewrite.shrink.patterns import Limits

CATALOG = bundled()
SERVICES = ("sqs", "sns", "s3", "ec2", "iam", "kms", "apigateway", "logs", "ssm", "a4b", "athena")
LIMITS = (
    Limits(),
    Limits(max_wildcards=1),
    Limits(max_wildcards=0),
    Limits(min_prefix=3),
    Limits(min_prefix=5, max_wildcards=1),
    Limits(whole_words=True),
    Limits(whole_words=True, min_prefix=4),
)


@cache
def names_of(prefix: str) -> tuple[str, ...]:
    names = CATALOG.names(CATALOG.match(f"{prefix}:*"))
    return tuple(name.partition(":")[2] for name in names)


def matched(patterns: list[str], names: tuple[str, ...]) -> set[str]:
    return {
        name
        for name in names
        if any(fnmatch.fnmatchcase(name.lower(), pattern.lower()) for pattern in patterns)
    }


def others(prefix: str, wanted: set[str]) -> set[str]:
    return set(names_of(prefix)) - wanted


def length(patterns: list[str] | set[str]) -> int:
    return sum(len(pattern) + 4 for pattern in patterns)


@st.composite
def some_actions(draw: st.DrawFn) -> tuple[str, set[str]]:
    prefix = draw(st.sampled_from([service for service in SERVICES if names_of(service)]))
    names = names_of(prefix)
    if draw(st.booleans()):
        begin = draw(st.sampled_from(names))[: draw(st.integers(0, 6))]
        names = tuple(name for name in names if name.startswith(begin))
    return prefix, draw(st.sets(st.sampled_from(names), min_size=1, max_size=40))


@settings(max_examples=150)
@given(some_actions(), st.sampled_from(LIMITS))
def test_patterns_match_what_is_wanted_and_nothing_else(
    actions: tuple[str, set[str]], limits: Limits
) -> None:
    prefix, wanted = actions
    found = shorten(prefix, wanted, others(prefix, wanted), limits)
    assert matched(found, names_of(prefix)) == wanted
    assert length(found) <= length(wanted)
    for pattern in set(found) - wanted:
        assert pattern.count("*") <= limits.max_wildcards
        assert "?" not in pattern
        assert len(pattern.partition("*")[0]) >= limits.min_prefix


@settings(max_examples=60)
@given(some_actions(), st.sampled_from(LIMITS))
def test_what_is_found_is_kept_the_next_time(actions: tuple[str, set[str]], limits: Limits) -> None:
    prefix, wanted = actions
    found = shorten(prefix, wanted, others(prefix, wanted), limits)
    assert shorten(prefix, wanted, others(prefix, wanted), limits, found[::-1]) == found


@settings(max_examples=60)
@given(some_actions())
def test_a_pattern_of_whole_words_ends_with_a_word_and_matches_several(
    actions: tuple[str, set[str]],
) -> None:
    prefix, wanted = actions
    found = shorten(prefix, wanted, others(prefix, wanted), Limits(whole_words=True))
    for pattern in set(found) - wanted:
        begin = pattern.removesuffix("*")
        begun = [name for name in wanted if name.startswith(begin)]
        assert len(matched([pattern], names_of(prefix))) > 1
        assert "*" not in begin
        assert any(re.match(r"$|[A-Z0-9_]", name[len(begin) :]) for name in begun)


@pytest.mark.parametrize(
    ("wanted", "limits", "expected"),
    [
        ({"AddPermission", "RemovePermission"}, Limits(), ["*n"]),
        ({"AddPermission", "RemovePermission"}, Limits(max_wildcards=1), ["*n"]),
        ({"AddPermission", "RemovePermission"}, Limits(min_prefix=1), ["A*", "R*n"]),
        ({"ReceiveMessage", "SendMessage"}, Limits(max_wildcards=0), None),
        ({"TagQueue", "UntagQueue"}, Limits(whole_words=True), None),
        ({"ListQueues", "ListQueueTags"}, Limits(whole_words=True), ["ListQueue*"]),
        ({"ListQueues"}, Limits(whole_words=True), None),
        (set(names_of("sqs")), Limits(whole_words=True), ["*"]),
        (set(names_of("sqs")), Limits(), ["*"]),
    ],
)
def test_shortest(wanted: set[str], limits: Limits, expected: list[str] | None) -> None:
    found = shorten("sqs", wanted, others("sqs", wanted), limits)
    assert found == (expected or sorted(wanted))


def test_what_is_written_stays_where_nothing_is_shorter() -> None:
    wanted = {"AddPermission", "RemovePermission"}
    barred = others("sqs", wanted)
    assert shorten("sqs", wanted, barred, Limits(), ["*N"]) == ["*N"]
    assert shorten("sqs", wanted, barred, Limits(), ["A*N", "RemovePermission"]) == ["*n"]
    assert shorten("sqs", wanted, barred, Limits(whole_words=True), ["*eP*", "A*"]) == [
        "*eP*",
        "A*",
    ]


def test_a_wildcard_goes_only_for_one_that_matches_all_that_it_does() -> None:
    wanted = {"AddPermission", "RemovePermission"}
    barred = others("sqs", wanted)
    # Both match what "*n" does today, but "*n" does not match what they may match tomorrow.
    assert shorten("sqs", wanted, barred, Limits(), ["*Perm*", "AddPermission"]) == ["*Perm*"]
    assert shorten("sqs", wanted, barred, Limits(), ["A*", "Rem*"]) == ["A*", "Rem*"]
    assert shorten("sqs", wanted, barred, Limits(), ["Add*n", "Rem*n"]) == ["*n"]


PROGRAM = """
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.rewrite.shrink.action_lists import shorten
catalog = bundled()
names = [name.partition(":")[2] for name in catalog.names(catalog.match("ec2:*"))]
wanted = set(names[::3])
print(shorten("ec2", wanted, set(names) - wanted))
"""


@pytest.mark.slow
def test_the_order_of_sets_decides_nothing() -> None:
    outputs = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("0", "1", "2")
    }
    assert len(outputs) == 1
    assert b"*" in outputs.pop()
