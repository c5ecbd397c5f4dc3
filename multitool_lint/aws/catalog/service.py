"""One service of the catalog: read as one text, its facts made when they are asked for."""

from __future__ import annotations

from _thread import allocate_lock  # threading, which has it too, takes long to import
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType

from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog import records as facts
from multitool_lint.aws.catalog.tables import damaged

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import TypeVar

    from multitool_lint.aws.catalog.records import Action, ConditionKey, ResourceType

    Fact = TypeVar("Fact")

_HEAD = (4, 5)
"""The fields of the first line: the last one is there if the service is retired."""


class Service:
    """A service; `retired` names the last source that had it, if current ones have it no more.

    Its actions are in the order of the bits of an `ActionSet`: the current ones by name, then the
    retired ones by name. `action_names` are these names, and `action_facts` what the catalog says
    of the actions, unread: of many the same. `named_only` says that only its name is known, `path`
    is that of its file.

    Raises:
        CatalogError: the text is not that of a service; so may be a fact that is asked for.
    """

    __slots__ = (
        "_by_level",
        "_key_table",
        "_keys",
        "_lower",
        "_resource_types",
        "_rest",
        "_same_facts",
        "action_facts",
        "action_names",
        "current",
        "name",
        "named_only",
        "path",
        "prefix",
        "provenance",
        "retired",
    )

    def __init__(self, text: str, path: str = "", *, named_only: bool = False) -> None:
        self.named_only = named_only
        self.path = path
        actions = text.find(facts.ACTIONS)
        retired = text.find(facts.RETIRED, actions)
        resources = text.find(facts.RESOURCES, retired)
        if min(actions, retired, resources, text.find(facts.KEYS, resources)) < 0:
            raise damaged(path, "cut off, or not the file of a service")
        head = text[: actions - 1].split("\t")
        if len(head) not in _HEAD:
            raise damaged(path, "its first line is not that of a service")
        self.prefix, self.name, source, date, *last = head
        self.provenance = facts.Provenance(source, date)
        self.retired = last[0] if last else None
        self._rest = text[resources + len(facts.RESOURCES) :]
        lines = text[actions + len(facts.ACTIONS) : retired].splitlines()
        self.current = len(lines)
        lines += text[retired + len(facts.RETIRED) : resources].splitlines()
        parts = [line.partition("\t") for line in lines]
        self.action_names = tuple([name for name, _, _ in parts])
        same: dict[str, str] = {}
        self.action_facts = tuple([same.setdefault(written, written) for _, _, written in parts])
        self._same_facts: dict[str, int] = {}
        self._lower: tuple[str, ...] = ()
        self._by_level: dict[str, int] = {}
        self._resource_types: Mapping[str, ResourceType] | None = None
        self._keys: tuple[ConditionKey, ...] | None = None
        self._key_table: KeyTable | None = None

    @property
    def same_facts(self) -> Mapping[str, int]:
        """Each of the `action_facts`, with the bits of the actions that have them."""
        if not self._same_facts:
            bits: dict[str, int] = {}
            for at, written in enumerate(self.action_facts):
                bits[written] = bits.get(written, 0) | 1 << at
            self._same_facts = bits
        return self._same_facts

    @property
    def size(self) -> int:
        """How many actions there are, the retired ones included."""
        return len(self.action_names)

    @property
    def lower_names(self) -> tuple[str, ...]:
        """The names of the actions in lower case, in the order of their bits."""
        if not self._lower:
            joined = "\n".join(self.action_names)
            self._lower = tuple(joined.lower().split("\n")) if joined else ()
        return self._lower

    @property
    def actions(self) -> tuple[Action, ...]:
        """All actions, the retired ones last."""
        return tuple(self.action_at(at) for at in range(self.size))

    @property
    def resource_types(self) -> Mapping[str, ResourceType]:
        """The resource types by name."""
        if self._resource_types is None:
            lines = self._rest.partition(facts.KEYS)[0].splitlines()
            types = [self._read(facts.read_resource_type, line) for line in lines]
            self._resource_types = MappingProxyType({type_.name: type_ for type_ in types})
        return self._resource_types

    @property
    def condition_keys(self) -> tuple[ConditionKey, ...]:
        """The condition keys that some action or resource type of the service takes."""
        if self._keys is None:
            lines = self._rest.partition(facts.KEYS)[2].splitlines()
            self._keys = tuple([self._read(facts.read_condition_key, line) for line in lines])
        return self._keys

    def action(self, name: str) -> Action | None:
        """The action of that name, without its prefix, in any case."""
        at = self.bit_of(name)
        return None if at is None else self.action_at(at)

    def bit_of(self, name: str) -> int | None:
        """The bit of the action of that name."""
        lower, folded = self.lower_names, name_index.fold(name)
        for start, end in ((0, self.current), (self.current, self.size)):
            at = bisect_left(lower, folded, start, end)
            if at < end and lower[at] == folded:
                return at
        return None

    def action_at(self, place: int) -> Action:
        """The action of that bit."""
        return self._read(partial(facts.read_action, self.prefix), self._line(place))

    def fields_at(self, place: int) -> list[str]:
        """What the line of the action of that bit says, unread: its name, its access levels, ..."""
        return facts.fields_of_action(self._line(place))

    def _read(self, read: Callable[[str], Fact], line: str) -> Fact:
        try:
            return read(line)
        except (LookupError, ValueError) as error:
            raise damaged(self.path, f'"{line[:40]}"') from error

    def _line(self, place: int) -> str:
        return f"{self.action_names[place]}\t{self.action_facts[place]}"

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
            by_level: dict[str, int] = {}
            by_letters: dict[str, int] = {}
            for written, found in self.same_facts.items():
                letters = written.partition("\t")[0]
                by_letters[letters] = by_letters.get(letters, 0) | found
            for letters, found in by_letters.items():
                for level in self._read(facts.access_levels, letters):
                    by_level[level] = by_level.get(level, 0) | found
            self._by_level = by_level
        wanted = 0
        for name in levels:
            wanted |= self._by_level.get(name, 0)
        return bits & wanted

    def names(self, bits: int) -> list[str]:
        """The full names of the actions of the bits, sorted by name in any case."""
        if bits == (1 << self.current) - 1:
            return list(map(self.name_at, range(self.current)))
        ordered = name_index.positions(bits)
        if bits >> self.current:
            ordered.sort(key=self.lower_names.__getitem__)
        return list(map(self.name_at, ordered))

    def name_at(self, place: int) -> str:
        """The full name of the action of that bit."""
        return f"{self.prefix}:{self.action_names[place]}"

    def close_actions(self, name: str) -> tuple[str, ...]:
        """The actions that were probably meant by a name that is none, the best first."""
        from multitool_lint.aws.catalog.similar_names import likely

        names = tuple(self.action_names[: self.current])
        lower = self.lower_names[: self.current]
        return tuple(self.action_at(at).name for at in likely(name, names, lower))


class KeyTable:
    """Condition keys by name, in any case: `aws:PrincipalTag/a` is `aws:PrincipalTag/${TagKey}`."""

    __slots__ = ("_by_name", "_templates")

    def __init__(self, keys: Iterable[ConditionKey]) -> None:
        self._by_name = {key.name.lower(): key for key in keys}
        self._templates = [
            (*_around_variable(name), key) for name, key in self._by_name.items() if "${" in name
        ]

    def find(self, name: str) -> ConditionKey | None:
        """The key of that name."""
        lower = name_index.fold(name)
        found = self._by_name.get(lower)
        if found is None:
            for head, tail, key in self._templates:
                filled = len(lower) > len(head) + len(tail)
                if filled and lower.startswith(head) and lower.endswith(tail):
                    return key
        return found


def _around_variable(name: str) -> tuple[str, str]:
    """What is before and after the variable part of a name; no name has two."""
    return name.partition("${")[0], name.rpartition("}")[2]


class Numbering:
    """Numbers actions, service by service as these are asked for.

    A policy names its actions once; everything that is asked of them is then found by number, which
    takes a fraction of the time that another search for the name would take.

    `services` are those that are numbered, in the order of their numbers, and within a service the
    actions are in the order of their bits.
    """

    def __init__(self, service: Callable[[str], Service | None]) -> None:
        self.services: list[Service] = []
        self._service = service
        self._size = 0
        self._by_name: dict[str, int] = {}
        self._prefixes: set[str] = set()
        self._lock = allocate_lock()

    def numbers(self, names: Sequence[str], prefixes: frozenset[str]) -> list[int | None]:
        """The numbers of actions, None for a pattern or an unknown one; all in lower case."""
        if not self._prefixes.issuperset(prefixes):
            for prefix in prefixes - self._prefixes:
                self._include(prefix)
        return list(map(self._by_name.get, names))

    def _include(self, prefix: str) -> None:
        service = self._service(prefix)
        if service is None:
            return
        with self._lock:
            if prefix not in self._prefixes:
                end = self._size + service.size
                names = map(f"{service.prefix}:".__add__, service.lower_names)
                self._by_name.update(zip(names, range(self._size, end), strict=True))
                self._size = end
                self.services.append(service)
                self._prefixes.add(prefix)
