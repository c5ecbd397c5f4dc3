"""Trust in workflows of GitHub Actions whatever their repository or branch."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.iam import conditions, patterns
from multitool_lint.iam.identity_providers import provider
from multitool_lint.named_principals import named
from multitool_lint.policy import UNKNOWN, texts

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Policy, Statement

_REPOSITORY = re.compile(r"repo:[^:/]+/[^:/]+(:|$)")
_REF = re.compile(r"(?:^|[:@])refs/(?:heads|tags)/([^:]+)")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every subject that leaves the repository or the branch open."""
    for statement in policy.statements:
        if not (statement.allows and statement.conditions):
            continue
        hosts = {
            known.name
            for each in named(statement, "Federated")
            if (known := provider(each.text)) and known.is_github
        }
        if hosts:
            yield from _open_subjects(statement, hosts, context)


def _open_subjects(statement: Statement, hosts: set[str], context: Context) -> Iterator[Finding]:
    for condition in statement.conditions:
        host, _, claim = condition.key.key.lower().rpartition(":")
        operator = conditions.operator(condition.operator.key)
        if claim != "sub" or host not in hosts or operator is None:
            continue
        if operator.negated or operator.family == "Null":
            continue
        ref_is_set = _names_ref(statement, host)
        for node, text in texts(condition.values):
            missing = _left_open(text, ref_is_set=ref_is_set)
            if missing:
                yield context.finding(
                    node,
                    f'"{text}" lets in {missing}: write it like '
                    '"repo:owner/name:ref:refs/heads/main", or name the branch in a condition on '
                    f"{host}:ref",
                )


def _left_open(subject: str, *, ref_is_set: bool) -> str:
    """Say what a subject leaves open, nothing if it is specific."""
    if "${" in subject:
        return ""
    repository = _REPOSITORY.match(subject)
    head = repository[0] if repository else subject
    if patterns.has_wildcard(head):
        return "workflows of more than one repository"
    ref = _REF.search(subject)
    if ref_is_set or (ref and not patterns.has_wildcard(ref[1])):
        return ""
    return "workflows of any branch"


def _names_ref(statement: Statement, host: str) -> bool:
    return any(
        each.key.key.lower() == f"{host}:ref"
        and (operator := conditions.operator(each.operator.key)) is not None
        and not operator.negated
        and operator.family != "Null"
        and all(
            node.value is UNKNOWN
            or not (isinstance(node.value, str) and patterns.has_wildcard(node.value))
            for node in each.values
        )
        for each in statement.conditions
    )
