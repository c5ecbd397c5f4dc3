"""What a module or template says of its variables, and does not say any more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.deployments.deployment import has_variable
from multitool_lint.syntax.terms import Guard, Guards, Unknown, Value, identity
from multitool_lint.values.variables import REQUIRED, Callers, DeclaredVariable

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment
    from multitool_lint.deployments.owner import Owner


def for_the_same_callers(old: Deployment | None, new: Deployment | None) -> Deployment | None:
    """A new version as those deploy it who give a value to what had no default, by any name.

    Any value was possible before, also that of the default, unless it is nothing, or a pattern, and
    decides about what is there then.
    """
    if old is None or new is None:
        return new
    before, now = old.variables, new.variables
    required = frozenset(
        name
        for name, variable in now.items()
        if name in before
        and before[name].must_be_given
        and (variable.has_usual_default or _is_excluded(new, name, variable.default))
    )
    renamed = frozenset(_renamed(before, now))
    return new.called_by(Callers(required, renamed)) if required or renamed else new


def _is_excluded(new: Deployment, name: str, default: Value) -> bool:
    """Whether nothing that a variable decides about is there where it has its default."""
    return default is not REQUIRED and not any(
        has_variable([*values, *(guard.condition for guard in guards)], name)
        and not any(_excludes(guard, name, default) for guard in guards)
        for owner in new.owners.values()
        for values, guards in _parts(owner)
    )


def _parts(owner: Owner) -> Iterator[tuple[Sequence[Value], Guards]]:
    """The values that an owner has, and when it has them."""
    yield [*owner.facts.values(), *owner.blocks.values()], owner.guards
    for attached in owner.attached:
        yield [attached.arn], attached.guards
    for statement in (*owner.statements, *owner.trust, *(owner.boundary or ())):
        yield [dict(statement.elements), statement.unknown], statement.guards


def _excludes(guard: Guard, name: str, default: Value) -> bool:
    """Whether a guard does not hold where a variable has its default."""
    condition = guard.condition
    if guard.holds or condition.operator != "==":
        return False
    own = [
        side
        for side in condition.arguments
        if isinstance(side, Unknown) and (side.operator, *side.arguments[:1]) == ("var", name)
    ]
    others = [side for side in condition.arguments if side not in own]
    return len(own) == len(others) == 1 and identity(others[0]) == identity(default)


def _renamed(
    before: Mapping[str, DeclaredVariable], now: Mapping[str, DeclaredVariable]
) -> Iterator[tuple[str, str]]:
    """The variable that has another name, if it is the only one that is new, and one is gone.

    Callers must give it a value, and do so by its new name.
    """
    made, gone = now.keys() - before.keys(), before.keys() - now.keys()
    if len(made) != 1 or len(gone) != 1:
        return
    (name,), (former,) = made, gone
    if now[name] == before[former] and now[name].must_be_given:
        yield name, former


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
