"""Statements that grant every action of a service."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.access import all_actions
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every pattern under Action that is a service and all its actions."""
    for statement in policy.statements:
        if not statement.allows or statement.negates_actions:
            continue
        for at in statement.wildcards:
            text = statement.action_names[at]
            prefix, _, name = text.partition(":")
            if not name or name.strip("*") or has_wildcard(prefix):
                continue
            count = _count(context.catalog, text)
            if count > 1:
                yield context.finding(
                    statement.action_node(at),
                    f'"{text}" grants all {count:,} actions of {prefix}, and what AWS adds: name '
                    "what is needed",
                )


@lru_cache(maxsize=1024)
def _count(catalog: Catalog, pattern: str) -> int:
    """How many actions of today a pattern matches."""
    return len(catalog.match(pattern) & all_actions(catalog))
