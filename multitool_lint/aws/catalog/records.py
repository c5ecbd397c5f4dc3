"""The facts of the catalog, and the lines of text that they are kept in.

Named tuples rather than dataclasses: a run makes thousands, and a tuple is made in a third of the
time.

A field of a line ends at a tab, names within a field are separated by spaces, the resource types of
an action by commas (their names have spaces): `image*(ec2:Owner ec2:Public)` is a required resource
type with two condition keys that this action takes for it.
"""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.tables import CatalogError
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias

    AccessLevel: TypeAlias = Literal["List", "Read", "Write", "Tagging", "Permissions management"]
else:
    AccessLevel = str

LEVELS: tuple[AccessLevel, ...] = ("List", "Read", "Write", "Tagging", "Permissions management")
"""The access levels, each stronger than those before it, as `aws.access_levels` says."""
_LEVELS = {level[0]: level for level in LEVELS}


ACTIONS, RETIRED, RESOURCES, KEYS = "[actions]\n", "[retired]\n", "[resources]\n", "[keys]\n"
"""The headings in the file of a service, each before its lines, in this order."""


class Provenance(NamedTuple):
    """A source, with its version, and the ISO date of its data."""

    source: str
    date: str


class ActionResource(NamedTuple):
    """A resource type that an action acts on, and the condition keys it takes for that type."""

    name: str
    required: bool
    condition_keys: tuple[str, ...] = ()


class Action(NamedTuple):
    """An action; `condition_keys` are those that it takes whatever the resource type.

    `retired` names the last source that had the action, if current ones have it no more. An action
    that a user has added, or that is the operation of a retired API, has no access level, and
    nothing else is known of it either.
    """

    name: str
    prefix: str
    access_levels: frozenset[AccessLevel]
    resource_types: tuple[ActionResource, ...] = ()
    condition_keys: tuple[str, ...] = ()
    dependent_actions: tuple[str, ...] = ()
    retired: str | None = None

    @property
    def documented(self) -> bool:
        """Whether more is known of the action than its name."""
        return bool(self.access_levels)


class ResourceType(NamedTuple):
    """A resource type, its ARN formats and the condition keys that depend on the resource."""

    name: str
    arn_formats: tuple[str, ...]
    condition_keys: tuple[str, ...] = ()


class ConditionKey(NamedTuple):
    """A condition key; a variable part of its name is written `${TagKey}`.

    `scope` is what a global key is about: principal, session, network, resource or request.
    """

    name: str
    types: tuple[str, ...]
    scope: str = ""

    @property
    def multivalued(self) -> bool:
        """Whether a request can have several values for the key."""
        return any(type_.startswith("ArrayOf") for type_ in self.types)


class Extras(NamedTuple):
    """What a user adds, `service:Action`, service prefixes and condition keys, and decides.

    Of a service that is named as such nothing is known: it may have any action and condition key.
    With `aws_levels`, actions count at AWS's access levels, without corrections.
    """

    actions: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    condition_keys: tuple[str, ...] = ()
    aws_levels: bool = False


def write_action(action: Action) -> str:
    """The line of an action."""
    levels = "".join(sorted(level[0] for level in action.access_levels))
    return _line(
        action.name.partition(":")[2],
        levels,
        ",".join(map(_write_resource, action.resource_types)),
        " ".join(action.condition_keys),
        " ".join(action.dependent_actions),
        action.retired or "",
    )


def read_action(prefix: str, line: str) -> Action:
    """The action that a line states."""
    name, levels, resources, keys, dependent, retired = fields_of_action(line)
    return Action(
        f"{prefix}:{name}",
        prefix,
        access_levels(levels),
        tuple([_read_resource(*field) for field in resource_fields(resources)]),
        tuple(keys.split()),
        tuple(dependent.split()),
        retired or None,
    )


def resource_fields(field: str) -> list[tuple[str, str]]:
    """The resource types in the field of an action's line that states them, unread.

    Each is its name, with a star if it is required, and the condition keys that depend on it.
    """
    if not field:
        return []
    parts = [part.partition("(") for part in field.split(",")]
    return [(name, keys.removesuffix(")")) for name, _, keys in parts]


def fields_of_action(line: str) -> list[str]:
    """The six fields of that line."""
    return _fields(line, 6)


@lru_cache(maxsize=64)
def access_levels(letters: str) -> frozenset[AccessLevel]:
    """The access levels that are listed by their first letters in the line of an action."""
    if unknown := letters.strip("".join(_LEVELS)):
        raise CatalogError(f'"{unknown[:40]}" in the catalog is not an access level')
    return frozenset(_LEVELS[letter] for letter in letters)


def write_resource_type(resource: ResourceType) -> str:
    """The line of a resource type."""
    return _line(resource.name, " ".join(resource.arn_formats), " ".join(resource.condition_keys))


def read_resource_type(line: str) -> ResourceType:
    """The resource type that a line states."""
    name, formats, keys = _fields(line, 3)
    return ResourceType(name, tuple(formats.split()), tuple(keys.split()))


def write_condition_key(key: ConditionKey) -> str:
    """The line of a condition key."""
    return _line(key.name, " ".join(key.types))


def read_condition_key(line: str) -> ConditionKey:
    """The condition key that a line states."""
    name, types = _fields(line, 2)
    return ConditionKey(name, tuple(types.split()))


def _write_resource(resource: ActionResource) -> str:
    keys = f"({' '.join(resource.condition_keys)})" if resource.condition_keys else ""
    return f"{resource.name}{'*' if resource.required else ''}{keys}"


def _read_resource(name: str, keys: str) -> ActionResource:
    return ActionResource(name.removesuffix("*"), name.endswith("*"), tuple(keys.split()))


def _line(*fields: str) -> str:
    return "\t".join(fields).rstrip("\t")


def _fields(line: str, count: int) -> list[str]:
    fields = line.split("\t")
    return fields + [""] * (count - len(fields))
