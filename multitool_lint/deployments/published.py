"""What deployments publish, and what others of the same repository read of it.

That are the outputs in a state of Terraform, the exports of a stack, and parameters of Systems
Manager.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.syntax.terms import Encoded, Rest, Text, Unknown, Value, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.owner import Owner

OUTPUT, EXPORT, PARAMETER = "output", "export", "parameter"
LOCAL, PATH = "local", "path"
STATE_FILE = "terraform.tfstate"
_NAMING = frozenset({"address", "blob", "key", "name", "path", "prefix", "workspaces"})
"""The arguments of backends that say which state it is, of those in one place."""
_WITH_NAMES = {
    "aws_ssm_parameter": PARAMETER,
    "aws_cloudformation_export": EXPORT,
}
"""The data sources that read what is published by its name."""
_OF_TEMPLATES = {"Fn::ImportValue": EXPORT}


READING = ("terraform_remote_state", *_WITH_NAMES, "ImportValue")
"""A file that reads what is published has one of these."""
PathOf = Callable[[str], str | None]
"""The path in the tree of one that is written."""


class PublishedValue(NamedTuple):
    """A value that others may read by its name; an output, in the state of a backend."""

    kind: str
    name: str
    backend: str = ""
    arguments: tuple[tuple[str, str], ...] = ()

    def is_read_as(self, other: PublishedValue) -> bool:
        """Whether it is what another one says that is read."""
        mine, asked = dict(self.arguments), dict(other.arguments)
        both = mine.keys() & asked.keys()
        is_state = self.kind != OUTPUT or not both.isdisjoint(_NAMING)
        same = all(mine[name] == asked[name] for name in both)
        return self[:3] == other[:3] and is_state and same


def output(name: str, backend: str, arguments: Mapping[str, Value]) -> PublishedValue:
    """An output in a state."""
    given = {key: identity(value) for key, value in arguments.items() if value is not None}
    return PublishedValue(OUTPUT, name, backend, tuple(sorted(given.items())))


def readings(owners: Mapping[str, Owner], path_of: PathOf) -> Iterator[tuple[str, PublishedValue]]:
    """What owners read that others publish, each with the title of the owner."""
    for owner in owners.values():
        given = (*owner.statements, *owner.trust, *(owner.boundary or ()))
        values: list[Value] = [*owner.facts.values(), *owner.blocks.values()]
        values += [attached.arn for attached in owner.attached]
        guards = [*owner.guards, *(guard for a in owner.attached for guard in a.guards)]
        for statement in given:
            values += [dict(statement.elements), statement.unknown]
            guards += statement.guards
        values += [guard.condition for guard in guards]
        for found in dict.fromkeys(one for value in values for one in _read_in(value, path_of)):
            yield owner.title, found


def _read_in(value: Value, path_of: PathOf) -> Iterator[PublishedValue]:
    for term in _terms_in(value):
        match term:
            case Unknown(operator=operator, arguments=[str(name)]) if operator in _OF_TEMPLATES:
                yield PublishedValue(_OF_TEMPLATES[operator], name)
            case Unknown(operator="data", arguments=[str(type_), {"name": str(name)}, *_]):
                if type_ in _WITH_NAMES:
                    yield PublishedValue(_WITH_NAMES[type_], name)
            case Unknown(operator="get", arguments=[Unknown() as outputs, str(name)]):
                yield from _output_of_state(outputs, name, path_of)


def _output_of_state(outputs: Unknown, name: str, path_of: PathOf) -> Iterator[PublishedValue]:
    match outputs:
        case Unknown(operator="get", arguments=[Unknown() as data, "outputs"]):
            match data:
                case Unknown(
                    operator="data", arguments=["terraform_remote_state", dict(given), *_]
                ):
                    config = given.get("config")
                    arguments = config if isinstance(config, dict) else {}
                    named = {str(key): part for key, part in arguments.items()}
                    path = named.get(PATH) if given.get("backend") == LOCAL else None
                    if isinstance(path, str):
                        named[PATH] = path_of(path)
                    yield output(name, str(given.get("backend")), named)


def _terms_in(value: Value) -> Iterator[Unknown]:
    """The terms of a value, and those in them."""
    if isinstance(value, Unknown):
        yield value
        parts: list[Value] = [*value.arguments]
    elif isinstance(value, Text):
        parts = [*value.parts]
    elif isinstance(value, Rest):
        parts = [value.item]
    elif isinstance(value, Encoded):
        parts = [value.value]
    elif isinstance(value, dict):
        parts = [part for member in value.items() for part in member]
    else:
        parts = value if isinstance(value, list) else []
    for part in parts:
        yield from _terms_in(part)
