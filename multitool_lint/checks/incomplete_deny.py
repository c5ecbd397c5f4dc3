"""Denials of one name of an action that AWS renamed, without the other one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import BUNDLED, parses, read_rows
from multitool_lint.aws.patterns import matches
from multitool_lint.diagnostics.finding import Context, Finding, Fix, Safety, related
from multitool_lint.policy.access import actions_of
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.syntax.patch.change import append


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for each Deny statement that lists names without their other names."""
    if policy.merged_by_sid or not all(map(_is_known, policy.statements)):
        return
    allows = [statement for statement in policy.statements if statement.allows]
    denies = [statement for statement in policy.statements if statement.effect == "Deny"]
    denied: ActionSet | None = None
    for statement in denies:
        listed = list(_renamed_in(statement, policy.type.value))
        if not listed:
            continue
        if denied is None:
            certain = (
                other for other in denies if not (other.negates_actions and other.conditions)
            )
            denied = ActionSet().union(actions_of(other, context.catalog) for other in certain)
        missing = {
            other: at
            for at, other in listed
            if not _has(denied, other, context.catalog)
            and (not allows or any(_allows(allow, other, context.catalog) for allow in allows))
        }
        if missing:
            yield _finding(context, statement, missing)


def _is_known(statement: Statement) -> bool:
    return statement.effect in ("Allow", "Deny") and statement.action_count == len(
        statement.action_names
    )


def _renamed_in(statement: Statement, type_: str) -> Iterator[tuple[int, str]]:
    """The places of renamed actions in a statement of a policy, with their other names."""
    if statement.negates_actions or statement.services.isdisjoint(_other_names()):
        return
    for at, text in enumerate(statement.lower_action_names):
        for name, other, only in _other_names().get(text.partition(":")[0], ()):
            if only in ("", type_) and matches(text, name.lower()):
                yield at, other


def _has(actions: ActionSet, name: str, catalog: Catalog) -> bool:
    return catalog.match(name) <= actions


def _allows(statement: Statement, name: str, catalog: Catalog) -> bool:
    return _has(actions_of(statement, catalog), name, catalog)


def _finding(context: Context, statement: Statement, missing: Mapping[str, int]) -> Finding:
    first, *others = dict.fromkeys(missing.values())
    name = statement.action_names[first]
    names = list(missing)
    fixes: tuple[Fix, ...] = ()
    if statement.action:
        add = f"Also deny {' and '.join(names)}"
        fixes = (Fix(add, (append(statement.action.value, names),), Safety.UNSAFE),)
    return context.finding(
        statement.action_node(first),
        f'The Deny of "{name}" can be bypassed by its other name',
        notes=tuple(
            f"{other} does the same and is not denied: AWS accepts both names" for other in names
        ),
        help="deny both names",
        related=tuple(related(statement.action_node(at), "also here") for at in others),
        fixes=fixes,
        issue_code="",  # Access Analyzer has no check for it
    )


@lru_cache(maxsize=1)
@parses("renamed_actions.tsv")
def _other_names() -> Mapping[str, tuple[tuple[str, str, str], ...]]:
    """Each name of a renamed action with its other name, by service prefix.

    The third value is the only type of policy in which both are needed, "" if it is each.
    """
    found: dict[str, tuple[tuple[str, str, str], ...]] = {}
    for former, current, *type_ in read_rows(BUNDLED, "renamed_actions.tsv"):
        prefix, only = former.partition(":")[0], "".join(type_)
        pairs = (former, current, only), (current, former, only)
        found[prefix] = (*found.get(prefix, ()), *pairs)
    return MappingProxyType(found)
