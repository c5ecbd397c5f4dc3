"""A value in the cases of the conditions and keys that decide parts of it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from itertools import chain, product
from typing import TypeGuard

from multitool_lint.limits import MAX_NESTED_CHOICES, MAX_OPTIONAL_ITEMS, MAX_STATEMENT_CASES
from multitool_lint.syntax.choices import TRUE, asked, equality, guards_of
from multitool_lint.syntax.terms import (
    Guard,
    Guards,
    Rest,
    StatementValue,
    Text,
    Unknown,
    Value,
    identity,
)
from multitool_lint.syntax.texts import joined
from multitool_lint.values.steps import ITEM_IF, Step, after, conditional

_LISTED = frozenset({"flat", "item"})
"""The operators of the items of a list."""
_LOGICAL = frozenset({"!", "&&", "||"})
_UNITED = ("Action", "Resource")
"""The elements whose items a statement says the same of, one by one."""

Case = Mapping[str, str]
"""The values of what is asked about, by its identity; "" for another value than those asked for."""


class _RefusedError(Exception):
    """Terraform refuses an expression in a case."""


def split(value: Value) -> Iterator[tuple[Guards, Value]]:
    """The value in each case of some conditions and keys, which leave no choice between parts."""
    conditions: dict[str, dict[str, Unknown]] = {}
    for condition in _conditions(value, 0):
        about, wanted = asked(condition)
        found = conditions.setdefault(identity(about), {})
        found.setdefault(wanted, condition)
    number, choices = 1, []
    for name, tests in conditions.items():
        if number * (len(tests) + 1) <= MAX_STATEMENT_CASES:
            number *= len(tests) + 1
            choices.append([(name, wanted, tests) for wanted in (*tests, "")])
    for chosen in product(*choices):
        case = {name: wanted for name, wanted, _ in chosen}
        if any(_is_refuted(wanted, tests, case) for _, wanted, tests in chosen):
            continue
        guards = tuple(guard for _, wanted, tests in chosen for guard in _guards(wanted, tests))
        try:
            yield guards, _in_case(value, case)
        except _RefusedError:
            continue


def _guards(wanted: str, tests: Mapping[str, Unknown]) -> Guards:
    if wanted:
        return (Guard(tests[wanted], holds=True),)
    return tuple(Guard(condition, holds=False) for condition in tests.values())


def _is_refuted(wanted: str, tests: Mapping[str, Unknown], case: Case) -> bool:
    """Whether the other conditions of a case make something have another value than in the case."""
    return any(
        _by_value(test, case) not in (None, wanted == asked_for)
        for asked_for, test in tests.items()
    )


def can_hold(guards: Guards) -> bool:
    """Whether guards can hold together: what they ask about has one value."""
    found: dict[str, str] = {}
    others: list[tuple[str, str]] = []
    for condition, holds in guards:
        about, wanted = asked(condition)
        name = identity(about)
        if not holds:
            others.append((name, wanted))
        elif found.setdefault(name, wanted) != wanted:
            return False
    case = {**{name: "" for name, wanted in others if wanted == TRUE}, **found}
    return all(found.get(name) != wanted for name, wanted in others) and all(
        _by_value(condition, case) in (None, holds) for condition, holds in guards
    )


def statements_in_cases(statement: StatementValue) -> Iterator[StatementValue]:
    """The statement in each case, and of items that may be there, each by itself."""
    around = list(alternatives(statement.guards))
    for own, (guards, elements) in product(around, split(dict(statement.elements))):
        if not isinstance(elements, dict):
            continue
        found = statement._replace(elements=elements, guards=(*own, *guards))
        parts = [list(_parted(found.elements.get(element))) for element in _UNITED]
        for some in product(*parts):
            given = zip(_UNITED, some, strict=True)
            listed = {element: value for element, (value, _) in given if element in elements}
            more = tuple(guard for _, guards in some for guard in guards)
            yield found._replace(elements={**elements, **listed}).under(more)


def alternatives(guards: Guards) -> Iterator[Guards]:
    """Guards without `&&` and `||`: all of one of these hold exactly if the guards do."""
    parts = [list(_alternatives(guard)) for guard in guards]
    if math.prod(map(len, parts)) > MAX_STATEMENT_CASES:
        yield guards
        return
    for chosen in product(*parts):
        yield tuple(guard for some in chosen for guard in some)


def _alternatives(guard: Guard) -> Iterator[Guards]:
    condition, holds = guard
    if condition.operator != ("||" if holds else "&&"):
        yield (guard,)
        return
    for part in condition.arguments:
        yield from alternatives(guards_of(part, holds=holds))


def _parted(value: Value) -> Iterator[tuple[Value, Guards]]:
    """The items of a list that are always there, and each of a few others by itself."""
    items = value if isinstance(value, list) else []
    optional = [item for item in items if isinstance(item, Rest) and conditional(item.item)[1]]
    if not 0 < len(optional) <= MAX_OPTIONAL_ITEMS:
        yield value, ()
        return
    if len(optional) < len(items):
        yield [item for item in items if item not in optional], ()
    for item in optional:
        inner, conditions = conditional(item.item)
        # The item is there exactly if its collection has one that the conditions hold for.
        yield [inner], (Guard(Unknown(ITEM_IF, None, *conditions), holds=True),)


def _conditions(value: Value, depth: int) -> Iterator[Unknown]:
    """The conditions that decide parts of a value, also which key something has."""
    if isinstance(value, Unknown):
        yield from _of_term(value, depth)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _conditions(item, depth)
    elif isinstance(value, (list, Text)):
        for item in value.parts if isinstance(value, Text) else value:
            for guard in item.once if isinstance(item, Rest) else ():
                yield from _parts(guard.condition)
            yield from _conditions(item.item if isinstance(item, Rest) else item, depth)


def _of_term(term: Unknown, depth: int) -> Iterator[Unknown]:
    if depth >= MAX_NESTED_CHOICES:
        return
    base, *_ = (*term.arguments, None)
    if term.operator == "if":
        yield from _parts(base)
        inner = term.arguments[1:]
    elif _is_pick(term) and isinstance(base, dict):
        yield from (equality(term.arguments[1], name) for name in base)
        inner = (*base.values(), *term.arguments[2:])
    elif _is_of_list(term) or term.operator in ("get", "lookup", "merge"):
        inner = term.arguments if term.operator == "merge" else (base,)
    else:
        inner = ()
    for part in inner:
        yield from _conditions(part, depth + 1)


def _parts(condition: Value) -> Iterator[Unknown]:
    """The conditions that another one consists of."""
    if not isinstance(condition, Unknown):
        return
    if condition.operator in _LOGICAL:
        for part in condition.arguments:
            yield from _parts(part)
    else:
        yield condition


def _is_pick(term: Value) -> TypeGuard[Unknown]:
    """Whether a term is what an object of known keys has under a key that is not known."""
    if not isinstance(term, Unknown) or term.operator not in ("get", "lookup"):
        return False
    base, key, *_ = term.arguments
    names = list(base) if isinstance(base, dict) else []
    are_known = all(isinstance(name, str) and name and "$" not in name for name in names)
    return bool(names) and are_known and isinstance(key, (Unknown, Text))


def _is_of_list(term: Value) -> TypeGuard[Unknown]:
    """Whether a term is any item of a list."""
    return isinstance(term, Unknown) and term.operator in _LISTED and len(term.arguments) == 1


def _in_case(value: Value, case: Case) -> Value:
    while isinstance(value, Unknown):
        found = _decided(value, case)
        if found is value:
            return value
        value = found
    if isinstance(value, Text):
        return joined([_in_case(part, case) for part in value.parts])
    if isinstance(value, list):
        return [found for item in value for found in _items(item, case) if found is not None]
    if isinstance(value, dict):
        members = ((key, _in_case(item, case)) for key, item in value.items())
        return {key: item for key, item in members if item is not None}
    return value


def _items(item: Value, case: Case) -> list[Value]:
    """An item of a list in a case; those of a list whose items it is."""
    inner = item.item if isinstance(item, Rest) else None
    if isinstance(item, Rest) and item.once:
        return _once(item, case)
    if not _is_of_list(inner):
        return [_in_case(item, case)]
    found = _in_case(inner.arguments[0], case)
    if isinstance(found, list):
        return found
    return [] if found is None else [Rest(Unknown(inner.operator, found))]


def _once(item: Rest, case: Case) -> list[Value]:
    """An item that is there where some guards hold, if it is there in a case."""
    known = [(guard, _holds(guard.condition, case)) for guard in item.once]
    if any(holds is not None and holds is not guard.holds for guard, holds in known):
        return []
    value = _in_case(item.item, case)
    left = tuple(guard for guard, holds in known if holds is None)
    return [Rest(value, left) if left else value]


def _decided(term: Unknown, case: Case) -> Value:
    """What a term is in a case; itself if that decides nothing."""
    if term.operator == "if":
        condition, chosen, other = term.arguments
        holds = _holds(condition, case)
        return term if holds is None else chosen if holds else other
    if term.operator == "merge":
        parts = [_in_case(part, case) for part in term.arguments]
        members = [part.items() for part in parts if isinstance(part, dict)]
        return dict(chain.from_iterable(members)) if len(members) == len(parts) else term
    if _is_pick(term):
        return _picked(term, case)
    if term.operator not in ("get", "lookup"):
        return term
    base, key, *default = term.arguments
    found = _decided(base, case) if isinstance(base, Unknown) else base
    return term if found is base or default else after(found, [Step(key)])


def _holds(condition: Value, case: Case) -> bool | None:
    """Whether a condition holds in a case; None if that does not decide it."""
    if not isinstance(condition, Unknown):
        return condition if isinstance(condition, bool) else None
    if condition.operator not in _LOGICAL:
        about, wanted = asked(condition)
        found = case.get(identity(about))
        return _by_value(condition, case) if found is None else found == wanted
    parts = [_holds(part, case) for part in condition.arguments]
    if condition.operator == "!":
        return None if parts[0] is None else not parts[0]
    decides = condition.operator == "||"
    if decides in parts:
        return decides
    return None if None in parts else not decides


def _by_value(condition: Unknown, case: Case) -> bool | None:
    """Whether a choice is the text that it is compared with; None if the case leaves that open."""
    about, wanted = asked(condition)
    if wanted == TRUE or not isinstance(about, Unknown) or about.operator != "if":
        return None
    value = _in_case(about, case)
    return f"={value}" == wanted if isinstance(value, str) else None


def _picked(term: Unknown, case: Case) -> Value:
    """What an object has under the key of a case.

    Raises:
        _RefusedError: nothing, which Terraform refuses.
    """
    base, key, *default = term.arguments
    if not isinstance(base, dict):
        return term
    picked = case.get(identity(key))
    if picked is None:
        return term
    found = base.get(picked.removeprefix("="), NotImplemented)
    if found is NotImplemented and not default:
        raise _RefusedError
    return default[0] if found is NotImplemented else found
