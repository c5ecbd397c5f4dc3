"""Policies within other documents: escaped or URL-encoded, what is found is placed in the file."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.embedded_samples import POLICY, only
from support.plain_values import plain

from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.decoded_text import cut
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Node, Object


def walk(node: Node) -> Iterator[tuple[Span, object]]:
    yield node.span, plain(node)
    if isinstance(node.value, Array):
        for item in node.value:
            yield from walk(item)
    elif isinstance(node.value, Object):
        for member in node.value:
            yield member.key_span, member.key
            yield from walk(member.value)


def escaped_again(text: str) -> str:
    """As API Gateway does it: what is within the quotes of a JSON string."""
    return json.dumps(text)[1:-1]


class TestPlaces:
    texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
    values = st.recursive(
        st.none() | st.booleans() | texts, lambda inner: st.lists(inner, max_size=3), max_leaves=5
    )

    @given(st.dictionaries(texts, values, max_size=3), st.integers(0, 1), st.booleans())
    @example({'"\\\n': "\u00e9\U0001f600%7B\t"}, 1, True)  # noqa: FBT003
    def test_what_is_cut_out_of_the_file_says_what_the_value_is(
        self,
        more: dict[str, Any],
        indent: int,
        ascii_: bool,  # noqa: FBT001
    ) -> None:
        """In whatever encoding: of an escaped string, the slice is escaped, and so on."""
        policy = {**more, **POLICY}
        text = json.dumps(policy, indent=indent or None, ensure_ascii=ascii_)
        encodings: list[tuple[object, Callable[[str], str]]] = [
            (policy, str),
            (text, escaped_again),
            (quote(text), quote),
            (escaped_again(text), lambda inner: escaped_again(escaped_again(inner))),
        ]
        for value, encode in encodings:
            output = json.dumps({"Policy": value}, ensure_ascii=True)
            start = output.index(":") + 2
            cut_out = cut(output, Span(start, len(output) - 1))
            if encode is str:
                assert json.loads(cut_out.text) == policy
                continue
            assert cut_out.text == text
            for at in range(len(text)):
                begin, end = cut_out.span(Span(at, at + 1))
                assert output[begin:end] == encode(text[at])

    @pytest.mark.parametrize("value", [POLICY, json.dumps(POLICY), quote(json.dumps(POLICY))])
    def test_the_nodes_of_a_policy(self, value: object) -> None:
        output = json.dumps({"\u00e9": 1, "PolicyDocument": value}, ensure_ascii=False)
        candidate = only(output)
        for span, expected in walk(candidate.policy.root):
            begin, end = candidate.to_file(span)
            piece = output[begin:end]
            if isinstance(value, str):
                piece = json.loads(f'"{unquote(piece)}"') if "%" not in piece else unquote(piece)
            assert json.loads(piece) == expected

    @pytest.mark.parametrize("encode", [dict, json.dumps, lambda inner: quote(json.dumps(inner))])
    def test_findings_are_those_of_the_policy_alone(
        self, encode: Callable[[dict[str, Any]], object]
    ) -> None:
        alone = lint_source(Source("x.json", json.dumps(POLICY)), type=PolicyType.IDENTITY)
        text = json.dumps({"RoleName": "app", "PolicyName": "p", "PolicyDocument": encode(POLICY)})
        report = lint_source(Source("x.json", text))
        assert [finding.rule for finding in report.findings] == [
            finding.rule for finding in alone.findings
        ]
        assert "redundant-action" in [finding.rule for finding in report.findings]
        for inner, outer in zip(alone.findings, report.findings, strict=True):
            assert outer.title == inner.title
            assert outer.pointer == inner.pointer
            assert outer.policy_name == "role app, inline policy p"
            assert (outer.source.text, outer.fixes) == (text, ())
            spans = [(inner.span, outer.span)]
            spans += [(a.span, b.span) for a, b in zip(inner.related, outer.related, strict=True)]
            for before, after in spans:
                piece = alone.source.text[slice(*before)]
                shown = text[slice(*after)]
                assert shown in (piece, escaped_again(piece), quote(piece))

    def test_a_fix_is_described_and_not_offered(self) -> None:
        report = lint_source(Source("x.json", json.dumps({"PolicyDocument": POLICY})))
        (finding,) = (finding for finding in report.findings if finding.rule == "redundant-action")
        assert finding.notes[-1].startswith(
            "no fix is offered here (AWS or Terraform printed this): Remove "
        )
        assert not finding.fixes
