"""Statements that grant every action of a service."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws.arn_overlap import may_name
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import FILE, Context, Finding, quoted
from multitool_lint.policy.access import all_actions, covers_service
from multitool_lint.policy.document import Policy, Statement
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
                where = _where(statement, text, context.catalog)
                if context.rule.brief and not where:
                    continue
                prefix = text.partition(":")[0]
                yield context.finding(
                    statement.action_node(at),
                    f"{quoted(text)} grants all {count:,} actions of {prefix}{where}",
                    label=f"all {count:,} actions",
                    notes=("actions that AWS adds to the service are granted, too",),
                    help="list the actions that are needed; to list all of them: "
                    f"multitool-lint expand {FILE}",
                )


def _where(statement: Statement, text: str, catalog: Catalog) -> str:
    """What of the access is wide: all resources, or the deletion of those that are listed."""
    if restricts_target(statement):
        return ""
    if is_everywhere(statement):
        return " on all resources"
    for action, formats in _deletions(catalog, text.partition(":")[0].lower()):
        if any(may_name(own, name) for own in formats for name in statement.resource_names):
            return f", such as {action}"
    return ""


@lru_cache(maxsize=256)
def _deletions(catalog: Catalog, prefix: str) -> tuple[tuple[str, Sequence[str]], ...]:
    """What deletes the resources of each type, that with the most actions first, and their ARNs."""
    service = catalog.service(prefix)
    if service is None:
        return ()
    actions = map(service.action_at, range(service.current))
    uses = Counter(type_.name for action in actions for type_ in action.resource_types)
    types = service.resource_types
    named = [
        (catalog.action(f"{prefix}:Delete{name.replace('-', '')}"), types[name].arn_formats)
        for name, _ in uses.most_common()
        if name in types
    ]
    return tuple((action.name, formats) for action, formats in named if action)


@lru_cache(maxsize=1024)
def _count(catalog: Catalog, pattern: str) -> int:
    """The number of existing actions that a pattern matches."""
    return len(catalog.match(pattern) & all_actions(catalog))
