"""Gaps between policies, each with an example if one is found, and those that no request is in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.arn import SERVICE
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.sensitive_actions import most_feared_first
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK
from multitool_lint.policy.compare.examples import requests
from multitool_lint.policy.compare.kinds import quoted
from multitool_lint.policy.compare.question import NO_EXAMPLE
from multitool_lint.policy.compare.reference import (
    RequestReference,
    impossible_actions,
    keys_of_resource,
    references,
)
from multitool_lint.policy.compare.request import Request, scope_matches
from multitool_lint.policy.compare.scope import RequestScope, is_arn
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.compare.value_forms import value_form
from multitool_lint.policy.document import Statement

if TYPE_CHECKING:
    from multitool_lint.policy.compare.differences import Differences, PatternDifference
    from multitool_lint.policy.compare.effort import Effort


_OF_AN_EXAMPLE = 20
"""What it takes to build and decide an example, in comparisons of two scopes."""
_NOT_POSSIBLE = "by AWS's reference, there is no such request"


class Gap(NamedTuple):
    """Some actions that two policies may treat differently.

    `names` are actions that the catalog does not know. `unit` has the resource, the principal and
    the conditions, where these are known; `statement` is the Allow or Deny that has them.
    `certain` is whether it is proved, as a rule by the request `example`, else `doubt` says why it
    is not. `unclear` says why the meaning of a statement is unknown, if that is the reason. Without
    it and a unit, there was too much to compare for these actions or, if there are none, for all.
    It is not `possible` if, by AWS's reference, no request is in it.
    """

    actions: ActionSet
    names: frozenset[str]
    unit: RequestScope | None
    statement: Statement
    certain: bool
    example: Request | None = None
    doubt: str | None = None
    unclear: str | None = None
    possible: bool = True


class Gaps:
    """Makes gaps of what was found, with `by_reference` those apart that no request is in.

    `unclear` has the statements of each side whose actions are unknown, with the reasons.
    """

    def __init__(
        self,
        catalog: Catalog,
        differences: Differences,
        effort: Effort,
        meanings: Sequence[StatementSemantics],
        unclear: Sequence[Mapping[object, tuple[Statement, str]]],
        *,
        by_reference: bool,
    ) -> None:
        self._catalog = catalog
        self._differences = differences
        self._effort = effort
        self._unclear = unclear
        self._by_reference = by_reference
        self._with_unknown_actions = [
            (meaning, name)
            for meaning in meanings
            for name in sorted(meaning.names.patterns)
            if UNKNOWN_MARK in name
        ]
        self._last_named: tuple[ActionSet, frozenset[str], list[str]] = ActionSet(), frozenset(), []

    def of(
        self, finding: PatternDifference, actions: ActionSet, names: frozenset[str]
    ) -> Iterator[Gap]:
        """The gaps for some actions that were found to be treated differently."""
        if not self._by_reference:
            yield self._gap(finding, actions, names)
            return
        gone = impossible_actions(finding.asked, actions, self._catalog)
        kept = actions - gone
        possible = self._possible_gap(finding, kept, names) if kept or names else None
        if possible:
            yield possible
        if gone or not possible:
            scope, meaning = finding.unit
            some, others = (gone, frozenset[str]()) if possible else (actions, names)
            gap = Gap(some, others, scope, meaning.statement, certain=False, doubt=_NOT_POSSIBLE)
            yield gap._replace(possible=False)

    def _possible_gap(
        self, finding: PatternDifference, actions: ActionSet, names: frozenset[str]
    ) -> Gap | None:
        """The gap that is left of the requests that the reference knows; None if there are none."""
        gap = self._gap(finding, actions, names)
        given = keys_of_resource(finding.asked)
        anything = [RequestReference(self._catalog, given=given)]
        of_actions = references(finding.asked, actions, self._catalog)
        # What takes more time is asked only where there is no example yet.
        for possible in (anything, anything if names else of_actions):
            if self._is_shown(gap, dict(given)):
                return gap
            found = self._possible(finding, possible)
            if found is None:
                return None
            gap = self._gap(found, actions, names)
        return gap

    def _is_shown(self, gap: Gap, given: Mapping[str, str]) -> bool:
        """Whether the example of a gap is a possible request, of which some keys are given."""
        return gap.example is not None and all(
            (form is None or all(map(form.has, values or ())))
            and (key not in given or values == (given[key],))
            for key, values in gap.example.context.items()
            for form in (value_form(self._catalog, key),)
        )

    def _possible(
        self, finding: PatternDifference, possible: Iterable[RequestReference]
    ) -> PatternDifference | None:
        """A finding of requests that one of some references knows; None if there are none."""
        doubtful = []
        for reference in possible:
            try:
                found = self._differences.possible(finding, reference)
            except UndecidableError:
                return finding
            if found and not found.doubt:
                return finding.with_found(found)
            doubtful += [found] if found else []
        if not doubtful:
            return None
        return finding.with_found(min(doubtful, key=lambda found: found.reading is None))

    def _gap(self, finding: PatternDifference, actions: ActionSet, names: frozenset[str]) -> Gap:
        scope, meaning = finding.unit
        gap = Gap(actions, names, scope, meaning.statement, certain=False)
        sides = finding.has.unclear.values(), finding.lacks.unclear.values()
        unclear = chain(*(found.values() for found in self._unclear), *sides)
        _, reason = next(unclear, (None, None))
        if reason:
            # What such a statement grants or denies may make up for it.
            return gap._replace(doubt=f"what another statement means is not known: {reason}")
        doubt, is_plain = finding.doubt, finding.is_plain and not finding.doubt
        if not finding.may_be_shown:
            return gap._replace(doubt=doubt)
        try:
            example = self._example(finding, self._tried(finding, actions, names))
            unknown = self._unknown_action(example)
        except UndecidableError as reason:
            certain = is_plain and not self._with_unknown_actions
            return gap._replace(certain=certain, doubt=doubt or str(reason))
        if unknown:
            return gap._replace(doubt=doubt or f"what {quoted(unknown)} matches is not known")
        certain = is_plain or (example is not None and not doubt)
        return gap._replace(certain=certain, example=example, doubt=doubt or NO_EXAMPLE)

    def _unknown_action(self, example: Request | None) -> str | None:
        """An action that is filled in, and may be that of a request or of any if there is none."""
        for meaning, name in self._with_unknown_actions:
            self._effort.spend(len(meaning.scopes))
            if example is None or any(
                scope_matches(scope, example) is not False for scope in meaning.scopes
            ):
                return name
        return None

    def _example(self, finding: PatternDifference, actions: Sequence[str]) -> Request | None:
        candidates = requests(finding.found, finding.unit[0], actions, self._catalog)
        spend = self._differences.effort_of(finding).spend
        spend(_OF_AN_EXAMPLE)
        return next((found for found in candidates if finding.is_shown_by(found, spend)), None)

    def _tried(
        self, finding: PatternDifference, actions: ActionSet, names: frozenset[str]
    ) -> Sequence[str]:
        """The actions by name, first those of the services whose resources a scope is about."""
        found = self._named(actions, names)
        if len(actions.prefixes) == 1:
            return found
        patterns = finding.unit[0].resources.patterns
        # AWS completes `execute-api:/stage/GET/*` to an ARN.
        services = {text.split(":")[SERVICE if is_arn(text) else 0] for text in patterns}
        own = ActionSet({prefix: actions.bits(prefix) for prefix in sorted(services)})
        return (
            [*most_feared_first(self._catalog.names(own), self._catalog), *found] if own else found
        )

    def _named(self, actions: ActionSet, names: frozenset[str]) -> list[str]:
        """The actions by name, which many gaps in a row have in common."""
        if self._last_named[:2] != (actions, names):
            known = most_feared_first(self._catalog.names(actions), self._catalog)
            listed = [*known, *sorted(names)]
            self._last_named = actions, names, listed
        return self._last_named[2]


def undecided(statement: Statement, reason: str) -> Gap:
    """A gap that no single statement is the reason of, at the first of those compared."""
    return Gap(ActionSet(), frozenset(), None, statement, certain=False, doubt=reason)


def unreadable(statement: Statement, reason: str) -> Gap:
    """A gap at a statement whose meaning is unknown."""
    return Gap(ActionSet(), frozenset(), None, statement, certain=False, unclear=reason)
