"""Which resources of a deployment have other addresses than in an older one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.deployments.terraform.module import reference_of
from multitool_lint.deployments.terraform.resources import instances_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from multitool_lint.deployments.terraform.module import Module


def moved_addresses(old: Sequence[Module], new: Sequence[Module]) -> dict[str, str]:
    """The addresses of new modules by which old ones are known there, by the old addresses.

    `moved` blocks say so, also long after: only those count whose old address is gone, and whose
    new one was not there.
    """
    found: dict[str, str] = {}
    moved = [(module, block) for module in new for block in module.moved]
    if not moved:
        return found
    ours, theirs = set(_addresses(new)), set(_addresses(old))
    for module, block in moved:
        ends = (reference_of(block.body.attributes.get(end)) for end in ("from", "to"))
        before, after = (f"{module.address}{end}" for end in ends)
        if not (_has_beside(ours, before, after) or _has_beside(theirs, after, before)):
            found[before] = after
    return found


def _addresses(modules: Iterable[Module]) -> Iterator[str]:
    """The addresses of all resources of modules."""
    for module in modules:
        for key, _, _ in module.of_type("resource"):
            for instance in instances_of(module, key):
                yield instance.address


def _has_beside(addresses: Iterable[str], place: str, other: str) -> bool:
    """Whether an address, or one in it, is among some that are not in another one."""
    return any(_is_in(found, place) and not _is_in(found, other) for found in addresses)


def _is_in(address: str, place: str) -> bool:
    return address == place or address.startswith((f"{place}.", f"{place}["))
