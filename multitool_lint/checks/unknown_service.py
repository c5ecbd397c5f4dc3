"""Actions of services that the catalog does not have."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus, is_rejected
from multitool_lint.aws.catalog.attested import service_evidence
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.diagnostics.finding import Context, Finding, Fix, counted, quoted, related
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.patch.change import set_value
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for all actions with the same unknown prefix and the same suggestion."""
    by_service: dict[tuple[str, str], list[Node]] = {}
    for action in with_status(policy, context.catalog, ActionStatus.UNKNOWN_SERVICE):
        prefix, _, name = action.text.partition(":")
        if OPENER in prefix:
            continue  # a policy variable, which no Action has: unsupported-variable
        intended = _intended(context.catalog, prefix, name)
        by_service.setdefault((prefix, intended), []).append(action.node)
    for (prefix, intended), nodes in by_service.items():
        yield _finding(context, prefix, intended, nodes)


def _intended(catalog: Catalog, prefix: str, name: str) -> str:
    """The service that was probably intended, empty if no similar one has the action.

    A suggestion is good if the service has the action, too. A prefix that AWS uses is not misspelt.
    """
    renamed = [*filter(None, [catalog.renamed(prefix)])]
    close = () if service_evidence(catalog, prefix) else catalog.close_services(prefix)
    similar = (*renamed, *close)
    return next((service for service in similar if catalog.match(f"{service}:{name}")), "")


def _finding(context: Context, prefix: str, intended: str, nodes: list[Node]) -> Finding:
    first, *others = nodes
    title = f"{quoted(prefix)} is not a known service"
    used = service_evidence(context.catalog, prefix)
    reported = is_rejected(context.catalog, prefix) and (used is None or used.managed)
    fixes: tuple[Fix, ...] = ()
    if intended:
        title = f'{title}; did you mean "{intended}"?'
        new = {node: f"{intended}:{str(node.value).partition(':')[2]}" for node in nodes}
        changes = tuple(set_value(node, text) for node, text in new.items())
        done = f'Change the service to "{intended}" in {counted(len(nodes), "action")}'
        # A service that is called otherwise somewhere may do more: all of `ec2` for `vpc:*`.
        is_more = context.catalog.renamed(prefix) and f"{intended}:*" in new.values()
        fixes = () if is_more else unsafe(done, *changes)
    return context.finding(
        first,
        title,
        notes=(*([used.clause] if used else []), context.catalog_note),
        help=""
        if intended or used
        else "check the spelling, or run: multitool-lint catalog update",
        issue_code=None if reported else "",
        related=tuple(related(node, "also here", alike=True) for node in others),
        fixes=fixes,
    )
