"""What a module or template says of its variables, and does not say any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment


def for_the_same_callers(old: Deployment | None, new: Deployment | None) -> Deployment | None:
    """A new version as those deploy it who give a value to what had no default.

    Any value was possible before, also that of the default, unless it is nothing, or a pattern.
    """
    if old is None or new is None:
        return new
    before = old.variables
    names = [
        name
        for name, variable in new.variables.items()
        if variable.has_usual_default and name in before and before[name].must_be_given
    ]
    return new.requiring(names) if names else new


def changed_variables(old: Deployment, new: Deployment) -> Iterator[tuple[str, str]]:
    """Rules for the values of variables that are gone, and other defaults in their types."""
    now = new.variables
    for name, variable in old.variables.items():
        rules = now[name].rules if name in now else ()
        is_kept = (any(rule.allows_no_more_than(was) for rule in rules) for was in variable.rules)
        if not all(is_kept) and new.uses_variable(name):
            yield (f"var.{name}", "a rule for its values has changed or is gone")
        for attribute, default in variable.attributes.items():
            found = now[name].attributes.get(attribute, default) if name in now else default
            if found != default and new.uses_variable(name, attribute):
                yield (f"var.{name}", f"the default of {attribute} in its type has changed")
