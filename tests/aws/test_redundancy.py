import json
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.statement_samples import after, statements

from multitool_lint.aws.patterns import matches
from multitool_lint.aws.policy_variables import variables
from multitool_lint.aws.redundancy import pattern_covers, redundant, resource_covers
from multitool_lint.diagnostics.finding import Finding, Safety
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

PATTERNS = st.text(alphabet="ab*?", max_size=5)
WITH_VARIABLES = st.lists(
    st.sampled_from(["a", "b", "*", "?", "${x:y}", "${x:z}", "${*}", "${?}"]), max_size=4
).map("".join)


def lint(
    rule: str, document: dict[str, Any], type: PolicyType = PolicyType.IDENTITY
) -> tuple[Finding, ...]:
    text = json.dumps(document)
    return lint_source(
        Source("policy.json", text), type=type, enabled={rule: rules()[rule]}
    ).findings


def expanded(pattern: str, values: dict[str, str]) -> list[str]:
    """Texts that a pattern matches when its variables have these values."""
    parts: list[list[str]] = []
    end = 0
    choices = {"*": ["", "a", "ab"], "?": ["a", "b"]}
    for variable in variables(pattern):
        parts += [choices.get(sign, [sign]) for sign in pattern[end : variable.start]]
        parts.append([variable.escaped or values[variable.key]])
        end = variable.end
    parts += [choices.get(sign, [sign]) for sign in pattern[end:]]
    return ["".join(characters) for characters in product(*parts)]


def fits(pattern: str, text: str, values: dict[str, str]) -> bool:
    """Whether a pattern matches a text when its variables have these values."""
    # Values have characters of their own: a star in them is none.
    replaced, end = "", 0
    for variable in variables(pattern):
        value = variable.escaped or values[variable.key]
        replaced += pattern[end : variable.start] + value.replace("*", "S").replace("?", "Q")
        end = variable.end
    return matches(replaced + pattern[end:], text.replace("*", "S").replace("?", "Q"))


@given(WITH_VARIABLES, WITH_VARIABLES, st.sampled_from(["", "a", "ab", "*"]))
def test_what_is_covered_is_matched_whatever_the_variables_hold(
    wide: str, narrow: str, value: str
) -> None:
    values = {"x:y": value, "x:z": "b"}
    if pattern_covers(wide, narrow):
        for text in expanded(narrow, values):
            assert fits(wide, text, values), text


@given(st.lists(PATTERNS, max_size=6))
def test_each_value_is_kept_or_covered_by_one_that_is_kept(values: list[str]) -> None:
    found = redundant(values, pattern_covers)
    dropped = [place for covered in found.values() for place in covered]
    assert len(set(dropped)) == len(dropped)
    assert not set(found) & set(dropped)
    for wide, covered in found.items():
        assert all(pattern_covers(values[wide], values[place]) for place in covered)
    kept = [value for place, value in enumerate(values) if place not in dropped]
    assert not redundant(kept, pattern_covers)


@pytest.mark.parametrize(
    ("wide", "narrow", "expected"),
    [
        ("*", "arn:aws:s3:::a", True),
        ("arn:aws:s3:::a*", "arn:aws:s3:::a/*", True),
        ("arn:aws:s3:::a/*", "arn:aws:s3:::a", False),
        ("arn:aws:s3:::*", "arn:aws-cn:s3:::a", False),
        ("arn:*:s3:::*", "arn:aws-cn:s3:::a", True),
        ("arn:aws:sqs:*:*:a", "arn:aws:sqs:*:*:a", True),
        ("arn:aws:sqs:*:1:a", "arn:aws:sqs:*:*:a", False),
        ("arn:aws:logs:*", "arn:aws:logs:*:*:a", False),
        ("arn:aws:s3:::A*", "arn:aws:s3:::ab", False),
        ("arn:aws:s3:::h/${a:b}/*", "arn:aws:s3:::h/${a:b}/x", True),
        ("arn:aws:s3:::h/${a:b}/*", "arn:aws:s3:::h/bob/x", False),
        ("arn:aws:s3:::h/*", "arn:aws:s3:::h/${a:b}", True),
        ("arn:aws:s3:::h/??????", "arn:aws:s3:::h/${a:b}", False),
        ("arn:aws:iam::${a:b}:*", "arn:aws:iam::${a:b}:role/a", False),
        ("arn:${p}:s3:::h/*", "arn:${p}:s3:::h/a", True),
        ("arn:${p}:s3:::h/a", "arn:${p}:s3:::h/*", False),
        ("arn:${p}:s3:::h/*", "arn:${q}:s3:::h/a", False),
        ("arn:aws:s3:::h/*", "arn:${p}:s3:::h/a", False),
        ("arn:aws:s3:::h/*", "arn:aws:s3:::h/${*}", True),
        ("arn:aws:s3:::h/${*}", "arn:aws:s3:::h/a", False),
    ],
)
def test_resources(wide: str, narrow: str, expected: bool) -> None:  # noqa: FBT001 - a parameter
    assert resource_covers(wide, narrow) is expected


def test_a_long_list_of_overlapping_resources_is_compared_in_time() -> None:
    resources = [f"arn:aws:s3:::*{number}*a*/x?*" for number in range(1500)]
    assert not redundant(resources, lambda _, __: False)


@pytest.mark.parametrize(
    ("operator", "values", "left"),
    [
        ("NumericLessThan", ["1800", "3600"], ["3600"]),
        ("NumericLessThanEqualsIfExists", [1, 2.5, 2], [2.5]),
        ("NumericGreaterThan", ["10", "9"], ["9"]),
        ("NumericGreaterThanEquals", ["9", "9"], ["9"]),
        ("StringLike", ["a*", "ab", "b"], ["a*", "b"]),
        ("ForAnyValue:StringNotLike", ["a?", "ab"], ["a?"]),
        ("StringEqualsIgnoreCase", ["A", "a"], ["A"]),
        ("ArnLike", ["arn:aws:sns:*:1:*", "arn:aws:sns:a:1:b"], ["arn:aws:sns:*:1:*"]),
        ("IpAddress", ["10.1.2.3", "10.0.0.0/8", "::1", "::/0"], ["10.0.0.0/8", "::/0"]),
        ("NotIpAddress", ["10.0.0.0/24", "10.0.0.0/25"], ["10.0.0.0/24"]),
    ],
)
def test_condition_values(operator: str, values: list[object], left: list[object]) -> None:
    document: dict[str, Any] = statements({"Condition": {operator: {"aws:x": values}}})
    while found := lint("redundant-condition-value", document):
        [fix] = [fix for fix in found[0].fixes if fix.safety is not Safety.UNSAFE]
        widens = operator in {"StringLike", "ArnLike", "IpAddress"}
        assert fix.safety is (Safety.MANUAL if widens else Safety.SAFE)
        code = "REDUNDANT_CONDITION_VALUE_NUM" if operator.startswith("Numeric") else None
        assert found[0].issue_code == code
        document = after(found[0]._replace(fixes=(fix,)))
    assert document["Statement"][0]["Condition"][operator]["aws:x"] == left


@pytest.mark.parametrize(
    ("operator", "values"),
    [
        ("NumericEquals", ["10", "50"]),
        ("NumericNotEquals", [10, 50]),
        ("NumericLessThan", ["10"]),
        ("NumericLessThan", "10"),
        ("NumericLessThan", ["10", "ten"]),
        ("NumericLessThan", ["10", "${var.x}"]),
        ("StringEquals", ["a*", "ab", "AB"]),
        ("StringLike", ["a*", "A*"]),
        ("IpAddress", ["10.0.0.0/8", "11.0.0.0/8", "::/0", "nonsense"]),
        ("Bool", ["true", "true"]),
        ("Nonsense", ["a", "a"]),
    ],
)
def test_condition_values_that_all_count(operator: str, values: object) -> None:
    document = statements({"Condition": {operator: {"aws:x": values}}})
    assert not lint("redundant-condition-value", document)


ALWAYS = "REDUNDANT_KEY_DUE_TO_WILDCARD_IN_CONDITION"
NEVER = "REDUNDANT_STATEMENT_DUE_TO_WILDCARD_IN_CONDITION"


@pytest.mark.parametrize(
    ("operator", "expected"),
    [
        ("StringLikeIfExists", ALWAYS),
        ("ArnLikeIfExists", ALWAYS),
        ("ForAllValues:StringLike", ALWAYS),
        ("forallvalues:stringlikeifexists", ALWAYS),
        ("ForAllValues:ArnLike", ALWAYS),
        ("ForAnyValue:StringNotLike", NEVER),
        ("ForAnyValue:ArnNotLike", NEVER),
        ("ForAnyValue:StringNotLikeIfExists", None),
        ("ForAnyValue:StringLike", None),
        ("ForAllValues:StringNotLike", None),
        ("ForAllValues:StringEquals", None),
        ("StringLike", None),
        ("StringNotLike", None),
        ("StringNotLikeIfExists", None),
        ("StringEqualsIfExists", None),
    ],
)
def test_constant_conditions(operator: str, expected: str | None) -> None:
    document = statements({"Condition": {operator: {"aws:TagKeys": ["a", "*"]}}})
    found = lint("constant-condition", document)
    assert [finding.issue_code for finding in found] == ([expected] if expected else [])
    assert not lint(
        "constant-condition", statements({"Condition": {operator: {"aws:TagKeys": ["a*"]}}})
    )


def test_a_constant_condition_goes_with_what_it_leaves_empty() -> None:
    always = {"aws:PrincipalTag/a": "*"}
    other = {"aws:PrincipalTag/b": "x"}
    for condition, left in (
        ({"StringLikeIfExists": always}, None),
        ({"StringLikeIfExists": always | other}, {"StringLikeIfExists": other}),
        ({"StringLikeIfExists": always, "StringLike": other}, {"StringLike": other}),
    ):
        (finding,) = lint("constant-condition", statements({"Condition": condition}))
        assert after(finding)["Statement"][0].get("Condition") == left


def test_the_only_statement_is_not_dropped() -> None:
    never = {"Condition": {"ForAnyValue:StringNotLike": {"aws:TagKeys": "*"}}}
    (finding,) = lint("constant-condition", statements(never))
    assert not finding.fixes
    (finding,) = lint("constant-condition", statements(never, {}))
    assert len(after(finding)["Statement"]) == 1


ROLE = "arn:aws:iam::111122223333:role/app"
SESSION = "arn:aws:sts::111122223333:assumed-role/app/ci"


@pytest.mark.parametrize(
    ("principals", "codes"),
    [
        ([ROLE, SESSION], ["REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"]),
        (
            [SESSION, "arn:aws:iam::111122223333:role/path/to/app"],
            ["REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"],
        ),
        ([ROLE, SESSION, f"{SESSION}2"], ["REDUNDANT_PRINCIPAL_IN_ROLE_TRUST_POLICY"] * 2),
        ([ROLE, ROLE], [None]),
        (["111122223333", "arn:aws:iam::111122223333:root"], [None]),
        ([ROLE, SESSION.replace("app", "apps")], []),
        ([ROLE, SESSION.replace("1111", "4444")], []),
        ([ROLE, SESSION.replace("aws", "aws-cn")], []),
        (["${var.role}", "${var.role}"], []),
        ([SESSION], []),
    ],
)
def test_principals(principals: list[str], codes: list[str | None]) -> None:
    document = {
        "Version": "2012-10-17",
        "Statement": {
            "Effect": "Allow",
            "Principal": {"AWS": principals},
            "Action": "sts:AssumeRole",
        },
    }
    found = lint("redundant-principal", document, PolicyType.TRUST)
    assert [finding.issue_code for finding in found] == codes


@pytest.mark.parametrize(
    ("resource", "fires"),
    [
        ("arn:aws:code*:us-east-1:111122223333:*", True),
        ("arn:aws:*:*:*:*", True),
        ("arn:aws:s?:::a", True),
        ("*", False),
        ("arn:aws:s3:*:*:*", False),
        ("arn:*:s3:::a", False),
        ("arn:aws:*", False),
        ("arn:aws:${aws:PrincipalTag/*}:::a", False),
    ],
)
def test_services(resource: str, fires: bool) -> None:  # noqa: FBT001 - a parameter
    found = lint("service-wildcard-in-arn", statements({"Resource": [resource]}))
    assert bool(found) is fires


def test_each_of_several_empty_values_is_filled_in() -> None:
    assert redundant(["", "", "a", "a"], resource_covers) == {2: [3]}
