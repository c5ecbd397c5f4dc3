"""Ranges of addresses that begin with another address than is written."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_values import network
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.patch.change import set_value


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every range that has bits set behind its mask."""
    for _, condition in policy.conditions:
        if condition.comparison.family != "IPAddress":
            continue
        for node, text in condition.texts:
            better = _first_address(text)
            if better:
                change = set_value(node, better)
                yield context.finding(
                    node,
                    f'AWS ignores the bits of "{text}" behind its mask; write "{better}"',
                    fixes=(Fix(f'write "{better}": same range', (change,), Safety.SAFE),),
                )


def _first_address(text: str) -> str | None:
    """The range as it is meant to be written, if it is written otherwise."""
    found = network(text) if "/" in text else None
    if found is None:
        return None
    from ipaddress import ip_address

    written = ip_address(text.partition("/")[0])
    return None if written == found.network_address else str(found)
