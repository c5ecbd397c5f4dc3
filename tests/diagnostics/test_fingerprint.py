"""A finding is known again by its fingerprint wherever it moves, and only then."""

import json
import random
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from multitool_lint import lint
from multitool_lint.diagnostics.finding import Finding, separate
from multitool_lint.diagnostics.fingerprint import unnumbered
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import default_rules, lint_source
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source

FIXTURE = Path(__file__).parents[2] / "fixtures" / "multitool.json"
POLICY: dict[str, Any] = {
    "Version": "2008-10-17",
    "Statement": [
        {
            "Sid": "Storage",
            "Effect": "Allow",
            "Action": ["s3:Get*", "s3:GetObject", "s3:GetObjectTagging"],
            "Resource": ["arn:aws:s3:::reports/*", "arn:aws:s3:::reports/2026/*"],
        },
        {
            "Effect": "Allow",
            "Action": ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"],
            "Resource": "*",
        },
        {
            "Sid": "Team",
            "Effect": "Allow",
            "Action": "dynamodb:GetItem",
            "Resource": "arn:aws:dynamodb:eu-west-1:111122223333:table/orders",
            "Condition": {"StringEquals": {"aws:PrincipalTag/team": "red*"}},
        },
    ],
}
UNRELATED = {
    "Effect": "Allow",
    "Action": "sqs:SendMessage",
    "Resource": "arn:aws:sqs:eu-west-1:111122223333:orders",
}
UNSCOPED = rules()["unscoped-resource"]
SETTINGS = FileSettings({**default_rules(), UNSCOPED.id: UNSCOPED})


def findings(text: str, path: str = "policy.json") -> tuple[Finding, ...]:
    return tuple(separate(lint_with_settings(Source(path, text), SETTINGS).findings))


def prints(text: str, path: str = "policy.json") -> Counter[str]:
    return Counter(unnumbered(finding.fingerprint) for finding in findings(text, path))


def shuffled(value: object, order: random.Random) -> object:
    """The value with the members of its objects in another order."""
    if isinstance(value, dict):
        keys = order.sample(list(value), len(value))
        return {key: shuffled(value[key], order) for key in keys}
    if isinstance(value, list):
        return [shuffled(item, order) for item in value]
    return value


BASE = prints(json.dumps(POLICY))


def test_the_policy_of_these_tests_has_findings_of_many_kinds() -> None:
    found = {finding.rule for finding in findings(json.dumps(POLICY))}
    assert {
        "old-version",
        "redundant-action",
        "redundant-resource",
        "pass-role-any-resource",
        "privilege-escalation",
        "unscoped-resource",
        "wildcard-without-like-operator",
    } <= found
    assert len(BASE) == sum(BASE.values()), "no two are equal"


@pytest.mark.slow
@settings(max_examples=60)
@given(
    order=st.randoms(use_true_random=False),
    indent=st.sampled_from([None, 0, 1, 2, 4, "\t"]),
    ending=st.sampled_from(["\n", "\r\n"]),
    before=st.integers(0, 3),
    after=st.integers(0, 3),
    escaped=st.booleans(),
)
def test_layout_order_and_unrelated_statements_keep_fingerprints(
    order: random.Random,
    indent: int | str | None,
    ending: str,
    before: int,
    after: int,
    *,
    escaped: bool,
) -> None:
    name = f"Extra{order.randrange(10**9)}"
    extra = [
        {**UNRELATED, "Sid": f"{name}No{number}", "Resource": f"{UNRELATED['Resource']}{number}"}
        for number in range(before + after)
    ]
    policy = {**POLICY, "Statement": [*extra[:before], *POLICY["Statement"], *extra[before:]]}
    text = json.dumps(shuffled(policy, order), indent=indent).replace("\n", ending)
    if escaped:
        text = text.replace("s3:Get*", "s3:Get\\u002a")
    assert prints(text) == BASE


@settings(max_examples=30)
@given(
    others=st.lists(st.sampled_from(["policy", "text", "code"]), max_size=4),
    place=st.integers(0, 4),
    indent=st.sampled_from(["", "> ", "  "]),
)
def test_a_block_keeps_its_fingerprints_wherever_on_a_page_it_is(
    others: list[str], place: int, indent: str
) -> None:
    clean = json.dumps({"Version": "2012-10-17", "Statement": [{**UNRELATED, "Sid": "Other"}]})
    parts = {"policy": f"```json\n{clean}\n```", "text": "# Words", "code": "```sh\nls\n```"}
    blocks = [parts[kind] for kind in others]
    text = f"```json\n{json.dumps(POLICY, indent=2)}\n```"
    blocks.insert(place, "\n".join(indent + line for line in text.split("\n")))
    assert prints("\n\n".join(blocks), "page.md") == BASE


def test_a_sid_elsewhere_has_no_part_in_it_but_that_of_the_statement_has() -> None:
    policy = json.loads(json.dumps(POLICY))
    policy["Statement"][2]["Sid"] = "Renamed"
    gone = BASE - prints(json.dumps(policy))
    assert [
        finding.rule
        for finding in findings(json.dumps(POLICY))
        if unnumbered(finding.fingerprint) in gone
    ] == ["wildcard-without-like-operator"]


@pytest.mark.parametrize(
    ("old", "new", "rules"),
    [
        ("s3:Get*", "s3:*", {"redundant-action"}),
        ("arn:aws:s3:::reports/*", "arn:aws:s3:::report*", {"redundant-resource"}),
        ("red*", "blue*", {"wildcard-without-like-operator"}),
        ("2008-10-17", "2008-10-18", {"old-version"}),
        ("StringEquals", "StringEqualsIgnoreCase", {"wildcard-without-like-operator"}),
    ],
)
def test_another_value_is_another_finding(old: str, new: str, rules: set[str]) -> None:
    text = json.dumps(POLICY)
    gone = BASE - prints(text.replace(f'"{old}"', f'"{new}"'))
    changed = {
        finding.rule for finding in findings(text) if unnumbered(finding.fingerprint) in gone
    }
    assert rules <= changed
    assert "pass-role-any-resource" not in changed


@settings(max_examples=40)
@given(
    actions=st.lists(
        st.sampled_from(
            [
                "s3:GetObject",
                "s3:PutObject",
                "sqs:*",
                "sns:Publish",
                "kms:Decrypt",
                "ec2:RunInstances",
            ]
        ),
        min_size=1,
        unique=True,
    ),
    more=st.sampled_from(["s3:*", "iam:*", "dynamodb:*", "lambda:*"]),
)
def test_one_more_action_on_every_resource_is_another_finding(
    actions: list[str], more: str
) -> None:
    def unscoped(actions: list[str]) -> set[str]:
        statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
        found = findings(json.dumps({"Version": "2012-10-17", "Statement": statement}))
        return {finding.fingerprint for finding in found if finding.rule == "unscoped-resource"}

    assert unscoped(actions)
    assert not unscoped(actions) & unscoped([*actions, more])


def test_equal_findings_are_numbered() -> None:
    statement = {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"}
    text = json.dumps({"Version": "2012-10-17", "Statement": [statement, statement]})
    same = [finding.fingerprint for finding in findings(text) if finding.rule == "redundant-action"]
    assert len({unnumbered(fingerprint) for fingerprint in same}) == 1
    assert [fingerprint.partition(":")[2] for fingerprint in same] == ["1", "2"]


def test_every_finding_of_a_file_has_its_own() -> None:
    found = findings(FIXTURE.read_text(encoding="utf-8"))
    assert len(found) > 5
    assert len({finding.fingerprint for finding in found}) == len(found)
    assert all(re.fullmatch("[0-9a-f]{16}:[0-9]+", finding.fingerprint) for finding in found)


def test_a_syntax_error_has_one_too() -> None:
    broken = json.dumps(POLICY)[:-1]
    [finding] = findings(broken)
    assert finding.rule == "json-syntax-error"
    assert finding.fingerprint
    assert findings(f"\n\n{broken}")[0].fingerprint == finding.fingerprint


def test_the_library_gives_them_and_the_engine_alone_does_not() -> None:
    text = json.dumps(POLICY)
    by_library = [finding.fingerprint for finding in lint(text)]
    by_default = lint_with_settings(
        Source("policy.json", text), FileSettings(default_rules())
    ).findings
    assert by_library == [finding.fingerprint for finding in by_default]
    assert all(by_library)
    assert {
        finding.fingerprint for finding in lint_source(Source("policy.json", text)).findings
    } == {""}


def test_a_list_of_one_is_the_same_as_its_value() -> None:
    single = {"Version": "2012-10-17", "Statement": {**UNRELATED, "Action": "sqs:SendMesage"}}
    listed = {"Version": "2012-10-17", "Statement": [{**UNRELATED, "Action": ["sqs:SendMesage"]}]}
    assert prints(json.dumps(single)) == prints(json.dumps(listed)) != Counter()
