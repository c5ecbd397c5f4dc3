"""What most checks ask of an action: whether it is known, and whether it needs a closer look.

The same few thousand actions stand in all policies, so that the answers are kept: all under one
key, and equal answers as one object, because what is kept takes memory.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.iam import name_index
from multitool_lint.iam.sensitive import data, is_sensitive, returns_data, sensitive_bits
from multitool_lint.iam.standing import Standing, standing

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from multitool_lint.iam.catalog import Catalog, Service

_KEPT_AT_MOST = 32768


class Glance(NamedTuple):
    """How an action stands to the catalog, and what it is besides.

    `sensitive` tells that it is, or includes, one of those that need more care, `returns_data` that
    it reads what customers keep.
    """

    standing: Standing
    sensitive: bool
    returns_data: bool

    @property
    def known(self) -> bool:
        """Whether the catalog simply knows it."""
        return self.standing is Standing.KNOWN


class Glances:
    """Looks at the actions of policies, and remembers what it saw."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        # A dictionary, because it takes a third of the memory of a set as large.
        self._plain: dict[str, bool] = {}
        self._gathered: set[str] = set()
        self._services: dict[str, tuple[Service, int, int]] = {}
        self.look = lru_cache(maxsize=_KEPT_AT_MOST)(self._look)

    def special(
        self, actions: Sequence[str], services: frozenset[str]
    ) -> tuple[tuple[int, Glance], ...]:
        """Those of the actions that are not simply known, sensitive or return data, by place.

        `services` are the prefixes that they have, in lower case. Most lists have nothing of this
        kind, which is told at once: the plain names of a service are gathered all together.
        """
        if not self._gathered.issuperset(services):
            for prefix in services - self._gathered:
                self._gather(prefix)
        plain = self._plain
        if None not in map(plain.get, actions):
            return ()
        look, known = self.look, _KNOWN[0]
        return tuple(
            [
                (at, glance)
                for at, action in enumerate(actions)
                if action not in plain and (glance := look(action)) is not known
            ]
        )

    def _gather(self, prefix: str) -> None:
        known = self._of_service(prefix)
        if known is not None:
            service, sensitive, reads = known
            current = (1 << service.current) - 1
            self._keep(service.names(current & ~(sensitive | reads)))
            self._gathered.add(prefix)

    def _keep(self, plain: Collection[str]) -> None:
        if len(self._plain) + len(plain) > _KEPT_AT_MOST:
            self._plain, self._gathered = {}, set()
        self._plain.update(dict.fromkeys(plain, True))

    def _look(self, action: str) -> Glance:
        glance = self._glance(action)
        if glance is _KNOWN[0]:
            self._keep((action,))
        return glance

    def _glance(self, action: str) -> Glance:
        catalog = self._catalog
        prefix, colon, name = name_index.fold(action).partition(":")
        known = self._of_service(prefix) if colon and action.isascii() else None
        if known is None:
            return _glance(
                standing(catalog, action),
                is_sensitive(catalog, action),
                returns_data(catalog, action),
            )
        service, sensitive, reads = known
        if name_index.is_pattern(name):
            bits = catalog.match(action).bits(prefix)
            if not bits:
                return _glance(Standing.UNMATCHED, sensitive=False, returns_data=False)
            return _KNOWN[2 * bool(reads & bits) + bool(sensitive & bits)]
        place = service.place(name)
        if place is None:
            return _glance(standing(catalog, action), sensitive=False, returns_data=False)
        if place < service.current:
            return _KNOWN[2 * (reads >> place & 1) + (sensitive >> place & 1)]
        return _glance(Standing.RETIRED, bool(sensitive >> place & 1), bool(reads >> place & 1))

    def _of_service(self, prefix: str) -> tuple[Service, int, int] | None:
        """A service with the bits of its sensitive actions and of those that return data.

        None where there are no such actions to tell from others: the service is gone, or only its
        name is known.
        """
        found = self._services.get(prefix)
        if found is None:
            catalog = self._catalog
            service = catalog.service(prefix)
            if service is None or service.retired or service.named_only:
                return None
            found = service, sensitive_bits(catalog, prefix), data(catalog, prefix)
            self._services[prefix] = found
        return found


@lru_cache(maxsize=4)
def glances(catalog: Catalog) -> Glances:
    """What is known of the actions of policies by a catalog."""
    return Glances(catalog)


_glance = lru_cache(maxsize=32)(Glance)
_KNOWN = tuple(
    _glance(Standing.KNOWN, sensitive, reads)
    for reads in (False, True)
    for sensitive in (False, True)
)
"""What most actions are: by whether they return data, and by whether they are sensitive."""
