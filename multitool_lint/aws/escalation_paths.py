"""Paths of privilege escalation: actions that together give permissions that no policy names."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import damaged, read_rows_or_bundled
from multitool_lint.named_tuple import NamedTuple

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Literal, TypeAlias, TypeVar

    Kind: TypeAlias = Literal["own", "other", "made", "pass", "target"]
    T = TypeVar("T")

COLLECTION = "https://pathfinding.cloud/paths/"
"""Where the paths are described, each under its id."""

TABLE = "escalation-paths.tsv"
PASSING = "role-passing-actions.tsv"
"""The table of the actions by which services are given roles."""

PASS_ROLE = "iam:PassRole"  # noqa: S105  # an action

IN_ORDINARY_USE = frozenset(
    {
        "batch:SubmitJob",
        "bedrock-agentcore:StartBrowserSession",
        "codebuild:StartBuild",
        "codebuild:StartBuildBatch",
        "codebuild:StartSandbox",
        "codedeploy:CreateDeployment",
        "elasticbeanstalk:UpdateEnvironment",
        "elasticmapreduce:AddJobFlowSteps",
        "elasticmapreduce:OpenEditorInConsole",
        "emr-containers:StartJobRun",
        "sagemaker:CreatePresignedDomainUrl",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
    }
)
"""Actions that are the ordinary use of a target, and also open a path."""

OF_USERS: Mapping[str, str] = MappingProxyType(
    {
        "iam:AddUserToGroup": "user",
        "iam:AttachGroupPolicy": "group",
        "iam:AttachUserPolicy": "user",
        "iam:DeleteUserPermissionsBoundary": "user",
        "iam:PutGroupPolicy": "group",
        "iam:PutUserPolicy": "user",
        "identitystore:CreateGroupMembership": "Identity Center user",
        "sso-directory:AddMemberToGroup": "Identity Center user",
    }
)
"""Actions by which a user extends its own permissions, with what they act on.

A role is not a user, and in no group: it extends the permissions of others. Users of IAM Identity
Center act by permission sets, of which the roles are AWS's own.
"""

_KINDS: tuple[Kind, ...] = ("own", "other", "made", "pass", "target")
"""What a path comes to.

The principal extends its own permissions, becomes another user or role, creates a role or user and
gives it permissions, passes a role to a service, which acts for it, or uses the role of a resource
that exists.
"""


_REWRITES = tuple(
    frozenset({"iam:UpdateAssumeRolePolicy", giving})
    for giving in ("iam:AttachRolePolicy", "iam:PutRolePolicy")
)


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

    @property
    def is_published(self) -> bool:
        """Whether the collection has it."""
        return self.url.startswith(COLLECTION)

    @property
    def of_kind(self) -> str:
        """What it creates, or changes: a role or a user."""
        return "user" if self.actions[0] == "iam:CreateUser" else "role"

    @property
    def rewrites_role(self) -> bool:
        """Whether it gives one role any permissions, and changes whom it trusts."""
        return self.kind == "other" and self.needed in _REWRITES


def of_role(path: Path) -> Path:
    """A path as it is for a role: what extends the permissions of users has a target."""
    is_of_users = path.kind == "own" and path.actions[0] in OF_USERS
    return path._replace(kind="target") if is_of_users else path


@lru_cache(maxsize=4)
def paths(catalog: Catalog) -> tuple[Path, ...]:
    """All paths: those of the collection, and then others.

    Raises:
        CatalogError: the table is not one of these.
    """
    return tuple(_parsed(catalog, TABLE, lambda row: _path(*row, *[""] * (7 - len(row)))))


def paths_date(catalog: Catalog) -> str:
    """The ISO date of the newest path of the collection."""
    return max(_parsed(catalog, TABLE, lambda row: "".join(row[6:7])), default="")


def paths_from(catalog: Catalog, actions: Collection[str]) -> list[Path]:
    """Those of the paths of which the first action is one of these, in the same order."""
    return [path for path in paths(catalog) if path.actions[0] in actions]


def first_actions(catalog: Catalog, prefix: str) -> Collection[str]:
    """The actions of a service with which paths begin: without one of these, none is open."""
    return _first_actions(catalog).get(prefix, ())


@lru_cache(maxsize=4)
def _first_actions(catalog: Catalog) -> Mapping[str, Collection[str]]:
    # Every run asks for these, and most need no more of the table.
    first: dict[str, dict[str, None]] = {}
    for action in _parsed(catalog, TABLE, lambda row: row[2].partition(" ")[0]):
        first.setdefault(action.partition(":")[0], {})[action] = None
    return first


@lru_cache(maxsize=4)
def actions_of_paths(catalog: Catalog) -> Mapping[str, tuple[str, ...]]:
    """The actions that are part of some path, by service prefix."""
    actions: dict[str, dict[str, None]] = {}
    for path in paths(catalog):
        for action in path.actions:
            actions.setdefault(action.partition(":")[0], {})[action] = None
    return {prefix: tuple(of_service) for prefix, of_service in actions.items()}


@lru_cache(maxsize=4)
def passing_services(catalog: Catalog) -> Mapping[str, tuple[str, str]]:
    """The prefixes of services that can be given roles, with their principals and the actions."""
    return dict(_parsed(catalog, PASSING, lambda row: (row[0], (row[1], row[2]))))


@lru_cache(maxsize=1024)
def passing(catalog: Catalog, prefix: str) -> tuple[Path, ...]:
    """The ways to give a service a role, each by one action.

    What the service does with the role, and at whose direction, depends on the service.
    """
    services, actions = passing_services(catalog)[prefix]
    return tuple(
        _path(prefix, "pass", f"{PASS_ROLE} {prefix}:{action}", services, "", "", "")
        for action in actions.split()
    )


def _parsed(catalog: Catalog, table: str, parse: Callable[[Sequence[str]], T]) -> Iterator[T]:
    for row in read_rows_or_bundled(catalog.directory, table):
        try:
            yield parse(row)
        except (LookupError, TypeError, ValueError) as error:
            raise damaged(f"{catalog.directory}/{table}", str(error)) from error


def _path(  # the columns of the table
    id_: str, kind: str, actions: str, services: str, targets: str, url: str, _date: str
) -> Path:
    known = next((known for known in _KINDS if known == kind), None)
    if known is None or not actions:
        raise ValueError(f"{id_}: not a path")
    return Path(
        id_,
        known,
        tuple(actions.split()),
        frozenset(actions.split()),
        tuple(f"{service}.amazonaws.com" for service in services.split()),
        tuple(frozenset(types.split()) for types in targets.split(",") if types),
        url or f"{COLLECTION}{id_}",
    )
