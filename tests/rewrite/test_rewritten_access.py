"""Whatever a policy is, expanding it changes no access, and tightening it adds none."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.rewrites import CATALOG, tighten

from multitool_lint.aws.catalog.catalog import AccessLevel
from multitool_lint.rewrite.expand import expand
from multitool_lint.syntax.source import Source

NAMES = [
    "${x}",
    "none:*",
    "s3:Get*Acl",
    "s?s:Get*",
    "sqs:*",
    "sqs:*Queue*",
    "SQS:list*",
    "sqs:GetQueue???",
    "sqs:listqueues",
    "sqs:ListQueues",
    "sqs:Nope",
    "sqs:SendMessage",
]
LEVELS: list[AccessLevel] = ["List", "Read", "Write"]


@st.composite
def policies(draw: st.DrawFn, *, everything: bool) -> Source:
    """A policy with wildcards and without, in any formatting."""
    names = st.sampled_from([*NAMES, "*"] if everything else NAMES)
    keys = st.sampled_from(["Action", "NotAction"])
    actions = st.one_of(names, st.lists(names, min_size=1, max_size=5))
    effects = st.sampled_from(["Allow", "Deny"])
    statement = st.builds(
        lambda effect, key, action: {"Effect": effect, key: action, "Resource": "*"},
        effects,
        keys,
        actions,
    )
    statements = draw(st.one_of(statement, st.lists(statement, min_size=1, max_size=3)))
    indent = draw(st.sampled_from([None, 0, 2, 4, "\t"]))
    text = json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=indent)
    return Source("policy.json", text.replace("\n", draw(st.sampled_from(["\n", "\r\n"]))))


def statements_of(source: Source, text: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    before, after = json.loads(source.text)["Statement"], json.loads(text)["Statement"]
    if isinstance(before, dict):
        before, after = [before], [after]
    yield from zip(before, after, strict=True)


def matched(actions: str | list[str]) -> set[str]:
    """What actions match: names that nothing is known of match themselves."""
    names = set()
    for pattern in [actions] if isinstance(actions, str) else actions:
        names |= set(CATALOG.names(CATALOG.match(pattern))) or {pattern}
    return names


@pytest.mark.slow
@given(policies(everything=True))
def test_expanding_changes_no_access(source: Source) -> None:
    result = expand(source)
    for before, after in statements_of(source, result.text):
        assert list(before) == list(after)
        key = "Action" if "Action" in before else "NotAction"
        assert matched(before[key]) == matched(after[key])
        if source.text != result.text:
            assert after[key]
        assert {**before, key: 0} == {**after, key: 0}
    assert expand(Source(source.path, result.text)).text == result.text


@pytest.mark.slow
@given(policies(everything=False), st.sets(st.sampled_from(LEVELS), min_size=1), st.booleans())
def test_tightening_never_grants_more(
    source: Source,
    levels: set[AccessLevel],
    strict: bool,  # noqa: FBT001
) -> None:
    result = tighten(source, levels, strict=strict)
    for before, after in statements_of(source, result.text):
        if before["Effect"] == "Deny" or "NotAction" in before:
            assert before == after
        else:
            assert after["Action"]
            assert matched(after["Action"]) <= matched(before["Action"])
            assert {**before, "Action": 0} == {**after, "Action": 0}
    again = tighten(Source(source.path, result.text), levels, strict=strict)
    assert again.text == result.text
    assert len(again.problems) == len(result.problems)
