"""Policy variables that do not have a value in any request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.condition_keys import global_key, global_keys
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.diagnostics.fixes import unsafe
from multitool_lint.policy.document import Policy
from multitool_lint.policy.variables import (
    VariableUse,
    has_variables,
    may_have_variables,
    variable_uses,
)
from multitool_lint.syntax.patch.change import set_value

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.records import ConditionKey

_GLOBAL = "aws:"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each variable with an unknown or multivalued condition key."""
    if not may_have_variables(policy) or not has_variables(policy):
        return
    for placed in variable_uses(policy):
        key = placed.variable.key
        if not placed.variable.names_key or ":" not in key:
            continue
        found = _find(key, context.catalog)
        if found is None and key.lower().startswith(_GLOBAL):
            yield _unknown(placed, context)
        elif found and found.multivalued:
            yield context.finding(
                placed.node,
                f"{found.name} is multivalued and cannot be used as a policy variable",
                help="compare the key in a condition with ForAnyValue or ForAllValues",
            )


def _find(key: str, catalog: Catalog) -> ConditionKey | None:
    found = global_key(key) or catalog.extra_key(key)
    if found or key.lower().startswith(_GLOBAL):
        return found
    service = catalog.service(key.partition(":")[0])
    return service.condition_key(key) if service else None


def _unknown(placed: VariableUse, context: Context) -> Finding:
    variable = placed.variable
    consequence = (
        "the policy variable has no value, so this statement matches nothing"
        if variable.default is None
        else "the policy variable always has its default value"
    )
    notes = consequence, context.catalog_note
    title = f"{quoted(variable.key)} is not a known condition key"
    intended = _intended(variable.key)
    if intended is None:
        return context.finding(placed.node, title, notes=notes)
    default = "" if variable.default is None else f", {variable.default}"
    text = f"{placed.text[: variable.start]}${{{intended}{default}}}{placed.text[variable.end :]}"
    return context.finding(
        placed.node,
        f"{title}; did you mean {quoted(intended)}?",
        notes=notes,
        fixes=unsafe(f"Replace with {quoted(f'${{{intended}}}')}", set_value(placed.node, text)),
    )


def _intended(key: str) -> str | None:
    """The single-valued key with the most similar name."""
    single = [
        condition_key.name for condition_key in global_keys() if not condition_key.multivalued
    ]
    name, slash, tag = key.partition("/")
    known = {key.partition("/")[0].lower(): key for key in single if ("/" in key) == bool(slash)}
    near = name_index.close(name_index.fold(name), tuple(known))
    if not near:
        return None
    intended = [*known.values()][near[0]]
    return f"{intended.partition('/')[0]}/{tag}" if slash else intended
