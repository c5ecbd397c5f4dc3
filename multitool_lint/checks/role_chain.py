"""Users and roles that become administrators by the roles that they can assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Context, related

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.identities import Identity


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for an identity, at the first policy on its way to an administrator.

    An administrator that names who may assume it is not reported: that is how administrators are
    appointed.
    """
    way = context.roles.way_to_administrator(identity)
    if not way or (len(way) == 1 and way[0].is_named):
        return
    first, *others = way
    if first.policy is None:
        return
    titles = [hop.role.title for hop in way]
    steps = ", which can assume ".join(titles)
    found = Context(context.rule, first.policy, context.catalog).finding(
        first.node,
        f"{identity.title[0].upper()}{identity.title[1:]} can assume {steps}, an administrator",
        label=f"lets it assume {titles[0]}",
        help=f"restrict who can assume {titles[-1]}, or what it can do",
    )
    elsewhere = tuple(
        (hop.policy, related(hop.node, f"then {title}"))
        for hop, title in zip(others, titles[1:], strict=True)
    )
    yield context.spread(found, first.policy, elsewhere)
