"""Users and roles that become administrators by the roles that they can assume."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.diagnostics.finding import Context, related
from multitool_lint.diagnostics.rule import Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.diagnostics.identity_findings import IdentityContext, IdentityFinding
    from multitool_lint.policy.identities import Identity


def check(identity: Identity, context: IdentityContext) -> Iterator[IdentityFinding]:
    """One finding for an identity, at the first policy on its way to an administrator.

    It is a suggestion if an administrator names who may assume it: so administrators are appointed.
    That of another identity, which is longer, says it too.
    """
    way = context.roles.way_to_administrator(identity)
    if not way:
        return
    first, *others = way
    is_appointed = first.is_named and not others
    if first.policy is None or (is_appointed and context.roles.is_on_a_way(identity)):
        return
    titles = [hop.role.title for hop in way]
    steps = ", which can assume ".join(titles)
    found = Context(context.rule, first.policy, context.catalog).finding(
        first.node,
        f"{identity.title[0].upper()}{identity.title[1:]} can assume {steps}, an administrator",
        label=f"lets it assume {titles[0]}",
        help=f"restrict who can assume {titles[-1]}, or what it can do",
        severity=Severity.SUGGESTION if is_appointed else None,
    )
    elsewhere = tuple(
        (hop.policy, related(hop.node, f"then {title}"))
        for hop, title in zip(others, titles[1:], strict=True)
    )
    yield context.spread(found, first.policy, elsewhere)
