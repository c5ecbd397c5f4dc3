"""What SAM and the Serverless Framework grant for the events of functions."""

from __future__ import annotations

from functools import lru_cache

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.named_tuple import NamedTuple

SETTING = "setting"
"""What the table calls a setting of a function, after the framework."""


class EventGrant(NamedTuple):
    """What an event grants: who may invoke the function, and what its role may do.

    The `sources` are properties, each with the condition key that it is the value of. The role has
    a managed `policy`, or may do the `actions` on what the first of the properties `on` names. What
    it may do by the `others` is not known here.
    """

    service: str
    sources: tuple[tuple[str, str], ...]
    policy: str
    on: tuple[str, ...]
    actions: tuple[str, ...]
    others: tuple[str, ...]

    @property
    def is_known(self) -> bool:
        """Whether it is known what the event grants, but for the others."""
        return bool(self.service or self.policy or self.actions)


@bundled_table("function_events.tsv")
def _table(rows: Rows) -> dict[tuple[str, str], EventGrant]:
    found = {}
    for row in rows:
        framework, event, service, sources, grants, others = [*row, *[""] * 4][:6]
        words = grants.split()
        actions = tuple(word for word in words if ":" in word)
        on = tuple(word for word in words if ":" not in word) if actions else ()
        found[framework, event] = EventGrant(
            service,
            tuple((name, key) for name, _, key in (s.partition("=") for s in sources.split())),
            "" if actions else grants,
            on,
            actions,
            tuple(others.split()),
        )
    return found


@lru_cache(maxsize=256)
def granted_by(framework: str, event: str) -> EventGrant | None:
    """What an event of `sam` or `serverless` grants; None for one that is not known."""
    return _table().get((framework, event))


def settings_of(framework: str) -> list[str]:
    """The settings of a function by which a framework grants something."""
    return [name for kind, name in _table() if kind == f"{framework} {SETTING}"]
