"""Users and roles that can act as others of the same deployment, or become administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.escalation_paths import IN_ORDINARY_USE
from multitool_lint.diagnostics.finding import Context, Related, enumerate_briefly, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.assumable_roles import Hop
from multitool_lint.policy.takeover_ways import Takeover

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.document import Policy
    from multitool_lint.policy.identities import Identity
    from multitool_lint.syntax.tree import Member, Node

_VERBS = {"other": "act as", "pass": "pass a service", "target": "use"}


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for an identity, at the first step of its way to an administrator.

    If there is no such way, it is one to a user or role whose credentials or trust it can change.
    """
    takeovers = context.roles.takeovers
    way = takeovers.reported(identity)
    places = [*_places(way)]
    if not places:
        return
    (policy, node, label), *others = places
    paths = [hop.path for hop in way if isinstance(hop, Takeover) and hop.path]
    in_use = bool(paths) and all(path.actions[0] in IN_ORDINARY_USE for path in paths)
    (first, *further) = way
    is_appointed = not further and isinstance(first, Hop) and first.is_named
    is_mild = in_use or is_appointed or not takeovers.way(identity)
    found = Context(context.rule, policy, context.catalog).finding(
        node,
        f"{identity.title[0].upper()}{identity.title[1:]} can {_steps(identity, way, context)}",
        label=label,
        notes=tuple(f"path: {path.id} ({path.url})" for path in paths),
        help="restrict the actions to other resources, or what these roles and users can do",
        severity=Severity.SUGGESTION if is_mild else None,
    )
    elsewhere: list[tuple[Policy | None, Related]] = [
        (other, related(place, text)) for other, place, text in others
    ]
    for hop in way:
        if isinstance(hop, Takeover) and hop.target:
            runs = f"runs with {hop.role.title}"
            elsewhere.append((None, Related(hop.target.span, hop.target.address, runs)))
    yield context.spread(found, policy, tuple(elsewhere))


def _steps(identity: Identity, way: Sequence[Hop | Takeover], context: IdentityContext) -> str:
    """What an identity can do, up to the administrator."""
    takes = [hop for hop in way if not (isinstance(hop, Takeover) and hop.is_change)]
    text = ", which can ".join(map(_step, takes))
    last = way[-1]
    if len(takes) < len(way):
        itself = last.role is identity
        change = f"make {'itself' if itself else last.role.title} an administrator"
        return f"{text} and {change}" if text else change
    if context.roles.is_administrator(last.role):
        return f"{text}, an administrator"
    escalates = context.roles.takeovers.escalating(last.role)
    return f"{text}, which can escalate its privileges" if escalates else text


def _step(hop: Hop | Takeover) -> str:
    if not isinstance(hop, Takeover):
        return f"assume {hop.role.title}"
    if hop.path is None:
        return f"join {hop.role.title}"
    if hop.path.kind == "target" and hop.target:
        return f'use {hop.role.title} of "{hop.target.address}"'
    return f"{_VERBS[hop.path.kind]} {hop.role.title}"


def _places(way: Sequence[Hop | Takeover]) -> Iterator[tuple[Policy, Node | Member, str]]:
    """The places of the steps of a way in the policies of its identities, with labels."""
    for hop in way:
        if not isinstance(hop, Takeover):
            if hop.policy:
                yield hop.policy, hop.node, f"lets it assume {hop.role.title}"
            continue
        seen = []
        for taken in hop.steps:
            place = taken.step.node
            if taken.applied.policy and place not in seen:
                seen.append(place)
                actions = [one.step.action for one in hop.steps if one.step.node is place]
                yield taken.applied.policy, place, f"allows {enumerate_briefly(actions)}"
