"""Ranges of addresses that begin with another address than is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.condition_values import network
from multitool_lint.diagnostics.finding import Fix, Safety
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import strings_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.finding import Context, Finding
    from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every range that has bits set behind its mask."""
    for statement in policy.statements:
        for condition in statement.conditions:
            operator = condition.comparison
            if operator is None or operator.family != "IPAddress":
                continue
            for node, text in strings_of(condition.values):
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
