"""Statements that grant every action of a service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import FILE, Context, Finding, quoted
from multitool_lint.policy.access import all_actions, covers_service
from multitool_lint.policy.document import Policy
from multitool_lint.policy.resources import is_everywhere, restricts_target


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every pattern in Action that matches all actions of a service."""
    for statement in policy.statements:
        if not statement.allows or statement.negates_actions:
            continue
        for at in statement.wildcards:
            text = statement.action_names[at]
            count = _count(context.catalog, text) if covers_service(text) else 0
            if count > 1:
                everywhere = is_everywhere(statement) and not restricts_target(statement)
                if context.rule.brief and not everywhere:
                    continue
                prefix = text.partition(":")[0]
                where = " on all resources" if everywhere else ""
                yield context.finding(
                    statement.action_node(at),
                    f"{quoted(text)} grants all {count:,} actions of {prefix}{where}",
                    label=f"all {count:,} actions",
                    notes=("actions that AWS adds to the service are granted, too",),
                    help="list the actions that are needed; to list all of them: "
                    f"multitool-lint expand {FILE}",
                )


@lru_cache(maxsize=1024)
def _count(catalog: Catalog, pattern: str) -> int:
    """The number of existing actions that a pattern matches."""
    return len(catalog.match(pattern) & all_actions(catalog))
