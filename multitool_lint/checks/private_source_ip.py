"""Private addresses in conditions on aws:SourceIp, which is always a public address."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.condition_values import network
from multitool_lint.diagnostics.finding import Context, Finding, Related, quoted, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.syntax.tree import Node

_KEY = "aws:sourceip"
_PRIVATE = ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""RFC 1918, and RFC 4193 for IPv6: ranges that are not routed on the internet."""

_INSTEAD = (
    "specify public addresses, or use aws:VpcSourceIp with aws:SourceVpc for requests of a VPC"
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every such condition with a private range."""
    for statement, condition in policy.conditions:
        if condition.lower_key == _KEY and condition.comparison.family == "IPAddress":
            found = _finding(statement, condition, context)
            if found:
                yield found


def _finding(statement: Statement, condition: Condition, context: Context) -> Finding | None:
    negated = condition.comparison.negated
    ranges = [(node, _is_private(node.value)) for node in condition.values]
    private = [node for node, is_private in ranges if is_private]
    # A value that is unknown or not a range may be public.
    if not private or any(is_private is None for _, is_private in ranges):
        return None
    code = "PRIVATE_NOT_IP_ADDRESS" if negated else "PRIVATE_IP_ADDRESS"
    never = f"`{condition.key.key}` is never a private address"
    if len(private) == len(ranges):
        holds = "always" if negated else "never"
        return context.finding(
            condition.key,
            f"{never}, so this condition {holds} holds",
            label=f"{holds} holds",
            related=_places(private),
            notes=(_outcome(statement, negated=negated),),
            help=_INSTEAD,
            issue_code=code,
        )
    alone = len(private) == 1
    subject = quoted(private[0].value) if alone else f"{len(private)} ranges"
    return context.finding(
        condition.key,
        f"{subject} {'matches' if alone else 'match'} no request: {never}",
        related=_places(private),
        help=f"remove {'it' if alone else 'them'}, or {_INSTEAD}",
        issue_code=f"{code}_SUBSET",
        severity=Severity.SUGGESTION,
    )


def _places(nodes: list[Node]) -> tuple[Related, ...]:
    return tuple(related(node, "private") for node in nodes)


def _outcome(statement: Statement, *, negated: bool) -> str:
    verb = "allows" if statement.allows else "denies"
    if negated:
        return f"the statement {verb} requests from all addresses"
    return f"the statement {verb} nothing"


@lru_cache(maxsize=1024)
def _is_private(value: object) -> bool | None:
    """Whether a range is private; None if the value is not a range."""
    from ipaddress import ip_network

    found = network(value) if isinstance(value, str) else None
    if found is None:
        return None
    first, last = found.network_address, found.broadcast_address
    return any(first in private and last in private for private in map(ip_network, _PRIVATE))
