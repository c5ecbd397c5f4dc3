"""The parts of a request as variables of an SMT solver: its action, its resource and its keys.

The package under test is not imported. Numbers, moments and addresses are those of the solver; a
text is one of the kinds that the patterns of the policies distinguish.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import reduce
from ipaddress import IPv4Address, IPv6Address, ip_network
from operator import eq, ge, gt, le, lt, or_
from typing import Any

import z3

from support.statements import Condition, NotEncodedError, Test
from support.text_kinds import ANY, ANY_ARN, FIELDS, Pattern, arn_pattern, text_kinds, text_pattern

Formula = Any

_SEVERAL = {
    *("aws:calledvia", "aws:principalorgpaths", "aws:principalservicenameslist", "aws:tagkeys"),
    *("aws:resourceorgpaths", "aws:sourceorgpaths", "aws:vpceorgpaths"),
}
"""The global keys that may have several values."""

_COMPARED: Mapping[str, Callable[[Any, Any], Any]] = {
    "equals": eq,
    "lessthan": lt,
    "lessthanequals": le,
    "greaterthan": gt,
    "greaterthanequals": ge,
}
_TEXTS = ("stringequals", "stringlike", "stringequalsignorecase", "arnequals", "arnlike")
_FAMILY = re.compile("string|arn|numeric|date|bool|ipaddress")


class Texts:
    """A text of the request, or several: of each kind of texts whether there is one.

    A kind is known by the lists of patterns that it matches, with a bit for each list.
    """

    def __init__(
        self,
        name: str,
        lists: Sequence[tuple[Hashable, ...]],
        kinds: Mapping[int, str],
        *,
        several: bool = False,
    ) -> None:
        self._bits = {patterns: 1 << at for at, patterns in enumerate(lists)}
        self._texts = kinds
        self._there = {kind: z3.Bool(f"{name} {text!r}") for kind, text in kinds.items()}
        self.present = z3.Or(*self._there.values())
        self.fact = several or z3.AtMost(*self._there.values(), 1)

    def some(self, patterns: tuple[Hashable, ...]) -> Formula:
        """Whether a text matches one of the patterns of a list."""
        bit = self._bits[patterns]
        return z3.Or(*(there for kind, there in self._there.items() if kind & bit))

    def other(self, patterns: tuple[Hashable, ...]) -> Formula:
        """Whether a text matches none of the patterns of a list."""
        bit = self._bits[patterns]
        return z3.Or(*(there for kind, there in self._there.items() if not kind & bit))

    def chosen(self, model: Formula) -> list[str]:
        """The texts of the request that the solver found."""
        there = (kind for kind, there in self._there.items() if z3.is_true(model[there]))
        return [self._texts[kind] for kind in there]


class Value:
    """A number, a moment, an address or a truth value of the request, if it has the key."""

    def __init__(self, key: str, tests: Sequence[Test]) -> None:
        self.present = z3.Bool(f"{key} is present")
        self._families = {found[0] for name, _ in tests if (found := _FAMILY.match(name))}
        if len(self._families) > 1:
            raise NotEncodedError("a key of several types")
        self._is_true, self._number = z3.Bool(f"{key} is true"), z3.Real(f"{key} as a number")
        self._moment, self._address = z3.Int(f"{key} as seconds"), z3.Int(f"{key} as an address")
        self._is_long = z3.Bool(f"{key} is of IPv6")
        addresses = z3.If(self._is_long, 2**128, 2**32)
        self.fact = z3.And(self._address >= 0, self._address < addresses)
        self._agrees = {test: self._agreeing(*test) for test in tests}

    def some(self, tests: Iterable[Test]) -> Formula:
        """Whether the value passes one of the tests."""
        return z3.And(self.present, z3.Or(*(self._agrees[test] for test in tests)))

    def other(self, tests: Iterable[Test]) -> Formula:
        """Whether there is a value that passes none of the tests."""
        return z3.And(self.present, z3.Not(self.some(tests)))

    def chosen(self, model: Formula) -> str:
        """The value of the request that the solver found, empty if it does not have the key."""

        def found(variable: Formula) -> Formula:
            return model.eval(variable, model_completion=True)

        if not z3.is_true(found(self.present)):
            return ""
        if "numeric" in self._families:
            number = found(self._number).as_fraction()
            return format(Decimal(number.numerator) / Decimal(number.denominator), "f")
        if "date" in self._families:
            return datetime.fromtimestamp(found(self._moment).as_long(), UTC).isoformat()
        if "ipaddress" in self._families:
            is_long = z3.is_true(found(self._is_long))
            return str((IPv6Address if is_long else IPv4Address)(found(self._address).as_long()))
        return str(found(self._is_true)).lower()

    def _agreeing(self, operator: str, value: str) -> Formula:
        """Whether the value of the request agrees with one of a policy."""
        try:
            if operator == "ipaddress":
                network = ip_network(value, strict=False)
                return z3.And(
                    self._is_long == (network.version == 6),
                    self._address >= int(network.network_address),
                    self._address <= int(network.broadcast_address),
                )
            if operator == "bool":
                return self._is_true == {"true": True, "false": False}[value.lower()]
            if operator.startswith("numeric"):
                return _COMPARED[operator.removeprefix("numeric")](self._number, _number(value))
            return _COMPARED[operator.removeprefix("date")](self._moment, _moment(value))
        except (KeyError, ValueError):
            raise NotEncodedError(f"{operator} with such a value") from None


class Actions:
    """The names of all actions, and which of them patterns distinguish."""

    def __init__(self, names: Iterable[str]) -> None:
        self._names = [name.lower() for name in names]
        self._text = "\n".join(self._names)
        self._numbers = {name: at for at, name in enumerate(self._names)}
        self._matched: dict[str, int] = {}

    def kinds(self, lists: Iterable[tuple[str, ...]]) -> dict[int, str]:
        """Which lists of patterns some action matches alone: a bit for each, with such an action.

        An action that a policy names without a wildcard is one, whether it is known or not.

        Raises:
            NotEncodedError: a wildcard matches no known action.
        """
        lists = list(lists)
        parts = {0: (1 << len(self._names)) - 1}
        for at, patterns in enumerate(lists):
            matched = reduce(or_, map(self._matching, patterns), 0)
            divided = {}
            for kind, names in parts.items():
                divided[kind] = names & ~matched
                divided[kind | 1 << at] = names & matched
            parts = {kind: names for kind, names in divided.items() if names}
        found = {kind: self._names[names.bit_length() - 1] for kind, names in parts.items()}
        for name in {pattern for patterns in lists for pattern in patterns}:
            if not _has_wildcard(name) and name not in self._numbers:
                among = [any(_matches(name, pattern) for pattern in listed) for listed in lists]
                found.setdefault(sum(1 << at for at, is_in in enumerate(among) if is_in), name)
        return found

    def _matching(self, pattern: str) -> int:
        """The known actions that a pattern matches, a bit for each."""
        if not _has_wildcard(pattern):
            return 1 << self._numbers[pattern] if pattern in self._numbers else 0
        if pattern not in self._matched:
            found = re.findall(f"(?m)^{_regex(pattern)}$", self._text)
            if not found:
                raise NotEncodedError("a wildcard that matches no action")
            self._matched[pattern] = sum(1 << self._numbers[name] for name in found)
        return self._matched[pattern]


def _has_wildcard(pattern: str) -> bool:
    return "*" in pattern or "?" in pattern


def _matches(action: str, pattern: str) -> bool:
    return re.fullmatch(_regex(pattern), action) is not None


def _regex(pattern: str) -> str:
    return "".join({"*": ".*", "?": "."}.get(part) or re.escape(part) for part in pattern)


def resources(lists: Sequence[tuple[str, ...]]) -> Texts:
    """The resource of a request, for lists of patterns."""
    patterns = distinct(pattern for listed in lists for pattern in listed)
    kinds = text_kinds(tuple(map(_arn, patterns)), ANY_ARN)
    # An action without resources is on "*", which is not an ARN.
    alone = sum(1 << at for at, pattern in enumerate(patterns) if pattern == "*")
    return Texts("resource", lists, _by_list({alone: "*", **kinds}, patterns, lists))


def variable(key: str, conditions: Sequence[Condition]) -> Texts | Value:
    """The variable of a key, on which there are the conditions.

    Raises:
        NotEncodedError: the encoding does not have something of them.
    """
    lists = distinct(condition.tests for condition in conditions)
    tests = distinct(test for listed in lists for test in listed)
    qualified = {bool(condition.qualifier) for condition in conditions if condition.tests}
    several = True in qualified and (key in _SEVERAL or not key.startswith("aws:"))
    if several and False in qualified:
        raise NotEncodedError("several values without a qualifier")
    if not any(operator in _TEXTS for operator, _ in tests):
        if several:
            raise NotEncodedError("several values that are not texts")
        return Value(key, tests)
    arns = all(operator.startswith("arn") for operator, _ in tests)
    kinds = text_kinds(tuple(_text(*test) for test in tests), ANY_ARN if arns else ANY)
    return Texts(key, lists, _by_list(kinds, tests, lists), several=several)


def _by_list(
    kinds: Mapping[int, str],
    patterns: Iterable[Hashable],
    lists: Iterable[tuple[Hashable, ...]],
) -> dict[int, str]:
    """The kinds of texts by the lists that they match instead of by the patterns."""
    bits = {pattern: 1 << at for at, pattern in enumerate(patterns)}
    masks = [sum({bits[pattern] for pattern in listed}) for listed in lists]
    found: dict[int, str] = {}
    for kind, text in kinds.items():
        found.setdefault(sum(1 << at for at, mask in enumerate(masks) if kind & mask), text)
    return found


def distinct(found: Iterable[Any]) -> tuple[Any, ...]:
    """What was found, each thing once."""
    return tuple(dict.fromkeys(found))


def _text(operator: str, value: str) -> Pattern:
    if operator not in _TEXTS:
        raise NotEncodedError("a key of several types")
    if operator.startswith("arn"):
        return _arn(value)
    any_case = operator.endswith("ignorecase")
    return text_pattern(value, wildcards=operator == "stringlike", any_case=any_case)


def _arn(text: str) -> Pattern:
    if text == "*":
        return ANY
    if not text.startswith("arn:") or text.count(":") < FIELDS - 1:
        raise NotEncodedError("an ARN that is not whole")
    return arn_pattern(text)


def _number(text: str) -> Formula:
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise ValueError(text)
    return z3.RealVal(text)


def _moment(text: str) -> int:
    found = datetime.fromisoformat(text)
    return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp())
