"""Actions that together allow more than the policy states."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, islice

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.escalation_paths import COLLECTION, IN_ORDINARY_USE, Path
from multitool_lint.diagnostics.escalation_targets import is_of_users, role_of, target_of
from multitool_lint.diagnostics.finding import (
    FILE,
    Context,
    Finding,
    Related,
    counted,
    enumerate_briefly,
    related,
)
from multitool_lint.diagnostics.granting import (
    SelfSetTags,
    by_service,
    described_setters,
    first_of,
    includes,
)
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.limits import MAX_LISTED_NAMES
from multitool_lint.policy.access import granting_nodes, named_actions, sensitive_grants
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.escalation import (
    PASSED_TO,
    OpenPath,
    is_enough,
    reportable_paths,
    setters_of_steps,
)
from multitool_lint.policy.granted_steps import GrantedStep, position
from multitool_lint.syntax.tree import Member, Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.aws.escalation_paths import Kind

    Group = Mapping[Node | Member, list[OpenPath]]

_GAINS = {
    "own": "the principal to extend its own permissions",
    "other": "acting as another user or role",
    "made": "creating a {} with any permissions",
    "pass": "using any role",
    "target": "using {}",
}
"""What the paths of each kind allow, the kinds from the one that gives most."""

_LABELS = {
    "own": "changes its own permissions",
    "other": "acts as another user or role",
    "made": "creates the {}",
    "pass": "passes any role",
    "target": "on any {}",
}
_HELP: Mapping[Kind, str] = {
    "own": "specify the users, groups, roles or policies that the principal can change, other than "
    "its own",
    "other": "specify the users or roles in Resource",
    "made": "require a permissions boundary with a condition on iam:PermissionsBoundary",
    "pass": "specify the roles in Resource",
    "target": "specify the targets in Resource",
}
"""What closes the paths of each kind."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every grant that opens paths which need no existing target."""
    return report(policy, context, targets=False)


def report(policy: Policy, context: Context, *, targets: bool) -> Iterator[Finding]:
    """One finding for every grant that opens paths, either those that need a target or others."""
    yield from findings_of(reportable_paths(policy, context.catalog, targets=targets), context)


def findings_of(open_paths: Sequence[OpenPath], context: Context) -> Iterator[Finding]:
    """One finding for every grant that opens some of the paths."""
    for group in _by_grant(open_paths):
        yield _finding(context, group)


def _by_grant(open_paths: Sequence[OpenPath]) -> Iterator[Group]:
    """Group the paths that one change closes, by the places that open them.

    In a statement, these are the paths by which roles are passed, those by which roles extend the
    permissions of users, and the others. A path that extends a shorter one is grouped with it.
    """
    by_place: dict[Node | Member, list[OpenPath]] = {}
    for open_path in sorted(open_paths, key=lambda open_path: len(open_path.path.needed)):
        shorter = (
            place
            for place, found in by_place.items()
            if any(other.path.needed <= open_path.path.needed for other in found)
        )
        by_place.setdefault(next(shorter, open_path.opening.node), []).append(open_path)
    groups: dict[tuple[Statement, bool, bool], dict[Node | Member, list[OpenPath]]] = {}
    for place, found in by_place.items():
        passes = all(open_path.path.kind == "pass" for open_path in found)
        of_users = all(is_of_users(open_path.path) for open_path in found)
        key = found[0].opening.grant.statement, passes, of_users
        groups.setdefault(key, {})[place] = found
    yield from groups.values()


def _finding(context: Context, group: Group) -> Finding:
    place, *others = sorted(group, key=position)
    paths = [open_path.path for open_path in chain.from_iterable(group.values())]
    kind, strongest = _strongest(paths)
    title, *actions = _title(strongest, kind)
    tags = _self_set_tags(context, group)
    return context.finding(
        place,
        title,
        label=_label(context, place, group[place]),
        related=(*_related(context, others, group), *tags.related),
        notes=(*_services(strongest), *actions, *tags.notes, *_links(paths)),
        help=_help(kind, strongest, group),
        explains=kind == "own",
        severity=Severity.SUGGESTION
        if kind == "target" and not _is_severe(context, group)
        else None,
    )._replace(counted=first_of(_openings(strongest)) if actions else "")


def _self_set_tags(context: Context, group: Group) -> SelfSetTags:
    open_paths = chain.from_iterable(group.values())
    return described_setters(
        [setter for path in open_paths for setter in setters_of_steps(path, context.catalog)]
    )


def _strongest(paths: Sequence[Path]) -> tuple[Kind, Sequence[Path]]:
    """The kind of the paths that gives most, and the paths of this kind."""
    kind = min((path.kind for path in paths), key=list(_GAINS).index)
    return kind, [path for path in paths if path.kind == kind]


def _label(context: Context, place: Node | Member, open_paths: Sequence[OpenPath]) -> str:
    kind, paths = _strongest([open_path.path for open_path in open_paths])
    opening = ActionSet().union(context.catalog.match(path.actions[0]) for path in paths)
    target = _made(paths) or target_of([path.actions[0] for path in paths])
    return includes(place, opening, context.catalog) or _LABELS[kind].format(target)


def _openings(paths: Sequence[Path]) -> list[str]:
    """The actions that paths begin with."""
    return list(dict.fromkeys(path.actions[0] for path in paths))


def _title(paths: Sequence[Path], kind: Kind) -> tuple[str, ...]:
    """What the paths of a kind allow, and notes that list the actions which the title counts."""
    first = paths[0]
    openings = _openings(paths)
    gain = _GAINS[kind].format(_made(paths) or role_of(target_of(openings)))
    if all(map(is_of_users, paths)):
        gain = f"extending the permissions of any existing {target_of(openings)}"
    if len(openings) == 2 and kind == "own":  # noqa: PLR2004 - of more, notes have the names
        return (f"`{openings[0]}` and `{openings[1]}` allow {gain}",)
    if len(openings) > 1:
        return f"{len(openings)} actions allow {gain}", *by_service(openings)
    # Of several paths, each of which needs more, the second action is what differs.
    using = first.actions[1:] if len(paths) == 1 else _seconds(paths, kind)
    others = list(dict.fromkeys(using))
    subject = f"`{first.actions[0]}`"
    if not others:
        return (f"{subject} allows {gain}",)
    if len(others) == 1 and kind != "target":
        return (f"{subject} with `{others[0]}` allows {gain}",)
    number = counted(len(others), "other action")
    return f"{subject} with {number} allows {gain}", *by_service(others, "with ")


def _seconds(paths: Sequence[Path], kind: Kind) -> Sequence[str]:
    if kind == "made":
        return [action for path in paths for action in path.actions[1:]]
    return [path.actions[1] for path in paths] if kind == "pass" else ()


def _made(paths: Sequence[Path]) -> str:
    """What paths create: a role, a user, or either; "" of other paths."""
    return " or ".join(dict.fromkeys(path.of_kind for path in paths if path.kind == "made"))


def _services(paths: Sequence[Path]) -> Iterator[str]:
    """A note on the services to which roles are passed."""
    services = list(dict.fromkeys(chain.from_iterable(path.services for path in paths)))
    if services:
        one_of = "one of " if len(services) > 1 else ""
        yield f"the role must trust {one_of}{enumerate_briefly(services)}"


def _help(kind: Kind, paths: Sequence[Path], group: Group) -> str:
    """What closes the paths, and for passed roles the command that only limits the services."""
    if all(path.actions[0].startswith("sso:") for path in paths):
        return "specify the permission sets in Resource"
    if all(path.rewrites_role for path in paths):
        return f"remove iam:UpdateAssumeRolePolicy, or {_HELP['made']}"
    services = {service for path in paths for service in path.services}
    if not services or any(
        condition.lower_key == PASSED_TO
        for open_path in chain.from_iterable(group.values())
        for condition in open_path.opening.grant.statement.conditions
    ):
        return _HELP[kind]
    service = min(services) if len(services) == 1 else "SERVICE"
    them = service if len(services) == 1 else "one of them"
    return (
        f"{_HELP[kind]}; multitool-lint tighten --pass-role-to {service} {FILE} limits the "
        f"services, but the principal can still use the roles that trust {them}"
    )


def _is_severe(context: Context, group: Group) -> bool:
    """Whether an action is granted by its name and is not the ordinary use of a target."""
    return any(
        open_path.opening.action not in IN_ORDINARY_USE
        and named_actions(open_path.opening.grant, context.catalog)
        & context.catalog.match(open_path.opening.action)
        for open_path in chain.from_iterable(group.values())
    )


def _related(context: Context, others: Sequence[Node | Member], group: Group) -> Iterator[Related]:
    """Where the other actions of the paths are, and the places that also open some."""
    open_paths = list(chain.from_iterable(group.values()))
    using: dict[Node | Member, tuple[dict[str, None], dict[str, None]]] = {}
    for open_path in open_paths:
        for step in open_path.steps:
            if step.node not in group:
                actions, partners = using.setdefault(step.node, ({}, {}))
                actions[step.action] = None
                rest = [action for action in open_path.path.actions if action != step.action]
                partners |= dict.fromkeys(rest[-1:])
    for other in others:
        yield related(other, f"also: {_label(context, other, group[other])}", alike=True)
    for other, (actions, partners) in using.items():
        named = isinstance(other, Node) and str(other.value).lower() in map(str.lower, actions)
        what = "" if named else f"{enumerate_briefly(list(actions))}: "
        use = f"used with {enumerate_briefly(list(partners))}" if partners else "also here"
        label = f"{what}{use}"
        yield related(other, label, part=True)
    seen = {*group, *using}
    for other in islice(_alike(context, open_paths), MAX_LISTED_NAMES):
        if other not in seen:
            yield related(other, "also here", alike=True)


def _alike(context: Context, open_paths: Sequence[OpenPath]) -> Iterator[Node | Member]:
    """The other places that open one of the paths."""
    catalog = context.catalog
    opening = {(open_path.opening.action, open_path.path) for open_path in open_paths}
    for grant in sensitive_grants(context.policy, catalog):
        found = ActionSet()
        for action, path in opening:
            wanted = catalog.match(action)
            prefix = action.partition(":")[0]
            if grant.actions.bits(prefix) & wanted.bits(prefix) and any(
                is_enough(GrantedStep(action, grant, None), path, catalog, types)
                for types in path.targets or (None,)
            ):
                found |= wanted
        if found and not (grant.open_ended and open_paths[0].path.kind == "target"):
            yield from granting_nodes(grant, found, catalog)


def _links(paths: Sequence[Path]) -> Iterator[str]:
    """Notes that list all of the paths, one for each place where some are described."""
    ids: dict[str, list[str]] = {}
    for path in paths:
        ids.setdefault(COLLECTION if path.is_published else path.url, []).append(path.id)
    for url, listed in ids.items():
        only = len(listed) == 1
        page = f"{url}{listed[0]}" if only and url == COLLECTION else url
        yield f"path{'' if only else 's'}: {', '.join(listed)} ({page})"
