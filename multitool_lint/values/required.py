"""Variables where a value is needed: a default that is none cannot be used there."""

from __future__ import annotations

from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value

NOTHING = (None, "")
"""What the arguments of a resource must not be, and the names in a statement cannot."""


def given(value: Value, nothing: tuple[Value, ...] = NOTHING) -> Value:
    """A value without a default that is nothing: such a variable must be given a value."""
    if isinstance(value, Unknown) and value.operator == "var":
        name, default = value.arguments
        if default is None or (isinstance(default, str) and default in nothing):
            return Unknown("var", name, Unknown("required"), shown=value.shown)
    return value


def given_in_choice(value: Value) -> Value:
    """What the argument of a resource is that must be given, where a choice may be nothing.

    So are `join("", aws_iam_role.one[*].name)` and `one(aws_iam_role.one[*].name)` of a role with a
    `count`: where it is not there, Terraform refuses the resource.
    """
    if isinstance(value, Unknown) and value.operator == "if":
        _, *branches = value.arguments
        some = [branch for branch in branches if not (branch is None or branch == "")]
        if len(some) == 1:
            return given_in_choice(some[0])
    return given(value)


def without_empty_default(value: Value) -> Value:
    """A value that may be nothing, of which an empty default is the same as none."""
    if isinstance(value, Unknown) and value.operator == "var" and value.arguments[1] == "":
        return Unknown("var", value.arguments[0], None, shown=value.shown)
    return value


def names_given(value: Value) -> Value:
    """What a statement allows, where a name that is nothing allows nothing, or is refused."""
    if isinstance(value, list):
        return [names_given(item) for item in value]
    if isinstance(value, dict):
        return {key: names_given(item) for key, item in value.items()}
    if isinstance(value, Rest):
        return Rest(names_given(value.item), value.once)
    return given(value)


def text_given(value: Text) -> Text:
    """A text of which no part is null, which Terraform refuses; it may be empty."""
    return Text(tuple(map(_part_given, value.parts)))


def _part_given(part: str | Unknown | Encoded) -> str | Unknown | Encoded:
    found = given(part, (None,))
    return found if isinstance(found, Unknown) else part


def may_be_refused(value: Value) -> bool:
    """Whether a text in a value has a part that is null where nobody gives it a value."""
    if isinstance(value, Text):
        return any(_part_given(part) is not part for part in value.parts)
    if isinstance(value, dict):
        return any(map(may_be_refused, value.values()))
    return isinstance(value, list) and any(map(may_be_refused, value))
