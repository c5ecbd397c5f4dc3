"""Policy variables that are compared with a Region."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_keys import region_keys
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.policy.document import Policy
from multitool_lint.policy.variables import variable_uses
from multitool_lint.syntax.printable import quoted


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each value of a key of Regions that contains a policy variable."""
    seen = set()
    for use in variable_uses(policy):
        condition = use.condition
        if (
            condition is None
            or condition.lower_key not in region_keys()
            or condition.comparison.family != "String"
            or use.node.span in seen
        ):
            continue
        seen.add(use.node.span)
        yield context.finding(
            use.node,
            f"{quoted(use.text)} depends on the request and may not be a Region",
            help="specify the Regions",
        )
