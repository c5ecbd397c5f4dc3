"""What is found out the short way is the same as what the long way would find."""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.action_status import action_status, action_summaries
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.aws.sensitive_actions import KINDS, matches_some
from multitool_lint.diagnostics.rule import DIRECTORY
from multitool_lint.formats import read_source
from multitool_lint.policy.action_status import notable_actions
from multitool_lint.syntax.json import fast as json_plain
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.tree import Array, Node, Object

BLOCKS = [
    block
    for page in sorted(Path(DIRECTORY).glob("*.md"))
    for block in re.findall(r"^```json.*\n((?s:.*?))^```", page.read_text("utf-8"), re.MULTILINE)
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text('ab/~$é{}"\\\n]'),
    lambda inner: st.lists(inner) | st.dictionaries(st.text('Ref/~:"\\') | st.just("Ref"), inner),
)
PREFIXES = [prefix for prefix in bundled().prefixes if bundled().known(prefix).size][::4]


def described(node: Node) -> Any:  # noqa: ANN401 - nested as the document is
    value: Any = node.value
    if isinstance(value, Array):
        value = [described(item) for item in value]
    elif isinstance(value, Object):
        value = [(member.key, member.key_span, described(member.value)) for member in value]
    return node.span, node.pointer, type(node.value), value


def agree(text: str) -> bool:
    """Whether both parsers read a text alike, so far as the quick one reads it."""
    return all(
        repr(described(quick)) == repr(described(json_text.parse(text, literal=literal)))
        for literal in (False, True)
        if (quick := json_plain.parse(text, literal=literal))
    )


@pytest.mark.slow
@given(VALUES, st.sampled_from((None, 0, 2)))
def test_plain_json_is_read_alike(value: object, indent: int | None) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=False)
    assert json_plain.parse(text)
    assert agree(text)


@pytest.mark.parametrize(
    "text",
    [
        '{"a": 1, "a": "x", "b": [{"Ref": "x"}, {"Fn::Sub": "y"}, {"Ref": 1, "Ref": 2}]}',
        '{"a": ["${var.x}", "b"], "b": ["${aws:x}", "c"], "${x}": {"${x}": 1}, "c": "<%x%>"}',
        '{"a/b~c": {"d": [[], {}, [""], ""]}}',
        " [ -0, 1e5 , 1.5E-3,true ,\tnull\n] ",
        r'{"a\"": ["b\\", "c\n]", "d"], "e": ["]", "${x}"], "\/": {"\\": [["\t"], "f", "g"]}}',
        r'{"a": "${saml:\/x}", "b": ["${saml:\/x}"], "${saml:\/x}": {"${saml:\/x}": "\b"}}',
    ],
)
def test_places_are_found_alike(text: str) -> None:
    assert json_plain.parse(text)
    assert agree(text)


def test_the_policies_of_all_pages_are_read_alike() -> None:
    assert all(map(agree, filter(json_plain.parse, BLOCKS)))


@pytest.mark.parametrize(
    "text",
    [
        r'{"a": "\u00e9"}',
        '{"a": NaN}',
        '{"a": ${x}}',
        '\ufeff{"a": 1}',
        '{"a": 1,}',
        "[" * 60 + "]" * 60,
        "[" * 100_000,
        f'["{"x" * 300_000}"]',
        '{"' + "k" * 5_000 + '": [' + ", ".join(["{}"] * 500) + "]}",
        "[" + "9" * 5_000 + "]",
    ],
)
def test_what_is_not_plain_is_left_to_the_other_parser(text: str) -> None:
    assert json_plain.parse(text) is None


@pytest.mark.parametrize(
    "action",
    [
        *("s3:GetObject", "S3:getobject", "s3:Get*", "s3:Nothing", "s3:Nothing*", "*", "*:*", "s3"),
        *("iam:PassRole", "IAM:PASSROLE", "iam:*", "nosuch:Get", "*:PassRole", "", "s3:", "a:b:c"),
        *("\u212ams:Decrypt", "sts:AssumeRole", "iam:PassRol\u212a", "s3:GetObject "),
    ],
)
def test_a_summary_has_what_both_questions_answer(action: str) -> None:
    catalog = bundled()
    summary = action_summaries(catalog).look(action)
    assert summary.status is action_status(catalog, action)
    kinds = {
        kind for kind, of_service in KINDS.items() if matches_some(catalog, action, of_service)
    }
    assert summary.kinds == kinds
    statement = {"Effect": "Allow", "Action": ["s3:ListBucket", action], "Resource": "*"}
    [policy] = read_source(Source("x.json", json.dumps({"Statement": [statement]}))).json_policies
    [notable] = notable_actions(policy, catalog).values() or [()]
    is_plain = summary.known and not summary.kinds
    assert notable == (() if is_plain else ((1, summary),))


def test_actions_keep_their_numbers_whichever_thread_is_first() -> None:
    catalog = Catalog(BUNDLED)

    def notable(prefix: str) -> list[int]:
        names = [f"{prefix}:{name.lower()}" for name in catalog.known(prefix).action_names]
        numbers = catalog.numbering.numbers(names, frozenset({prefix}))
        assert len(set(numbers)) == len(names)
        return [at for at, _ in action_summaries(catalog).special(names, numbers)]

    with ThreadPoolExecutor(8) as pool:
        found = dict(zip(PREFIXES, pool.map(notable, PREFIXES), strict=True))
    look = action_summaries(bundled()).look
    assert found == {
        prefix: [
            at
            for at, name in enumerate(bundled().known(prefix).action_names)
            if (summary := look(f"{prefix}:{name}")).kinds or not summary.known
        ]
        for prefix in PREFIXES
    }
