"""Statements of a deployment as a policy that can be compared: unknown parts as placeholders.

A placeholder has the identity of its term, so that two are the same text exactly if the terms are
equal; that of a resource's ARN is one of the type's format. A guard is a condition on a key of its
own.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.diffs.guards import GUARD, KeyTest, conditions_of
from multitool_lint.formats.samples import with_unknown_parts
from multitool_lint.limits import MAX_COMPARED_VALUES
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.choices import asked
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.placeholders import of_arn
from multitool_lint.syntax.shown_terms import shown
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.terms import Guard, Rest, StatementValue, Text, Unknown, Value, identity
from multitool_lint.syntax.texts import as_text
from multitool_lint.values.arns import KnownArns, is_account, of_partition
from multitool_lint.values.collections import item_if
from multitool_lint.values.reading import TooMuchError
from multitool_lint.values.required import names_given, text_given

_LISTS = frozenset({"Action", "NotAction", "Resource", "NotResource"})
_EXCLUSIVE = ("Action", "Resource", "Principal")
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
_NEEDED = frozenset(_EXCLUSIVE)
"""The elements that allow nothing where they name nothing."""
_ROOT = ("arn:aws:iam::", ":root")
"""What is around the account in the ARN of its root user."""
_PLACEHOLDER = re.compile(r"(?:\{\{ |\$\{)([0-9a-f]{24})(?: \}\}|\})")
_QUOTED = re.compile(rf'"[^"]*{_PLACEHOLDER.pattern}[^"]*"')
_RESOURCE = re.compile(r"(?:.*\.)?(\w+)\.[\w-]+(?:\[[^]]*\])?")
"""The address of a resource, with its type."""


class TermNames:
    """How the terms of placeholders are written, for people, and which `arns` are known."""

    def __init__(self, arns: KnownArns) -> None:
        self._shown: dict[str, str] = {}
        self._guards: dict[str, dict[str, str]] = {}
        self.arns = arns
        self._left = MAX_COMPARED_VALUES

    def spend(self) -> None:
        """Count a value that is compared.

        Raises:
            TooMuchError: they are more than any real deployment has.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMuchError("more values than are compared")

    def placeholder(self, value: Value) -> str:
        """The placeholder of a term."""
        name = self.note(value)
        format_ = _format(value)
        return of_arn(name, format_) if format_ else f"{{{{ {name} }}}}"

    def note(self, value: Value) -> str:
        """The identity of a term, of which it is noted how it is written."""
        key = identity(value)
        if key not in self._shown:
            self._shown[key] = shown(value)
        return key

    def guards(self, key: str) -> Mapping[str, str]:
        """The conditions that the key of guards has a value, as they are written, by the value."""
        return self._guards.get(key, {})

    def test(self, guard: Guard) -> KeyTest:
        """The condition on the key of a guard, of which it is noted how it is written."""
        about, value = asked(guard.condition)
        key = f"{GUARD}{self.note(about)}"
        self._guards.setdefault(key, {})[value] = self.readable(shown(guard.condition))
        return KeyTest(key, value, guard.holds)

    def readable(self, text: str) -> str:
        """A text with its placeholders as the terms are written."""

        def term(match: re.Match[str]) -> str:
            return f"${{{self._shown.get(match[1], match[1])}}}"

        if _QUOTED.fullmatch(text):  # an unknown value is compared as its JSON
            text = text[1:-1]
        return _PLACEHOLDER.sub(term, text)


def _format(value: Value) -> str | None:
    """The format of the ARN or name that an attribute of a resource is, as its type decides."""
    if not isinstance(value, Unknown) or value.operator != "get":
        return None
    base, attribute = value.arguments
    if not isinstance(base, Unknown) or base.operator != "resource":
        return None
    address, *types = base.arguments
    found = _RESOURCE.fullmatch(str(address))
    type_ = str(types[0]) if types else found[1] if found else ""
    return arn_formats().get((type_, str(attribute)))


def policies_of(
    statements: Iterable[StatementValue], names: TermNames, type: PolicyType
) -> tuple[Policy, ...]:
    """The policies that some statements make; their order does not matter.

    Raises:
        TooMuchError: they are nested deeper than is read, or more than are compared.
    """
    found = (_as_json(statement, names, type) for statement in statements)
    made = {json.dumps(elements, sort_keys=True) for elements in found if elements is not None}
    return _parsed(",".join(sorted(made)), type) if made else ()


@lru_cache(maxsize=2048)
def _parsed(statements: str, type: PolicyType) -> tuple[Policy, ...]:
    text = f'{{"Version": "2012-10-17", "Statement": [{statements}]}}'
    try:
        root = fast.read(text)
    except MistakeError as mistake:
        raise TooMuchError(str(mistake)) from mistake
    # What a value comes to does not depend on whether others have placeholders, too.
    root = with_unknown_parts(root, text, prose=False)
    return (Policy(Source("policy.json", text), root, type),)


def _as_json(
    statement: StatementValue, names: TermNames, type: PolicyType
) -> dict[str, object] | None:
    if statement.unknown is not None:
        # What is not known allows everything where it does, which nothing else decides.
        guards = (*statement.guards, Guard(statement.unknown, holds=True))
        elements: dict[str, object] = {"Effect": "Allow", "Action": "*"}
        if type is not PolicyType.TRUST:
            elements["Resource"] = "*"
        if type in (PolicyType.TRUST, PolicyType.RESOURCE):
            elements["Principal"] = "*"
        return _guarded(elements, guards, names)
    found = dict(statement.elements)
    found.pop("Sid", None)
    for element in _EXCLUSIVE:
        if element in found and f"Not{element}" in found:
            found[element] = Rest(Unknown("either", found[element], found.pop(f"Not{element}")))
    if found.get("Effect") == "Allow" and not any(map(_may_be_actions, found)):
        return None  # as of a document whose actions are an empty list
    needed = _NEEDED if type is not PolicyType.RESOURCE else _NEEDED - {"Resource"}
    if found.get("Effect") == "Allow":
        found.update({name: names_given(found[name]) for name in needed & found.keys()})
    if not statement.has_variables:
        found = {element: _without_variables(value) for element, value in found.items()}
    found.update({name: _by_account(found[name]) for name in _PRINCIPALS & found.keys()})
    elements = {
        element: _plain(value, names, is_list=element in _LISTS) for element, value in found.items()
    }
    names_needed = [elements[element] for element in needed & elements.keys()]
    if found.get("Effect") == "Allow" and any(map(_is_nothing, names_needed)):
        return None
    return _guarded(elements, statement.guards, names)


def _by_account(value: Value) -> Value:
    """Principals of which those that are the root user of an unknown account are the account.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
    """
    if isinstance(value, Mapping):
        return {key: _by_account(item) for key, item in value.items()}
    if isinstance(value, list):
        return [*map(_by_account, value)]
    if isinstance(value, Rest):
        return Rest(_by_account(value.item), value.once)
    if isinstance(value, Text):
        arn = of_partition(value)
        parts = arn.parts if isinstance(arn, Text) else ()
        if (*parts[:1], *parts[2:]) == _ROOT and is_account(parts[1]):
            return parts[1]
    return value


def _may_be_actions(element: str) -> bool:
    """Whether an element says which actions are allowed; one with an unknown name may do so."""
    return element.lower().endswith("action") or not element.isalpha()


def _is_nothing(value: object) -> bool:
    """Whether a list has no names, which AWS refuses."""
    return isinstance(value, list) and all(item is None for item in value)


def _without_variables(value: Value) -> Value:
    """A value whose texts have no policy variables, as a document that may have some says it."""
    if isinstance(value, Mapping):
        return {key: _without_variables(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_without_variables(item) for item in value]
    if isinstance(value, Text):
        return Text(tuple(_escaped(p) if isinstance(p, str) else p for p in value.parts))
    return _escaped(value) if isinstance(value, str) else value


def _escaped(text: str) -> str:
    return text.replace("&{", "${").replace("${", "${$}{")


def _guarded(
    elements: dict[str, object], guards: tuple[Guard, ...], names: TermNames
) -> dict[str, object] | None:
    """The elements of a statement where some guards hold; None if they never do together."""
    if not guards:
        return elements
    given = elements.get("Condition", {})
    by_operator = given if isinstance(given, dict) else {}
    known = {operator: keys for operator, keys in by_operator.items() if isinstance(keys, dict)}
    if not isinstance(given, dict) or len(known) < len(given):
        # What is not known as a whole is a condition of its own.
        guards = (*guards, Guard(Unknown("conditions", given), holds=True))
    tests = conditions_of(map(names.test, guards))
    if tests is None:
        return None
    tested = {operator: {**known.get(operator, {}), **test} for operator, test in tests.items()}
    return {**elements, "Condition": {**known, **tested}}


def _plain(value: Value, names: TermNames, *, is_list: bool = False) -> object:
    """A value as JSON has it, its unknown parts as placeholders."""
    names.spend()
    value = names.arns.by_reference(value)
    if isinstance(value, Text):
        value = of_partition(value)
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else names.placeholder(key): _plain(item, names)
            for key, item in value.items()
        }
    if isinstance(value, list):
        return [part for item in value for part in _parts(item, names)]
    if isinstance(value, Rest) or (is_list and isinstance(value, Unknown)):
        return [*_parts(value if isinstance(value, Rest) else Rest(value), names)]
    if isinstance(value, Text):
        return "".join(
            part if isinstance(part, str) else names.placeholder(part)
            for part in text_given(value).parts
        ).replace("&{", "${")
    if isinstance(value, bool) or value is None:
        return value
    text = as_text(value)
    return text.replace("&{", "${") if isinstance(text, str) else names.placeholder(value)


def _parts(item: Value, names: TermNames) -> Iterator[object]:
    if isinstance(item, Rest):
        yield names.placeholder(item_if(item.item, item.once) if item.once else item.item)
    elif isinstance(item, list):
        yield from (part for inner in item for part in _parts(inner, names))
    else:
        yield _plain(item, names)
