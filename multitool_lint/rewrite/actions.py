"""Wildcards in the actions of policies, replaced by what they match."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.edits import rewrite_items
from multitool_lint.engines import policy_sentry_
from multitool_lint.iam.catalog import bundled
from multitool_lint.iam.patterns import has_wildcard
from multitool_lint.loaders import load
from multitool_lint.policy import UNKNOWN, listed, texts
from multitool_lint.rewrite.draft import Draft

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from multitool_lint.iam.catalog import AccessLevel, Catalog
    from multitool_lint.policy import Member, Node, PolicyType, Statement
    from multitool_lint.rewrite.draft import Remark, Rewrite
    from multitool_lint.source import Source

    Names = tuple[str, ...]

ELEMENTS = ("Action", "NotAction")


def expand(
    source: Source,
    *,
    action: str | None = None,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    catalog: Catalog | None = None,
) -> Rewrite:
    """Replace the wildcards in actions, or the one that `action` names, by the actions they match.

    Where everything is meant (`*`), nothing is gained by a list of all actions: it is expanded only
    if `action` names it.
    """
    catalog = catalog or bundled()
    draft = Draft(source)
    loaded = load(source, type=type, resource_type=resource_type)
    for policy in loaded.policies:
        for statement in policy.statements:
            for member in statement.members:
                if member.key in ELEMENTS:
                    _expand_element(draft, statement, member, action, catalog)
    return draft.finish(loaded)


def _expand_element(
    draft: Draft, statement: Statement, member: Member, action: str | None, catalog: Catalog
) -> None:
    new: dict[Node, list[str]] = {}
    applied: list[Remark] = []
    items = list(texts(listed(member.value)))
    there = {text.lower() for _, text in items if not has_wildcard(text)}
    for node, text in items:
        if not has_wildcard(text) or (action and text.lower() != action.lower()):
            continue
        if _means_everything(text) and not action:
            draft.note(node, f'"{text}" is every action; left as it is without --action "{text}"')
            continue
        matched = policy_sentry_.expand(text, catalog)
        if not matched:
            draft.note(node, f'"{text}" matches no action in the catalog; left as it is')
            continue
        new[node] = _not_there(matched, there)
        applied.append(draft.remark(node, _expanded(text, matched, new[node], catalog)))
    if new:
        draft.change(rewrite_items(draft.source, member.value, new), applied)
        _warn_of_the_future(draft, statement, member)


def _warn_of_the_future(draft: Draft, statement: Statement, member: Member) -> None:
    """Say where a list of today's actions will grant more than the wildcard as AWS adds others."""
    if (statement.effect, member.key) == ("Deny", "Action"):
        draft.note(member.value, "actions that AWS adds from now on are not denied by this Deny")
    if (statement.effect, member.key) == ("Allow", "NotAction"):
        draft.note(member.value, "actions that AWS adds from now on are allowed by this NotAction")


def _expanded(text: str, matched: Names, fresh: list[str], catalog: Catalog) -> str:
    repeated = len(matched) - len(fresh)
    already = f"; {repeated:,} of them stood there already" if repeated else ""
    return f'"{text}": {_count(matched, catalog)}{already}'


def tighten(
    source: Source,
    levels: Collection[AccessLevel],
    *,
    strict: bool = False,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    catalog: Catalog | None = None,
) -> Rewrite:
    """Keep, of what wildcards in Allow statements match, only the actions at some access levels.

    A wildcard that matches no others stays. Explicit actions stay, unless `strict`. Deny and
    NotAction are left alone: fewer actions there would grant more. What may still allow more than
    was asked for is a problem, as is a statement that would be left without actions.
    """
    catalog = catalog or bundled()
    draft = Draft(source)
    loaded = load(source, type=type, resource_type=resource_type)
    for policy in loaded.policies:
        for statement in policy.statements:
            member = statement.action
            if member and _is_tightened(draft, statement, member):
                _Tightening(draft, member, levels, strict, catalog).run()
    return draft.finish(loaded)


def _is_tightened(draft: Draft, statement: Statement, member: Member) -> bool:
    if statement.effect == "Deny":
        if any(has_wildcard(text) for _, text in statement.action_texts):
            draft.note(member.value, "a Deny is left alone: denying less would grant more")
        return False
    if not statement.allows:
        draft.problem(member.value, "left alone: whether this is an Allow cannot be told")
        return False
    if statement.members.find("NotAction"):
        draft.problem(member.value, "NotAction is left alone: excluding less would grant more")
        return False
    return True


@dataclass(frozen=True, slots=True)
class _Tightening:
    """The tightening of one Action element."""

    draft: Draft
    member: Member
    levels: Collection[AccessLevel]
    strict: bool
    catalog: Catalog

    def run(self) -> None:
        """Edit the element, unless that would leave it empty."""
        items = listed(self.member.value)
        explicit = {node: text for node, text in texts(items) if not has_wildcard(text)}
        wildcards = {node: text for node, text in texts(items) if has_wildcard(text)}
        matched = {
            node: policy_sentry_.expand(text, self.catalog) for node, text in wildcards.items()
        }
        kept = {
            node: policy_sentry_.at_levels(names, self.levels, self.catalog)
            for node, names in matched.items()
        }
        all_kept = {node for node in wildcards if len(kept[node]) == len(matched[node])}
        there = {text.lower() for text in explicit.values()}
        there |= {name.lower() for node in all_kept for name in kept[node]}
        new = {node: _not_there(kept[node], there) for node in wildcards if node not in all_kept}
        beyond = [node for node, text in explicit.items() if self._is_beyond(text)]
        if self.strict:
            new |= {node: [] for node in beyond}
        if items and len(new) == len(items) and not any(new.values()):
            self._refuse()
            return
        self._report_unknown(items, matched)
        if beyond and not self.strict:
            self._note_beyond(beyond)
        applied = [self._remark(node, kept.get(node), matched.get(node)) for node in new]
        self.draft.change(rewrite_items(self.draft.source, self.member.value, new), applied)

    def _is_beyond(self, name: str) -> bool:
        level = self._level(name)
        return level is not None and level not in self.levels

    def _level(self, name: str) -> AccessLevel | None:
        return policy_sentry_.access_levels([name], self.catalog).get(name)

    def _refuse(self) -> None:
        wanted = " or ".join(sorted(self.levels, key=policy_sentry_.STRENGTH.index))
        self.draft.problem(self.member.value, f"left as it is: none of its actions is at {wanted}")

    def _report_unknown(self, items: Iterable[Node], matched: Mapping[Node, Names]) -> None:
        for node in items:
            if node.value is UNKNOWN:
                self.draft.problem(node, "left as it is: the value is decided elsewhere")
            elif node in matched and not matched[node]:
                self.draft.problem(
                    node, f'"{node.value}" matches no action in the catalog; left as it is'
                )
            elif self.strict and node not in matched and self._level(str(node.value)) is None:
                self.draft.problem(
                    node, f'"{node.value}" is no action in the catalog; left as it is'
                )

    def _note_beyond(self, nodes: Sequence[Node]) -> None:
        names = tuple(str(node.value) for node in nodes)
        self.draft.note(
            nodes[0], f"{_count(names, self.catalog)} named one by one stay; --strict drops them"
        )

    def _remark(self, node: Node, kept: Names | None, matched: Names | None) -> Remark:
        if kept is None or matched is None:
            return self.draft.remark(
                node, f'"{node.value}": dropped ({self._level(str(node.value))})'
            )
        gone = _count(tuple(sorted(set(matched).difference(kept))), self.catalog)
        left = _count(kept, self.catalog) if kept else "none"
        return self.draft.remark(node, f'"{node.value}": kept {left}, dropped {gone}')


def _means_everything(pattern: str) -> bool:
    return not pattern.strip("*:")


def _not_there(names: Iterable[str], there: set[str]) -> list[str]:
    """The names that are not there yet, and now are."""
    fresh = [name for name in names if name.lower() not in there]
    there.update(name.lower() for name in fresh)
    return fresh


@lru_cache(maxsize=256)
def _count(names: Names, catalog: Catalog) -> str:
    """How many actions there are, and of them at each access level."""
    levels = Counter(policy_sentry_.access_levels(names, catalog).values())
    parts = [f"{levels[level]:,} {level}" for level in policy_sentry_.STRENGTH if levels[level]]
    noun = "action" if len(names) == 1 else "actions"
    return f"{len(names):,} {noun} ({', '.join(parts)})"
