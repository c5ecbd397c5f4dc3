"""Actions of services that the catalog does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from multitool_lint.action_standings import with_standing
from multitool_lint.findings import Fix, Safety, related
from multitool_lint.iam.standing import Standing
from multitool_lint.source import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Node, Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every action whose service prefix is unknown; one for all that nothing is suggested for."""
    catalog = context.catalog
    nodes: dict[str, list[Node]] = {}
    for each in with_standing(policy, catalog, Standing.UNKNOWN_SERVICE):
        prefix, _, name = each.text.partition(":")
        message = f'no service "{prefix}" is known to the catalog of {catalog.date}'
        likely = [*filter(None, [catalog.renamed(prefix)]), *catalog.close_services(prefix)]
        # An action that the service has as well makes the guess at the service a good one.
        close = [service for service in likely if catalog.match(f"{service}:{name}")]
        if close:
            message += f'; did you mean "{close[0]}"?'
            edit = Edit(each.node.span, json.dumps(f"{close[0]}:{name}"))
            fix = Fix(f'write "{close[0]}:{name}"', (edit,), Safety.UNSAFE)
            yield context.finding(each.node, message, fixes=(fix,))
        else:
            nodes.setdefault(message, []).append(each.node)
    for message, (first, *others) in nodes.items():
        yield context.finding(
            first, message, related=tuple(related(node, "and this") for node in others)
        )
