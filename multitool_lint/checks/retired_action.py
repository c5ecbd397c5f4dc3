"""Actions that AWS no longer lists, and whole services that are gone."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.action_status import ActionStatus
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.action_status import with_status
from multitool_lint.policy.document import Policy


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every action that only older lists of AWS have, or whose service they have."""
    for action in with_status(policy, context.catalog, ActionStatus.RETIRED):
        prefix = action.text.partition(":")[0]
        service, known = context.catalog.service(prefix), context.catalog.action(action.text)
        what, last = f'"{known.name if known else action.text}"', known.retired if known else None
        code = "INVALID_ACTION"
        if service and service.retired:
            what, last = f'the service "{prefix}"', service.retired
            code = "INVALID_SERVICE_IN_ACTION"
        yield context.finding(
            action.node,
            f"AWS no longer lists {what}; {last} had it last: drop it, or write what took its "
            "place",
            issue_code=code,
        )
