"""Whether all, some or none of the requests of a scope are allowed: proved, or an example.

The scope is that of the question: an action on all resources that a pattern matches, with any
values of the condition keys that are not given. "All" and "none" are proved by the comparison of
statements; what is not proved counts as the opposite.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from contextlib import suppress
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_TRIED_REQUESTS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.access import all_actions
from multitool_lint.policy.compare.effort import Efforts
from multitool_lint.policy.compare.examples import requests
from multitool_lint.policy.compare.question import Asked, Found, RequestSearch
from multitool_lint.policy.compare.reference import RequestReference, references
from multitool_lint.policy.compare.scope import RequestScope, Resources, Row
from multitool_lint.policy.compare.statement import UndecidableError
from multitool_lint.policy.evaluation.asked_request import AskedRequest, MissingPart, RequestContext
from multitool_lint.policy.evaluation.decision import (
    ApplicablePolicies,
    Decision,
    DecisionStep,
    Evaluated,
    RequestDecision,
    decide,
)
from multitool_lint.policy.evaluation.exceptions import is_fixed

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from multitool_lint.policy.compare.request import Request

_DENIED = (Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED)
_OUTSIDE = frozenset(
    {
        *(MissingPart.PRINCIPAL, MissingPart.ACCOUNT, MissingPart.RESOURCE_POLICY),
        *(MissingPart.LINKED, MissingPart.RCP),
    }
)
"""What a decision may depend on that is not a part of the policies that are given."""


class Counterexample(NamedTuple):
    """Why something does not hold of all requests of a scope: what is decided about an example.

    Without an example, the decision is that about the whole scope.
    """

    decided: RequestDecision
    example: Request | None = None

    @property
    def is_allowed(self) -> bool:
        """Whether the request is allowed."""
        return self.decided.decision is Decision.ALLOWED

    @property
    def may_be_allowed(self) -> bool:
        """Whether the request is allowed, if nothing outside the given policies denies it."""
        missing = {part.part for part in self.decided.missing}
        is_open = self.decided.decision is Decision.UNKNOWN and missing <= _OUTSIDE
        return is_open or self.is_allowed


class ScopeSearch:
    """Searches the requests of scopes by the policies that apply, as long as an effort is left."""

    def __init__(self, given: ApplicablePolicies) -> None:
        self._given = given
        efforts = Efforts.of_a_comparison()
        self._search = RequestSearch(efforts.comparing, efforts.assuming)

    def not_allowed(self, asked: AskedRequest, *, show: bool = True) -> Counterexample | None:
        """Why not all requests are allowed, shown by an example; None proves that they are."""
        decided = decide(asked, self._given)
        if decided.decision is Decision.ALLOWED:
            return None
        found: list[Found] = []
        if decided.decision is Decision.UNKNOWN and self._are_all_allowed(asked, found):
            return None
        tried = self._decided(asked, found or self._any(asked)) if show else ()
        shown = next((other for other in tried if not other.is_allowed), None)
        return shown or Counterexample(decided)

    def allowed(self, asked: AskedRequest, *, show: bool = True) -> Counterexample | None:
        """Why some request may be allowed, shown by an example; None proves that none is."""
        decided = decide(asked, self._given)
        if decided.decision in _DENIED:
            return None
        found: list[Found] = []
        if not self._may_be_allowed(asked, found) and decided.decision is Decision.UNKNOWN:
            return None
        tried = list(self._decided(asked, found or self._any(asked))) if show else []
        shown = next((other for other in tried if other.is_allowed), None)
        shown = shown or next((other for other in tried if other.may_be_allowed), None)
        return shown or Counterexample(decided)

    def _may_be_allowed(self, asked: AskedRequest, found: list[Found]) -> bool:
        """Whether a request may be allowed; some that may be are added to those found."""
        evaluated = Evaluated(asked, self._given)
        denied = tuple(
            row
            for step in evaluated.denials()
            for statement in step.statements
            if not (step.missing or statement.may_allow)
            and (row := statement.requests.certain) is not None
        )
        is_open = False
        for way in evaluated.ways():
            if any(step.answer is False for step in way):
                continue
            groups = tuple(rows for step in way if (rows := _possible(step)) is not None)
            try:
                some = list(self._find(asked, denied, groups))
            except UndecidableError:
                is_open = True
            else:
                is_open |= bool(some)
                found += some
        return is_open

    def _are_all_allowed(self, asked: AskedRequest, found: list[Found]) -> bool:
        """Whether all requests are allowed; some that may not be are added to those found."""
        evaluated = Evaluated(asked, self._given)
        denials = [part.requests for step in evaluated.denials() for part in step.statements]
        rows = tuple(part.possible for part in denials if part.possible is not None)
        try:
            found += self._find(asked, (), (rows,)) if rows else ()
            if found or len(rows) < len(denials) or is_fixed(asked):
                return False
            within = asked.is_in_account
            for same in (True, False) if within is None else (within,):
                each = Evaluated(asked._replace(is_in_account=same), self._given).ways()
                if not any(
                    all(step.answer or self._holds_for_all(asked, step, found) for step in way)
                    for way in each
                ):
                    return False
        except UndecidableError:
            return False
        return True

    def _holds_for_all(self, asked: AskedRequest, step: DecisionStep, found: list[Found]) -> bool:
        rows = tuple(
            row
            for statement in step.statements
            if not statement.may_deny and (row := statement.requests.certain) is not None
        )
        left = list(self._find(asked, rows, ()))
        found += left
        return step.answer is None and not step.missing and not left

    def _find(
        self, asked: AskedRequest, none_of: tuple[Row, ...], some_of: tuple[tuple[Row, ...], ...]
    ) -> Iterator[Found]:
        """Requests that fit none of some rows and one of each of others; none is a proof.

        Raises:
            UndecidableError: there is too much to compare.
        """
        question = Asked(_scope(asked), none_of, some_of)
        actions = asked.catalog.match(asked.action) & all_actions(asked.catalog)
        possible = references(question, actions, asked.catalog)
        for reference in possible if actions else (RequestReference(asked.catalog),):
            found = self._search.find(question, reference)
            if found:
                yield found

    def _any(self, asked: AskedRequest) -> Sequence[Found]:
        """Any request."""
        with suppress(UndecidableError):
            return list(self._find(asked, (), ()))
        return ()

    def _decided(self, asked: AskedRequest, found: Sequence[Found]) -> Iterator[Counterexample]:
        """The requests that were found, and similar ones, with what is decided about each."""
        name = next(asked.catalog.names(asked.catalog.match(asked.action)), asked.action)
        for some in found:
            tried = requests(some, _scope(asked), [name], asked.catalog)
            for request in islice(tried, MAX_TRIED_REQUESTS):
                context = {**asked.context, **request.context}
                concrete = asked._replace(
                    resource=request.resource or asked.resource,
                    context=RequestContext(context, (), complete=True),
                )
                yield Counterexample(
                    decide(concrete, self._given), request._replace(principal=None)
                )


def _scope(asked: AskedRequest) -> RequestScope:
    return RequestScope(Resources((asked.resource,)), asked.compared_principal, frozenset())


def _possible(step: DecisionStep) -> tuple[Row, ...] | None:
    """The requests for which a step may hold; None if these may be any."""
    if step.answer or not step.statements:
        return None
    rows = [statement.requests.possible for statement in step.statements]
    known = tuple(row for row in rows if row is not None)
    return known if len(known) == len(rows) else None
