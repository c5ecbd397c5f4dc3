"""What two policies allow, as formulas for an SMT solver, written from AWS's documentation.

The package under test is not imported: its answers are compared with those of the solver.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import z3

from support.evaluator import Decision, Reading, Request, decide
from support.solver_variables import Actions, Formula, Texts, distinct, resources, variable
from support.statements import Condition, Document, Statement, conditions_by_key, statements_of

Side = Literal["old", "new"]
SIDES: tuple[Side, Side] = ("old", "new")

MILLISECONDS = 5_000
"""The time that the solver has for an answer."""


class UndecidedError(Exception):
    """The solver has no answer in time."""


class DisagreementError(Exception):
    """The evaluator does not decide a request as the solver says."""


class Comparison:
    """Two policies, and requests as variables of the solver as far as the two distinguish them.

    Raises:
        NotEncodedError: the encoding does not have something of a policy.
    """

    def __init__(self, old: Document, new: Document, actions: Actions) -> None:
        self._documents = dict(zip(SIDES, (old, new), strict=True))
        self._policies = {side: statements_of(policy) for side, policy in self._documents.items()}
        statements = [found for policy in self._policies.values() for found in policy]
        lists = distinct(statement.actions for statement in statements)
        self._action = Texts("action", lists, actions.kinds(lists))
        self._resource = resources(distinct(statement.resources for statement in statements))
        self._keys = {
            key: variable(key, conditions)
            for key, conditions in conditions_by_key(statements).items()
        }
        self._solver = z3.Solver()
        self._solver.set("timeout", MILLISECONDS)
        self._solver.add(self._action.present, self._resource.present)
        for part in (self._action, self._resource, *self._keys.values()):
            self._solver.add(part.fact)

    def allowed_only_by(self, side: Side) -> Request | None:
        """A request that one policy allows and the other one does not; None if there is none.

        Raises:
            UndecidedError: the solver does not know.
            DisagreementError: the evaluator decides the request in another way.
        """
        one, other = self._sides(side)
        return self._request(
            side,
            "Allow",
            self._matches(one, "Allow"),
            z3.Not(self._matches(one, "Deny")),
            z3.Or(z3.Not(self._matches(other, "Allow")), self._matches(other, "Deny")),
        )

    def denied_only_by(self, side: Side) -> Request | None:
        """A request that one policy denies explicitly and the other one does not.

        Raises:
            UndecidedError, DisagreementError: as above.
        """
        one, other = self._sides(side)
        return self._request(
            side, "Deny", self._matches(one, "Deny"), z3.Not(self._matches(other, "Deny"))
        )

    def _sides(self, side: Side) -> tuple[list[Statement], list[Statement]]:
        return self._policies[side], self._policies[_OTHER[side]]

    def _request(self, side: Side, decision: Decision, *formulas: Formula) -> Request | None:
        """A request for which the formulas hold, which only one policy decides like that."""
        answer = self._solver.check(*formulas)
        if answer == z3.unknown:
            raise UndecidedError
        if answer == z3.unsat:
            return None
        model = self._solver.model()
        context = {key: value.chosen(model) for key, value in self._keys.items()}
        given = {key: value for key, value in context.items() if value}
        [action], [resource] = self._action.chosen(model), self._resource.chosen(model)
        request = Request(action, resource, context=given)
        reading = Reading(by_field=True)
        for policy, expected in ((side, True), (_OTHER[side], False)):
            decided = decide(self._documents[policy], request, "identity", reading)
            if (decided == decision) is not expected:
                raise DisagreementError(f"the {policy} policy: {decided}: {request}")
        return request

    def _matches(self, policy: Iterable[Statement], effect: str) -> Formula:
        """Whether a statement with an effect applies to the request."""
        return z3.Or(*(self._applies(found) for found in policy if found.effect == effect))

    def _applies(self, statement: Statement) -> Formula:
        action = self._action.some(statement.actions)
        resource = self._resource.some(statement.resources)
        return z3.And(
            z3.Not(action) if statement.all_but_actions else action,
            z3.Not(resource) if statement.all_but_resources else resource,
            *map(self._holds, statement.conditions),
        )

    def _holds(self, condition: Condition) -> Formula:
        found = self._keys[condition.key]
        absent = z3.Not(found.present)
        if condition.operator == "null":
            return z3.Or(
                *(absent if value == "true" else found.present for value in condition.values)
            )
        some, other = found.some(condition.tests), found.other(condition.tests)
        if condition.qualifier == "foranyvalue":
            return other if condition.negated else some
        if condition.qualifier:
            return z3.Not(some if condition.negated else other)
        holds = z3.Not(some) if condition.negated else some
        return z3.Or(absent, holds) if condition.if_exists else holds


_OTHER: dict[Side, Side] = {"old": "new", "new": "old"}
