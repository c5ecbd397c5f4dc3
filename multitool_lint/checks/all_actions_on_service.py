"""Allow statements with all actions on resources of one service."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import set_value

_ALL = frozenset({"*", "*:*"})


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each action "*" whose resources are all of one service."""
    for statement in policy.statements:
        if not statement.allows or statement.negates_actions or statement.negates_resources:
            continue
        at = next((at for at in statement.wildcards if statement.action_names[at] in _ALL), None)
        service = None if at is None else _service(statement)
        if at is None or service is None or context.catalog.service(service) is None:
            continue
        node = statement.action_node(at)
        yield context.finding(
            node,
            f'Action "*" allows every action on these resources of {service}',
            label="all actions",
            help=f'specify the actions that are needed, or at least "{service}:*"',
            fixes=(Fix(f'Use "{service}:*"', (set_value(node, f"{service}:*"),), Safety.UNSAFE),),
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
