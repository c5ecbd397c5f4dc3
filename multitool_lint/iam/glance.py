"""What most checks ask of an action: whether it is known, and whether it needs a closer look.

The same few thousand actions stand in all policies, so that the answers are kept: both under one
key, and equal answers as one object, because what is kept takes memory.
"""

from __future__ import annotations

from functools import lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.iam import name_index
from multitool_lint.iam.sensitive import is_sensitive, sensitive_bits
from multitool_lint.iam.standing import Standing, standing

if TYPE_CHECKING:
    from collections.abc import Callable

    from multitool_lint.iam.catalog import Catalog


class Glance(NamedTuple):
    """How an action stands to the catalog, and whether it is one of the sensitive ones."""

    standing: Standing
    sensitive: bool

    @property
    def known(self) -> bool:
        """Whether the catalog simply knows it."""
        return self.standing is Standing.KNOWN


@lru_cache(maxsize=4)
def glances(catalog: Catalog) -> Callable[[str], Glance]:
    """The function that looks at an action of a policy."""
    return lru_cache(maxsize=32768)(partial(_look, catalog))


def _look(catalog: Catalog, action: str) -> Glance:
    prefix, colon, name = name_index.fold(action).partition(":")
    service = catalog.service(prefix) if colon and action.isascii() else None
    if service is None or service.retired or service.named_only or name_index.is_pattern(name):
        return _glance(standing(catalog, action), is_sensitive(catalog, action))
    place = service.place(name)
    if place is None:
        return _glance(Standing.UNKNOWN, sensitive=False)
    sensitive = sensitive_bits(catalog, prefix) >> place & 1
    if place < service.current:
        return _KNOWN[sensitive]
    return _glance(Standing.RETIRED, bool(sensitive))


_glance = lru_cache(maxsize=16)(Glance)
_KNOWN = _glance(Standing.KNOWN, sensitive=False), _glance(Standing.KNOWN, sensitive=True)
"""What most actions are, by whether they are sensitive."""
