"""Actions that together give permissions that the policy does not name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.escalation_paths import COLLECTION
from multitool_lint.diagnostics.finding import Context, Finding, Related, enumerate_briefly, related
from multitool_lint.limits import MAX_LINKED_PATHS, MAX_LISTED_NAMES
from multitool_lint.policy.access import granting_nodes, sensitive_grants
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import (
    GrantedStep,
    OpenPath,
    gain,
    is_enough,
    reportable_paths,
)
from multitool_lint.syntax.tree import Member, Node

_INSTEAD = {
    "own": "name the resources that are meant",
    "other": "name the users or roles that are meant",
    "pass": "name the roles that it may pass",
    "target": "name the targets that are meant",
}


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every place that completes paths which need nothing else."""
    return report(policy, context, targets=False)


def report(policy: Policy, context: Context, *, targets: bool) -> Iterator[Finding]:
    """One finding for every place that completes paths, of those with or without need of a target.

    A path that only adds to a shorter one is reported where the shorter one is.
    """
    reportable = reportable_paths(policy, context.catalog, targets=targets)
    by_place: dict[Node | Member, list[OpenPath]] = {}
    for open_path in sorted(reportable, key=lambda open_path: len(open_path.path.needed)):
        shorter = (
            place
            for place, others in by_place.items()
            if any(other.path.needed <= open_path.path.needed for other in others)
        )
        by_place.setdefault(next(shorter, open_path.node), []).append(open_path)
    for place, ending in by_place.items():
        yield _finding(context, place, ending)


def _finding(context: Context, place: Node | Member, ending: Sequence[OpenPath]) -> Finding:
    first = ending[0].path
    if len(ending) == 1:
        message = f"{' + '.join(first.actions)} {gain(first)} ({first.id}: {first.url})"
    else:
        goal = "to the role of any target" if first.kind == "target" else "of privilege escalation"
        ids = [
            f"{open_path.path.id} ({open_path.path.url})"
            if len(ending) <= MAX_LINKED_PATHS
            else open_path.path.id
            for open_path in ending
        ]
        message = f"completes {len(ending)} paths {goal}: {enumerate_briefly(ids)}"
        message += f" ({COLLECTION})" if len(ending) > MAX_LINKED_PATHS else ""
    kinds = {open_path.path.kind for open_path in ending}
    message += f"; {_INSTEAD[first.kind if len(kinds) == 1 else 'own']}"
    return context.finding(place, message, related=_related(context, place, ending))


def _related(
    context: Context, place: Node | Member, ending: Sequence[OpenPath]
) -> tuple[Related, ...]:
    """Where the other actions of the paths stand, and the places that complete one as well."""
    elsewhere: dict[Node | Member, list[str]] = {}
    for step in (
        step for open_path in ending for step in open_path.steps if step.node is not place
    ):
        names = elsewhere.setdefault(step.node, [])
        names += [] if step.action in names else [step.action]
    return (
        *(related(other, f"with {enumerate_briefly(names)}") for other, names in elsewhere.items()),
        *(
            related(other, "as this does", alike=True)
            for other in islice(_alike(context, place, ending), MAX_LISTED_NAMES)
            if other not in elsewhere
        ),
    )


def _alike(
    context: Context, place: Node | Member, ending: Sequence[OpenPath]
) -> Iterator[Node | Member]:
    """The other places that complete one of the paths as the place does."""
    catalog = context.catalog
    completing = {
        (step.action, open_path.path)
        for open_path in ending
        for step in open_path.steps
        if step.node is place
    }
    for grant in sensitive_grants(context.policy, catalog):
        found = ActionSet()
        for action, path in completing:
            wanted = catalog.match(action)
            prefix = action.partition(":")[0]
            if grant.actions.bits(prefix) & wanted.bits(prefix) and any(
                is_enough(GrantedStep(action, grant, place), path, catalog, types)
                for types in path.targets or (None,)
            ):
                found |= wanted
        if found and not (grant.open_ended and ending[0].path.kind == "target"):
            yield from (
                other for other in granting_nodes(grant, found, catalog) if other is not place
            )
