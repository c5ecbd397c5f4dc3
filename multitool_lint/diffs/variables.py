"""What a module says of its variables, and does not say any more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment


def changed_variables(old: Deployment, new: Deployment) -> Iterator[tuple[str, str]]:
    """Rules for the values of variables that are gone, and other defaults in their types."""
    rules, attributes = new.rules, new.attributes
    for name, known in old.rules.items():
        if not set(known) <= set(rules.get(name, ())) and new.uses_variable(name):
            yield (f"var.{name}", "a rule for its values has changed or is gone")
    for (name, attribute), default in old.attributes.items():
        is_other = attributes.get((name, attribute), default) != default
        if is_other and new.uses_variable(name, attribute):
            yield (f"var.{name}", f"the default of {attribute} in its type has changed")
