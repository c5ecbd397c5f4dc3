"""Actions that together give permissions that the policy does not name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.escalation_paths import COLLECTION
from multitool_lint.diagnostics.finding import Context, Finding, Related, enumerate_briefly, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.access import granting_nodes, named_actions, sensitive_grants
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import (
    GrantedStep,
    OpenPath,
    gained,
    is_enough,
    reportable_paths,
)
from multitool_lint.syntax.tree import Member, Node

if TYPE_CHECKING:
    from multitool_lint.aws.escalation_paths import Kind, Path
    from multitool_lint.policy.document import Statement

    Group = Mapping[Node | Member, list[OpenPath]]

_INSTEAD = {
    "own": "specify the resources that it can change",
    "other": "specify the users or roles",
    "made": "require a permissions boundary by a condition on iam:PermissionsBoundary",
    "pass": "specify the roles that it can pass",
    "target": "specify the targets",
}
"""What closes the paths of each kind, the kinds from the one that gives most."""


_IN_ORDINARY_USE = frozenset(
    {
        "codebuild:StartBuild",
        "codebuild:StartBuildBatch",
        "sagemaker:CreatePresignedNotebookInstanceUrl",
    }
)
"""Actions that use a target as it is intended to be used, which also opens a path."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every grant that opens paths which need nothing else."""
    return report(policy, context, targets=False)


def report(policy: Policy, context: Context, *, targets: bool) -> Iterator[Finding]:
    """One finding for every grant that opens paths, of those with or without need of a target."""
    reportable = reportable_paths(policy, context.catalog, targets=targets)
    for group in _by_grant(reportable):
        yield _finding(context, group)


def _by_grant(open_paths: Sequence[OpenPath]) -> Iterator[Group]:
    """Join the paths that one change closes, by the places that open them.

    In a statement, these are the paths by which roles are passed, and the others. A path that only
    adds to a shorter one is where the shorter one is.
    """
    by_place: dict[Node | Member, list[OpenPath]] = {}
    for open_path in sorted(open_paths, key=lambda open_path: len(open_path.path.needed)):
        shorter = (
            place
            for place, found in by_place.items()
            if any(other.path.needed <= open_path.path.needed for other in found)
        )
        by_place.setdefault(next(shorter, open_path.opening.node), []).append(open_path)
    groups: dict[tuple[Statement, bool], dict[Node | Member, list[OpenPath]]] = {}
    for place, found in by_place.items():
        passes = all(open_path.path.kind == "pass" for open_path in found)
        groups.setdefault((found[0].opening.grant.statement, passes), {})[place] = found
    yield from groups.values()


def _finding(context: Context, group: Group) -> Finding:
    place, *others = sorted(group, key=_position)
    paths = [open_path.path for open_path in chain.from_iterable(group.values())]
    kind = min((path.kind for path in paths), key=list(_INSTEAD).index)
    return context.finding(
        place,
        f"{_summary(paths, kind)}; {_INSTEAD[kind]}",
        related=tuple(_related(context, place, others, group)),
        explains=kind == "own",
        severity=Severity.SUGGESTION
        if kind == "target" and not _is_grave(context, group)
        else None,
    )


def _summary(paths: Sequence[Path], kind: Kind) -> str:
    """What the paths of the kind that gives most come to."""
    telling = [path for path in paths if path.kind == kind]
    first = telling[0]
    services = dict.fromkeys(chain.from_iterable(path.services for path in telling))
    ids = _ids(paths)
    if len(paths) == 1:
        subjects, ids = [" + ".join(first.actions)], f"{first.id}: {first.url}"
    elif kind in ("made", "pass"):
        using = dict.fromkeys(path.actions[1] for path in telling)
        subjects = [f"{first.actions[0]} with {enumerate_briefly(list(using))}"]
    else:
        subjects = list(dict.fromkeys(path.actions[0] for path in telling))
    verb = "allows" if len(subjects) == 1 else "allow"
    gain = gained(kind, enumerate_briefly(list(services)))
    return f"{enumerate_briefly(subjects)} {verb} the principal to {gain} ({ids})"


def _is_grave(context: Context, group: Group) -> bool:
    """Whether some path with a target is no ordinary use of it, by no wildcard for a service."""
    return any(
        open_path.opening.action not in _IN_ORDINARY_USE
        and named_actions(open_path.opening.grant, context.catalog)
        & context.catalog.match(open_path.opening.action)
        for open_path in chain.from_iterable(group.values())
    )


def _related(
    context: Context, place: Node | Member, others: Sequence[Node | Member], group: Group
) -> Iterator[Related]:
    """Where the other actions of the paths are, and the places that open some as well."""
    open_paths = list(chain.from_iterable(group.values()))
    using: dict[Node | Member, tuple[dict[str, None], dict[str, None]]] = {}
    for open_path in open_paths:
        for step in open_path.steps:
            if step.node not in group:
                actions, ids = using.setdefault(step.node, ({}, {}))
                actions[step.action] = None
                ids[open_path.path.id] = None
    for other in others:
        label = f"also here ({_ids([open_path.path for open_path in group[other]])})"
        yield related(other, label, alike=True)
    for other, (actions, ids) in using.items():
        label = f"with {enumerate_briefly(list(actions))} ({', '.join(ids)})"
        yield related(other, label, part=True)
    seen = {*group, *using}
    for other in islice(_alike(context, open_paths), MAX_LISTED_NAMES):
        if other not in seen:
            yield related(other, "also here", alike=True)
    if len(open_paths) > 1:
        yield related(place, _links([open_path.path for open_path in open_paths]))


def _alike(context: Context, open_paths: Sequence[OpenPath]) -> Iterator[Node | Member]:
    """The places that open one of the paths as its own place does."""
    catalog = context.catalog
    node = open_paths[0].opening.node
    opening = {(open_path.opening.action, open_path.path) for open_path in open_paths}
    for grant in sensitive_grants(context.policy, catalog):
        found = ActionSet()
        for action, path in opening:
            wanted = catalog.match(action)
            prefix = action.partition(":")[0]
            if grant.actions.bits(prefix) & wanted.bits(prefix) and any(
                is_enough(GrantedStep(action, grant, node), path, catalog, types)
                for types in path.targets or (None,)
            ):
                found |= wanted
        if found and not (grant.open_ended and open_paths[0].path.kind == "target"):
            yield from granting_nodes(grant, found, catalog)


def _links(paths: Sequence[Path]) -> str:
    """All of the paths, with where they are described."""
    there = [path.id for path in paths if path.url.startswith(COLLECTION)]
    elsewhere = [f"{path.id} ({path.url})" for path in paths if path.id not in there]
    return f"the paths: {', '.join([*elsewhere, *there])} ({COLLECTION})"


def _ids(paths: Sequence[Path]) -> str:
    return enumerate_briefly([path.id for path in paths])


def _position(place: Node | Member) -> int:
    return (place.key_span if isinstance(place, Member) else place.span).start
