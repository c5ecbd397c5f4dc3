"""Policy variables that are not well-formed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from multitool_lint.aws import arn
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import known_key
from multitool_lint.aws.policy_variables import EMPTY, MISSING_BRACE, MISSING_QUOTE, PolicyVariable
from multitool_lint.diagnostics.finding import Context, Finding, Fix, quoted
from multitool_lint.diagnostics.fixes import unsafe
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
    """One finding for each variable that is not closed, not quoted, empty, or contains a space."""
    if not may_have_variables(policy) or not has_variables(policy):
        return
    for placed in variable_uses(policy):
        if placed.variable.defect:
            yield _finding(placed, context)


def _finding(placed: VariableUse, context: Context) -> Finding:
    variable = placed.variable
    written = placed.text[variable.start : variable.end]
    before = arn.split(placed.text[: variable.start])
    in_field = before[0] == "arn" and arn.SERVICE < len(before) - 1 < arn.FIELDS - 1
    better = _better(variable, written, in_field=in_field, catalog=context.catalog)
    title, advice = _problem(variable, quoted(written))
    fixes: tuple[Fix, ...] = ()
    if better:
        text = placed.text[: variable.start] + better + placed.text[variable.end :]
        fixes = unsafe(f"Replace with {quoted(better)}", set_value(placed.node, text))
        advice = f'use "{better}"'
    return context.finding(placed.node, title, help=advice, issue_code=variable.defect, fixes=fixes)


def _problem(variable: PolicyVariable, shown: str) -> tuple[str, str]:
    """What is wrong, and what to do."""
    if variable.defect == MISSING_BRACE:
        return f"The policy variable {shown} is not closed", 'add "}" after its name'
    if variable.defect == MISSING_QUOTE:
        return (
            f"The default value in the policy variable {shown} is not in single quotes",
            "put the default value in single quotes",
        )
    if variable.defect == EMPTY:
        return (
            f"The policy variable {shown} does not contain a condition key",
            "specify a condition key, as in ${aws:username}, or remove the variable",
        )
    return f"The policy variable {shown} contains a space", "remove the space from its name"


def _better(
    variable: PolicyVariable, written: str, *, in_field: bool, catalog: Catalog
) -> str | None:
    """The variable that was probably intended."""
    if variable.defect == EMPTY:
        return None
    if variable.defect == MISSING_BRACE:
        name = re.match(_NAME, variable.key)
        # Where the name of a tag ends is unknown.
        if name is None or variable.default is not None or "Tag/" in variable.key:
            return None
        # A colon ends the Region and the account of an ARN, unless it is that of a key.
        ends_field = in_field and not known_key(catalog, name[0])
        intended = name[0].partition(":")[0] if ends_field else name[0]
        return f"${{{intended}}}{written[written.index(intended) + len(intended) :]}"
    key = re.sub(r"\s", "", variable.key)
    if variable.default is None:
        return f"${{{key}}}"
    return f"${{{key}, '{variable.default.strip(chr(39) + chr(34))}'}}"
