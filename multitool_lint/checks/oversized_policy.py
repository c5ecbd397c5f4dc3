"""Policies that are larger than AWS accepts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from multitool_lint.aws import policy_types
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, PolicyType, Statement
from multitool_lint.syntax.placeholders import has_expression, without_expressions
from multitool_lint.syntax.tree import UNKNOWN, Node, scalars

if TYPE_CHECKING:
    from multitool_lint.aws.policy_types import Quota

_CODES = {
    PolicyType.IDENTITY: "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
    PolicyType.RESOURCE: "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
    PolicyType.TRUST: "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
    PolicyType.SCP: "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
    PolicyType.RCP: "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
}
_ORGANIZATIONS = (PolicyType.SCP, PolicyType.RCP)
_STATEMENTS_SHOWN = 3
_SMALLEST_QUOTA = 2048


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for a policy whose size is above the quota of what it is attached to."""
    start, end = policy.root.span
    if end - start <= _SMALLEST_QUOTA:
        return
    from multitool_lint.policy.size import quota_of, sizes

    quota = quota_of(policy)
    # A character has at most four bytes.
    if quota is None or (end - start) * (4 if quota.unit == "bytes" else 1) <= quota.limit:
        return
    written, packed = sizes(policy.source.text[start:end], quota)
    if (written if quota.counts_whitespace else packed) <= quota.limit:
        return
    unknown = [node for node in scalars(policy.root) if _is_unknown(node)]
    if unknown:
        written, packed = sizes(_certain(policy, unknown), quota)
        if (written if quota.counts_whitespace else packed) <= quota.limit:
            return
    yield replace(
        context.finding(
            _place(policy),
            _message(policy, quota, written, packed, "at least " if unknown else ""),
            issue_code=_code(policy, packed),
            severity=None if policy.type in _ORGANIZATIONS else Severity.WARNING,
        ),
        whole=policy.root.span,
    )


def _code(policy: Policy, packed: int) -> str:
    """The check of Access Analyzer, which compares identity policies with their largest quota."""
    accepted = policy.type is PolicyType.IDENTITY and packed <= _largest().limit
    return "" if accepted else _CODES[policy.type]


def _largest() -> Quota:
    return policy_types.quotas()["AWS::IAM::RolePolicy"]


def _is_unknown(node: Node) -> bool:
    return node.value is UNKNOWN or (isinstance(node.value, str) and has_expression(node.value))


def _certain(policy: Policy, unknown: list[Node]) -> str:
    """The text without what a template fills in, which may well be empty."""
    text, start = policy.source.text, policy.root.span.start
    parts = []
    for node in sorted(unknown, key=lambda node: node.span):
        parts.append(text[start : node.span.start])
        if isinstance(node.value, str):
            parts.append(f'"{without_expressions(node.value)}"')
        start = node.span.end
    return "".join([*parts, text[start : policy.root.span.end]])


def _place(policy: Policy) -> Node:
    """The largest statement: the whole policy would be underlined from end to end."""
    largest = max(policy.statements, key=_length, default=None)
    return largest.node if largest else policy.root


def _length(statement: Statement) -> int:
    return statement.node.span.end - statement.node.span.start


def _message(policy: Policy, quota: Quota, written: int, packed: int, least: str) -> str:
    unit = quota.unit
    if quota.counts_whitespace:
        size = f"{least}{written:,} {unit} as written, {packed:,} of them without whitespace"
        counted = "whitespace counts"
    else:
        size = f"{least}{packed:,} {unit} without whitespace, {written:,} as written"
        counted = "whitespace does not count"
    quotas = [quota]
    if policy.type is PolicyType.IDENTITY and packed > _largest().limit > quota.limit:
        quotas.append(_largest())
    accepted = " and ".join(f"{known.limit:,} for {known.policy}" for known in quotas)
    message = f"the policy has {size}; AWS accepts {accepted} ({counted})"
    if quota.counts_whitespace and packed <= quota.limit:
        return f"{message}; without line breaks and indentation it fits"
    sizes = [(_packed(policy, statement), -at) for at, statement in enumerate(policy.statements)]
    names = [_named(policy, size, -at) for size, at in sorted(sizes)[: -_STATEMENTS_SHOWN - 1 : -1]]
    largest = "the largest statements are" if len(names) > 1 else "the statement is"
    return f"{message}; shorten it or split it up: {largest} {enumerate_briefly(names)}"


def _packed(policy: Policy, statement: Statement) -> int:
    from multitool_lint.policy.size import packed_length

    return packed_length(policy.source.text[slice(*statement.node.span)])


def _named(policy: Policy, size: int, place: int) -> str:
    sid = policy.statements[place].sid
    value = sid.value if sid else None
    name = f'"{value}"' if isinstance(value, str) else f"number {place + 1}"
    return f"{name} ({size:,})"
