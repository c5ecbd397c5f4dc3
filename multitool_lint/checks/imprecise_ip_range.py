"""Ranges of IP addresses that are not written with their first address."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_values import network
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import safe
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.patch.change import set_value


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each range with bits that its prefix length does not cover."""
    for _, condition in policy.conditions:
        if condition.comparison.family != "IPAddress":
            continue
        for node, text in condition.texts:
            better = _first_address(text)
            if better:
                yield context.finding(
                    node,
                    f'"{text}" is evaluated as "{better}"',
                    notes=("AWS ignores the bits of an address after the prefix length",),
                    help=f'use "{better}", or a longer prefix length for a smaller range',
                    fixes=safe(f'Replace with "{better}"', set_value(node, better)),
                )


def _first_address(text: str) -> str | None:
    """The range with its first address, if it is written with another one."""
    found = network(text) if "/" in text else None
    if found is None:
        return None
    from ipaddress import ip_address

    written = ip_address(text.partition("/")[0])
    return None if written == found.network_address else str(found)
