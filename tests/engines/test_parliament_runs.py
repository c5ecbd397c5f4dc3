"""When parliament is asked, and that no policy makes it fail or take long."""

import itertools
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.parliament_findings import (
    CORRECT,
    CRASH,
    UNKNOWN_ACTION,
    confirmed,
    document,
    found,
    policies,
)

from multitool_lint import lint
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import rules
from multitool_lint.engines.parliament import engine, workload
from multitool_lint.engines.parliament.definition import Definition
from multitool_lint.engines.parliament.loading import load as load_parliament
from multitool_lint.formats import read_source
from multitool_lint.limits import MAX_PARLIAMENT_MICROSECONDS
from multitool_lint.linter.truncate import Budget
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source


def test_it_is_not_asked_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> list[engine.Issue]:
        raise AssertionError

    monkeypatch.setattr(engine, "ask", refuse)
    fine = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
    assert not lint(document(fine))
    rules_ = {finding.rule for finding in lint(document(fine), select=["ALL"])}
    assert rules_ == {"missing-sid"}
    assert [finding.rule for finding in lint(document({**fine, "Resource": "*"}), select=["ALL"])][
        1:
    ] == [
        "data-exposure",
        "unscoped-resource",
    ]


def test_the_same_policy_gives_the_same_findings_in_any_thread() -> None:
    statements = [{**CORRECT, "Resource": f"arn:aws:s3:::reports{at}"} for at in range(20)]
    statements += [{**UNKNOWN_ACTION, "Action": f"sqs:No{at}"} for at in range(20)]
    alone = [found(statement, enabled=rules()) for statement in statements]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda written: found(written, enabled=rules()), statements * 5))
    assert together == alone * 5
    assert any(finding.confirmed_by for findings in alone for finding in findings)


def test_another_catalog_has_answers_of_its_own(tmp_path: Path) -> None:
    for name in ("sources.tsv", "index.tsv", "operations.tsv"):
        (tmp_path / name).write_bytes((Path(BUNDLED) / name).read_bytes())
    services = tmp_path / "services"
    services.mkdir()
    text = (Path(BUNDLED) / "services" / "s3.tsv").read_text(encoding="utf-8")
    assert "\nGetObject\t" in text
    (services / "s3.tsv").write_text(text.replace("\nGetObject\t", "\nGetObjecs\t"))
    other = Catalog(str(tmp_path))
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
    enabled = {"unknown-action": rules()["unknown-action"]}
    for _ in range(2):
        [finding] = found(statement, enabled=enabled, catalog=other)
        assert finding.confirmed_by == ("parliament",)
        [policy] = policies(document(statement))
        assert engine.ask(policy, bundled(), lambda _: True) == []


def test_where_it_fails_there_is_no_opinion(tmp_path: Path) -> None:
    parliament = load_parliament()
    [policy] = policies(document(CRASH))
    parliament.definition[:] = Definition(bundled()).services(policy)
    with pytest.raises(TypeError):
        parliament.Policy(engine.as_jsoncfg(policy.root, parliament.nodes)).analyze()
    both = {**CRASH, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"}
    assert {finding.rule for finding in lint(document(both), confirm_all=True)} == {
        "mismatched-resource"
    }
    assert confirmed(both) == []
    assert confirmed(UNKNOWN_ACTION) == ["unknown-action /Statement/0/Action"]
    path = tmp_path / "policy.json"
    path.write_text(document(both), encoding="utf-8")
    assert main(["check", str(path), "--no-cache", "--no-config", "--verbose"]) == 1


def test_it_is_asked_about_the_statements_with_findings() -> None:
    assert confirmed(UNKNOWN_ACTION, CRASH) == ["unknown-action /Statement/0/Action"]
    assert confirmed(CRASH, UNKNOWN_ACTION) == ["unknown-action /Statement/1/Action"]


@pytest.mark.parametrize(
    "statement",
    [
        # comparing these would take parliament minutes or more
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{'*a' * 30}"},
        {"Action": "s3:GetObject", "Resource": [f"arn:aws:s3:::{'/' * 300}x"] * 3},
        {"Action": "*:*Tag*", "Resource": "*"},
        {
            "Action": "ec2:*",
            "Resource": "*",
            "Condition": {"StringEquals": {f"ec2:Key{at}": "x" for at in range(300)}},
        },
        {
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"s3:x": f"arn:{':' * 200}\nx"}},
        },
    ],
)
def test_what_would_take_long_is_not_asked(statement: dict[str, object]) -> None:
    actions = [statement["Action"], UNKNOWN_ACTION["Action"]]
    text = document({"Effect": "Allow", **statement, "Action": actions})
    [policy] = policies(text)
    assert workload.microseconds(policy, bundled()) > MAX_PARLIAMENT_MICROSECONDS
    found = lint(text, confirm_all=True)
    assert {"unknown-action"} <= {finding.rule for finding in found}
    assert not any(finding.confirmed_by for finding in found)


def test_the_time_is_that_of_all_policies_of_a_source() -> None:
    limits = Budget()
    assert limits.spend(MAX_PARLIAMENT_MICROSECONDS - 1)
    assert not limits.spend(2)
    assert limits.spend(1)


def test_a_broken_installation_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> object:
        raise ModuleNotFoundError("No module named 'parliament'")

    monkeypatch.setattr(engine, "analysis", fail)
    findings = lint(document(UNKNOWN_ACTION))
    assert {finding.rule for finding in findings} == {"unknown-action", "internal-error"}
    assert "parliament failed on this policy" in findings[0].title + findings[1].title


STRANGE: tuple[object, ...] = (
    "x",
    7,
    1.5,
    True,
    None,
    [],
    {},
    ["x", 7, None, {}],
    {"Fn::Sub": "x"},
    "${var.name}",
)


def variants(value: object) -> Iterator[object]:
    """The value with each part of it replaced by something strange, one at a time."""
    yield from STRANGE
    if isinstance(value, dict):
        for key, inner in value.items():
            yield {other: value[other] for other in value if other != key}
            yield from ({**value, key: variant} for variant in variants(inner))
    if isinstance(value, list):
        for at, inner in enumerate(value):
            yield from ([*value[:at], variant, *value[at + 1 :]] for variant in variants(inner))


@pytest.mark.parametrize(
    "type_",
    [
        pytest.param(type_, marks=[pytest.mark.exhaustive] * (number > 1))
        for number, type_ in enumerate(PolicyType)
    ],
)
def test_no_policy_makes_a_rule_or_parliament_fail(type_: PolicyType) -> None:
    for statement in itertools.chain([CORRECT], variants(CORRECT)):
        both = [statement, {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "x"}]
        for written in (statement, both):
            findings = found(written, type_)
            assert "internal-error" not in {finding.rule for finding in findings}
        text = json.dumps({"Version": "2012-10-17", "Statement": both})
        for policy in read_source(Source("policy.json", text), type=type_).json_policies:
            engine.ask(policy, bundled(), lambda _: True)
