"""The action lists of statements, as short as they can be without a change of access."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.patterns import covers, has_wildcard
from multitool_lint.policy.access import all_actions
from multitool_lint.rewrite.shrink.action_lists import shorten
from multitool_lint.syntax.tree import Node, strings_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.rewrite.shrink.patterns import Limits

    Memory = dict[object, tuple[str, ...]]
    """What was found for a question, so that the same one need not be answered again."""


class _Item(NamedTuple):
    """An action as it is written, what is before and after its colon, and its bits."""

    node: Node
    prefix: str
    rest: str
    bits: int


class Shortening:
    """Shortens the actions of the statements of a policy.

    What the catalog does not know, retired actions included, stays as it is, and no new pattern
    matches a name of that kind that the policy has somewhere.
    """

    def __init__(
        self,
        policy: Policy,
        limits_of: Callable[[str], Limits | None],
        catalog: Catalog,
        memory: Memory,
    ) -> None:
        self._limits_of = limits_of
        self._catalog = catalog
        self._memory = memory
        self._everything = all_actions(catalog)
        self._foreign: dict[str, set[str]] = {}
        self._items = {statement: list(self._read(statement)) for statement in policy.statements}
        for items in self._items.values():
            for item in items:
                if not item.bits:
                    found = self._foreign.setdefault(item.prefix.lower(), set())
                    found.add(item.rest.lower())

    def items(self, statement: Statement) -> Mapping[Node, list[str]]:
        """What comes in the place of each item that is not to stay, for a shorter list."""
        services: dict[str, list[_Item]] = {}
        for item in self._items[statement]:
            if item.bits:
                services.setdefault(item.prefix.lower(), []).append(item)
        new: dict[Node, list[str]] = {}
        for service, items in services.items():
            new |= self._of_service(service, items)
        return new

    def _read(self, statement: Statement) -> Iterator[_Item]:
        for node, text in strings_of(statement.actions):
            prefix, colon, rest = text.partition(":")
            if colon and not has_wildcard(prefix):
                matched = self._catalog.match(text) & self._everything
                yield _Item(node, prefix, rest, matched.bits(prefix.lower()))

    def _of_service(self, service: str, items: list[_Item]) -> dict[Node, list[str]]:
        limits = self._limits_of(service)
        if limits is None:
            return {}
        foreign = frozenset(self._foreign.get(service, ()))
        wildcards = [item.rest.lower() for item in items if has_wildcard(item.rest)]
        if any(covers(wide, name) for wide in wildcards for name in foreign):
            return {}  # what replaces the wildcard would have to match that name as well
        bits = 0
        for item in items:
            bits |= item.bits
        written = frozenset(item.rest for item in items)
        patterns = self._shortest(service, bits, foreign, written, limits)
        if written.issuperset(patterns) and len(items) == len(patterns):
            return {}
        missing = set(patterns)
        gone = []
        for item in items:
            if item.rest in missing:
                missing.remove(item.rest)
            else:
                gone.append(item)
        new: dict[Node, list[str]] = {item.node: [] for item in gone}
        for rest in patterns:
            if rest in missing:
                # Among its like: where the first was of those that it takes the place of.
                text = f"{gone[0].prefix}:{rest}"
                matched = self._catalog.match(text).bits(service)
                place = next((item for item in gone if item.bits & matched), gone[0])
                new[place.node].append(text)
        return new

    def _shortest(
        self,
        service: str,
        bits: int,
        foreign: frozenset[str],
        written: frozenset[str],
        limits: Limits,
    ) -> tuple[str, ...]:
        question = (service, bits, foreign, limits)
        found = self._memory.get((question, written))
        if found is None:
            names = self._names(service, bits)
            others = {*self._names(service, self._everything.bits(service) & ~bits), *foreign}
            found = tuple(shorten(service, names, others, limits, sorted(written)))
            self._memory[question, written] = self._memory[question, frozenset(found)] = found
        return found

    def _names(self, service: str, bits: int) -> list[str]:
        names = self._catalog.names(ActionSet({service: bits}))
        return [name.partition(":")[2] for name in names]
