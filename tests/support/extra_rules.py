"""Statements, and what a rule of the configuration finds in them."""

import json
from pathlib import Path
from typing import Any

from multitool_lint.config import read_config
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.linter.lint import lint_with_settings
from multitool_lint.linter.settings import FileSettings
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source


def allow(action: object = "s3:GetObject", resource: object = "*", **more: object) -> Any:  # noqa: ANN401 - JSON
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: object, resource: object = "*", **more: object) -> Any:  # noqa: ANN401 - JSON
    return {"Effect": "Deny", "Action": action, "Resource": resource, **more}


def condition(operator: str, key: str, value: object) -> dict[str, Any]:
    return {"Condition": {operator: {key: value}}}


def but(action: object, resource: object = "*") -> Any:  # noqa: ANN401 - JSON
    return {"Effect": "Allow", "NotAction": action, "Resource": resource}


def to(principal: object, action: object = "s3:GetObject", **more: object) -> Any:  # noqa: ANN401 - JSON
    return allow(action, "arn:aws:s3:::b/*", Principal=principal, **more)


def found(folder: Path, rule: str, *statements: Any, type_: str | None = None) -> list[Finding]:  # noqa: ANN401 - JSON
    """The findings of one rule, written in TOML, in a policy of some statements."""
    file = folder / "multitool-lint.toml"
    text = f'[[rules]]\nid = "own"\nmessage = "not here"\n{rule}\n'
    file.write_text(text, encoding="utf-8")
    config = read_config(str(file))
    policy = json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=1)
    settings = FileSettings(
        {extra.rule.id: extra.rule for extra in config.extra_rules},
        PolicyType(type_) if type_ else None,
    )
    report = lint_with_settings(Source("policy.json", policy), settings)
    assert not report.unchecked, report.findings
    return list(report.findings)
