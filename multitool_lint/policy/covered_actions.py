"""Which actions of a statement another statement of the policy covers: all requests of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.patterns import covers
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.merged_sids import lasting_statements

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog


class CoveredAction(NamedTuple):
    """The number of an action in its statement, and a statement that covers it.

    They are the `same` if each covers the other.
    """

    at: int
    by: Statement
    same: bool


def comparable(policy: Policy, effect: str) -> list[Statement]:
    """The statements with an effect that list actions, and of which all is known."""
    return [
        statement
        for statement in lasting_statements(policy)
        if statement.effect == effect
        and not statement.negates_actions
        and 0 < statement.action_count == len(statement.action_names)
        and statement.resource_count == len(statement.resource_names)
    ]


def covered_actions(
    policy: Policy, narrow: Sequence[Statement], wide: Sequence[Statement], catalog: Catalog
) -> Mapping[Statement, list[CoveredAction]]:
    """The actions of some statements that others cover; several may cover the same one."""
    pairs = _pairs(narrow, wide)
    if not pairs:
        return {}
    # Few policies have statements with actions in common.
    from multitool_lint.policy.coverage_proof import Proof

    proof = Proof(policy, catalog)
    found: dict[Statement, list[CoveredAction]] = {}
    for statement, actions in pairs.items():
        within = {other: proof.is_within(statement, other) for _, other, _ in actions}
        covered = [
            CoveredAction(at, other, same and proof.is_within(other, statement))
            for at, other, same in actions
            if within[other]
        ]
        if covered:
            found[statement] = covered
    return found


def _pairs(
    narrow: Sequence[Statement], wide: Sequence[Statement]
) -> dict[Statement, list[CoveredAction]]:
    """The actions of statements that others have, too, whatever they are about."""
    by_name: dict[str, list[Statement]] = {}
    by_service: dict[str, list[tuple[str, Statement]]] = {}
    for statement in wide:
        names = statement.lower_action_names
        for name in dict.fromkeys(names):
            by_name.setdefault(name, []).append(statement)
        for at in statement.wildcards:
            by_service.setdefault(names[at].partition(":")[0], []).append((names[at], statement))
    left = MAX_COMPARISONS
    found: dict[Statement, list[CoveredAction]] = {}
    for statement in narrow:
        for at, name in enumerate(statement.lower_action_names):
            alike = by_name.get(name, ())
            wider = by_service.get(name.partition(":")[0], ())
            left -= len(alike) + len(wider)
            if left < 0:
                return found
            others = [
                action for action in _having(at, name, alike, wider) if action.by is not statement
            ]
            if others:
                found.setdefault(statement, []).extend(others)
    return found


def _having(
    at: int, name: str, alike: Sequence[Statement], wider: Sequence[tuple[str, Statement]]
) -> Iterator[CoveredAction]:
    """The statements that have an action by its name, or by a wildcard."""
    for other in alike:
        yield CoveredAction(at, other, same=True)
    for pattern, other in wider:
        if pattern != name and covers(pattern, name):
            yield CoveredAction(at, other, same=covers(name, pattern))
