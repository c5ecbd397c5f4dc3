"""What a user adds to the catalog: services, actions and condition keys that are not public."""

from __future__ import annotations

from collections.abc import Iterable

from multitool_lint.aws.catalog import records as facts
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.records import ConditionKey, Extras
from multitool_lint.aws.catalog.service import KeyTable, Service
from multitool_lint.aws.catalog.tables import service_file

__all__ = ["SOURCE", "ExtendedCatalog", "Extras"]

SOURCE = "configuration"
"""Where a service is said to come from that only a user knows."""

_FACTS_OF_CURRENT = 5


class ExtendedCatalog(Catalog):
    """The catalog in a directory, with names that a user adds."""

    __slots__ = ("_extra_keys", "_extras")

    def __init__(self, directory: str, extras: Extras) -> None:
        super().__init__(directory)
        self._extras = extras
        self._extra_keys = KeyTable(ConditionKey(name, ()) for name in extras.condition_keys)
        named = {prefix.lower() for prefix in extras.services}
        names: dict[str, list[str]] = {prefix: [] for prefix in named}
        for action in extras.actions:
            prefix, _, name = action.partition(":")
            names.setdefault(prefix.lower(), []).append(name)
        for prefix, added in names.items():
            text = _with_actions(self._text(prefix), added)
            path = f"{directory}/{service_file(prefix)}"
            service = Service(text, path, named_only=prefix in named)
            self._services[prefix] = service
            self._counts[prefix] = (service.current, len(service.actions) - service.current)
        self._counts = dict(sorted(self._counts.items()))
        self.prefixes = tuple(self._counts)

    def __reduce__(self) -> tuple[type[Catalog], tuple[object, ...]]:
        return ExtendedCatalog, (self.directory, self.extras)

    @property
    def extras(self) -> Extras:
        """What the user adds and decides."""
        return self._extras

    def extra_key(self, name: str) -> ConditionKey | None:
        """The condition key of that name that a user has added, or that an added service has."""
        service = self.service(name.partition(":")[0])
        if service and service.named_only:
            return ConditionKey(name, ())
        return self._extra_keys.find(name) or super().extra_key(name)

    def _text(self, prefix: str) -> str:
        if prefix in self._counts:
            return self.text_of(prefix)
        head = f"{prefix}\t{prefix}\t{SOURCE}\t{self.date}"
        return f"{head}\n{facts.ACTIONS}{facts.RETIRED}{facts.RESOURCES}{facts.KEYS}"


def _with_actions(text: str, names: Iterable[str]) -> str:
    """The text of a service with actions among its current ones: retired ones are so no more."""
    head, _, rest = text.partition(facts.ACTIONS)
    current, _, rest = rest.partition(facts.RETIRED)
    retired, _, rest = rest.partition(facts.RESOURCES)
    actions, gone = _by_name(current), _by_name(retired)
    for name in names:
        lower = name.lower()
        line = "\t".join(gone.pop(lower, name).split("\t")[:_FACTS_OF_CURRENT]).rstrip("\t")
        actions.setdefault(lower, line)
    head = "\t".join(head.rstrip("\n").split("\t")[:4]) + "\n"
    return head + "".join(
        (facts.ACTIONS, _lines(actions), facts.RETIRED, _lines(gone), facts.RESOURCES, rest)
    )


def _by_name(lines: str) -> dict[str, str]:
    return {line.partition("\t")[0].lower(): line for line in lines.splitlines()}


def _lines(by_name: dict[str, str]) -> str:
    return "".join(f"{by_name[lower]}\n" for lower in sorted(by_name))
