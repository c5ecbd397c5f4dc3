"""Plans and states of Terraform: every policy in them, named by its address, at its place."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.formats import is_output, read_source
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.result import Problem, Skipped
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:NoSuch", "Resource": "*"}],
    }
)
TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"Service": "ec2.amazonaws.com"},
            }
        ],
    }
)


def change(type_: str, after: Any, unknown: Any = None, mode: str = "managed") -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {
        "address": f"{type_}.x",
        "mode": mode,
        "type": type_,
        "name": "x",
        "change": {"actions": ["create"], "before": None, "after": after, "after_unknown": unknown},
    }


def plan(*changes: dict[str, Any]) -> str:
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.9.0",
            "planned_values": {"root_module": {"resources": []}},
            "resource_changes": changes,
            "configuration": {"root_module": {}},
        },
        ensure_ascii=False,
    )


def stream(text: str) -> list[FoundPolicy | Problem | Skipped]:
    return list(read_source(Source("plan.json", text)).stream)


def named(text: str) -> dict[str | None, tuple[str, str | None]]:
    return {
        candidate.policy.name: (candidate.policy.type.value, candidate.policy.resource_type)
        for candidate in stream(text)
        if isinstance(candidate, FoundPolicy)
    }


def test_a_plan_has_the_policies_that_will_be() -> None:
    text = plan(
        change(
            "aws_iam_role",
            {
                "description": "é😀 {",
                "assume_role_policy": TRUST,
                "inline_policy": [{"name": "a", "policy": POLICY}, {"name": "b", "policy": ""}],
            },
        ),
        change("aws_organizations_policy", {"content": POLICY, "type": "RESOURCE_CONTROL_POLICY"}),
        change("aws_organizations_policy", {"content": POLICY, "type": "TAG_POLICY"}),
        change("aws_iam_policy", None),
        change("aws_iam_policy_document", {"json": POLICY}, mode="data"),
        change("unknown_thing", {"deep": {"er": [{"policy": POLICY}]}}),
        change("aws_sns_topic", {"name": "x"}, {"policy": True, "arn": True}),
    )
    assert is_output(Source("plan.json", text))
    assert named(text) == {
        "aws_iam_role.x.assume_role_policy": ("trust", None),
        "aws_iam_role.x.inline_policy[0].policy": ("identity", "AWS::IAM::RolePolicy"),
        "aws_organizations_policy.x.content": ("rcp", None),
        "unknown_thing.x.deep.er[0].policy": ("identity", None),
    }
    skipped = [candidate for candidate in stream(text) if isinstance(candidate, Skipped)]
    assert [(block.why.in_words(), block.unread) for block in skipped] == [
        ("a policy in another language than IAM's", False),
        ("a policy that is known after apply", True),
    ]


def test_a_finding_is_at_its_place_in_the_escaped_string() -> None:
    text = plan(change("aws_iam_policy", {"description": "😀", "policy": POLICY}))
    (finding,) = (
        finding
        for finding in lint_source(Source("plan.json", text)).findings
        if finding.rule == "unknown-action"
    )
    assert text[slice(*finding.span)] == r"\"s3:NoSuch\""
    assert finding.policy_name == "aws_iam_policy.x.policy"


def module(address: str, *modules: dict[str, Any]) -> dict[str, Any]:
    values = {"values": {"policy": POLICY}, "type": "aws_iam_policy", "mode": "managed"}
    return {"resources": [{"address": address, **values}], "child_modules": modules}


def test_a_state_has_the_policies_of_all_modules() -> None:
    tree = module("a.x", module("module.b.x", module("module.b.module.c.x")), module("module.d.x"))
    shown = {"format_version": "1.0", "terraform_version": "1.9.0", "values": {"root_module": tree}}
    assert list(named(json.dumps(shown))) == [
        "a.x.policy",
        "module.b.x.policy",
        "module.b.module.c.x.policy",
        "module.d.x.policy",
    ]


def test_a_state_file_has_them_by_address() -> None:
    resource = {"mode": "managed", "type": "aws_iam_policy", "name": "x"}
    state = {
        "version": 4,
        "terraform_version": "1.9.0",
        "serial": 1,
        "resources": [
            {**resource, "instances": [{"attributes": {"policy": POLICY}}]},
            {
                **resource,
                "module": "module.m",
                "instances": [
                    {"index_key": "a", "attributes": {"policy": POLICY}},
                    {"index_key": 1, "attributes": {"policy": POLICY}},
                    {"index_key": {"odd": 1}, "attributes": {"policy": POLICY}},
                ],
            },
            {**resource, "mode": "data", "instances": [{"attributes": {"policy": POLICY}}]},
        ],
    }
    assert list(named(json.dumps(state, indent=2))) == [
        "aws_iam_policy.x.policy",
        'module.m.aws_iam_policy.x["a"].policy',
        "module.m.aws_iam_policy.x[1].policy",
        "module.m.aws_iam_policy.x.policy",
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"format_version": "1", "terraform_version": "1", "resource_changes": 7, "": "Statement"}',
        '{"format_version": "1.2", "terraform_version": "1.9.0", "values": [], "x": "Statement"}',
        '{"terraform_version": "1.9.0", "serial": 1, "resources": {}, "x": "Statement"}',
        '{"terraform_version": "1.9.0", "serial": 1, "resources": [3, [], {}], "x": "Statement"}',
        plan(change("aws_iam_policy", 5), {"change": 3}, {"change": {"after": []}}) + " ",
        plan({"x": "Statement"}),
    ],
)
def test_a_plan_of_another_shape_has_no_policies(text: str) -> None:
    assert is_output(Source("plan.json", text)) or "Statement" not in text
    assert not stream(text)


def test_a_broken_plan_is_reported() -> None:
    text = plan(change("aws_iam_policy", {"policy": POLICY}))
    problems = [candidate for candidate in stream(text[:-40]) if isinstance(candidate, Problem)]
    assert [problem.message.rpartition("(")[2] for problem in problems] == [
        "the rest of the file was not read)"
    ]
    broken = plan(change("aws_iam_policy", {"policy": POLICY.replace('"Allow",', '"Allow"')}))
    report = lint_source(Source("plan.json", broken))
    assert [finding.rule for finding in report.findings] == ["json-syntax-error"]


def test_deep_values_do_not_crash() -> None:
    text = plan(change("aws_iam_policy", {"policy": POLICY}))
    deep = text.replace('"before": null', f'"before": {"[" * 100_000}{"]" * 100_000}')
    assert [type(candidate) for candidate in stream(deep)] == [Problem]
    inner = text.replace('"after_unknown": null', f'"after_unknown": {"[" * 60}true{"]" * 60}')
    assert [type(candidate) for candidate in stream(inner)] == [FoundPolicy]


def test_a_policy_is_not_changed_in_a_plan(tmp_path: Path) -> None:
    path = tmp_path / "plan.json"
    text = plan(change("aws_iam_policy", {"policy": POLICY}))
    path.write_text(text, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "multitool_lint", "fix", "--write", str(path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert "change them where they come from" in done.stderr
    assert path.read_text(encoding="utf-8") == text
