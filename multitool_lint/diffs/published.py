"""What deployments publish that has changed, and whose access others decide by it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from multitool_lint.deployments.published import PublishedValue, readings
from multitool_lint.policy.changes import NotCompared
from multitool_lint.syntax.shown_terms import shown_apart
from multitool_lint.syntax.terms import Value, identity

if TYPE_CHECKING:
    from multitool_lint.deployments.deployment import Deployment

    Side = Deployment | None

Changed = Mapping[PublishedValue, tuple[Value, Value]]
"""What is published, with what it was and is."""


def changed_values(old: Side, new: Side) -> dict[PublishedValue, tuple[Value, Value]]:
    """What two versions of a deployment publish as something else."""
    if not (old and new):
        return {}
    before, after = old.published, new.published
    return {
        published: (before[published], value)
        for published, value in after.items()
        if published in before and identity(before[published]) != identity(value)
    }


def changed_readers(changed: Changed, deployment: Deployment) -> Iterator[NotCompared]:
    """Whose access is another one now as what they read of others has changed."""
    for title, asked in readings(deployment.owners, deployment.path_of):
        for published, values in changed.items():
            if published.is_read_as(asked):
                written = " -> ".join(shown_apart(*values))
                what = f"the {published.kind} {published.name} of another deployment"
                yield NotCompared(title, f"{what}, which it reads, has changed: {written}")
