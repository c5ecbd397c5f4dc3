"""Actions of services that the catalog does not know."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from multitool_lint.findings import Fix, Safety
from multitool_lint.iam.standing import Standing, standing
from multitool_lint.policy import texts
from multitool_lint.source import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.findings import Context, Finding
    from multitool_lint.policy import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every action whose service prefix is unknown."""
    catalog = context.catalog
    for statement in policy.statements:
        for node, action in texts(statement.actions):
            if standing(catalog, action) is not Standing.UNKNOWN_SERVICE:
                continue
            prefix, _, name = action.partition(":")
            message = f'no service "{prefix}" is known to the catalog of {catalog.date}'
            likely = [*filter(None, [catalog.renamed(prefix)]), *catalog.close_services(prefix)]
            # An action that the service has as well makes the guess at the service a good one.
            close = [each for each in likely if catalog.match(f"{each}:{name}")]
            fixes: tuple[Fix, ...] = ()
            if close:
                message += f'; did you mean "{close[0]}"?'
                edit = Edit(node.span, json.dumps(f"{close[0]}:{name}"))
                fixes = (Fix(f'write "{close[0]}:{name}"', (edit,), Safety.UNSAFE),)
            yield context.finding(node, message, fixes=fixes)
