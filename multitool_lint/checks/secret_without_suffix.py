"""ARNs of secrets without the six characters at their end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import set_value

_SERVICE = ":secretsmanager:"
_KIND = "secret:"
_SUFFIX = 6
_MAY_END = lazy_pattern(
    rf".*(?:[-?][A-Za-z0-9?]{{{_SUFFIX}}}|\*[A-Za-z0-9?]{{0,{_SUFFIX}}})", re.DOTALL
)
# AWS adds the suffix when it creates the secret, so a request to create one has none.
_MAKES = frozenset({"secretsmanager:createsecret"})


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each ARN of a secret that cannot end in a hyphen and six characters."""
    if policy.source.text.find(_SERVICE, *policy.root.span) < 0:
        return
    for statement in policy.statements:
        if _only_makes(statement):
            continue
        for at, text in enumerate(statement.resource_names):
            fields = arn.fields(text) if _SERVICE in text else None
            if (
                fields is not None
                and fields.service == "secretsmanager"
                and fields.resource.startswith(_KIND)
                and not _may_end(fields.resource.removeprefix(_KIND))
            ):
                node = statement.resource_node(at)
                new = f"{text}-{'?' * _SUFFIX}"
                yield context.finding(
                    node,
                    f"{quoted(text)} does not match any secret",
                    notes=("the ARN of a secret ends in a hyphen and six random characters",),
                    help=f'append "-{"?" * _SUFFIX}"',
                    fixes=unsafe(f'Append "-{"?" * _SUFFIX}" to the ARN', set_value(node, new)),
                )


def _may_end(name: str) -> bool:
    if not name or _MAY_END.fullmatch(name):
        return True
    from multitool_lint.policy.placeholders import ends_in_placeholder  # saves start-up

    return ends_in_placeholder(name)


def _only_makes(statement: Statement) -> bool:
    named = statement.lower_action_names
    return bool(named) and not statement.negates_actions and _MAKES.issuperset(named)
