"""What the expressions of a module come to."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from multitool_lint.limits import MAX_SHOWN_TERM, MAX_TERM_CHARACTERS
from multitool_lint.syntax.choices import choice, choice_by, truth
from multitool_lint.syntax.hcl.expressions import EACH, Expression
from multitool_lint.syntax.shown_terms import CUT
from multitool_lint.syntax.terms import Rest, Text, Unknown, Value, is_known
from multitool_lint.syntax.texts import as_text, joined, pieces_of
from multitool_lint.syntax.written import Listed, Literal, Mapped, Origin
from multitool_lint.values.collections import item_if, items_in, term_of
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.steps import Lazy
from multitool_lint.values.terraform import references
from multitool_lint.values.terraform.file_functions import OF_FILES
from multitool_lint.values.terraform.functions import FUNCTIONS
from multitool_lint.values.terraform.operations import operation
from multitool_lint.values.terraform.refusals import (
    is_accepted,
    is_refused,
    is_undefined,
    members_of,
)

if TYPE_CHECKING:
    from multitool_lint.values.terraform.module import Module
    from multitool_lint.values.terraform.shared import Scope

_BREAK = re.compile(r"\s*[\r\n]\s*")


_WORK = 4
"""The terms that an item of a loop counts as, besides those that are made of it."""


class Evaluator:
    """Evaluates expressions of a file of a module, where names may have other values."""

    def __init__(self, module: Module, path: str, scope: Scope | None = None) -> None:
        self.module = module
        self.path = path
        self.scope: Scope = scope or {}

    def within(self, scope: Scope) -> Evaluator:
        """The evaluator where some more names have values."""
        return type(self)(self.module, self.path, {**self.scope, **scope})

    def evaluate(self, expression: Expression) -> Value:
        """What an expression comes to.

        Raises:
            TooMuchError: it takes too much work.
        """
        self.module.shared.spend()
        found = _EVALUATORS[expression.kind](self, expression)
        if isinstance(found, Unknown) and not (found.shown or isinstance(found, Lazy)):
            shown, origin = self.shown(expression), self._origin(expression)
            return Unknown(found.operator, *found.arguments, shown=shown, origin=origin)
        return found

    def shown(self, expression: Expression) -> str:
        """How an expression is written."""
        text = self.module.shared.text(self.path) or ""
        written = _BREAK.sub(" ", text[expression.start : expression.end])
        if self.path.endswith(".json") and "\\" in written:
            with contextlib.suppress(ValueError):
                written = str(json.loads(f'"{written}"'))
        return written if len(written) <= MAX_SHOWN_TERM else f"{written[:MAX_SHOWN_TERM]}{CUT}"

    def _origin(self, expression: Expression) -> Origin:
        return Origin(self.path, expression.start, expression.end)

    def _literal(self, expression: Expression) -> Value:
        value = expression.parts[0]
        if isinstance(value, str):
            return Literal.at(value, self._origin(expression))
        return value

    def _template(self, expression: Expression) -> Value:
        values = [*map(self._in_text, expression.parts)]
        made = joined(values)
        parts = made.parts if isinstance(made, Text) else (made,)
        if sum(len(part) for part in parts if isinstance(part, str)) > MAX_TERM_CHARACTERS:
            raise TooMuchError("a text that is out of all proportion")
        if not isinstance(made, (str, Text)):
            return made
        is_given = (part.kind != "literal" for part in expression.parts)
        pieces = tuple(pieces_of(zip(values, is_given, strict=True)))
        if isinstance(made, str):
            return Literal.at(made, self._origin(expression), pieces)
        made.origin, made.pieces = self._origin(expression), pieces
        return made

    def _in_text(self, expression: Expression) -> Value:
        """What an expression comes to within a text."""
        value = self.evaluate(expression)
        is_text = not isinstance(value, (list, dict)) and value is not None
        return value if is_text else Unknown("text", value, shown=self.shown(expression))

    def _tuple(self, expression: Expression) -> Value:
        if not self.scope or any(part.kind != "literal" for part in expression.parts):
            return self._listed(expression)
        known = self.module.memo  # for each item of a loop it is the same
        if expression in known:
            self.module.shared.spend(len(expression.parts))  # as often as others look at them
        else:
            known[expression] = self._listed(expression)
        return known[expression]

    def _listed(self, expression: Expression) -> Value:
        places = [(item.start, item.end) for item in expression.parts]
        items = [self.evaluate(item) for item in expression.parts]
        return Listed.at(items, self._origin(expression), places)

    def _object(self, expression: Expression) -> Value:
        made: dict[object, Value] = {}
        places: dict[object, tuple[int, int]] = {}
        for key, value in expression.parts:
            name = as_text(self.evaluate(key))
            if isinstance(name, str):
                name = Literal.at(str(name), self._origin(key))
            elif not isinstance(name, Unknown):
                name = Unknown("key", name)
            made.pop(name, None)  # the last of several counts, and is where it is
            made[name] = self.evaluate(value)
            places[name] = value.start, value.end
        return Mapped.at(made, self._origin(expression), places)

    def _name(self, expression: Expression) -> Value:
        return references.value_of(self, expression)

    def _splat(self, expression: Expression) -> Value:
        base, inner = expression.parts
        items = references.items_of(self, base)
        if isinstance(items, list):
            made = []
            for item in items:
                each = item.item if isinstance(item, Rest) else item
                value = self.within({EACH: each}).evaluate(inner)
                made.append(Rest(value, item.once) if isinstance(item, Rest) else value)
            return made
        if isinstance(items, Unknown) and items.operator == "if":
            condition, *branches = items.arguments
            chosen, other = (self._splat_of(branch, inner) for branch in branches)
            return choice(condition, chosen, other)
        return self._splat_of(items, inner)

    def _splat_of(self, items: Value, inner: Expression) -> Value:
        if isinstance(items, list):
            return [self.within({EACH: item}).evaluate(inner) for item in items]
        if items is None:
            return []
        return [Rest(self.within({EACH: Unknown("item", items)}).evaluate(inner))]

    def _conditional(self, expression: Expression) -> Value:
        condition, chosen, other = expression.parts
        asked = self.evaluate(condition)
        holds = truth(asked)
        if holds is not None:
            return self.evaluate(chosen if holds else other)
        return choice(asked, self.evaluate(chosen), self.evaluate(other))

    def _operation(self, expression: Expression) -> Value:
        operator, operands = expression.parts
        values = [self.evaluate(operand) for operand in operands]
        if operator in ("==", "!="):
            for operand, other in (operands, operands[::-1]):
                holds = other.parts[0] if other.kind == "literal" else None
                if isinstance(holds, bool) and references.is_boolean(self, operand):
                    value = values[operands.index(operand)]
                    return value if holds == (operator == "==") else operation("!", [value])
        return operation(operator, values)

    def _for(self, expression: Expression) -> Value:
        over = self.evaluate(expression.parts[2])
        if isinstance(over, Unknown) and over.operator == "if" and not expression.parts[0]:
            condition, chosen, other = over.arguments
            return choice(condition, self._over(expression, chosen), self._over(expression, other))
        return self._over(expression, over)

    def _over(self, expression: Expression, over: Value) -> Value:
        is_object, names, _, results, condition, grouped = expression.parts
        if over is None:
            return {} if is_object else []
        made: dict[object, Any] = {}
        listed: list[Value] = []
        for key, item, guards in items_in(over):
            self.module.shared.spend(_WORK)
            inner = self.within({names[-1]: item, **({names[0]: key} if len(names) > 1 else {})})
            holds = inner.evaluate(condition) if condition else True
            if holds is False:
                continue
            is_sure = not guards and holds is True
            found = [inner.evaluate(result) for result in results]
            if not is_object:
                listed.append(found[0] if is_sure else Rest(item_if(found[0], guards, holds)))
                continue
            name = as_text(found[0])
            if not is_sure or not isinstance(name, str):
                name = Unknown("key", name, *map(term_of, guards), holds)
            if grouped:
                made.setdefault(name, []).append(found[1])
            else:
                made[name] = found[1]
        return made if is_object else listed

    def _call(self, expression: Expression) -> Value:
        name, arguments, expands = expression.parts
        if name in _LAZY:
            return _LAZY[name](self, arguments)
        given = [self.evaluate(argument) for argument in arguments]
        last = given[-1] if given else None
        if expands and isinstance(last, list):
            given[-1:] = [Unknown("rest", x) if isinstance(x, Rest) else x for x in last]
        elif expands and given:
            return Unknown(name, *given[:-1], Rest(last))
        if name in self.module.functions:
            return self.module.functions[name](given)
        if name in OF_FILES:
            return OF_FILES[name](self, given)
        return call(name, given)

    def _broken(self, expression: Expression) -> Value:
        return Unknown("broken", *expression.parts)

    def try_(self, arguments: tuple[Expression, ...]) -> Value:
        """The first argument that Terraform does not refuse."""
        for number, argument in enumerate(arguments):
            value, rest = self.evaluate(argument), arguments[number + 1 :]
            if not rest or is_accepted(value):
                return value
            if not self._is_refused(value):
                return self._tried(argument, value, rest)
        return Unknown("try")

    def _tried(self, argument: Expression, value: Value, rest: tuple[Expression, ...]) -> Value:
        """A value where Terraform does not refuse it, and otherwise one of the rest."""
        guards = references.guards_of_instance(self, argument)
        other = self.try_(rest)
        if isinstance(value, Unknown) and (members := members_of(value)) is not None:
            parts = {key: other if is_refused(one) else one for key, one in members.items()}
            return call("lookup", [parts, value.arguments[1], other])
        if not guards:
            return Unknown("try", value, *map(self.evaluate, rest))
        return choice_by(guards, value, other)

    def _is_refused(self, value: Value) -> bool:
        """Whether Terraform refuses a value; what is not defined here may be in another file."""
        return is_refused(value) and (self.module.shared.is_whole or not is_undefined(value))

    def can(self, arguments: tuple[Expression, ...]) -> Value:
        """Whether Terraform refuses an expression."""
        values = [self.evaluate(argument) for argument in arguments]
        return True if all(map(is_known, values)) else Unknown("can", *values)


_EVALUATORS: Mapping[str, Callable[[Evaluator, Expression], Value]] = {
    "literal": Evaluator._literal,  # noqa: SLF001 - its own methods
    "template": Evaluator._template,  # noqa: SLF001
    "tuple": Evaluator._tuple,  # noqa: SLF001
    "object": Evaluator._object,  # noqa: SLF001
    "name": Evaluator._name,  # noqa: SLF001
    "attribute": Evaluator._name,  # noqa: SLF001
    "index": Evaluator._name,  # noqa: SLF001
    "splat": Evaluator._splat,  # noqa: SLF001
    "conditional": Evaluator._conditional,  # noqa: SLF001
    "operation": Evaluator._operation,  # noqa: SLF001
    "call": Evaluator._call,  # noqa: SLF001
    "for": Evaluator._for,  # noqa: SLF001
    "broken": Evaluator._broken,  # noqa: SLF001
}
_LAZY: Mapping[str, Callable[[Evaluator, tuple[Expression, ...]], Value]] = {
    "try": Evaluator.try_,
    "can": Evaluator.can,
}


def call(name: str, given: list[Value]) -> Value:
    """What a function that reads no file comes to."""
    function = FUNCTIONS.get(name)
    if function:
        try:
            found = function(*given)
        except (TypeError, ValueError, IndexError, KeyError, re.error, RecursionError):
            found = NotImplemented  # Terraform refuses it, or we do
        if found is not NotImplemented:
            return found
    return Unknown(name, *given)
