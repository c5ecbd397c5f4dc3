"""Paths of privilege escalation: actions that together give permissions that no policy names."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from multitool_lint.iam.tables import BUNDLED, read_rows

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


class Kind(Enum):
    """What a path comes to: see the head of the table."""

    OWN = "own"
    OTHER = "other"
    PASS = "pass"  # noqa: S105  # a role is passed
    TARGET = "target"


@dataclass(frozen=True, slots=True)
class Path:
    """A path, open to whoever has all the actions.

    `services` are the principals that the role may be passed to; `types` the resource types that
    count, where its actions take others beside.
    """

    id: str
    kind: Kind
    actions: tuple[str, ...]
    services: tuple[str, ...]
    types: frozenset[str] | None
    url: str


@lru_cache(maxsize=1)
def paths() -> tuple[Path, ...]:
    """All paths, in alphabetical order of their ids."""
    return tuple(
        _path(*row, *[""] * (6 - len(row))) for row in read_rows(BUNDLED, "escalation-paths.tsv")
    )


def _path(id_: str, kind: str, actions: str, services: str, types: str, url: str) -> Path:
    return Path(
        id_,
        Kind(kind),
        tuple(actions.split()),
        tuple(f"{service}.amazonaws.com" for service in services.split()),
        frozenset(types.split()) or None,
        url or f"{COLLECTION}{id_}",
    )
