"""Statements that grant every action of a service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.access import all_actions, covers_service
from multitool_lint.policy.document import Policy
from multitool_lint.policy.resources import is_everywhere, restricts_target


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every pattern under Action that is a service and all its actions."""
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
                yield context.finding(
                    statement.action_node(at),
                    f'"{text}" grants all {count:,} actions of {text.partition(":")[0]}'
                    f"{' on every resource' if everywhere else ''}, and what AWS adds; list what "
                    "is needed",
                )


@lru_cache(maxsize=1024)
def _count(catalog: Catalog, pattern: str) -> int:
    """How many actions of today a pattern matches."""
    return len(catalog.match(pattern) & all_actions(catalog))
