"""One service of the catalog: read as one text, its facts made when they are asked for."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.iam import facts, name_index
from multitool_lint.iam.key_table import KeyTable
from multitool_lint.iam.tables import CatalogError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from multitool_lint.iam.facts import Action, ConditionKey, ResourceType


class Service:
    """A service; `retired` names the last source that had it, if current ones have it no more.

    Its actions stand in the order of the bits of an `ActionSet`: the current ones by name, then the
    retired ones by name. `named_only` tells that nothing but its name is known.
    """

    __slots__ = (
        "_by_level",
        "_by_name",
        "_full",
        "_key_table",
        "_keys",
        "_lines",
        "_lower",
        "_resource_types",
        "_rest",
        "current",
        "name",
        "named_only",
        "prefix",
        "provenance",
        "retired",
    )

    def __init__(self, text: str, *, named_only: bool = False) -> None:
        self.named_only = named_only
        actions = text.find(facts.ACTIONS)
        retired = text.find(facts.RETIRED, actions)
        resources = text.find(facts.RESOURCES, retired)
        if min(actions, retired, resources, text.find(facts.KEYS, resources)) < 0:
            raise CatalogError(f'"{text[:40]}...": cut off, or not the file of a service')
        self.prefix, self.name, source, date, *last = text[: actions - 1].split("\t")
        self.provenance = facts.Provenance(source, date)
        self.retired = last[0] if last else None
        self._rest = text[resources + len(facts.RESOURCES) :]
        self._lines = text[actions + len(facts.ACTIONS) : retired].splitlines()
        self.current = len(self._lines)
        self._lines += text[retired + len(facts.RETIRED) : resources].splitlines()
        self._full: tuple[str, ...] = ()
        self._lower: tuple[str, ...] = ()
        self._by_name: dict[str, int] = {}
        self._by_level: dict[str, int] = {}
        self._resource_types: Mapping[str, ResourceType] | None = None
        self._keys: tuple[ConditionKey, ...] | None = None
        self._key_table: KeyTable | None = None

    @property
    def lines(self) -> Sequence[str]:
        """The lines of the actions, unread, in the order of their bits."""
        return self._lines

    @property
    def size(self) -> int:
        """How many actions there are, the retired ones included."""
        return len(self._lines)

    @property
    def full_names(self) -> tuple[str, ...]:
        """The names of the actions with the prefix, in the order of their bits."""
        if not self._full:
            names = [line.partition("\t")[0] for line in self._lines]
            self._full = tuple(map(f"{self.prefix}:".__add__, names))
        return self._full

    @property
    def lower_names(self) -> tuple[str, ...]:
        """The names of the actions in lower case, in the order of their bits."""
        if not self._lower:
            names = [line.partition("\t")[0] for line in self._lines]
            self._lower = tuple("\n".join(names).lower().split("\n")) if names else ()
        return self._lower

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, the retired ones last."""
        return tuple(self.action_at(at) for at in range(len(self._lines)))

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        """The resource types by name."""
        if self._resource_types is None:
            lines = self._rest.partition(facts.KEYS)[0].splitlines()
            types = map(facts.read_resource_type, lines)
            self._resource_types = MappingProxyType({type_.name: type_ for type_ in types})
        return self._resource_types

    @property
    def condition_keys(self) -> tuple[ConditionKey, ...]:
        """The condition keys that some action or resource type of the service takes."""
        if self._keys is None:
            lines = self._rest.partition(facts.KEYS)[2].splitlines()
            self._keys = tuple(map(facts.read_condition_key, lines))
        return self._keys

    def action(self, name: str) -> Action | None:
        """The action of that name, without its prefix, in any case."""
        at = self.place(name)
        return None if at is None else self.action_at(at)

    def place(self, name: str) -> int | None:
        """The bit of the action of that name."""
        if not self._by_name:
            self._by_name = {lower: at for at, lower in enumerate(self.lower_names)}
        at = self._by_name.get(name)
        return self._by_name.get(name_index.fold(name)) if at is None else at

    def action_at(self, place: int) -> Action:
        """The action of that bit."""
        return facts.read_action(self.prefix, self._lines[place])

    def fields_at(self, place: int) -> list[str]:
        """What the line of the action of that bit says, unread: its name, its access levels, ..."""
        return facts.fields_of_action(self._lines[place])

    def condition_key(self, key: str) -> ConditionKey | None:
        """The condition key of that name, in any case: `kms:EncryptionContext:a` has a variable."""
        if self._key_table is None:
            self._key_table = KeyTable(self.condition_keys)
        return self._key_table.find(key)

    def matching(self, pattern: str) -> int:
        """The bits of the actions that a wildcard pattern in lower case matches.

        Those are current actions; a service that is retired as a whole has only retired ones.
        """
        names = self.lower_names
        return name_index.matching(pattern, names if self.retired else names[: self.current])

    def at_levels(self, bits: int, levels: Collection[str]) -> int:
        """Those of the bits whose actions have at least one of the access levels."""
        if not self._by_level:
            by_letters: dict[str, int] = {}
            for at, letters in enumerate([f"{line}\t".split("\t", 2)[1] for line in self._lines]):
                by_letters[letters] = by_letters.get(letters, 0) | 1 << at
            for letters, found in by_letters.items():
                for level in facts.access_levels(letters):
                    self._by_level[level] = self._by_level.get(level, 0) | found
        wanted = 0
        for name in levels:
            wanted |= self._by_level.get(name, 0)
        return bits & wanted

    def names(self, bits: int) -> list[str]:
        """The full names of the actions of the bits, sorted by name in any case."""
        names = self.full_names
        if bits == (1 << self.current) - 1:
            return list(names[: self.current])
        ordered = name_index.places(bits)
        if bits >> self.current:
            ordered.sort(key=self.lower_names.__getitem__)
        return [names[at] for at in ordered]

    def close_actions(self, name: str) -> tuple[str, ...]:
        """The actions that were probably meant by a name that is none, the best first."""
        from multitool_lint.iam.likely_names import likely

        names = [_name(line) for line in self._lines[: self.current]]
        lower = self.lower_names[: self.current]
        return tuple(self.action_at(at).name for at in likely(name, names, lower))


def _name(line: str) -> str:
    return line.partition("\t")[0]
