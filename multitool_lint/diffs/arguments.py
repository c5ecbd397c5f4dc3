"""What has changed of arguments that decide about access and are not policies."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from multitool_lint.aws.access_types import (
    RUNS,
    allows_less,
    grants_each,
    limits,
    runs_with,
    uses_of,
)
from multitool_lint.deployments.owner import COMMAND, DEFAULT, EXAMPLE
from multitool_lint.diffs.argument_kinds import (
    has_harmless_shape,
    is_environment,
    is_label,
    is_name,
    is_what_runs,
    names_access,
    orders,
    plain_name,
)
from multitool_lint.diffs.restrictions import restrictions_gone
from multitool_lint.formats.command_effects import only_limits
from multitool_lint.syntax.shown_terms import shown_apart
from multitool_lint.syntax.terms import Encoded, Text, Unknown, Value, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.owner import Owner

_ACCOUNT = re.compile(r"[0-9]{12}")
_NUMBER = re.compile(r"v?[0-9]+(?:\.[0-9]+)*\.?(?:/[0-9]+|ms|[smhd%]|[KMGT]i?B?)?")
"""A number, a version, a network, a duration or a size."""
_NUMBERS = re.compile(
    rf"(?<![^\s\"'\[(,])(?!{_ACCOUNT.pattern}(?![0-9])){_NUMBER.pattern}(?![^\s\"',)\]}}])"
)
"""The numbers between other words of a text."""
_VERSIONS = re.compile(
    r"(?<=[\s\"'\[,:/@=_-])v?[0-9]+(?:\.[0-9]+){1,2}(?=[\s\"',\]}:/@=_-]|\.[A-Za-z*]|$)"
)
"""The versions in names, such as that of a package."""
_SCRIPT = "#!"
_OF_IAM = "arn:aws:iam"
_ARN = "arn:"
_UNCHANGED = {"if": 1, "var": 1, "merge": 0, "concat": 0, "yamlencode": 0}
"""The terms that come to one of their values, or to all, and after how many that decide which."""
_UNREAD = {
    "module": "its module is not in these files",
    "template": "its template is not read with these values",
}
"""The kinds of owners of which only the arguments are known, and why."""
_NAME = "name"
_INSTANCES = frozenset({"count", "for_each"})
_CODE_OF_MODULES = frozenset({"source", "version", "Location", "Template", "TemplateURL"})


def changed_arguments(
    before: Owner, after: Owner, *, is_old: bool, is_less: Callable[[], bool]
) -> Iterator[str]:
    """The arguments that decide about access and have changed.

    It `is_less` if the new one is there in no case in which the old one is not.
    """
    lifted = [
        name
        for name, value in before.blocking.items()
        if after.blocks.get(name) is not True
        and identity(after.blocks.get(name)) != identity(value)
    ]
    if lifted:
        yield f"{', '.join(lifted)}: what was blocked is not blocked any more"
    if not after.facts or (
        after.kind in (COMMAND, EXAMPLE) and only_limits(str(after.facts["given"]))
    ):
        return
    changed = [
        name for name in sorted({*before.facts, *after.facts}) if _is_other(name, before, after)
    ]
    if after.kind in _UNREAD:
        changed = [name for name in changed if _may_matter(name, before, after)]
        if changed and (before.facts or after.kind == "module"):
            yield f"{_listed(before, after, changed)}; {_UNREAD[after.kind]}"
    elif changed and (is_old or not _is_named(after)):
        yield _listed(before, after, changed)
    is_only_run = all(runs_with(after.kind, name) for name in after.facts)
    if is_old and not changed and not is_only_run and before.guards != after.guards:
        if set(before.guards) <= set(after.guards) or is_less():
            yield from restrictions_gone(before)
        else:
            yield "when it is there has changed"


def _is_named(owner: Owner) -> bool:
    """Whether nothing trusts a new resource but what is new, too."""
    return {use.what for use in uses_of(owner.kind)} - {"block", DEFAULT, RUNS} == {"named"}


def _is_other(name: str, before: Owner, after: Owner) -> bool:
    """Whether an argument has another value, which of a resource is not less of a list."""
    if runs_with(after.kind, name):
        return _is_other_role(name, before, after)
    old, new = (owner.facts.get(name) for owner in (before, after))
    if identity(old) == identity(new):
        return False
    if not uses_of(after.kind):
        return True
    if None in (old, new):
        return not (old is None and before.facts and limits(name))
    if allows_less(name, new):
        return False
    were, are = map(_identities, (old, new))
    return were != are and not (are and are < were and grants_each(name))


def _is_other_role(name: str, before: Owner, after: Owner) -> bool:
    """Whether something that was there runs with another role now, or with a first one."""
    were, are = (_identities(owner.facts.get(name)) for owner in (before, after))
    return name in before.facts and not are <= were


def _identities(value: Value) -> set[str]:
    """What identifies a value, or each item of a list."""
    items = value if isinstance(value, list) else [value]
    return {identity(item) for item in items if item is not None}


def _may_matter(name: str, before: Owner, after: Owner) -> bool:
    """Whether an argument of a module that is not here may decide about access."""
    values = [owner.facts.get(name) for owner in (before, after)]
    if name in _CODE_OF_MODULES:
        return True
    if name in _INSTANCES:
        return not _is_always_there(values[0])
    name = plain_name(name)
    if is_label(name) or orders(name) or _is_other_name(name, *values):
        return False
    if all(_decides_what_runs(name, value) for value in values if value is not None):
        return False
    if None in values and any(map(_has_settings, values)):
        values = [{} if value is None else value for value in values]
    return not _differ_in_numbers(*values, is_technical=not names_access(name))


def _has_settings(value: Value) -> bool:
    """Whether a value is an object of settings, and not of other objects, which may be made."""
    if not isinstance(value, dict) or not value:
        return False
    return not any(isinstance(one, (dict, list, Unknown)) for one in value.values())


def _is_always_there(count: Value) -> bool:
    """Whether a module with a `count` is there in all cases."""
    return count is None or (isinstance(count, int) and count > 0)


def _is_other_name(name: str, *values: Value) -> bool:
    """Whether an argument names what a module makes, and cannot be a pattern or an ARN."""
    return name == _NAME or (is_name(name) and all(map(_is_plain, values)))


def _is_plain(value: Value) -> bool:
    """Whether a value is nothing, a name that is passed on, or a text without a wildcard."""
    if isinstance(value, Unknown):
        return _is_passed_on(value)
    parts = value.parts if isinstance(value, Text) else [value]
    known = [part for part in parts if isinstance(part, str)]
    is_plain = any(known) and not any("*" in part or "?" in part for part in known)
    return value is None or (_is_text(value) and is_plain)


def _is_passed_on(value: Unknown) -> bool:
    """Whether a value is the name of the stack, or of a variable of the same kind, in any case."""
    if value.operator == "if":
        return all(map(_is_plain, value.arguments[1:]))
    is_variable = value.operator == "var" and is_name(plain_name(str(value.arguments[0])))
    return is_variable or (value.operator, *value.arguments[:1]) == ("own", "AWS::StackName")


def _decides_what_runs(name: str, value: Value) -> bool:
    """Whether an argument is code, or its settings, and names nothing of IAM."""
    first = value.parts[0] if isinstance(value, Text) else value
    is_script = isinstance(first, str) and first.startswith(_SCRIPT)
    return is_environment(name) or ((is_script or is_what_runs(name)) and not _names_iam(value))


def _names_iam(value: Value) -> bool:
    """Whether a part of a value is the ARN of something of IAM."""
    if isinstance(value, str):
        return _OF_IAM in value
    if isinstance(value, Encoded):
        return _names_iam(value.value)
    parts = value.parts if isinstance(value, Text) else value
    parts = [*parts, *parts.values()] if isinstance(parts, dict) else parts
    return isinstance(parts, (list, tuple)) and any(map(_names_iam, parts))


def _is_text(value: Value) -> bool:
    """Whether a value is a text that cannot be the ARN of a policy."""
    first = value.parts[0] if isinstance(value, Text) else value
    return isinstance(value, (str, Text)) and not str(first).startswith(_ARN)


def _differ_in_numbers(one: Value, other: Value, *, is_technical: bool = False) -> bool:
    """Whether two values are the same but for labels, numbers and networks, in texts, too.

    In a value that `is_technical`, what decides what runs may be another, too.
    """
    both = one, other
    if identity(one) == identity(other) or any(
        all(map(is_it, both)) for is_it in (_is_number, _is_nothing)
    ):
        return True
    alike = partial(_differ_in_numbers, is_technical=is_technical)
    if isinstance(one, Unknown) and isinstance(other, Unknown):
        return _are_made_alike(one, other, alike)
    if isinstance(one, Unknown) or isinstance(other, Unknown):
        # An argument that has been a number stays one.
        return any(_is_number(value) and value is not None for value in (one, other))
    if isinstance(one, dict) and isinstance(other, dict):
        return all(
            _is_harmless(str(name), one.get(name), other.get(name), is_technical=is_technical)
            for name in {*one, *other}
        )
    if isinstance(one, (str, Text)) and isinstance(other, (str, Text)):
        return _are_alike(one, other)
    parts = _items(one), _items(other)
    return len(parts[0]) == len(parts[1]) > 0 and all(map(alike, *parts))


def _is_nothing(value: Value) -> bool:
    """Whether a value names nothing; null may be a default that names something."""
    if isinstance(value, list):
        return all(item is None or _is_nothing(item) for item in value)
    return isinstance(value, (str, dict)) and not value


def _is_harmless(name: str, *values: Value, is_technical: bool) -> bool:
    """Whether a member of an argument has values that are the same but for what is harmless."""
    name = plain_name(name)
    if is_label(name):
        return True
    is_technical = is_technical and not names_access(name)
    if is_technical and all(_decides_what_runs(name, value) for value in values):
        return True
    return _differ_in_numbers(*values, is_technical=is_technical)


def _are_made_alike(one: Unknown, other: Unknown, alike: Callable[[Value, Value], bool]) -> bool:
    """Whether two terms are the same but for numbers in values that they come to unchanged."""
    first = _UNCHANGED.get(one.operator)
    if first is None or one.operator != other.operator:
        return False
    before, after = one.arguments, other.arguments
    decides = [*map(identity, before[:first])] == [*map(identity, after[:first])]
    left = before[first:], after[first:]
    return decides and len(before) == len(after) and all(map(alike, *left))


def _are_alike(one: str | Text, other: str | Text) -> bool:
    """Whether two texts are the same but for numbers between words, or versions in names."""
    if _is_text(one) and _without(_VERSIONS, one) == _without(_VERSIONS, other):
        return True
    # A number between parts that are not known may be a piece of a name.
    return isinstance(one, str) and _without(_NUMBERS, one) == _without(_NUMBERS, other)


def _without(numbers: re.Pattern[str], text: str | Text) -> list[object]:
    parts = text.parts if isinstance(text, Text) else [text]
    return [numbers.split(p) if isinstance(p, str) else identity(p) for p in parts]


def _items(value: Value) -> Sequence[Value]:
    """The items of a list, or what is written as a text of JSON or YAML."""
    if isinstance(value, Encoded):
        return [value.value]
    return value if isinstance(value, list) else ()


def _is_number(value: Value) -> bool:
    """Whether a value is nothing, or a number, a version, a machine, and not an account."""
    if isinstance(value, list):
        return all(map(_is_number, value))
    is_text = isinstance(value, str) and (
        _NUMBER.fullmatch(value) is not None or has_harmless_shape(value)
    )
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return value is None or ((is_text or is_number) and not _ACCOUNT.fullmatch(str(value)))


def _listed(before: Owner, after: Owner, changed: list[str]) -> str:
    """The arguments that have changed, with what they were and are."""
    missing = Unknown("nothing")
    values = ([owner.facts.get(name, missing) for owner in (before, after)] for name in changed)
    texts = (" -> ".join(shown_apart(*both)) for both in values)
    return ", ".join(map("{}: {}".format, changed, texts))
