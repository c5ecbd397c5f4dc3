"""Actions of services that the catalog does not know."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus, is_rejected
from multitool_lint.aws.catalog.attested import service_evidence
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, related
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for all actions with the same unknown prefix, for which the same is suggested."""
    by_service: dict[tuple[str, str], list[Node]] = {}
    for action in with_status(policy, context.catalog, ActionStatus.UNKNOWN_SERVICE):
        prefix, _, name = action.text.partition(":")
        if OPENER in prefix:
            continue  # a policy variable, which no Action has: unsupported-variable
        meant = _meant(context.catalog, prefix, name)
        by_service.setdefault((prefix, meant), []).append(action.node)
    for (prefix, meant), nodes in by_service.items():
        yield _finding(context, prefix, meant, nodes)


def _meant(catalog: Catalog, prefix: str, name: str) -> str:
    """The service that was probably meant, empty if none that is like it has the action.

    An action that the service has as well makes the guess at the service a good one. A service that
    AWS uses is not misspelt.
    """
    renamed = [*filter(None, [catalog.renamed(prefix)])]
    close = () if service_evidence(catalog, prefix) else catalog.close_services(prefix)
    return next(
        (service for service in (*renamed, *close) if catalog.match(f"{service}:{name}")), ""
    )


def _finding(context: Context, prefix: str, meant: str, nodes: list[Node]) -> Finding:
    first, *others = nodes
    message = f'no service "{prefix}" is known to the catalog of {context.catalog.date}'
    used = service_evidence(context.catalog, prefix)
    reported = is_rejected(context.catalog, prefix) and (used is None or used.managed)
    if used:
        message += f"; {used.clause}"
    fixes: tuple[Fix, ...] = ()
    if meant:
        message += f'; did you mean "{meant}"?'
        new = {node: f"{meant}:{str(node.value).partition(':')[2]}" for node in nodes}
        changes = tuple(set_value(node, text) for node, text in new.items())
        title = f'write "{meant}" in all of them' if others else f'write "{new[first]}"'
        fixes = (Fix(title, changes, Safety.UNSAFE),)
    return context.finding(
        first,
        message,
        issue_code=None if reported else "",
        related=tuple(related(node, "and this", alike=True) for node in others),
        fixes=fixes,
    )
