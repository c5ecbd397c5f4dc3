"""Buckets and objects that no action of their statement acts on, next to resources that some do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.policy.action_scope import may_act_on
from multitool_lint.policy.document import Policy
from multitool_lint.policy.statement_scope import StatementScope, statement_scopes
from multitool_lint.policy.undocumented_resources import acts_on_undocumented

_SERVICE = "s3"
"""The service whose reference lists the resources of each action completely."""

_NAMES = re.compile(r"arn:[\w-]+:s3:::[^/*?]+(?:/.*)?")
"""The ARN of a bucket whose name has no wildcard, or of objects in it."""

_VARIABLE = re.compile(r"\$\{[^}]*\}")


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each statement with such resources."""
    for scope in statement_scopes(policy, context.catalog):
        used, unused = _resources(scope, context.catalog)
        if used and unused:
            first, *others = (scope.statement.resource_node(at) for at in unused)
            text = scope.statement.resource_names[unused[0]]
            yield context.finding(
                first,
                f"No action of this statement acts on {quoted(text)}",
                label="no effect",
                help="remove the resource, or add the actions that are intended for it",
                related=tuple(related(node, "also here", alike=True) for node in others),
            )


def _resources(scope: StatementScope, catalog: Catalog) -> tuple[list[int], list[int]]:
    """The numbers of the resources that an action may act on, and of those that none acts on."""
    names = scope.resources or ()
    if scope.everything is not None or scope.statement.services != {_SERVICE}:
        return [], []
    accepted = list(zip(scope.lower_names, scope.formats, strict=True))
    if not accepted or scope.statement.action_count > len(accepted):
        return [], []
    used: list[int] = []
    unused: list[int] = []
    for at, text in enumerate(names):
        bucket = text.removesuffix("/*")
        # Next to its objects, a bucket has a name without a slash, whatever the variables are.
        if bucket in names and f"{bucket}/*" in names:
            text = _VARIABLE.sub("name", text)  # noqa: PLW2901
        may_be_used = not _NAMES.fullmatch(text) or any(
            not formats.documented
            or may_act_on(formats, text)
            or acts_on_undocumented(name, formats, text, catalog)
            for name, formats in accepted
        )
        (used if may_be_used else unused).append(at)
    return used, unused
