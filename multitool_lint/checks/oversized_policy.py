"""Policies that are larger than AWS accepts."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import policy_types
from multitool_lint.diagnostics.finding import FILE, Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.policy_type import PolicyType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.policy_types import Quota
    from multitool_lint.syntax.tree import Node

_CODES = {
    PolicyType.IDENTITY: "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
    PolicyType.RESOURCE: "POLICY_SIZE_EXCEEDS_RESOURCE_POLICY_QUOTA",
    PolicyType.TRUST: "POLICY_SIZE_EXCEEDS_ROLE_TRUST_POLICY_QUOTA",
    PolicyType.SCP: "POLICY_SIZE_EXCEEDS_SCP_QUOTA",
    PolicyType.RCP: "POLICY_SIZE_EXCEEDS_RCP_QUOTA",
    PolicyType.BOUNDARY: "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
    PolicyType.SESSION: "POLICY_SIZE_EXCEEDS_IDENTITY_POLICY_QUOTA",
}
_ORGANIZATIONS = (PolicyType.SCP, PolicyType.RCP)
_STATEMENTS_SHOWN = 3
_SMALLEST_QUOTA = 2048


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for a policy whose size is above the quota of what it is attached to."""
    start, end = policy.root.span
    if end - start <= _SMALLEST_QUOTA:
        return
    from multitool_lint.policy.size import least_sizes, quota_of, sizes

    quota = quota_of(policy)
    # A character has at most four bytes.
    if quota is None or (end - start) * (4 if quota.unit == "bytes" else 1) <= quota.limit:
        return
    written, packed = sizes(policy.source.text[start:end], quota)
    if (written if quota.counts_whitespace else packed) <= quota.limit:
        return
    written, packed, is_exact = least_sizes(policy, quota)
    if (written if quota.counts_whitespace else packed) <= quota.limit:
        return
    finding = context.finding(
        _place(policy),
        _title(quota, written, packed, "" if is_exact else "at least "),
        label="the largest statement" if policy.statements else "",
        notes=tuple(_notes(policy, quota, written, packed)),
        help=_help(quota, packed),
        issue_code=_code(policy, packed),
        severity=None if policy.type in _ORGANIZATIONS else Severity.WARNING,
    )
    yield finding._replace(whole=policy.root.span)


def _code(policy: Policy, packed: int) -> str:
    """The code of Access Analyzer, which compares identity policies with their largest quota."""
    accepted = policy.type.has_identity_grammar and packed <= _largest().limit
    return "" if accepted else _CODES[policy.type]


def _largest() -> Quota:
    return policy_types.quotas()["AWS::IAM::RolePolicy"]


def _place(policy: Policy) -> Node:
    """The largest statement, so that not the whole policy is underlined."""
    largest = max(policy.statements, key=_length, default=None)
    return largest.node if largest else policy.root


def _length(statement: Statement) -> int:
    return statement.node.span.end - statement.node.span.start


def _title(quota: Quota, written: int, packed: int, least: str) -> str:
    size = written if quota.counts_whitespace else packed
    return (
        f"The policy has {least}{size:,} {quota.unit}; "
        f"AWS accepts {quota.limit:,} for {quota.policy}"
    )


def _notes(policy: Policy, quota: Quota, written: int, packed: int) -> Iterator[str]:
    if quota.counts_whitespace:
        yield f"whitespace counts; without it, the policy has {packed:,} {quota.unit}"
    else:
        yield f"whitespace does not count; with it, the policy has {written:,} {quota.unit}"
    if policy.type is PolicyType.IDENTITY and packed > _largest().limit > quota.limit:
        yield f"AWS accepts {_largest().limit:,} for {_largest().policy}"
    sizes = [(_packed(policy, statement), -at) for at, statement in enumerate(policy.statements)]
    names = [_named(policy, size, -at) for size, at in sorted(sizes)[: -_STATEMENTS_SHOWN - 1 : -1]]
    if names:
        noun = "statement" if len(names) == 1 else "statements"
        yield f"largest {noun}: {enumerate_briefly(names)}"


def _help(quota: Quota, packed: int) -> str:
    if quota.counts_whitespace and packed <= quota.limit:
        return "remove line breaks and indentation"
    return f"split the policy; to shorten it, run: multitool-lint shrink {FILE}"


def _packed(policy: Policy, statement: Statement) -> int:
    from multitool_lint.policy.size import packed_length

    return packed_length(policy.source.text[slice(*statement.node.span)])


def _named(policy: Policy, size: int, place: int) -> str:
    sid = policy.statements[place].sid
    value = sid.value if sid else None
    name = f'"{value}"' if isinstance(value, str) else f"number {place + 1}"
    return f"{name} ({size:,})"
