"""Wildcards in the actions of policies, replaced by what they match."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import AccessLevel, Catalog, bundled
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.engines.policy_sentry import at_levels
from multitool_lint.formats import read_source
from multitool_lint.policy.access import all_actions
from multitool_lint.rewrite.draft import (
    Draft,
    Remark,
    Rewrite,
    count,
    matches_all_actions,
    matching_actions,
    not_there,
)
from multitool_lint.rewrite.proof import not_equivalent, withhold
from multitool_lint.syntax.patch.json import rename_key, rewrite_items
from multitool_lint.syntax.tree import Member, Node, as_list, strings_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from multitool_lint.policy.document import Statement
    from multitool_lint.policy.policy_type import PolicyType
    from multitool_lint.syntax.source import Source, Span


ELEMENTS = ("Action", "NotAction")


@dataclass(frozen=True, slots=True)
class Expansion:
    """Which wildcards are expanded: those that all of these choose.

    `action` is the intended one, `service` the prefix of a service, and at one of the `levels`
    is some action that a wildcard matches. With `invert_not_action`, no wildcard is expanded, but
    each NotAction becomes an Action of all the others.
    """

    action: str | None = None
    service: str | None = None
    levels: Collection[AccessLevel] = ()
    invert_not_action: bool = False

    def names(self, text: str) -> bool:
        """Whether a text is a wildcard that may be expanded, whatever the levels."""
        if self.action:
            return text.lower() == self.action.lower()
        of_service = not self.service or text.partition(":")[0].lower() == self.service.lower()
        return of_service and has_wildcard(text) and not matches_all_actions(text)

    def chooses(self, text: str, catalog: Catalog) -> bool:
        """Whether a wildcard is chosen."""
        if self.action and text.lower() != self.action.lower():
            return False
        if self.service and text.partition(":")[0].lower() != self.service.lower():
            return False
        matched = matching_actions(text, catalog) if self.levels else ()
        return not self.levels or bool(at_levels(matched, self.levels, catalog))


ALL = Expansion()


def describe_unknown(service: str, catalog: Catalog) -> str | None:
    """Say why nothing can be expanded of a service: there is none of that prefix."""
    if catalog.service(service) is not None:
        return None
    close = catalog.close_services(service)
    hint = f'; did you mean "{close[0]}"?' if close else ""
    return f'no service "{service}" is known to the catalog of {catalog.date}{hint}'


def expand(
    source: Source,
    wanted: Expansion = ALL,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    catalog: Catalog | None = None,
    place: Span | None = None,
) -> Rewrite:
    """Replace wildcards in actions by the actions they match; the policy grants the same.

    Where everything is matched (`*`), a list of all actions gains nothing: it is expanded only
    if it is named. If there is a `place`, only what is there changes.
    """
    catalog = catalog or bundled()
    draft = Draft(source, place)
    loaded = read_source(source, type=type, resource_type=resource_type)
    for policy in loaded.json_policies:
        for statement in policy.statements:
            if not draft.changes(statement.node):
                continue
            if draft.is_full(statement):
                break
            if wanted.invert_not_action:
                invert(draft, statement, catalog)
                continue
            for member in statement.members:
                if member.key in ELEMENTS:
                    _expand_element(draft, statement, member, wanted, catalog)
    if wanted.levels:
        draft.note_levels(loaded.json_policies, wanted.levels, catalog, wanted.names)
    withhold(draft, loaded.json_policies, catalog)
    return draft.finish(loaded, not_equivalent, catalog)


def _expand_element(
    draft: Draft, statement: Statement, member: Member, wanted: Expansion, catalog: Catalog
) -> None:
    new: dict[Node, list[str]] = {}
    applied: list[Remark] = []
    items = list(strings_of(as_list(member.value)))
    there = {text.lower() for _, text in items if not has_wildcard(text)}
    for node, text in items:
        chosen = draft.changes(node) and has_wildcard(text) and wanted.chooses(text, catalog)
        if not chosen:
            continue
        if matches_all_actions(text) and not wanted.action:
            draft.note(node, f'"{text}" is every action; left as it is without --action "{text}"')
            continue
        matched = matching_actions(text, catalog)
        if not matched:
            draft.note(node, f'"{text}" matches no action in the catalog; left as it is')
            continue
        if not catalog.match(text) & all_actions(catalog):
            draft.note(node, f'"{text}" matches retired actions only; left as it is')
            continue
        new[node] = not_there(matched, there)
        repeated = len(matched) - len(new[node])
        already = f"; {repeated:,} of them already listed" if repeated else ""
        applied.append(draft.remark(node, f'"{text}": {count(matched, catalog)}{already}'))
    if new:
        draft.change(rewrite_items(draft.source, member.value, new), applied)
        _warn_of_the_future(draft, statement, member)


def _warn_of_the_future(draft: Draft, statement: Statement, member: Member) -> None:
    """Say where a list of today's actions will grant more than the wildcard as AWS adds others."""
    if (statement.effect, member.key) == ("Deny", "Action"):
        draft.note(member.value, "actions that AWS adds from now on are not denied by this Deny")
    if (statement.effect, member.key) == ("Allow", "NotAction"):
        draft.note(member.value, "actions that AWS adds from now on are allowed by this NotAction")


def invert(draft: Draft, statement: Statement, catalog: Catalog) -> None:
    """Write out what a NotAction leaves: whole services as `service:*`, others by their actions.

    The catalog has more than ten thousand actions; services that are whole are some hundred items.
    """
    member = statement.action
    if member is None or not statement.negates_actions:
        if statement.members.find("NotAction"):
            draft.problem(statement.node, "left as it is: it has both an Action and a NotAction")
        return
    if len(statement.action_texts) < len(statement.actions) or not statement.actions:
        draft.problem(member.value, "left as it is: the excluded actions are unresolved")
        return
    everything = all_actions(catalog)
    excluded = (catalog.match(text) for _, text in statement.action_texts)
    left = everything - ActionSet().union(excluded)
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
