"""Which resources of a deployment have other addresses than in an older one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from multitool_lint.syntax.terms import Unknown
from multitool_lint.values.terraform.definitions import children
from multitool_lint.values.terraform.module import Module, reference_of
from multitool_lint.values.terraform.outside import outside_calls
from multitool_lint.values.terraform.resources import instances_of

if TYPE_CHECKING:
    from multitool_lint.syntax.hcl.expressions import Block

_KEY = re.compile(r"\[[^]]*\]")
"""The key of an instance in an address."""


def moved_addresses(old: Sequence[Module], new: Sequence[Module]) -> dict[str, str]:
    """The addresses of new modules by which old ones are known there, by the old addresses.

    `moved` blocks say so, also long after: only those count whose old address was there and is
    gone, and whose new one was not there.
    """
    ends = [pair for module in new for pair in _moves_of(module)]
    places = {_without_keys(place) for pair in ends for place in pair}
    ours, theirs = (set(_addresses(modules, places)) if ends else set() for modules in (new, old))
    return {
        before: after
        for before, after in ends
        if _has_beside(theirs, before, after)
        and not (_has_beside(ours, before, after) or _has_beside(theirs, after, before))
    }


def forgotten_addresses(new: Sequence[Module]) -> list[str]:
    """The places of which new modules say that what is there stays, though not as theirs.

    https://developer.hashicorp.com/terraform/language/resources/syntax#removing-resources
    """
    return [
        f"{module.address}{reference_of(block.body.attributes.get('from'))}"
        for module in new
        for block in module.of_state["removed"]
        if any(_keeps(inner) for inner in block.body.blocks)
    ]


def imported_addresses(modules: Sequence[Module]) -> frozenset[str]:
    """The addresses of what exists already, and is taken over into the state."""
    return frozenset(
        f"{module.address}{reference_of(block.body.attributes.get('to'))}"
        for module in modules
        for block in module.of_state["import"]
    )


def _keeps(block: Block) -> bool:
    destroy = block.body.attributes.get("destroy") if block.type == "lifecycle" else None
    return destroy is not None and destroy.kind == "literal" and destroy.parts[0] is False


def _moves_of(module: Module) -> Iterator[tuple[str, str]]:
    """The old and the new address of each move that a module says."""
    for block in module.of_state["moved"]:
        before, after = (reference_of(block.body.attributes.get(end)) for end in ("from", "to"))
        yield f"{module.address}{before}", f"{module.address}{after}"


def _addresses(modules: Iterable[Module], places: Iterable[str]) -> Iterator[str]:
    """The addresses of resources, and of calls of others' modules, at some places, or in them."""
    for module in modules:
        for key, _, _ in module.of_type("module"):
            whole = children(module, key[1])
            if isinstance(whole, Unknown):
                calls = outside_calls(module, key[1], whole) or ()
                yield from (call.address for call in calls)
        for key, _, _ in module.of_type("resource"):
            block = _without_keys(f"{module.address}{'.'.join(key[1:])}")
            if any(is_in(block, place) for place in places):
                for instance in instances_of(module, key):
                    yield instance.address


def _without_keys(address: str) -> str:
    return _KEY.sub("", address)


def _has_beside(addresses: Iterable[str], place: str, other: str) -> bool:
    """Whether an address, or one in it, is among some that are not in another one."""
    return any(is_in(found, place) and not is_in(found, other) for found in addresses)


def is_in(address: str, place: str) -> bool:
    """Whether an address is a place, such as a resource or module, or in it."""
    return address == place or address.startswith((f"{place}.", f"{place}["))
