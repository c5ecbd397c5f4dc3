"""Values that a condition decides, and the guards that it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import permutations

from multitool_lint.limits import MAX_NESTED_CHOICES
from multitool_lint.syntax.terms import Guard, Guards, Text, Unknown, Value, identity, is_known

TRUE = "true"


def truth(condition: Value) -> bool | None:
    """Whether a condition holds; None if that is not known."""
    if isinstance(condition, (Unknown, Text)):
        return None
    if condition in (True, "true"):
        return True
    return False if condition in (False, "false") else None


def equality(one: Value, other: Value) -> Unknown:
    """The condition that two values are equal, of which one at least is not known.

    What is known is the second one, as most people write it.
    """
    return Unknown("==", *sorted((one, other), key=lambda side: (is_known(side), identity(side))))


def asked(condition: Unknown) -> tuple[Value, str]:
    """What a condition asks about, and the value that this has if the condition holds."""
    if condition.operator == "==":
        for one, other in permutations(condition.arguments):
            if isinstance(one, str) and "$" not in one and not isinstance(other, str):
                return other, f"={one}"
    return condition, TRUE


def choice(condition: Value, chosen: Value, other: Value) -> Value:
    """One of two values, as a condition decides; the value if they are the same."""
    holds = truth(condition)
    if holds is not None:
        return chosen if holds else other
    if isinstance(condition, Unknown) and condition.operator == "!":
        return choice(condition.arguments[0], other, chosen)
    if (chosen, other) in ((True, False), (False, True)) and isinstance(chosen, bool):
        return condition if chosen else Unknown("!", condition)
    if identity(chosen) == identity(other):
        return chosen
    is_joined = isinstance(condition, Unknown) and condition.operator in ("&&", "||")
    if isinstance(condition, Unknown) and (is_joined or _is_decided(condition)):
        return _in_parts(condition, chosen, other)
    return Unknown("if", condition, chosen, other)


def _is_decided(condition: Value) -> bool:
    """Whether a condition is a choice that is known in one of its cases at least."""
    return (
        isinstance(condition, Unknown)
        and condition.operator == "if"
        and any(isinstance(part, bool) for part in condition.arguments[1:])
    )


def _in_parts(condition: Unknown, chosen: Value, other: Value) -> Value:
    """One of two values, by conditions of which some are choices that decide by themselves."""
    if condition.operator == "if":
        inner, *parts = condition.arguments
        return choice(inner, *(choice(part, chosen, other) for part in parts))
    if not any(map(_is_decided, condition.arguments)):
        return Unknown("if", condition, chosen, other)
    for part in reversed(condition.arguments):
        if condition.operator == "&&":
            chosen = choice(part, chosen, other)
        else:
            other = choice(part, chosen, other)
    return chosen if condition.operator == "&&" else other


def of_branches(made: Callable[[Value], Value], value: Value) -> Value:
    """What is made of both branches of a choice; NotImplemented of anything else."""
    if not (isinstance(value, Unknown) and value.operator == "if"):
        return NotImplemented
    condition, *branches = value.arguments
    chosen, other = map(made, branches)
    is_made = chosen is not NotImplemented and other is not NotImplemented
    return choice(condition, chosen, other) if is_made else NotImplemented


def choice_by(guards: Guards, found: Value, other: Value) -> Value:
    """One value where all of some guards hold, and the other elsewhere."""
    for condition, holds in reversed(guards):
        found = choice(condition, *((found, other) if holds else (other, found)))
    return found


def under_guards(value: Value, guards: Guards) -> Value:
    """A value that is there where some guards hold, and null elsewhere."""
    for condition, holds in guards:
        branches = (value, None) if holds else (None, value)
        value = Unknown("if", condition, *branches)
    return value


def chosen_under(value: Value, guards: Guards) -> Value:
    """What a choice comes to where some guards hold; itself if they do not decide it."""
    if not (guards and isinstance(value, Unknown) and value.operator == "if"):
        return value
    held = {(identity(condition), holds) for condition, holds in guards}
    condition, *branches = value.arguments
    for branch, holds in zip(branches, (True, False), strict=True):
        needed = guards_of(condition, holds=holds)
        if all((identity(guard.condition), guard.holds) in held for guard in needed):
            return chosen_under(branch, guards)
    return value


def cases(value: Value, depth: int = 0) -> Iterator[tuple[Guards, Value]]:
    """The values that a choice comes to, each with the guards under which it does."""
    if isinstance(value, Unknown) and value.operator == "if" and depth < MAX_NESTED_CHOICES:
        condition, chosen, other = value.arguments
        for branch, holds in ((chosen, True), (other, False)):
            for guards, found in cases(branch, depth + 1):
                yield (*guards_of(condition, holds=holds), *guards), found
    else:
        yield (), value


def guards_of(condition: Value, *, holds: bool) -> Guards:
    """The guards that a condition is: `a && b` is two where it holds."""
    if isinstance(condition, Unknown):
        if condition.operator == "!":
            return guards_of(condition.arguments[0], holds=not holds)
        if condition.operator == ("&&" if holds else "||"):
            found = (guards_of(part, holds=holds) for part in condition.arguments)
            return tuple(guard for guards in found for guard in guards)
        return (Guard(condition, holds),)
    return (Guard(Unknown("value", condition), holds),)
