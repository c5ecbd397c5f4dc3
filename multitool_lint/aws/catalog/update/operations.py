"""API operations that are no actions, and what authorises them, as several sources tell it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from multitool_lint.aws.catalog.update.merge import Merged


def merge_operations(
    known: Iterable[Sequence[str]],
    told: Mapping[str, tuple[str, ...]],
    services: Iterable[Merged],
) -> dict[str, tuple[str, ...]]:
    """What a table of operations says, completed with what the service reference tells.

    The table is older, but part of it is chosen by hand: what it says of an operation stands, as
    far as those are current actions.
    """
    current = {action.name.lower(): action.name for each in services for action in each.current}
    merged = {name.lower(): (name, tuple(" ".join(actions).split())) for name, *actions in known}
    for name, actions in told.items():
        spelled, before = merged.get(name.lower(), (name, ()))
        merged[name.lower()] = (spelled, before or actions)
    return {
        name: tuple(current[each.lower()] for each in actions if each.lower() in current)
        for lower, (name, actions) in merged.items()
        if lower not in current
    }
