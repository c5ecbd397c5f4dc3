"""What entries of a configuration suppress: what they were written for, and no more."""

import json
import os
import pickle
import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from support.ignore_entry import ignore_entry

from multitool_lint.config import ConfigError
from multitool_lint.diagnostics import scope as subjects
from multitool_lint.diagnostics.finding import Finding, separate
from multitool_lint.diagnostics.rule import DIRECTORY, rules
from multitool_lint.formats import read_source
from multitool_lint.linter.ignore_entries import Ignores, covering
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.report import Report
from multitool_lint.linter.settings import FileSettings
from multitool_lint.policy import pointer as pointers
from multitool_lint.syntax.source import Source

REASON = "known"
NARROW = "arn:aws:s3:::reports/*"


def statement(action: object, resource: object = NARROW, **more: object) -> dict[str, Any]:
    return {"Sid": "Store", "Effect": "Allow", "Action": action, "Resource": resource, **more}


def text_of(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)


def ignored(rule: str, text: str, path: str = "policy.json", **entry: object) -> Report:
    """The report of a source with one entry, and with nothing but the rule."""
    read = ignore_entry({"rule": rule, "reason": REASON, **entry}, Path.cwd())
    enabled = {id_: rules()[id_] for id_ in (rule, "unused-ignore")}
    return lint_with_settings(Source(path, text), FileSettings(enabled, ignores=Ignores((read,))))


def texts(findings: tuple[Finding, ...]) -> list[str]:
    return [finding.source.text[finding.span.start : finding.span.end] for finding in findings]


def test_an_entry_for_an_action_suppresses_that_and_not_a_wildcard_next_to_it() -> None:
    rule = "redundant-action"
    narrow = ["s3:Get*", "s3:GetObject"]
    report = ignored(rule, text_of(statement(narrow)), action="s3:get*")
    assert report.findings == ()
    assert [(entry.by, entry.reason) for entry in report.suppressed] == [("configuration", REASON)]
    assert texts((report.suppressed[0].finding,)) == ['"s3:Get*"']
    wide = ignored(rule, text_of(statement(["s3:*", *narrow])), action="s3:Get*")
    assert '"s3:*"' in texts(wide.findings)


@pytest.mark.parametrize(
    ("rule", "action", "wide"),
    [
        ("pass-role-any-resource", "iam:PassRole", "iam:P*"),
        ("create-service-linked-role-any-resource", "iam:CreateServiceLinkedRole", "iam:*"),
        ("permissions-management-actions", "dynamodb:PutResourcePolicy", "s3:*"),
        ("credentials-exposure", "secretsmanager:GetSecretValue", "secretsmanager:*"),
        ("data-exposure", "s3:GetObject", "dynamodb:*"),
        ("privilege-escalation", "iam:PutRolePolicy", "iam:PutRolePol*"),
        ("target-dependent-escalation", "sts:AssumeRole", "sts:*"),
        ("full-admin-access", "*", "*:*"),
        ("unknown-service", "zzqqxx:DoIt", "zzqqxx:*"),
    ],
)
def test_a_wildcard_that_does_the_same_is_not_suppressed_with_an_action(
    rule: str, action: str, wide: str
) -> None:
    named = statement(action, "*")
    for entry in ({"action": action}, {"sid": "Store"}, {"action": action, "sid": "Store"}):
        assert ignored(rule, text_of(named), **entry).findings == ()
        later = {**statement(wide, "*"), "Sid": "Later"}
        assert ignored(rule, text_of(named, later), **entry).findings
        assert ignored(rule, text_of(later, named), **entry).findings
    for actions in ([action, wide], [wide, action]):
        text = text_of(statement(actions, "*"))
        assert ignored(rule, text, action=action).findings
        assert ignored(rule, text, action=actions).findings == ()
        # Nor by a baseline, whose entries are fingerprints.
        [known] = ignored(rule, text_of(named), action="none:Such").findings[:1]
        found = ignored(rule, text, action="none:Such").findings
        assert {
            finding.fingerprint.partition(":")[0] for finding in found if finding.rule == rule
        } - {known.fingerprint.partition(":")[0]}


@pytest.mark.parametrize("rule", ["unscoped-resource", "public-access", "private-source-ip"])
def test_an_entry_for_the_actions_of_a_statement_does_not_hold_for_one_more(rule: str) -> None:
    more: dict[str, object] = {}
    resource = "*" if rule == "unscoped-resource" else NARROW
    if rule == "public-access":
        more = {"Principal": "*"}
    if rule == "private-source-ip":
        more = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    actions = ["s3:GetObject", "s3:PutObject"]

    def found(actions: list[str], named: list[str]) -> int:
        text = text_of(statement(actions, resource, **more))
        return len(ignored(rule, text, action=named).findings)

    assert found(actions, actions) == 0
    assert found(actions, [*actions, "s3:DeleteObject"]) == 0
    assert found(actions, ["s3:GetObject"]) == 1
    assert found([*actions, "s3:*"], actions) == 1


@pytest.mark.parametrize("count", [3, 5, 6])
def test_one_more_of_many_actions_is_reported_though_only_some_are_marked(count: int) -> None:
    kinds = ("Get", "Put", "Delete", "List", "Create", "Replicate")
    actions = [f"s3:{kind}*" for kind in kinds[:count]]
    text = text_of(statement(actions, "*"))
    assert ignored("unscoped-resource", text, action=actions).findings == ()
    text = text_of(statement([*actions, "sqs:*"], "*"))
    assert len(ignored("unscoped-resource", text, action=actions).findings) == 1


def test_an_entry_for_full_access_holds_for_its_statement_only() -> None:
    rule = "full-admin-access"
    admin = statement("*", "*")
    assert ignored(rule, text_of(admin), sid="Store", action="*", resource="*").findings == ()
    second = {**admin, "Sid": "Second"}
    report = ignored(rule, text_of(admin, second), sid="Store")
    assert len(report.findings) == len(report.suppressed) == 1
    assert report.findings[0].pointer.startswith("/Statement/1/")


def test_an_entry_for_a_role_does_not_hold_for_every_role_next_to_it() -> None:
    rule = "pass-role-any-resource"
    one = "arn:aws:iam::*:role/*"
    entry = {"action": "iam:PassRole", "resource": one}
    assert ignored(rule, text_of(statement("iam:PassRole", one)), **entry).findings == ()
    wide = text_of(statement("iam:PassRole", [one, "*"]))
    assert len(ignored(rule, wide, **entry).findings) == 1
    assert len(ignored(rule, text_of(statement("iam:*", one)), **entry).findings) == 1


def test_a_path_of_escalation_is_suppressed_by_its_actions_and_another_is_not() -> None:
    rule = "privilege-escalation"
    actions = ["iam:PassRole", "lambda:CreateFunction", "lambda:InvokeFunction"]
    text = text_of(statement(actions, "*"))
    report = ignored(rule, text, sid="Store", action=actions)
    assert report.findings == ()
    assert report.suppressed
    text = text_of(statement([*actions, "ec2:RunInstances"], "*"))
    assert texts(ignored(rule, text, sid="Store", action=actions).findings) == ['"iam:PassRole"']


def test_an_entry_for_a_principal_is_compared_with_what_is_written() -> None:
    rule = "public-access"
    policy = text_of(statement("s3:GetObject", Principal={"AWS": ["*"]}))
    assert ignored(rule, policy, principal="*").findings == ()
    assert len(ignored(rule, policy, principal="arn:aws:iam::111122223333:root").findings) == 1


def test_an_entry_without_more_suppresses_all_of_its_rule_and_nothing_of_others() -> None:
    text = text_of(statement(["s3:Get*", "s3:GetObject"]), statement(["s3:Put*", "s3:PutObject"]))
    assert ignored("redundant-action", text).findings == ()
    read = ignore_entry({"rule": "redundant-action", "reason": REASON}, Path.cwd())
    enabled = {id_: rules()[id_] for id_ in ("redundant-action", "duplicate-sid")}
    report = lint_with_settings(
        Source("a.json", text), FileSettings(enabled, ignores=Ignores((read,)))
    )
    assert {finding.rule for finding in report.findings} == {"duplicate-sid"}


@pytest.mark.parametrize("criterion", ["sid", "action", "resource", "principal"])
def test_an_empty_criterion_is_not_none(criterion: str) -> None:
    text = text_of(statement(["s3:Get*", "s3:GetObject"]))
    entry: dict[str, Any] = {criterion: ""}
    assert len(ignored("redundant-action", text, **entry).findings) == 1
    if criterion == "sid":
        text = text.replace('"Store"', '""')
        assert ignored("redundant-action", text, **entry).findings == ()


def test_what_reports_that_something_was_not_linted_is_never_suppressed() -> None:
    many = [{**statement("s3:GetObject"), "Sid": f"S{number}"} for number in range(1001)]
    report = ignored("oversized-policy", text_of(*many))
    assert len(report.findings) == len(report.suppressed) == 1
    assert report.findings[0].title.endswith("from here on are not checked")


def test_a_size_that_access_analyzer_accepts_is_ignored_as_any_other() -> None:
    report = ignored("oversized-policy", text_of(statement("s3:GetObject", "a" * 7000)))
    assert not report.findings
    assert [hidden.finding.issue_codes for hidden in report.suppressed] == [()]


@pytest.mark.parametrize(("today", "over"), [(date(2026, 5, 31), False), (date(2026, 6, 1), True)])
def test_an_entry_holds_through_its_last_day(today: date, over: bool) -> None:  # noqa: FBT001
    entry = {"rule": "old-version", "reason": REASON, "expires": date(2026, 5, 31)}
    read = ignore_entry(entry, Path.cwd())
    [entry_today] = covering((read,), "policy.json", today)
    settings = FileSettings(
        {"old-version": rules()["old-version"]}, ignores=Ignores((entry_today,))
    )
    old = text_of(statement("s3:GetObject")).replace("2012-10-17", "2008-10-17")
    assert len(lint_with_settings(Source("policy.json", old), settings).findings) == over


def test_entries_cover_the_files_that_their_path_matches(tmp_path: Path) -> None:
    def covers(path: str, pattern: str | None) -> bool:
        entry: dict[str, object] = {"rule": "old-version", "reason": REASON}
        read = ignore_entry({**entry, "path": pattern} if pattern else entry, tmp_path)
        return bool(covering((read,), str(tmp_path / path)))

    assert covers("a/b.json", "a/*.json")
    assert covers("a/b.json", "**")
    assert covers("a/b.json", None)
    assert not covers("a/b.json", "*.json")
    assert not covers("../b.json", "**")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "needs a rule"),
        ({"rule": "old-version"}, "needs a reason"),
        ({"rule": "old-version", "reason": " \t"}, "needs a reason"),
        ({"reason": "x"}, "needs a rule"),
        ({"rule": "old-versoin", "reason": "x"}, 'did you mean "old-version"?'),
        ({"rule": "internal-error", "reason": "x"}, "cannot be ignored"),
        ({"rule": "json-syntax-error", "reason": "x"}, "cannot be ignored"),
        ({"rule": "old-version", "reason": "x", "actoin": "y"}, 'mean "action"?'),
        ({"rule": "old-version", "reason": "x", "action": []}, "string or a list"),
        ({"rule": "old-version", "reason": "x", "action": [1]}, "must be a string"),
        ({"rule": "old-version", "reason": "x", "sid": 1}, "must be a string"),
        ({"rule": "old-version", "reason": "x", "path": "/etc"}, "not a path below"),
        ({"rule": "old-version", "reason": "x", "expires": "soon"}, "a date such as"),
        ({"rule": "old-version", "reason": "x", "expires": 2026}, "a date such as"),
    ],
)
def test_an_entry_that_cannot_be_followed_is_a_mistake(
    entry: dict[str, object], message: str
) -> None:
    with pytest.raises(ConfigError, match=message.replace("?", r"\?")):
        ignore_entry(entry, Path.cwd())


def test_settings_with_entries_survive_the_way_to_another_process() -> None:
    entry = {"rule": "old-version", "reason": REASON, "path": "**/*.json", "action": "s3:*"}
    read = ignore_entry({**entry, "expires": date(2030, 1, 1)}, Path.cwd())
    before = FileSettings({}, ignores=Ignores((read,), known=(("0" * 16, 2),)))
    after = pickle.loads(pickle.dumps(before))  # noqa: S301
    assert after.ignores == before.ignores
    assert repr(after) == repr(before)
    assert os.sep in repr(before) or "PosixPath" in repr(before)


def test_policies_of_an_account_are_distinguished_by_their_names() -> None:
    document = json.loads(text_of(statement(["s3:Get*", "s3:GetObject"])))
    policies = [
        {
            "PolicyName": name,
            "Arn": f"arn:aws:iam::111122223333:policy/{name}",
            "PolicyVersionList": [
                {"Document": document, "VersionId": "v1", "IsDefaultVersion": True}
            ],
        }
        for name in ("One", "Two")
    ]
    text = json.dumps({"UserDetailList": [], "Policies": policies}, indent=1)
    rule = "redundant-action"
    found = ignored(rule, text, sid="Other").findings
    assert [finding.fingerprint.partition(":")[2] for finding in found] == ["1", "1"]
    assert len({finding.fingerprint for finding in found}) == 2
    report = ignored(rule, text, sid="Store", action="s3:Get*")
    assert report.findings == ()
    assert texts(tuple(entry.finding for entry in report.suppressed)) == ['"s3:Get*"'] * 2
    assert report.suppressed[0].finding.source.path == "policy.json"


PAGES = sorted(path for path in Path(DIRECTORY).glob("*.md") if path.stem in rules())


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_each_finding_of_a_page_can_be_suppressed_by_what_it_is_about(path: Path) -> None:
    for example in re.findall(
        r"^```json\n(.*?)^```$", path.read_text("utf-8"), re.MULTILINE | re.DOTALL
    ):
        policies = read_source(Source("policy.json", example)).json_policies
        found = lint_with_settings(
            Source("policy.json", example), FileSettings({path.stem: rules()[path.stem]})
        )
        for finding in separate(found.findings) if policies else ():
            place = pointers.resolve(policies[0], finding.pointer)
            if place is None or place.statement is None:
                continue
            entry = {
                kind: list(subjects.values(finding, place, policies[0], kind))
                for kind in ("action", "resource", "principal")
            }
            narrow = {kind: values for kind, values in entry.items() if values}
            report = ignored(path.stem, example, **narrow)  # type: ignore[arg-type]
            assert finding in [entry.finding for entry in report.suppressed]
            for kind, values in narrow.items():
                changed = [f"{one}x" if one == values[0] else one for one in values]
                other = {**narrow, kind: changed}
                report = ignored(path.stem, example, **other)  # type: ignore[arg-type]
                assert finding in separate(report.findings)
