"""Actions that AWS no longer lists, and whole services that are gone."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus, is_rejected
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, related
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every action that only older lists of AWS have; of a service that is gone, one finding."""
    by_message: dict[tuple[str, str], list[Node]] = {}
    for action in with_status(policy, context.catalog, ActionStatus.RETIRED):
        described = _message(context.catalog, action.text), _code(context.catalog, action.text)
        by_message.setdefault(described, []).append(action.node)
    for (message, code), (first, *others) in by_message.items():
        yield context.finding(
            first,
            message,
            issue_code=code,
            related=tuple(related(node, "and this", alike=True) for node in others),
        )


def _code(catalog: Catalog, text: str) -> str:
    """The check of Access Analyzer, which accepts most services that are gone."""
    prefix, _, _ = text.partition(":")
    service = catalog.service(prefix)
    if service is None or not service.retired:
        return "INVALID_ACTION"
    return "INVALID_SERVICE_IN_ACTION" if is_rejected(catalog, prefix) else ""


def _message(catalog: Catalog, text: str) -> str:
    prefix, _, _ = text.partition(":")
    service, action = catalog.service(prefix), catalog.action(text)
    what, last = f'"{action.name if action else text}"', action.retired if action else None
    if service and service.retired:
        what, last = f'the service "{prefix}"', service.retired
    if last and last.startswith("botocore "):
        return f"{what} is not in AWS's reference, and {last} has it as deprecated: drop it"
    return f"AWS no longer lists {what}; {last} had it last: drop it, or write what took its place"
