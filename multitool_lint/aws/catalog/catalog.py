"""The catalog of services, actions, resource types and condition keys that AWS documents.

Wildcards match current actions only. An action that only older sources know is *retired*: it is
found under its full name, so that it is not taken for an unknown one. The actions of a service that
is retired as a whole are also found by patterns that name the service in full.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from itertools import accumulate, chain

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog import name_index
from multitool_lint.aws.catalog.listed_names import names_in, number_in
from multitool_lint.aws.catalog.records import (
    AccessLevel,
    Action,
    ActionResource,
    ConditionKey,
    Extras,
    Provenance,
    ResourceType,
)
from multitool_lint.aws.catalog.service import KeyTable, Numbering, Service
from multitool_lint.aws.catalog.tables import (
    BUNDLED,
    CatalogError,
    damaged,
    read_counts,
    read_rows,
    read_rows_or_bundled,
    read_text,
    service_file,
    services_in,
)
from multitool_lint.aws.condition_keys import global_key
from multitool_lint.aws.patterns import has_wildcard

__all__ = [
    "AccessLevel",
    "Action",
    "ActionResource",
    "Catalog",
    "CatalogError",
    "ConditionKey",
    "ResourceType",
    "Service",
    "bundled",
]

_NO_EXTRAS = Extras()


class Catalog:
    """The catalog in a directory: an index of services, whose files are read on first use.

    `prefixes` are all service prefixes, sorted, those of retired services among them; `sources` are
    what the catalog was made from, the newest first; `numbering` gives numbers to the actions.
    """

    __slots__ = (
        "_action",
        "_counts",
        "_files",
        "_global_keys",
        "_lower_names",
        "_match",
        "_names",
        "_operations",
        "_renamed",
        "_services",
        "directory",
        "numbering",
        "prefixes",
        "sources",
    )

    def __init__(self, directory: str) -> None:
        self.directory = directory
        self.sources = tuple(_sources(directory))
        self._counts = dict(read_counts(directory))
        if not self._counts:
            raise damaged(f"{directory}/index.tsv", "no service")
        self.prefixes = tuple(self._counts)
        self._services: dict[str, Service] = {}
        self._files: dict[str, dict[str, str]] = {}
        self._names: dict[str, str] = {}
        self._operations: dict[str, tuple[str, ...]] | None = None
        self._renamed: dict[str, str] | None = None
        self._global_keys: KeyTable | None = None
        self._lower_names: tuple[name_index.Joined, list[int]] | None = None
        self._action = lru_cache(maxsize=4096)(self._read_action)
        self._match = lru_cache(maxsize=16384)(self._matching)
        self.numbering = Numbering(self.service)

    def __reduce__(self) -> tuple[type[Catalog], tuple[object, ...]]:
        return Catalog, (self.directory,)

    @property
    def extras(self) -> Extras:
        """What a user adds to it, and decides about it."""
        return _NO_EXTRAS

    @property
    def aws_levels(self) -> bool:
        """Whether actions count at AWS's access levels alone."""
        return self.extras.aws_levels

    @property
    def date(self) -> str:
        """The ISO date of the newest source."""
        return self.sources[0].date

    def service(self, prefix: str) -> Service | None:
        """The service of that prefix, in any case."""
        service = self._services.get(prefix)
        if service is not None:
            return service
        lower = name_index.fold(prefix)
        service = self._services.get(lower)
        if service is None and lower in self._counts:
            service = Service(self.text_of(lower), f"{self.directory}/{service_file(lower)}")
            if (service.prefix, service.current) != (lower, self._counts[lower][0]):
                raise damaged(service.path, "it is not of this catalog")
            service = self._services.setdefault(lower, service)
        return service

    def text_of(self, prefix: str) -> str:
        """What the file of a service says of it.

        Raises:
            CatalogError: it cannot be read, or does not have it.
        """
        file = service_file(prefix)
        if file not in self._files:
            self._files[file] = services_in(read_text(self.directory, file))
        return self._files[file].get(prefix, "")

    def forget(self) -> None:
        """Read the services again when they are asked for, as a process needs that goes on long.

        Their actions get other numbers: what is kept by these is to be forgotten with them.
        """
        self._services.clear()
        self._files.clear()
        self.numbering = Numbering(self.service)
        self._action.cache_clear()
        self._match.cache_clear()
        self._lower_names = None

    def known(self, prefix: str) -> Service:
        """The service of a prefix that is known to be in the catalog."""
        service = self.service(prefix)
        if service is None:
            raise KeyError(prefix)
        return service

    def action(self, name: str) -> Action | None:
        """The action of that full name, in any case."""
        return self._action(name)

    def _read_action(self, name: str) -> Action | None:
        prefix, _, rest = name.partition(":")
        service = self.service(prefix)
        return service.action(rest) if service else None

    def match(self, pattern: str) -> ActionSet:
        """The actions that an action pattern of a policy matches, none if it is malformed."""
        return self._match(pattern)

    def _matching(self, pattern: str) -> ActionSet:
        prefix, colon, rest = name_index.fold(pattern).partition(":")
        if not colon:
            return self.all_actions() if pattern and not pattern.strip("*") else ActionSet()
        if not has_wildcard(prefix):
            return self._of_service(prefix, rest)
        places = name_index.positions(name_index.matching(prefix, self.prefixes))
        current = [
            prefix for prefix in (self.prefixes[at] for at in places) if self._counts[prefix][0]
        ]
        if rest and not rest.strip("*"):
            return ActionSet({prefix: self._current(prefix) for prefix in current})
        return self._of_services(frozenset(current), rest)

    def _of_services(self, prefixes: frozenset[str], pattern: str) -> ActionSet:
        names, starts = self._all_names()
        bits: dict[str, int] = {}
        for at in names.fitting(pattern):
            number = bisect_right(starts, at) - 1
            prefix = self.prefixes[number]
            if prefix in prefixes:
                bits[prefix] = bits.get(prefix, 0) | 1 << at - starts[number]
        return ActionSet(bits)

    def _all_names(self) -> tuple[name_index.Joined, list[int]]:
        """The current names of all services in lower case, and where those of each begin."""
        if self._lower_names is None:
            by_service = [self._lower_names_of(prefix) for prefix in self.prefixes]
            starts = [0, *accumulate(map(len, by_service))][: len(by_service)]
            joined = name_index.Joined(tuple(chain.from_iterable(by_service)))
            self._lower_names = joined, starts
        return self._lower_names

    def _lower_names_of(self, prefix: str) -> tuple[str, ...]:
        current = self._counts[prefix][0]
        if prefix in self._services:
            return self._services[prefix].lower_names[:current]
        return tuple(map(str.lower, self._current_names(prefix))) if current else ()

    def _of_service(self, prefix: str, pattern: str) -> ActionSet:
        service = self.service(prefix)
        if service is None:
            return ActionSet()
        if has_wildcard(pattern):
            return ActionSet({prefix: service.matching(pattern)})
        place = service.bit_of(pattern)
        return ActionSet() if place is None else ActionSet({prefix: 1 << place})

    def all_actions(self) -> ActionSet:
        """All current actions."""
        return ActionSet({prefix: self._current(prefix) for prefix in self._counts})

    def names(self, actions: ActionSet) -> Iterator[str]:
        """The full names of the actions, sorted by prefix and then by name in any case."""
        return chain.from_iterable(
            self._names_in(prefix, actions.bits(prefix)) for prefix in sorted(actions.prefixes)
        )

    def _names_in(self, prefix: str, bits: int) -> list[str]:
        if prefix in self._services or bits > self._current(prefix):
            return self.known(prefix).names(bits)
        names = self._current_names(prefix)
        if bits != self._current(prefix):
            names = [names[at] for at in name_index.positions(bits)]
        return [f"{prefix}:{name}" for name in names]

    def at_levels(self, actions: ActionSet, levels: Collection[str]) -> ActionSet:
        """Those of the actions that have at least one of the access levels."""
        return ActionSet(
            {
                prefix: self.known(prefix).at_levels(actions.bits(prefix), levels)
                for prefix in actions.prefixes
            }
        )

    def extra_key(self, name: str) -> ConditionKey | None:
        """The global condition key of that name if the catalog in the package lacks it."""
        if self.directory == BUNDLED or global_key(name):
            return None
        if self._global_keys is None:
            rows = read_rows_or_bundled(self.directory, "global_keys.tsv")
            self._global_keys = KeyTable(
                ConditionKey(key, tuple(types.split()), *scope[:1]) for key, types, *scope in rows
            )
        return self._global_keys.find(name)

    def close_services(self, prefix: str) -> tuple[str, ...]:
        """The service prefixes most like that one, the best first."""
        lower = name_index.fold(prefix)
        near = [self.prefixes[at] for at in name_index.close(lower, self.prefixes)]
        intended = self.renamed(prefix)
        return tuple(dict.fromkeys([intended, *near] if intended else near))[:3]

    def renamed(self, prefix: str) -> str | None:
        """The prefix that IAM uses where the API, an SDK or an older policy uses that one."""
        if self._renamed is None:
            rows = read_rows(self.directory, "renamed_prefixes.tsv")
            self._renamed = {old: "".join(new[:1]) for old, *new in rows}
        return self._renamed.get(name_index.fold(prefix))

    def close_actions(self, name: str) -> tuple[str, ...]:
        """The full names of the service's actions that are most like that one, the best first."""
        prefix, _, rest = name.partition(":")
        service = self.service(prefix)
        return service.close_actions(rest) if service else ()

    def authorising(self, name: str) -> tuple[str, ...]:
        """All actions that authorise such an operation, the most telling first."""
        return self.operations.get(name_index.fold(name), ())

    def is_operation(self, name: str) -> bool:
        """Whether the API has such an operation, although the catalog knows no action of that name.

        Where nothing is known to authorise it, the action may be newer than the catalog.
        """
        return name_index.fold(name) in self.operations

    @property
    def operations(self) -> Mapping[str, tuple[str, ...]]:
        """API operations that are not actions, in lower case, with what authorises them."""
        if self._operations is None:
            self._operations = {
                operation.lower(): tuple(" ".join(actions).split())
                for operation, *actions in read_rows(self.directory, "operations.tsv")
            }
        return self._operations

    def _current_names(self, prefix: str) -> list[str]:
        """The names of a service's current actions: all services in one file are soon read."""
        if not self._names:
            rows = read_rows(self.directory, "names.tsv")
            names = {service: "".join(listed) for service, *listed in rows}
            for service, (current, _) in self._counts.items():
                is_read = service in self._services
                if not is_read and number_in(names.get(service, "")) != current:
                    raise damaged(f"{self.directory}/names.tsv", f"not all names of {service}")
            self._names = names
        return names_in(self._names[prefix])

    def _current(self, prefix: str) -> int:
        return (1 << self._counts[prefix][0]) - 1


def _sources(directory: str) -> Iterator[Provenance]:
    rows = read_rows(directory, "sources.tsv")
    for row in rows:
        if len(row) < len(Provenance._fields) or not "".join(row[2:3]).isdecimal():
            raise damaged(f"{directory}/sources.tsv", "a line without a date or a number")
        yield Provenance(*row[:2])
    if not rows:
        raise damaged(f"{directory}/sources.tsv", "no source")


@lru_cache(maxsize=1)
def bundled() -> Catalog:
    """The catalog in the package.

    Raises:
        CatalogError: it is damaged.
    """
    return Catalog(BUNDLED)
