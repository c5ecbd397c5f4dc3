"""What a run of `diff` has compared, and what it comes to."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.sensitive_actions import feared

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.files.version import Version
    from multitool_lint.config.accepted import Accepted
    from multitool_lint.policy.changes import Changes, Difference
    from multitool_lint.policy.forbidden import Granted


class Compared(NamedTuple):
    """Two versions of a policy and how their access differs.

    `forbidden` is what must not be. What `is_new` has no old version, and is compared with itself.
    It `is_partial` if something of the file could not be compared. The `content` is an identity of
    what the new version has, or empty.
    """

    old: Version
    new: Version
    policy: str | None
    changes: Changes
    forbidden: tuple[Granted, ...]
    catalog: Catalog
    is_new: bool = False
    is_partial: bool = False
    content: str = ""

    @property
    def title(self) -> str:
        """The policy or, where a file has one, the file."""
        return self.policy or self.new.path

    @property
    def same(self) -> str:
        """What is printed where there is no difference."""
        if self.is_new:
            return "new file, not compared"
        return "no change in the compared parts" if self.is_partial else "access unchanged"

    @property
    def fear(self) -> int:
        """How much a reviewer fears what is new: less for more."""
        ranks = (fear(difference) for difference in self.changes.gained)
        return -1 if self.forbidden else min(ranks, default=4)


class AcceptedHere(NamedTuple):
    """An entry that accepts new access, and whether the change under review adds it."""

    entry: Accepted
    is_new: bool
    is_used: bool


class RunOutcome(NamedTuple):
    """What a run comes to: `gates` if it is to stop something, `stops` if it does so.

    `unreadable` is the number of files without an answer; `configs` are the configurations that
    have changed, which do not count; `accepted` what a file of the repository accepts; `advice`
    says how to go on after a failure.
    """

    compared: Sequence[Compared]
    gates: bool = False
    stops: bool = False
    unreadable: int = 0
    configs: Sequence[str] = ()
    accepted: Sequence[AcceptedHere] = ()
    advice: Sequence[str] = ()

    @property
    def exit_code(self) -> int:
        """The exit code of the run."""
        return 2 if self.unreadable else int(self.stops)

    @property
    def changed(self) -> list[Compared]:
        """Where access has changed or is forbidden, what a reviewer fears most first."""
        found = [one for one in self.compared if one.forbidden or any(one.changes[:2])]
        return sorted(found, key=lambda one: one.fear)

    @property
    def unchanged(self) -> list[Compared]:
        """Where access is the same, as far as that was compared."""
        return [one for one in self.compared if not (one.forbidden or any(one.changes[:3]))]

    @property
    def gained(self) -> Iterator[tuple[Compared, Difference]]:
        """All access that is new."""
        return ((one, difference) for one in self.compared for difference in one.changes.gained)

    @property
    def not_compared(self) -> dict[str, list[str]]:
        """The places of what could not be compared, by the reason."""
        found: dict[str, list[str]] = {}
        for one in self.compared:
            for place, reason in one.changes.unknown:
                is_module = one.policy is not None and one.new.path != os.curdir
                where = f"{one.new.path}: {place}" if is_module else place
                found.setdefault(reason, []).append(where)
        return {reason: list(dict.fromkeys(places)) for reason, places in found.items()}


def fear(difference: Difference) -> int:
    """How much a reviewer fears a difference: less for more."""
    return feared(difference.actions, difference.catalog) if difference.actions else 3


def by_fear(differences: Iterable[Difference]) -> list[Difference]:
    """Differences, what a reviewer fears most first."""
    return sorted(differences, key=fear)
