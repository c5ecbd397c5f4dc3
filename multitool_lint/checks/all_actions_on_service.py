"""Allow statements with all actions on resources of one service, or on unknown ones."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node

_ALL = frozenset({"*", "*:*"})


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action "*" whose resources are all of one service, or unknown."""
    for statement in policy.statements:
        if not statement.allows or statement.negates_actions or statement.negates_resources:
            continue
        at = next((at for at in statement.wildcards if statement.action_names[at] in _ALL), None)
        if at is None:
            continue
        node = statement.action_node(at)
        if statement.resource_count > len(statement.resource_names) == 0:
            yield _finding(node, "these resources", "", context)
        elif (service := _service(statement)) and context.catalog.service(service):
            yield _finding(node, f"these resources of {service}", f"{service}:*", context)


def _finding(node: Node, resources: str, narrower: str, context: Context) -> Finding:
    least = f', or at least "{narrower}"' if narrower else ""
    return context.finding(
        node,
        f'Action "*" allows every action on {resources}',
        label="all actions",
        help=f"specify the actions that are needed{least}",
        fixes=unsafe(f'Use "{narrower}"', set_value(node, narrower)) if narrower else (),
    )


def _service(statement: Statement) -> str | None:
    """The service that all resources are of, None if there is another one or it is not known."""
    if not 0 < statement.resource_count == len(statement.resource_names):
        return None
    services = {
        fields.service if (fields := arn.fields(name)) else None
        for name in statement.resource_names
    }
    service = services.pop() if len(services) == 1 else None
    return None if service is None or has_wildcard(service) or "$" in service else service
