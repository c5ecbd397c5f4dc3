"""Fixes are applied until nothing is left, and a safe one only with a proof."""

import json
import re
from functools import partial
from typing import Any

import pytest
from support.rewrites import allowing, fixture, policy

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Finding, Fix, Safety
from multitool_lint.diagnostics.rule import Severity, rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.report import Report
from multitool_lint.policy.compare import Answer, equivalent
from multitool_lint.rewrite.fix import Fixed, choose, fix
from multitool_lint.syntax.source import Edit, Source, Span


class Rules:
    """A linter whose rules replace words, in the place of the real one."""

    def __init__(self, *words: tuple[str, str, str, Safety]) -> None:
        self.words = words
        self.runs = 0

    def lint(self, source: Source) -> Report:
        self.runs += 1
        loaded = read_source(source)
        broken = tuple(
            Finding("json-syntax-error", Severity.ERROR, source, problem.span, "", problem.message)
            for problem in loaded.problems
        )
        found = [
            Finding(rule, Severity.WARNING, source, Span(*place.span()), "", word, fixes=(fix,))
            for rule, word, new, safety in self.words
            for place in re.finditer(re.escape(word), source.text)
            for fix in [Fix(rule, (), safety, (Edit(Span(*place.span()), new),))]
        ]
        return Report(source, loaded.json_policies, loaded.skipped, broken + tuple(found), 1)


def fixed(rules: Rules, *sids: str, unsafe: bool = False) -> tuple[list[str], Fixed]:
    """Fix a policy with those Sids, which change nothing of what it grants."""
    deny = {"Effect": "Deny", "Action": "s3:GetObject", "Resource": "*"}
    source = policy(*({"Sid": sid, **deny} for sid in sids))
    result = fix(source, lint=rules.lint, unsafe=unsafe)
    return [statement["Sid"] for statement in json.loads(result.text)["Statement"]], result


def test_fix_goes_on_until_nothing_is_left() -> None:
    rules = Rules(("b", "two", "three", Safety.SAFE), ("a", "one", "two", Safety.SAFE))
    sids, result = fixed(rules, "one", "two", "one")
    assert sids == ["three"] * 3
    assert [applied.finding.rule for applied in result.applied] == ["b", "a", "a", "b", "b"]
    assert not result.remaining.findings
    assert result.remaining.source.text == result.text


def test_fix_applies_the_fixes_of_one_rule_at_a_time() -> None:
    rules = Rules(("a", '"s3:x",', "", Safety.SAFE), ("b", ',\n        "s3:x"', "", Safety.SAFE))
    result = fix(allowing("s3:*", "s3:x", "s3:z", "s3:x"), lint=rules.lint)
    assert {applied.finding.rule for applied in result.applied} == {"a", "b"}
    assert rules.runs == 3


@pytest.mark.parametrize(("unsafe", "expected"), [(False, "one"), (True, "two")])
def test_unsafe_fixes_are_asked_for(
    unsafe: bool,  # noqa: FBT001
    expected: str,
) -> None:
    rules = Rules(("a", "one", "two", Safety.UNSAFE))
    sids, result = fixed(rules, "one", unsafe=unsafe)
    assert sids == [expected]
    assert len(result.remaining.findings) == (0 if unsafe else 1)


def test_a_safe_fix_goes_before_an_unsafe_one() -> None:
    rules = Rules(("a", "one", "unsafe", Safety.UNSAFE), ("b", "one", "safe", Safety.SAFE))
    sids, _ = fixed(rules, "one", unsafe=True)
    assert sids == ["safe"]


def test_fixes_that_undo_each_other_end() -> None:
    rules = Rules(("a", "one", "two", Safety.SAFE), ("b", "two", "one", Safety.SAFE))
    sids, result = fixed(rules, "one")
    assert sids == ["two"]
    assert len(result.applied) == 1


def test_fixes_that_never_end_are_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = Rules(("a", "one", "one-one", Safety.SAFE))
    monkeypatch.setattr("multitool_lint.rewrite.fix.MAX_FIX_ROUNDS", 5)
    _, result = fixed(rules, "one")
    assert len(result.applied) == 1 + 2 + 4 + 8 + 16


def test_a_fix_that_breaks_the_policy_is_not_applied() -> None:
    rules = Rules(
        ("a", '"Version": "2012-10-17",\n  "Statement"', '"Other"', Safety.SAFE),
        ("b", "[", "[[", Safety.SAFE),
        ("c", "one", "two", Safety.SAFE),
    )
    sids, result = fixed(rules, "one")
    assert sids == ["two"]
    assert [applied.finding.rule for applied in result.applied] == ["c"]


def test_a_safe_fix_without_proof_is_refused() -> None:
    rules = Rules(
        ("a", "s3:GetObject", "s3:GetBucketAcl", Safety.SAFE), ("b", "one", "two", Safety.SAFE)
    )
    sids, result = fixed(rules, "one")
    assert sids == ["two"]
    assert "GetBucketAcl" not in result.text
    [refused] = result.refused
    assert refused.finding.rule == "a"
    assert refused.reason == "it would not grant the same as before: s3:GetObject on *"


def test_a_safe_fix_has_a_proof_after_another_fix() -> None:
    statement = '{"Effect": "Allow", "Action": "s3:GetObject", "Resourc=e": "*"}'
    source = Source("a.json", f'{{"Statement": [{statement}]}}')
    result = fix(source, unsafe=True)
    rules_ = {applied.finding.rule for applied in result.applied}
    assert rules_ == {"missing-version", "unknown-element"}
    assert not result.refused
    assert fix(Source("a.json", result.text), unsafe=True).text == result.text


@pytest.mark.parametrize(
    ("edits", "applied"),
    [
        ([[(0, 5)], [(5, 8)]], [0, 1]),
        ([[(0, 5)], [(4, 8)]], [0]),
        ([[(4, 8)], [(0, 5)]], [0]),
        ([[(0, 9)], [(3, 4)]], [0]),
        ([[(3, 4)], [(0, 9)]], [0]),
        ([[(5, 5)], [(5, 8)]], [0]),
        ([[(5, 8)], [(5, 5)]], [0]),
        ([[(5, 5)], [(5, 5)]], [0]),
        ([[(0, 1), (7, 8)], [(3, 4)], [(7, 8)], [(8, 9)]], [0, 1, 3]),
        ([[], [(0, 1)]], [1]),
    ],
)
def test_overlapping_fixes_wait(edits: list[list[tuple[int, int]]], applied: list[int]) -> None:
    source = Source("a.json", "0123456789")
    findings = [
        Finding("rule", Severity.WARNING, source, Span(0, 1), "", str(number), fixes=(fix,))
        for number, spans in enumerate(edits)
        for fix in [Fix("", (), Safety.SAFE, tuple(Edit(Span(*span), "x") for span in spans))]
    ]
    chosen = choose(findings, set(), unsafe=False)
    assert [int(choice.finding.title) for choice in chosen] == applied


@pytest.mark.parametrize("name", ["multitool.json", "multitool.md"])
def test_fix_the_multitool_policy(name: str) -> None:
    source = fixture(name)
    only = {"redundant-action": rules()["redundant-action"]}
    lint = partial(lint_source, enabled=only)
    before, wildcard, after = source.text.partition('"apigateway:*",')
    untouched = fix(source, lint=lint)
    assert untouched.text == source.text
    assert len(untouched.remaining.findings) == 1
    rest = after[after.index('"cloudwatch:') :]
    for result in (
        fix(source, lint=lint, unsafe=True),
        fix(source, lint=lint, keep_wildcards=True),
    ):
        assert result.text.startswith(before + wildcard)
        assert result.text[len(before + wildcard) :].strip() == rest.strip()
        assert not result.remaining.findings
        assert [applied.finding.rule for applied in result.applied] == ["redundant-action"]


BUCKET = "arn:aws:s3:::b"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"{BUCKET}/*"}
ORG = {"StringLike": {"aws:PrincipalOrgID": ["o-a*", "o-abc"]}}
IPS = {"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "10.1.0.0/16"]}}
HIDING = [
    # a wildcard that grants more than what it makes redundant: nothing is safe
    ("redundant-action", [{**READ, "Action": ["s3:Get*", "s3:GetObject"]}], ["s3:Get*"]),
    ("redundant-resource", [{**READ, "Resource": [f"{BUCKET}/*", f"{BUCKET}/x"]}], [f"{BUCKET}/*"]),
    ("redundant-resource", [{**READ, "Resource": ["*", f"{BUCKET}/x"]}], ["*"]),
    ("redundant-condition-value", [{**READ, "Condition": ORG}], ["o-a*"]),
    ("redundant-condition-value", [{**READ, "Condition": IPS}], ["10.0.0.0/8"]),
    ("redundant-statement", [{**READ, "Action": "*", "Resource": "*"}, READ], ["*"]),
    ("redundant-statement", [{**READ, "Action": "s3:*"}, READ], ["s3:*"]),
    ("redundant-statement", [{**READ, "Resource": "*"}, READ], ["*"]),
    ("redundant-statement", [{**READ, "Sid": "Open"}, {**READ, "Condition": ORG}], ["Open"]),
    ("redundant-statement", [{**READ, "NotAction": "iam:*"} | {"Action": None}, READ], ["iam:*"]),
]


@pytest.mark.parametrize(("rule", "statements", "wide"), HIDING)
def test_what_hides_a_wildcard_is_not_fixed_unasked(
    rule: str, statements: list[dict[str, Any]], wide: list[str]
) -> None:
    plain = [{key: value for key, value in statement.items() if value} for statement in statements]
    source = Source("p.json", json.dumps({"Version": "2012-10-17", "Statement": plain}))
    lint = partial(lint_source, enabled={rule: rules()[rule]})
    assert fix(source, lint=lint).text == source.text
    kept = fix(source, lint=lint, keep_wildcards=True)
    assert json.dumps(wide[0]) in kept.text
    before, after = ([*lint(Source("p.json", text)).policies] for text in (source.text, kept.text))
    assert equivalent(before, after, bundled()).answer is Answer.YES
    assert len(kept.text) < len(source.text)
    assert not kept.remaining.findings
    is_admin = [plain[0].get("Action"), plain[0].get("Resource")] == ["*", "*"]
    assert fix(source, lint=lint, unsafe=True).text == (source.text if is_admin else kept.text)


@pytest.mark.parametrize(
    ("rule", "statements"),
    [
        ("redundant-action", [{**READ, "Action": ["s3:GetObject", "s3:getobject"]}]),
        ("redundant-action", [{**READ, "Effect": "Deny", "Action": ["s3:*", "s3:GetObject"]}]),
        ("redundant-resource", [{**READ, "Resource": [f"{BUCKET}/x", f"{BUCKET}/x"]}]),
        (
            "redundant-resource",
            [{**READ, "Effect": "Deny", "Resource": [f"{BUCKET}/*", f"{BUCKET}/x"]}],
        ),
        ("redundant-condition-value", [{**READ, "Effect": "Deny", "Condition": ORG}]),
        (
            "redundant-condition-value",
            [{**READ, "Condition": {"StringEquals": {"aws:PrincipalOrgID": ["o-a", "o-a"]}}}],
        ),
        ("redundant-statement", [READ, {**READ, "Sid": "Again"}]),
        ("redundant-statement", [{**READ, "Action": ["s3:GetObject", "s3:PutObject"]}, READ]),
        (
            "redundant-statement",
            [{**READ, "Effect": "Deny", "Action": "*"}, {**READ, "Effect": "Deny"}],
        ),
    ],
)
def test_what_hides_no_wildcard_is_fixed(rule: str, statements: list[dict[str, Any]]) -> None:
    source = Source("p.json", json.dumps({"Version": "2012-10-17", "Statement": statements}))
    lint = partial(lint_source, enabled={rule: rules()[rule]})
    result = fix(source, lint=lint)
    assert len(result.applied) == 1
    assert not result.remaining.findings
