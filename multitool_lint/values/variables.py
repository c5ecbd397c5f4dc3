"""Variables of modules, and parameters of templates, with what is said of their values."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from multitool_lint.syntax.terms import Unknown, Value, identity, is_known
from multitool_lint.syntax.texts import as_text

ALLOWED = "AllowedValues"
_MOST, _LEAST = "Max", "Min"
_TWO = 2
_WILDCARDS = "*?"


REQUIRED = Unknown("required")
"""The default of a variable that must be given a value."""


class ValueRule(NamedTuple):
    """A rule for the value of a variable, by its identity.

    It has the identities of the only `values` that it allows, or is `at_most` a number, which is
    negative of a least one.
    """

    identity: str
    kind: str = ""
    values: frozenset[str] = frozenset()
    at_most: float | None = None

    def allows_no_more_than(self, other: ValueRule) -> bool:
        """Whether each value that this rule allows is one that another one does."""
        if self.identity == other.identity:
            return True
        if self.kind != other.kind or not self.kind:
            return False
        if self.at_most is not None and other.at_most is not None:
            return self.at_most <= other.at_most
        return bool(self.values) and self.values <= other.values


class DeclaredVariable(NamedTuple):
    """A variable of a module, or a parameter of a template.

    It `is_open` for a value of the caller, who must give it one where it has no default. The
    `type` is an identity, and `attributes` of it have identities of defaults.
    """

    is_open: bool
    default: Value = REQUIRED
    type: str = ""
    rules: tuple[ValueRule, ...] = ()
    attributes: Mapping[str, str] = MappingProxyType({})

    @property
    def must_be_given(self) -> bool:
        """Whether the caller must give a value."""
        return self.is_open and self.default is REQUIRED

    @property
    def has_usual_default(self) -> bool:
        """Whether the default is a value as any other: not nothing, and not a pattern for all."""
        return self.is_open and _is_usual(self.default)


class Callers(NamedTuple):
    """How those call a module, or deploy a template, for whom it is read.

    They give values to variables that are `required`, whatever their default, and know those that
    are `renamed` by the second names of these pairs.
    """

    required: frozenset[str] = frozenset()
    renamed: frozenset[tuple[str, str]] = frozenset()

    def known_as(self, name: str) -> str:
        """The name by which they know a variable."""
        return dict(self.renamed).get(name, name)


def _is_usual(value: Value) -> bool:
    if isinstance(value, str):
        return bool(value) and not any(sign in value for sign in _WILDCARDS)
    if isinstance(value, list):
        return bool(value) and all(map(_is_usual, value))
    if isinstance(value, dict):
        return bool(value) and all(map(_is_usual, value.values()))
    return isinstance(value, (bool, int, float))


def rule_of_parameter(key: str, value: Value) -> ValueRule:
    """The rule of a parameter of a template that a key of it is."""
    known = ValueRule(identity([key, value]), key)
    text = as_text(value)
    if key == ALLOWED:
        return known._replace(values=_values(value))
    is_number = isinstance(text, str) and text.lstrip("-").isdecimal()
    if not (is_number and key.startswith((_MOST, _LEAST))):
        return known._replace(kind="")
    number = float(str(text))
    return known._replace(at_most=number if key.startswith(_MOST) else -number)


def rule_of_variable(condition: Value, own: Unknown) -> ValueRule:
    """The rule that a condition on the value of a variable is, for which a term is `own`."""
    rule = ValueRule(identity(condition))
    is_listed = isinstance(condition, Unknown) and condition.operator == "contains"
    if isinstance(condition, Unknown) and is_listed and len(condition.arguments) == _TWO:
        listed, value = condition.arguments
        if identity(value) == identity(own):
            return rule._replace(kind=ALLOWED, values=_values(listed))
    return rule


def _values(listed: Value) -> frozenset[str]:
    """The identities of the items of a list of which all are known."""
    items = listed if isinstance(listed, list) and is_known(listed) else []
    return frozenset(identity(as_text(item)) for item in items)
