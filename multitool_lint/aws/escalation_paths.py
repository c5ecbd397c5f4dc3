"""Paths of privilege escalation: actions that together give permissions that no policy names."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Literal, NamedTuple, cast

from multitool_lint.aws.catalog.tables import BUNDLED, parses, read_rows

COLLECTION = "https://pathfinding.cloud/paths/"
"""Where the paths are described, each under its id."""

SERVICES = frozenset(
    {
        "apprunner",
        "bedrock-agentcore",
        "cloudformation",
        "codebuild",
        "datapipeline",
        "ec2",
        "ec2-instance-connect",
        "ecs",
        "glue",
        "iam",
        "lambda",
        "sagemaker",
        "ssm",
        "sts",
    }
)
"""The service prefixes of their actions: a policy without these needs no look at the table."""


Kind = Literal["own", "other", "made", "pass", "target"]
"""What a path comes to: see the head of the table."""


class Path(NamedTuple):
    """A path, open to a principal with all the actions, which are in the order of their use.

    `services` are the principals that the role may be passed to; `targets` the sets of resource
    types of which one is needed each, where its actions accept others too.
    """

    id: str
    kind: Kind
    actions: tuple[str, ...]
    needed: frozenset[str]
    services: tuple[str, ...]
    targets: tuple[frozenset[str], ...]
    url: str


@lru_cache(maxsize=1)
@parses("escalation-paths.tsv")
def paths() -> tuple[Path, ...]:
    """All paths, in alphabetical order of their ids."""
    return tuple(
        _path(*row, *[""] * (6 - len(row))) for row in read_rows(BUNDLED, "escalation-paths.tsv")
    )


def paths_from(actions: Collection[str]) -> list[Path]:
    """Those of the paths of which the first action is one of these, in the same order."""
    first = _by_first_action()
    numbers = sorted([at for action in actions for at in first.get(action, ())])
    return [paths()[at] for at in numbers]


@lru_cache(maxsize=1)
@parses("escalation-paths.tsv")
def _by_first_action() -> dict[str, list[int]]:
    first: dict[str, list[int]] = {}
    for at, path in enumerate(paths()):
        first.setdefault(path.actions[0], []).append(at)
    return first


def actions(prefix: str) -> frozenset[str]:
    """The actions of a service that are part of some path."""
    if prefix not in SERVICES:
        return frozenset()
    return frozenset(
        action for path in paths() for action in path.actions if action.startswith(f"{prefix}:")
    )


def _path(id_: str, kind: str, actions: str, services: str, targets: str, url: str) -> Path:
    return Path(
        id_,
        cast("Kind", kind),
        tuple(actions.split()),
        frozenset(actions.split()),
        tuple(f"{service}.amazonaws.com" for service in services.split()),
        tuple(frozenset(types.split()) for types in targets.split(",") if types),
        url or f"{COLLECTION}{id_}",
    )
