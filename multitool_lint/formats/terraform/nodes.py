"""Values of Terraform's language as nodes, at the places where they are written in a file.

A value that is written in another file is at the reference to it. Of an unknown text, an ARN is
known as far as the type of its resource decides it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from multitool_lint.formats.terraform.attributes import is_open_arn
from multitool_lint.formats.terraform.choices import (
    NOTHING,
    Choice,
    ChoiceNode,
    NothingNode,
    PolicyReading,
    choice_of,
    first_item,
    has_literal,
    several,
)
from multitool_lint.formats.terraform.scope import OutOfProportionError
from multitool_lint.limits import MAX_TEMPLATE_VALUES
from multitool_lint.syntax import placeholders
from multitool_lint.syntax.choices import under_guards
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.terms import Encoded, Rest, Text, Unique, Unknown, Value
from multitool_lint.syntax.texts import as_text, json_of
from multitool_lint.syntax.tree import (
    UNKNOWN,
    Array,
    Member,
    Node,
    Object,
    UniqueArray,
    UnknownNode,
)
from multitool_lint.syntax.written import REFERENCE, Listed, Mapped, Origin
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.steps import conditional

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from multitool_lint.formats.terraform.scope import ValueBudget
    from multitool_lint.syntax.hcl.expressions import Expression
    from multitool_lint.syntax.source import Source
    from multitool_lint.values.terraform.shared import Evaluates


class Nodes:
    """Makes nodes of the values of a source.

    `shared` lists the places of values that are not written where they are used: who changes them
    changes other things as well. `names` have other values than those of the module. `reading` has
    the conditions of the case that is read.
    """

    def __init__(
        self,
        source: Source,
        evaluator: Evaluates,
        budget: ValueBudget,
        reading: PolicyReading | None = None,
    ) -> None:
        self.reading = reading or PolicyReading()
        self.shared: list[Span] = []
        self.names: Mapping[str, Value] = {}
        self._text_of_file = source.text
        self._evaluator = evaluator
        self._budget = budget
        self._left = MAX_TEMPLATE_VALUES
        self._within = Span(0, 0)
        self._times: Counter[Span] = Counter()

    def count(self, values: int) -> None:
        """Count what is made of the file.

        Raises:
            UnreadableError: that is too much.
        """
        self._left -= values
        if self._left < 0:
            raise OutOfProportionError(f"The policy has more than {MAX_TEMPLATE_VALUES:,} values")
        self._budget.spend(values)

    def written(self, place: Span) -> str:
        """What is written at a place."""
        return self._text_of_file[slice(*place)]

    def of_expression(self, expression: Expression) -> Value:
        """What an expression comes to in the case that is read.

        Raises:
            UnreadableError: it takes too much work.
        """
        try:
            return self.chosen(self._evaluator.within(self.names).evaluate(expression))
        except TooMuchError as error:
            raise OutOfProportionError(f"There are {error}") from error
        except RecursionError as error:
            raise OutOfProportionError("There are values that are nested too deeply") from error

    def chosen(self, value: Value) -> Value:
        """A value, or the one that it is in the case that is read."""
        given = self.reading.given
        while given and isinstance(value, Unknown) and value.operator == "if":
            condition, chosen, other = value.arguments
            holds = given.get(self._budget.condition(condition))
            if holds is None:
                break
            value = chosen if holds else other
        if given and isinstance(value, list) and not isinstance(value, Listed):
            return [kept for item in value for kept in self._kept(item)]
        return value

    def _kept(self, item: Value) -> Iterator[Value]:
        """An item of a list, unless it is not there in the case that is read."""
        if not (isinstance(item, Rest) and item.once):
            yield item
            return
        known = [
            (guard, self.reading.given.get(self._budget.condition(guard.condition)))
            for guard in item.once
        ]
        if all(holds in (None, guard.holds) for guard, holds in known):
            yield item if any(holds is None for _, holds in known) else item.item

    def within(self, value: Value, place: Span) -> Node:
        """The value of an expression at its place, without pointers."""
        self._within = place
        return self.node(value, place)

    def node(self, value: Value, place: Span) -> Node:
        """A value of an expression at a place in the file."""
        self.count(1)
        for kind, read in _READERS:
            if isinstance(value, kind):
                return read(self, value, place)
        return Node(place, UNKNOWN, "")

    def _of_string(self, value: str, place: Span) -> Node:
        return Node(self._own(value, place), str(value), "")

    def _of_scalar(self, value: float | None, place: Span) -> Node:
        return Node(place, value, "")

    def _of_json(self, value: Encoded, place: Span) -> Node:
        text = json_of(value)
        return Node(place, UNKNOWN if text is None else text, "")

    def _own(self, value: object, place: Span) -> Span:
        """Where a value is written in the file, or the place where one of another file is used."""
        origin: Origin | None = getattr(value, "origin", None)
        if origin is None or origin.path != self._evaluator.path or origin.within[0]:
            self.shared.append(place)
            return place
        span = Span(origin.start, origin.end)
        if origin.within == REFERENCE:
            self.shared.append(span)
            return span
        self._times[span] += 1
        is_within = self._within.start <= span.start and span.end <= self._within.end
        if not is_within or self._times[span] > 1:
            self.shared.append(span)
        return span

    def _of_text(self, value: Text, place: Span) -> Node:
        span = self._own(value, place)
        text = self.text(value, "", place)
        is_known = is_open_arn(text) or not placeholders.has_expression(text)
        if is_known or placeholders.begins_with_name(text):
            return Node(span, text, "")
        written = self.written(span).strip('"')
        return UnknownNode(span, "", self._budget.context(written, value), text)

    def _of_list(self, value: list[Value], place: Span) -> Node:
        span = self._own(value, place)
        places = [span] * len(value)
        if isinstance(value, Listed) and value.origin.path == self._evaluator.path:
            places = [Span(*at) for at in value.places]
        items = [self._of_item(item, at) for item, at in zip(value, places, strict=True)]
        return Node(span, (UniqueArray if isinstance(value, Unique) else Array)(items), "")

    def _of_item(self, item: Value, place: Span) -> Node:
        """An item of a list, which may be any number of items."""
        if not isinstance(item, Rest):
            return self.node(item, place)
        if item.once:
            return self.node(under_guards(item.item, item.once), place)
        value, conditions = conditional(item.item)
        asked: list[Value] = [part for part in conditions if isinstance(part, Unknown)] or [value]
        text = " && ".join(map(self._budget.condition, asked))
        return several(self.node(value, place), text)

    def _of_members(self, value: dict[object, Value], place: Span) -> Node:
        span = self._own(value, place)
        if not all(isinstance(key, str) for key in value):
            return Node(span, UNKNOWN, "")
        places: Mapping[object, tuple[int, int]] = {}
        if isinstance(value, Mapped) and value.origin.path == self._evaluator.path:
            places = value.places
        members = []
        for key, item in value.items():
            at = Span(*places[key]) if key in places else span
            around = self.reading.enters(str(key))
            node = self.node(item, at)
            self.reading.in_element = around
            member = Member(str(key), self._own(key, span), node)
            members.append(placeholders.selected_at_run_time(member))
        return Node(span, Object(members), "")

    def _of_unknown(self, value: Unknown, place: Span) -> Node:
        if value is NOTHING:
            return NothingNode(place)
        place = self._own_of_unknown(value, place)
        choice = first_item(value) or choice_of(value, self._budget)
        if isinstance(choice, Unknown):
            return self._of_unknown(choice, place)
        if choice:
            return self._choice(choice, place)
        written = self.written(place)
        text = self._budget.placeholder(value, written)
        if text.startswith("arn:") or placeholders.begins_with_name(text):
            return Node(place, text, "")
        return UnknownNode(place, "", self._budget.context(written, value))

    def _own_of_unknown(self, value: Unknown, place: Span) -> Span:
        """Where an unknown value is written within the expression, or else the place."""
        first = value.arguments[0] if value.operator == "item" else None
        origin = value.origin or (first.origin if isinstance(first, Unknown) else None)
        if origin is None or origin.path != self._evaluator.path:
            return place
        start, end = self._within
        return (
            Span(origin.start, origin.end) if start <= origin.start < origin.end <= end else place
        )

    def _choice(self, choice: Choice, place: Span) -> Node:
        """The value of the branch that is given in this reading, or the choice between them."""
        condition, branches, repeats = choice
        given = self.reading.given.get(condition)
        if given is not None:
            node = next(self.node(value, place) for holds, value in branches if holds is given)
            return NothingNode(node.span) if node.value in (None, "") else node
        asked = len(self.reading.asked)
        found = tuple((holds, self.node(value, place)) for holds, value in branches)
        is_asked = any(has_literal(node) for _, node in found) or len(self.reading.asked) > asked
        if self.reading.in_element and is_asked:
            self.reading.asked[condition] = None
        return ChoiceNode(place, condition, found, repeats=repeats)

    def text(self, value: Value, written: str, place: Span) -> str:
        """A value as a text; placeholders for unknown parts."""
        if isinstance(value, Text):
            return "".join(self.text(part, "", place) for part in value.parts)
        if isinstance(value, Unknown):
            node = self._of_unknown(value, place)
            text = as_text(node.value)
            return text if isinstance(text, str) else self._budget.placeholder(value, written)
        text = json_of(value) if isinstance(value, Encoded) else as_text(value)
        return text if isinstance(text, str) else self._budget.placeholder(value, written)


_READERS: tuple[tuple[type | tuple[type, ...], Callable[[Nodes, Any, Span], Node]], ...] = (
    (str, Nodes._of_string),  # noqa: SLF001 - its own methods
    ((bool, int, float, type(None)), Nodes._of_scalar),  # noqa: SLF001
    (Text, Nodes._of_text),  # noqa: SLF001
    (list, Nodes._of_list),  # noqa: SLF001
    (dict, Nodes._of_members),  # noqa: SLF001
    (Unknown, Nodes._of_unknown),  # noqa: SLF001
    (Encoded, Nodes._of_json),  # noqa: SLF001
)
"""What makes the node of a value, by the class of it."""
