"""Statements and what the rules on dangerous access find in them."""

import json
from collections.abc import Mapping

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import rules
from multitool_lint.formats import read_source
from multitool_lint.linter.engine import lint_source
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import open_paths
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

DANGER = (
    "allow-not-action",
    "allow-not-principal",
    "allow-not-resource",
    "create-service-linked-role-any-resource",
    "credentials-exposure",
    "for-all-values-single-valued-key",
    "full-admin-access",
    "pass-role-any-resource",
    "permissions-management-actions",
    "privilege-escalation",
    "target-dependent-escalation",
)
CATALOG = bundled()
Statement = dict[str, object]


def allow(action: str | list[str], resource: object = "*", **more: object) -> Statement:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: object = "*", **more: object) -> Statement:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def text(*statements: Mapping[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2)


def policy(*statements: Statement) -> Policy:
    return read_source(Source("policy.json", text(*statements))).json_policies[0]


def findings(
    *statements: Mapping[str, object], type: str = "identity", enabled: tuple[str, ...] = DANGER
) -> tuple[Finding, ...]:
    return lint_source(
        Source("policy.json", text(*statements)),
        type=PolicyType(type),
        enabled={id_: rules()[id_] for id_ in enabled},
    ).findings


def found(*statements: Mapping[str, object], type: str = "identity") -> set[str]:
    return {finding.rule for finding in findings(*statements, type=type)}


def codes(*statements: Statement) -> set[str]:
    return {code for finding in findings(*statements) for code in finding.issue_codes}


def ids(*statements: Statement) -> set[str]:
    return {open_path.path.id for open_path in open_paths(policy(*statements), CATALOG)}


NOT_ACTION = "STAR_IN_RESOURCE_AND_NOT_ACTION"
NOT_ADMIN = {"Effect": "Allow", "NotAction": "s3:*", "Resource": "*"}
