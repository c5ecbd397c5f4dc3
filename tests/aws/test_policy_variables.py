import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.policy_variables import (
    EMPTY,
    MISSING_BRACE,
    MISSING_QUOTE,
    SPACE,
    PolicyVariable,
    variables,
)
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

RULES = (
    "malformed-variable",
    "unsupported-variable",
    "unresolvable-variable",
    "permissive-condition-pattern",
)
GITHUB = "token.actions.githubusercontent.com:sub"


def found(
    document: object, type: PolicyType = PolicyType.IDENTITY, *, only: tuple[str, ...] = RULES
) -> set[tuple[str, str | None]]:
    text = document if isinstance(document, str) else json.dumps(document)
    enabled = {id_: rules()[id_] for id_ in only}
    report = lint_source(Source("policy.json", text), type=type, enabled=enabled)
    return {(finding.rule, finding.issue_code) for finding in report.findings}


def policy(statement: dict[str, object], version: str | None = "2012-10-17") -> dict[str, object]:
    defaults = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
    whole: dict[str, object] = {} if version is None else {"Version": version}
    return {**whole, "Statement": [defaults | statement]}


def on_resource(resource: str, version: str | None = "2012-10-17") -> dict[str, object]:
    return policy({"Resource": resource}, version)


def under(operator: str, key: str, value: object, effect: str = "Allow") -> dict[str, object]:
    return policy({"Effect": effect, "Condition": {operator: {key: value}}})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain $ { } {x}", []),
        ("${aws:username}", [PolicyVariable(0, 15, "aws:username", None, None)]),
        ("a${aws:username}b", [PolicyVariable(1, 16, "aws:username", None, None)]),
        ("${a:b, 'c d'}", [PolicyVariable(0, 13, "a:b", "'c d'", None)]),
        ("${a:b,''}", [PolicyVariable(0, 9, "a:b", "''", None)]),
        ("${a:b, 'x}y'}z", [PolicyVariable(0, 13, "a:b", "'x}y'", None)]),
        ("${a:b, 'it's'}", [PolicyVariable(0, 14, "a:b", "'it's'", None)]),
        ("${*}", [PolicyVariable(0, 4, "*", None, None)]),
        ("$${a:b}", [PolicyVariable(1, 7, "a:b", None, None)]),
        ("${", [PolicyVariable(0, 2, "", None, MISSING_BRACE)]),
        ("${a:b/*", [PolicyVariable(0, 7, "a:b/*", None, MISSING_BRACE)]),
        ("${a:b, 'x", [PolicyVariable(0, 9, "a:b", "'x", MISSING_BRACE)]),
        ("${}", [PolicyVariable(0, 3, "", None, EMPTY)]),
        ("${ }", [PolicyVariable(0, 4, "", None, EMPTY)]),
        ("${a: b}", [PolicyVariable(0, 7, "a: b", None, SPACE)]),
        ("${ a:b}", [PolicyVariable(0, 7, "a:b", None, SPACE)]),
        ("${a:b ,'c'}", [PolicyVariable(0, 11, "a:b", "'c'", SPACE)]),
        ("${a:b, c}", [PolicyVariable(0, 9, "a:b", "c", MISSING_QUOTE)]),
        ("${a:b,}", [PolicyVariable(0, 7, "a:b", "", MISSING_QUOTE)]),
        ("${a:b, '}", [PolicyVariable(0, 9, "a:b", "'", MISSING_QUOTE)]),
        ("${a:b, c'}", [PolicyVariable(0, 10, "a:b", "c'", MISSING_QUOTE)]),
        ('${a:b, "c"}', [PolicyVariable(0, 11, "a:b", '"c"', MISSING_QUOTE)]),
    ],
)
def test_variables_are_read(text: str, expected: list[PolicyVariable]) -> None:
    assert list(variables(text)) == expected


def test_an_unclosed_variable_ends_where_the_next_one_begins() -> None:
    first, second = variables("${a:b/${c:d}")
    assert first.defect == MISSING_BRACE
    assert (second.key, second.defect) == ("c:d", None)


@pytest.mark.parametrize(("text", "character"), [("${*}", "*"), ("${?}", "?"), ("${$}", "$")])
def test_characters_taken_literally_name_no_key(text: str, character: str) -> None:
    (variable,) = variables(text)
    assert variable.escaped == character
    assert not variable.names_key


@given(st.text(alphabet="${}',a: *", max_size=40))
def test_variables_lie_in_the_text_one_after_the_other(text: str) -> None:
    end = 0
    for variable in variables(text):
        assert end <= variable.start < variable.end <= len(text)
        assert text.startswith("${", variable.start)
        end = variable.end
    assert "${" not in text[end:]


@pytest.mark.parametrize(
    ("resource", "code"),
    [
        ("arn:aws:s3:::home/${aws:username/*", MISSING_BRACE),
        ("arn:aws:s3:::home/${}", EMPTY),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team, shared}", MISSING_QUOTE),
        ("arn:aws:s3:::home/${aws:PrincipalTag/team, shared'}", MISSING_QUOTE),
        ("arn:aws:s3:::home/${aws:user name}", SPACE),
        ("arn:aws:s3:::home/${ }", EMPTY),
    ],
)
def test_what_cannot_be_read_is_reported_once(resource: str, code: str) -> None:
    assert found(on_resource(resource)) == {("malformed-variable", code)}
    assert found(policy({"Condition": {"StringLike": {"s3:prefix": [resource]}}})) == {
        ("malformed-variable", code)
    }


@pytest.mark.parametrize(
    "resource",
    [
        "arn:aws:s3:::home/${aws:PrincipalTag/team, 'shared'}/*",
        "arn:aws:s3:::home/${aws:PrincipalTag/team,'shared'}/*",
        "arn:aws:s3:::home/${aws:PrincipalTag/team, 'a b, c'}/*",
        "arn:aws:s3:::home/${aws:username}/${*}${?}${$}",
        "arn:aws:s3:::home/${saml:sub}/${www.amazon.com:user_id}/${ec2:SourceInstanceArn}",
        "arn:aws:iam::${aws:PrincipalAccount}:role/a",
        "arn:aws:s3:::home/$/{}/$5",
        "${var.bucket}/*",
        "arn:aws:s3:::${bucket_name}/*",
        "arn:${AWS::Partition}:s3:::a",
    ],
)
def test_good_variables_and_placeholders_are_silent(resource: str) -> None:
    assert not found(on_resource(resource))


@pytest.mark.parametrize("version", ["2008-10-17", None])
def test_old_versions_have_no_variables(version: str | None) -> None:
    good = on_resource("arn:aws:s3:::home/${aws:username}/*", version)
    assert found(good) == {("unsupported-variable", "VARIABLE_UNSUPPORTED_IN_VERSION")}
    assert not found(on_resource("arn:aws:s3:::home/${}", version))
    assert not found(on_resource("arn:aws:s3:::home/$5", version))


def test_an_unknown_version_is_taken_for_the_current_one() -> None:
    assert not found(on_resource("arn:aws:s3:::home/${aws:username}", "${var.version}"))
    assert not found(on_resource("arn:aws:s3:::home/${aws:username}", "2012-10-18"))


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "s3:${aws:PrincipalTag/verb}"},
        {"Action": ["s3:GetObject", "s3:${*}"]},
        {"Sid": "${aws:username}"},
        {"Effect": "${aws:PrincipalTag/effect}"},
        {"Principal": {"AWS": ["arn:aws:iam::111122223333:user/${aws:username}"]}},
    ],
)
def test_other_elements_have_no_variables(statement: dict[str, object]) -> None:
    assert found(policy(statement), PolicyType.RESOURCE) == {
        ("unsupported-variable", "VARIABLE_UNSUPPORTED_IN_ELEMENT")
    }


@pytest.mark.parametrize(
    "operator",
    ["NumericEquals", "DateLessThan", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"],
)
def test_operators_without_variables(operator: str) -> None:
    value = "${aws:PrincipalTag/a}"
    code = ("unsupported-variable", "INVALID_VARIABLE_FOR_OPERATOR")
    assert found(under(operator, "aws:RequestTag/a", value)) == {code}
    assert found(under(f"ForAnyValue:{operator}IfExists", "aws:RequestTag/a", [value])) == {code}


@pytest.mark.parametrize("operator", ["StringEquals", "StringNotLikeIfExists", "ArnEquals"])
def test_operators_with_variables(operator: str) -> None:
    assert not found(under(operator, "aws:RequestTag/a", "${aws:PrincipalTag/a}"))


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("aws:usernam", "aws:username"),
        ("aws:PrincipalTags/team", "aws:PrincipalTag/team"),
        ("aws:PrincipalAcount", "aws:PrincipalAccount"),
    ],
)
def test_an_unknown_key_is_guessed(variable: str, meant: str) -> None:
    document = on_resource(f"arn:aws:s3:::home/${{{variable}, 'x'}}")
    report = lint_source(
        Source("policy.json", json.dumps(document)),
        enabled={"unresolvable-variable": rules()["unresolvable-variable"]},
    )
    (finding,) = report.findings
    assert f'did you mean "{meant}"?' in finding.title
    assert f"{meant}, 'x'" in finding.fixes[0].edits[0].text


def test_what_is_not_like_anything_known_is_not_guessed() -> None:
    for resource in ("arn:aws:s3:::home/${aws:zzqq}", "arn:aws:s3:::home/${aws:PrincipalTag/a/*"):
        report = lint_source(
            Source("policy.json", json.dumps(on_resource(resource))),
            enabled={id_: rules()[id_] for id_ in RULES},
        )
        (finding,) = report.findings
        assert not finding.fixes


def test_keys_with_several_values_are_not_variables() -> None:
    for key in ("aws:TagKeys", "aws:CalledVia", "AWS:principalorgpaths"):
        document = on_resource(f"arn:aws:s3:::home/${{{key}}}")
        assert found(document) == {("unresolvable-variable", None)}
    assert not found(on_resource("arn:aws:s3:::home/${aws:CalledViaFirst}"))


WILDCARD = ("permissive-condition-pattern", "WILDCARD_USAGE_TOO_PERMISSIVE")
VARIABLE = ("permissive-condition-pattern", "VARIABLE_USAGE_TOO_PERMISSIVE")


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [
        ("aws:PrincipalOrgID", "o-a1b2*", {WILDCARD}),
        ("AWS:principalorgid", "*", {WILDCARD}),
        ("aws:SourceAccount", "11112222333?", {WILDCARD}),
        ("aws:SourceVpc", "vpc-${aws:PrincipalTag/vpc}", {VARIABLE}),
        ("aws:SourceVpce", "${aws:PrincipalTag/a}*", {VARIABLE, WILDCARD}),
        ("aws:ResourceAccount", "${aws:PrincipalAccount}", set()),
        ("aws:ResourceAccount", "111122223333", set()),
        ("aws:ResourceAccount", "${*}", set()),
        ("aws:userid", "AROA*", {WILDCARD}),
        ("aws:userid", "AROAEXAMPLE*:a", {WILDCARD}),
        ("aws:userid", "AROA${aws:PrincipalTag/a}:a", {VARIABLE}),
        ("aws:userid", "AROAEXAMPLE:*", set()),
        ("aws:userid", "*:alice", set()),
        ("aws:userid", "${aws:PrincipalTag/id}:alice", set()),
        ("aws:userid", "AROAEXAMPLE:${aws:PrincipalTag/a}", set()),
        ("aws:PrincipalTag/team", "a*", set()),
        ("aws:PrincipalArn", "*", set()),
        (GITHUB, "repo:*", {WILDCARD}),
        (GITHUB, "repo:a*", set()),
        (GITHUB, "repo:octo-org/octo-repo:*", set()),
        (GITHUB, "repo:octo-org/*:*", {WILDCARD}),
        (GITHUB, "repo:octo@*/app@*:ref:refs/heads/main", {WILDCARD}),
        (GITHUB, "repo:octo@*/appl@*:ref:refs/heads/main", set()),
        (GITHUB, "repo:${aws:PrincipalTag/a}", {VARIABLE}),
        (GITHUB, "${*}bcdef*", set()),
    ],
)
def test_permissive_patterns(key: str, value: str, expected: set[tuple[str, str]]) -> None:
    only = ("permissive-condition-pattern",)
    assert found(under("StringLike", key, value), only=only) == expected
    assert found(under("StringNotLikeIfExists", key, [value], "Deny"), only=only) == expected
    assert not found(under("StringLike", key, value, "Deny"), only=only)
    assert not found(under("StringNotLike", key, value), only=only)
    assert not found(under("StringEquals", key, value), only=only)


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ("repo:*", "a short prefix in"),
        ("*:acme-corp/app:*:*", "a short prefix in"),
        ("repo:acme/*:ref:*", "AWS counts the characters since the wildcard"),
    ],
)
def test_only_a_short_prefix_matches_the_repositories_of_others(value: str, note: str) -> None:
    document = json.dumps(under("StringLike", GITHUB, value))
    findings = lint_source(Source("policy.json", document)).findings
    (finding,) = (f for f in findings if f.rule == "permissive-condition-pattern")
    assert finding.notes[0].startswith(note)


def test_an_escaped_variable_is_one_as_well() -> None:
    text = json.dumps(on_resource("arn:aws:s3:::home/@{}")).replace("@", "\\u0024")
    assert found(text) == {("malformed-variable", EMPTY)}


def test_tables_of_keys_hold_keys_that_exist() -> None:
    from multitool_lint.aws.condition_keys import global_key
    from multitool_lint.checks.permissive_condition_pattern import EXACT_KEYS

    for key in EXACT_KEYS:
        assert global_key(key), key
