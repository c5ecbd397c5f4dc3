"""Which actions of a statement another statement of the policy covers: all requests of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import covers
from multitool_lint.limits import MAX_COMPARISONS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Policy, Statement
from multitool_lint.policy.merged_sids import lasting_statements


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
    if len({*narrow, *wide}) == 1:
        return {}
    index = _Index(wide, narrow)
    pairs = {
        statement: actions for statement in narrow if (actions := list(index.having(statement)))
    }
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


class _Index:
    """Statements by the actions that others have, too, asked as long as comparisons are left."""

    def __init__(self, statements: Sequence[Statement], others: Sequence[Statement]) -> None:
        self._by_name: dict[str, list[Statement]] = {}
        self._by_service: dict[str, list[tuple[str, Statement]]] = {}
        self._left = MAX_COMPARISONS
        names_of = {
            statement: frozenset(statement.lower_action_names)
            for statement in dict.fromkeys((*statements, *others))
        }
        self._several = _in_several(names_of.values())
        for statement in statements:
            if not self._several.isdisjoint(names_of[statement]):
                for name in names_of[statement] & self._several:
                    self._by_name.setdefault(name, []).append(statement)
            for at in statement.wildcards:
                name = statement.lower_action_names[at]
                of_service = self._by_service.setdefault(name.partition(":")[0], [])
                of_service.append((name, statement))

    def having(self, statement: Statement) -> Iterator[CoveredAction]:
        """The actions of a statement that others have, too, which may have all its requests."""
        names = statement.lower_action_names
        wildcards = {
            service: of_others
            for service in statement.services & self._by_service.keys()
            if (of_others := [wide for wide in self._by_service[service] if wide[1] != statement])
        }
        if not wildcards and self._several.isdisjoint(names):
            return
        from multitool_lint.policy.coverage import may_have_requests  # saves start-up

        possible = {statement: False}
        for at, name in enumerate(names):
            alike = self._by_name.get(name, ())
            wider = wildcards.get(name.partition(":")[0], ()) if wildcards else ()
            self._left -= len(alike) + len(wider)
            if self._left < 0:
                return
            others = [(name, other) for other in alike]
            others += [(pattern, other) for pattern, other in wider if pattern != name]
            for pattern, other in others:
                if other not in possible:
                    possible[other] = may_have_requests(other, statement)
                if possible[other] and covers(pattern, name):
                    yield CoveredAction(at, other, covers(name, pattern))


def _in_several(sets: Iterable[frozenset[str]]) -> set[str]:
    """What is in more than one of some sets."""
    once: set[str] = set()
    several: set[str] = set()
    for names in sets:
        several |= once & names
        once |= names
    return several
