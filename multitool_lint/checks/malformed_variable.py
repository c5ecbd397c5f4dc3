"""Policy variables that AWS cannot read."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws.policy_variables import EMPTY, MISSING_BRACE, MISSING_QUOTE, Variable
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety
from multitool_lint.policy.document import Policy
from multitool_lint.policy.variables import (
    VariableUse,
    has_variables,
    may_have_variables,
    variable_uses,
)
from multitool_lint.syntax.patch.change import set_value

_NAME = r"[\w.-]+:[\w.-]+"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every variable that is not closed, not quoted, empty, or has a space in its name."""
    if not may_have_variables(policy) or not has_variables(policy):
        return
    for placed in variable_uses(policy):
        if placed.variable.defect:
            yield _finding(placed, context)


def _finding(placed: VariableUse, context: Context) -> Finding:
    variable = placed.variable
    written = placed.text[variable.start : variable.end]
    better = _better(variable, written)
    advice = f'; write "{better}"' if better else ""
    fixes: tuple[Fix, ...] = ()
    if better:
        text = placed.text[: variable.start] + better + placed.text[variable.end :]
        changes = (set_value(placed.node, text),)
        fixes = (Fix(f'write "{better}"', changes, Safety.UNSAFE),)
    return context.finding(
        placed.node,
        f"{_what_is_wrong(variable, written)}{advice}",
        issue_code=variable.defect,
        fixes=fixes,
    )


def _what_is_wrong(variable: Variable, written: str) -> str:
    if variable.defect == MISSING_BRACE:
        return f'the policy variable "{written}" is never closed by a "}}"'
    if variable.defect == MISSING_QUOTE:
        return (
            f'the default value of the policy variable "{written}" has no single quotes around it'
        )
    if variable.defect == EMPTY:
        return (
            f'the policy variable "{written}" names no condition key; write one such as '
            f'"${{aws:username}}", or drop it'
        )
    return f'the policy variable "{written}" has a space in its name'


def _better(variable: Variable, written: str) -> str | None:
    """What was probably meant."""
    if variable.defect == EMPTY:
        return None
    if variable.defect == MISSING_BRACE:
        name = re.match(_NAME, variable.key)
        # Where the name of a tag ends is unknown.
        if name is None or variable.default is not None or "Tag/" in variable.key:
            return None
        return f"${{{name[0]}}}{written[written.index(name[0]) + len(name[0]) :]}"
    key = re.sub(r"\s", "", variable.key)
    if variable.default is None:
        return f"${{{key}}}"
    return f"${{{key}, '{variable.default.strip(chr(39) + chr(34))}'}}"
