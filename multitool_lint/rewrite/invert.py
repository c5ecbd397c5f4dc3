"""NotAction turned into an Action of all the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.policy.access import everything_there_is
from multitool_lint.rewrite.counting import count
from multitool_lint.syntax.patch.json import rename_key, rewrite_items

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Statement
    from multitool_lint.rewrite.draft import Draft


def invert(draft: Draft, statement: Statement, catalog: Catalog) -> None:
    """Write out what a NotAction leaves: whole services as `service:*`, others by their actions.

    The catalog has more than ten thousand actions; services that are whole are some hundred items.
    """
    member = statement.action
    if member is None or not statement.negates_actions:
        if statement.members.find("NotAction"):
            draft.problem(statement.node, "left as it is: it has an Action as well as a NotAction")
        return
    if len(statement.action_texts) < len(statement.actions) or not statement.actions:
        draft.problem(member.value, "left as it is: what is excluded is decided elsewhere")
        return
    everything = everything_there_is(catalog)
    excluded = ActionSet()
    for _, text in statement.action_texts:
        excluded |= catalog.match(text)
    left = everything - excluded
    if not left:
        draft.problem(member.value, "left as it is: it excludes every action")
        return
    names = list(_written(statement, left, catalog))
    first, *others = statement.actions
    edits = rewrite_items(draft.source, member.value, {first: names, **dict.fromkeys(others, ())})
    whole = sum(map(has_wildcard, names))
    remark = (
        f"NotAction: {count(tuple(catalog.names(left)), catalog)} left, {whole:,} services whole"
    )
    draft.change((*rename_key(member, "Action"), *edits), [draft.remark(member.value, remark)])
    verb = "denied" if statement.effect == "Deny" else "allowed"
    draft.note(member.value, f"services that AWS adds from now on are not {verb} by this Action")


def _written(statement: Statement, left: ActionSet, catalog: Catalog) -> Iterator[str]:
    # An excluded action that the catalog does not know must not come back with a wildcard.
    unknown = {
        text.partition(":")[0].lower()
        for _, text in statement.action_texts
        if not catalog.match(text)
    }
    for prefix in sorted(left.prefixes):
        of_service = ActionSet({prefix: left.bits(prefix)})
        if prefix not in unknown and of_service == catalog.match(f"{prefix}:*"):
            yield f"{prefix}:*"
        else:
            yield from catalog.names(of_service)
