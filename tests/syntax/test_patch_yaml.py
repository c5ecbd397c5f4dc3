"""Fixes in YAML and in templates: the file says afterwards what the JSON would say."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
import yaml
from formats.test_yaml import ACCOUNT_AS_NUMBER
from hypothesis import event, given, settings
from hypothesis import strategies as st
from support.example_findings import lint
from support.plain_values import plain
from support.yaml_writing import (
    Example,
    as_block,
    as_flow,
    as_json,
    in_json_template,
    in_template,
    with_every_example,
)

from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.normalized import write
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import parser as json_text
from multitool_lint.syntax.source import Source, apply_edits
from multitool_lint.syntax.tree import Node, Object, as_list
from multitool_lint.syntax.yaml.parser import parse


def key(finding: Finding) -> tuple[str, str, str]:
    return finding.rule, finding.pointer, finding.title


def roots(path: str, text: str) -> list[Node]:
    loaded = read_source(Source(path, text))
    assert not loaded.problems, text
    return [candidate.policy.root for candidate in loaded.policies]


@with_every_example
def test_a_fix_in_yaml_comes_to_what_it_comes_to_in_json(example: Example) -> None:
    root = example.root
    if ACCOUNT_AS_NUMBER.search(as_json(root)):
        pytest.skip("digits that are an account's in YAML, as CloudFormation has it")
    type_ = next(
        (e.type.value for e in read_source(Source("p.json", example.text)).json_policies), None
    )
    if type_ is None:
        pytest.skip("no policy")
    type_ = example.type or type_
    for path, text in (
        ("policy.yaml", as_block(root)),
        ("policy.yml", as_flow(root) + "\n"),
        ("template.yaml", in_template(root, type_, example.resource_type)),
        ("template.json", in_json_template(root, type_, example.resource_type, "\n  ")),
        ("minified.json", in_json_template(root, type_, example.resource_type, "")),
    ):
        written = as_json(root, deployed=not path.startswith("policy"))
        expected = {key(finding): finding for finding in lint("p.json", written, example, type_)}
        for finding in lint(path, text, example, type_):
            as_in_json = expected[key(finding)]
            assert len(as_in_json.fixes) == len(finding.fixes), (finding.title, text)
            for fix, other in zip(finding.fixes, as_in_json.fixes, strict=True):
                after = apply_edits(text, fix.edits)
                in_json = apply_edits(written, other.edits)
                # A template has functions for what is filled in, and `${name}` is text.
                (value,) = (
                    [
                        policy.root
                        for policy in read_source(Source("policy.json", in_json)).json_policies
                    ]
                    if path.startswith("policy")
                    else [json_text.parse(in_json)]
                )
                (now,) = roots(path, after)
                assert plain(now) == plain(value), f"{text}\n---\n{after}"


TEXTS = st.one_of(
    st.sampled_from(["s3:GetObject", "*", "yes", "a b", "it's", 'a "b"', "a: b", "- x", "# c", ""]),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=6),
)
VALUES = st.recursive(
    TEXTS | st.booleans() | st.integers(-9, 99999),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
OBJECTS = st.dictionaries(st.sampled_from("abcdef"), VALUES, min_size=1, max_size=5)


@st.composite
def changes(draw: st.DrawFn) -> tuple[Any, Any]:
    """A value, and one that has most of it."""
    before = draw(OBJECTS)
    after = json.loads(json.dumps(before))
    for _ in range(draw(st.integers(1, 3))):
        places = [container for container in inside(after) if container]
        if not places:
            break
        place = draw(st.sampled_from(places))
        if isinstance(place, list):
            at = draw(st.integers(0, len(place) - 1))
            place[at : at + draw(st.integers(0, 2))] = draw(st.lists(VALUES, max_size=2))
        else:
            key = draw(st.sampled_from(sorted(place)))
            if draw(st.booleans()):
                del place[key]
            else:
                place[key] = draw(VALUES)
    return before, after


def inside(value: Any) -> list[Any]:  # noqa: ANN401 - whatever JSON can say
    """The lists and objects in a value, itself among them."""
    if isinstance(value, dict):
        return [value, *(container for inner in value.values() for container in inside(inner))]
    if isinstance(value, list):
        return [value, *(container for inner in value for container in inside(inner))]
    return []


STYLES: dict[str, Callable[[Node], str]] = {
    "block": as_block,
    "flow": as_flow,
    "json": as_json,
    "pyyaml": lambda node: yaml.safe_dump(plain(node), allow_unicode=True, sort_keys=False),
    "commented": lambda node: (
        "# head\n"
        + "\n".join(f"{line}  # c" for line in as_block(node).rstrip("\n").split("\n"))
        + "\n# foot\n"
    ),
    "in a list": lambda node: f"x:\n- {as_block(node, 2).lstrip()}y: 1",
}


@pytest.mark.parametrize("style", STYLES)
@settings(max_examples=60)
@given(pair=changes())
def test_any_change_comes_to_what_is_intended_or_to_none(style: str, pair: tuple[Any, Any]) -> None:
    before, after = pair
    text = STYLES[style](json_text.parse(json.dumps(before), literal=True))
    (root,) = parse(text).documents
    inner = root
    if style == "in a list":
        assert isinstance(root.value, Object)
        inner = as_list(root.value[0].value)[0]
    assert plain(inner) == before
    written = write(Policy(Source("policy.yaml", text), inner, PolicyType.IDENTITY))
    patch = written.patch()
    assert patch is not None
    edits = patch.edits(json_text.parse(json.dumps(after), literal=True))
    event("not possible" if edits is None else "possible")
    if edits is not None:
        changed = apply_edits(text, edits)
        (now,) = parse(changed).documents
        rest = plain(now)
        if style == "in a list":
            assert rest.pop("y") == 1
            (rest,) = rest["x"]
        assert rest == after, f"{text}\n---\n{changed}"
        if style == "commented":
            assert changed.startswith("# head\n")
            assert changed.endswith("\n# foot\n")


def rewritten(text: str, after: object) -> str | None:
    """What a file of one policy becomes."""
    (written,) = read_source(Source("policy.yaml", text)).policies
    assert isinstance(written, FoundPolicy)
    patch = written.patch()
    assert patch is not None
    edits = patch.edits(json_text.parse(json.dumps(after), literal=True))
    return None if edits is None else apply_edits(text, edits)


def test_an_aliased_item_is_not_edited_where_it_is() -> None:
    text = "Statement: [&a {Effect: Allow, Action: s3:GetObject}, {Effect: Deny}, *a]\n"
    allow, deny = {"Effect": "Allow", "Action": "s3:GetObject"}, {"Effect": "Deny"}
    assert rewritten(text, {"Statement": [allow, deny]}) is None
    assert rewritten(text, {"Statement": [allow, {"Effect": "Allow"}, allow]}) == text.replace(
        "Deny", "Allow"
    )


def test_a_key_without_a_value_gets_one() -> None:
    text = "Statement:\n- Effect: Allow\n  Action:\n  Resource: '*' # all\n"
    after = {"Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
    assert rewritten(text, after) == text.replace("Action:", "Action: s3:GetObject")


def test_a_byte_order_mark_is_not_an_indent() -> None:
    text = "\ufeffStatement: {Effect: Allow}\n"
    after = {"Version": "2012-10-17", "Statement": {"Effect": "Allow"}}
    assert rewritten(text, after) == text.replace("State", 'Version: "2012-10-17"\nState')


def test_of_two_equal_keys_the_intended_one_goes() -> None:
    text = "Statement:\n- {Effect: Deny}\nStatement:\n- {Effect: Allow} # this\n"
    assert rewritten(text, {"Statement": [{"Effect": "Allow"}]}) == (
        "Statement:\n- {Effect: Allow} # this\n"
    )


def test_no_function_is_written_out() -> None:
    text = "Statement:\n- {Effect: Allow, Resource: 'arn:aws:s3:::${bucket}/*'}\n"
    (written,) = read_source(Source("policy.yaml", text)).policies
    value = json.loads(written.policy.source.text)
    value["Statement"].append({"Effect": "Deny", **value["Statement"][0]})
    assert rewritten(text, value) is None


def of_statements(count: int) -> tuple[str, str]:
    statements = (
        f"- Sid: S{number}\n  Effect: Allow\n  Action:\n  - s3:Get*\n  - s3:GetObject\n"
        f"  Resource: arn:aws:s3:::b{number}/*\n"
        for number in range(count)
    )
    return "policy.yaml", f"Statement:\n{''.join(statements)}"


def of_equal_statements(count: int) -> tuple[str, str]:
    statements = (
        f"- Sid: S{number}\n  Effect: Allow\n  Action: s3:*\n  Resource: arn:aws:s3:::b/*\n"
        for number in range(count)
    )
    return "policy.yaml", f"Statement:\n{''.join(statements)}"


def of_blocks(count: int) -> tuple[str, str]:
    statements = (
        f'statement {{\nsid = "S{number}"\nactions = ["s3:Get*", "s3:GetObject"]\n'
        f'resources = ["arn:aws:s3:::b{number}/*"]\n}}\n'
        for number in range(count)
    )
    return "main.tf", f'data "aws_iam_policy_document" "x" {{\n{"".join(statements)}}}\n'


@pytest.mark.exhaustive
@pytest.mark.parametrize("written", [of_statements, of_equal_statements, of_blocks])
def test_four_times_the_fixes_take_about_four_times_as_long(
    written: Callable[[int], tuple[str, str]],
) -> None:
    enabled = {name: rules()[name] for name in ("redundant-action", "redundant-statement")}
    seconds = []
    for count in (60, 240):
        path, text = written(count)
        best = 60.0
        for run in range(3):
            source = Source(path, text + "\n" * run)
            started = time.process_time()
            findings = lint_source(source, enabled=enabled).findings
            best = min(best, time.process_time() - started)
            assert (
                sum(bool(fix.edits) for finding in findings for fix in finding.fixes) >= count - 1
            )
        seconds.append(best)
    assert seconds[1] < 9 * seconds[0]
