"""What will break: actions that others need, and that a policy grants no more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.catalog.name_index import places
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.policy.access import allowed
from multitool_lint.rewrite.draft import Remark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy

_SAID_AT_MOST = 10
_DEPENDENT = 4
"""The field of the actions that an action needs."""


def missing(before: Policy, after: Policy, catalog: Catalog) -> Iterator[Remark]:
    """Say which of the actions that are dropped those need that stay.

    AWS calls them dependent actions: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
    """
    was, is_ = allowed(before, catalog), allowed(after, catalog)
    dropped = set(catalog.names(was - is_))
    if not dropped:
        return
    needed: dict[str, list[str]] = {}
    for prefix in sorted(is_.prefixes):
        service = catalog.known(prefix)
        for place in places(is_.bits(prefix)):
            for each in service.fields_at(place)[_DEPENDENT].split():
                if each in dropped:
                    needed.setdefault(each, []).append(service.action_at(place).name)
    span = before.statements[0].node.span if before.statements else before.root.span
    for name, by in sorted(needed.items())[:_SAID_AT_MOST]:
        verb = "needs" if len(by) == 1 else "need"
        said = f"{enumerate_briefly(by)} {verb} {name}, which is dropped"
        yield Remark(before.source, span, said)
    if len(needed) > _SAID_AT_MOST:
        more = f"{len(needed) - _SAID_AT_MOST:,} more that are dropped are needed by others"
        yield Remark(before.source, span, more)
