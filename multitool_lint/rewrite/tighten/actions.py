"""Allow statements with fewer actions: those of a criterion, those named next to a wildcard."""

from __future__ import annotations

import itertools
from bisect import bisect_left
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.aws.catalog.name_index import positions
from multitool_lint.aws.patterns import covers, has_wildcard, literal_prefix
from multitool_lint.diagnostics.finding import enumerate_briefly
from multitool_lint.limits import MAX_ACTION_COMPARISONS, MAX_LISTED_ACTIONS
from multitool_lint.policy.access import allowed
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.rewrite.draft import Draft, Remark, count, matching_actions, not_there
from multitool_lint.syntax.patch.json import remove_items, rewrite_items
from multitool_lint.syntax.tree import UNKNOWN, Array, Member, Node, as_list, strings_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.rewrite.tighten.criteria import Criterion

    Names = tuple[str, ...]


def keep(draft: Draft, policy: Policy, criterion: Criterion, catalog: Catalog) -> None:
    """Keep of the Allow statements of a policy what meets the criterion.

    A wildcard that matches no others stays. Deny and NotAction are left alone: fewer actions there
    would grant more. A statement that would have no actions goes, if another Allow stays, or stays
    as it is.
    """
    if criterion.drops_statements and policy.type in (PolicyType.TRUST, PolicyType.RESOURCE):
        draft.note(policy.root, "left alone: it says who may use a resource, not what they used")
        return
    empty: list[_Plan] = []
    others = 0
    for statement in policy.statements:
        member = statement.action
        if not (
            member and draft.changes(statement.node) and is_tightened(draft, statement, member)
        ):
            others += statement.allows
            continue
        if draft.is_full(statement):
            others += 1
            break
        plan = _plan(draft, statement, member, criterion, catalog)
        if plan.is_empty:
            empty.append(plan)
        else:
            others += 1
            _apply(draft, plan, criterion, catalog)
    element = policy.element("Statement")
    if empty and criterion.drops_statements and others and element:
        _drop(draft, element.value, empty, criterion, catalog)
        return
    for plan in empty:
        draft.problem(
            plan.member.value, f"left as it is: none of its actions is {criterion.wanted}"
        )


def is_tightened(draft: Draft, statement: Statement, member: Member) -> bool:
    """Whether fewer actions in a statement grant less; says so if not."""
    if statement.effect == "Deny":
        if any(has_wildcard(text) for _, text in statement.action_texts):
            draft.note(member.value, "a Deny is left alone: denying less would grant more")
        return False
    if not statement.allows:
        draft.problem(member.value, "left as it is: the effect is unresolved")
        return False
    if statement.members.find("NotAction"):
        draft.problem(member.value, "NotAction is left alone: excluding less would grant more")
        return False
    return True


class _Plan(NamedTuple):
    """What becomes of the items of an Action element."""

    statement: Statement
    member: Member
    explicit: Mapping[Node, str]
    matched: Mapping[Node, Names]
    kept: Mapping[Node, Names]
    new: Mapping[Node, Sequence[str]]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be left."""
        items = as_list(self.member.value)
        return bool(items) and len(self.new) == len(items) and not any(self.new.values())


def _plan(
    draft: Draft, statement: Statement, member: Member, criterion: Criterion, catalog: Catalog
) -> _Plan:
    items = list(strings_of(as_list(member.value)))
    explicit = {node: text for node, text in items if not has_wildcard(text)}
    wildcards = {node: text for node, text in items if has_wildcard(text)}
    matched = {node: matching_actions(text, catalog) for node, text in wildcards.items()}
    kept = {
        node: criterion.kept(names) if draft.changes(node) else names
        for node, names in matched.items()
    }
    all_kept = {node for node in wildcards if len(kept[node]) == len(matched[node])}
    new: dict[Node, Sequence[str]] = {
        node: ()
        for node, text in explicit.items()
        if draft.changes(node) and not criterion.is_kept(text)
    }
    there = {text.lower() for node, text in explicit.items() if node not in new}
    there |= {name.lower() for node in all_kept for name in kept[node]}
    new |= {node: not_there(kept[node], there) for node in wildcards if node not in all_kept}
    return _Plan(statement, member, explicit, matched, kept, new)


def _apply(draft: Draft, plan: _Plan, criterion: Criterion, catalog: Catalog) -> None:
    for node in filter(draft.changes, as_list(plan.member.value)):
        if node.value is UNKNOWN:
            draft.problem(node, "left as it is: the value is unresolved")
        elif node in plan.matched and not plan.matched[node]:
            draft.problem(node, f'"{node.value}" matches no action in the catalog; left as it is')
        elif node in plan.explicit and criterion.is_doubtful(plan.explicit[node]):
            draft.problem(node, f'"{node.value}" is not an action in the catalog; left as it is')
    applied = []
    for node in plan.new:
        if node in plan.matched:
            message = _kept_and_dropped(plan.matched[node], plan.kept[node], catalog)
            applied.append(draft.remark(node, f'"{node.value}": {message}'))
    explicit_gone = [node for node in plan.new if node in plan.explicit]
    applied += criterion.remarks(draft, plan.explicit, explicit_gone)
    draft.change(rewrite_items(draft.source, plan.member.value, plan.new), applied)


@lru_cache(maxsize=256)
def _number(names: tuple[Names, ...], catalog: Catalog) -> str:
    """How many different actions there are in all."""
    return count(tuple(sorted({name for some in names for name in some})), catalog)


@lru_cache(maxsize=256)
def _kept_and_dropped(matched: Names, kept: Names, catalog: Catalog) -> str:
    """What is said of a wildcard, which may be in many statements."""
    gone = tuple(sorted(set(matched).difference(kept)))
    left = count(kept, catalog) if kept else "none"
    return f"kept {left}, dropped {count(gone, catalog)}"


def _drop(
    draft: Draft, element: Node, plans: Iterable[_Plan], criterion: Criterion, catalog: Catalog
) -> None:
    """Drop whole statements."""
    plans = list(plans)
    if not isinstance(element.value, Array):
        return
    applied = []
    for plan in plans:
        number = _number((*plan.matched.values(), tuple(plan.explicit.values())), catalog)
        message = f"statement dropped: {number} not {criterion.wanted}"
        applied.append(draft.remark(plan.statement.node, message))
    gone = [plan.statement.node for plan in plans]
    draft.change(remove_items(draft.source, element, gone), applied)


def drop_wildcards(draft: Draft, policy: Policy, catalog: Catalog) -> None:
    """Drop wildcards next to some of what they match: actions by name, or narrower wildcards."""
    for statement in policy.statements:
        member = statement.action
        if not (
            member and draft.changes(statement.node) and is_tightened(draft, statement, member)
        ):
            continue
        if draft.is_full(statement):
            break
        wildcards = {
            node: text
            for node, text in statement.action_texts
            if has_wildcard(text) and draft.changes(node)
        }
        compared = itertools.count()
        texts = sorted((text for _, text in statement.action_texts), key=str.lower)
        dropped = {
            node for node, text in wildcards.items() if any(_narrower(texts, text, compared))
        }
        stays = [text for node, text in statement.action_texts if node not in dropped]
        listed = sorted(stays, key=str.lower)
        applied = []
        for node, text in wildcards.items():
            if node not in dropped:
                draft.note(node, f'"{text}" stays: no action that it matches is listed')
                continue
            message = _dropped_next_to(text, list(_narrower(listed, text, compared)), catalog)
            applied.append(draft.remark(node, f'"{text}": {message}'))
        gone: dict[Node, Sequence[str]] = dict.fromkeys(dropped, ())
        draft.change(rewrite_items(draft.source, member.value, gone), applied)


def _narrower(texts: Sequence[str], wildcard: str, compared: Iterator[int]) -> Iterator[str]:
    """Those that match only actions that a wildcard matches, and not all of its text.

    The texts are sorted in lower case; after too many comparisons, no further ones are found.
    """
    wide = wildcard.lower()
    start = literal_prefix(wide)
    for text in itertools.islice(texts, bisect_left(texts, start, key=str.lower), None):
        narrow = text.lower()
        if not narrow.startswith(start) or next(compared) > MAX_ACTION_COMPARISONS:
            return
        if covers(wide, narrow) and not covers(narrow, wide):
            yield text


def _dropped_next_to(wildcard: str, listed: Sequence[str], catalog: Catalog) -> str:
    """What is said of a wildcard that goes next to what is listed."""
    kept = {name.lower() for name in listed}
    for text in filter(has_wildcard, listed):
        kept.update(name.lower() for name in matching_actions(text, catalog))
    matched = matching_actions(wildcard, catalog)
    gone = tuple(name for name in matched if name.lower() not in kept)
    stay = f"the {len(listed)} listed actions stay" if len(listed) > 1 else f"{listed[0]} stays"
    return f"dropped {count(gone, catalog)}; {stay}"


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
        for place in positions(is_.bits(prefix)):
            for dependent in service.fields_at(place)[_DEPENDENT].split():
                if dependent in dropped:
                    needed.setdefault(dependent, []).append(service.action_at(place).name)
    span = before.statements[0].node.span if before.statements else before.root.span
    for name, by in sorted(needed.items())[:MAX_LISTED_ACTIONS]:
        verb = "needs" if len(by) == 1 else "need"
        message = f"{enumerate_briefly(by)} {verb} {name}, which is dropped"
        yield Remark(before.source, span, message)
    if len(needed) > MAX_LISTED_ACTIONS:
        more = f"{len(needed) - MAX_LISTED_ACTIONS:,} more that are dropped are needed by others"
        yield Remark(before.source, span, more)
