"""Which statements apply to a request, as far as that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws.patterns import matches
from multitool_lint.aws.policy_variables import OPENER, is_part, variables
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.compare.conditions import UNKNOWN_MARK, CanonicalCondition, in_order
from multitool_lint.policy.compare.request import any_of, holds, opposite
from multitool_lint.policy.compare.scope import Resources, Row
from multitool_lint.policy.compare.statement import StatementSemantics, UndecidableError
from multitool_lint.policy.compare.unknown_texts import shown, unknown_text
from multitool_lint.policy.evaluation.asked_request import AskedRequest, Missing, MissingPart
from multitool_lint.policy.evaluation.callers import Level, is_named, level
from multitool_lint.policy.evaluation.values import filled, is_among, unknown_values

if TYPE_CHECKING:
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.callers import Principal
    from multitool_lint.policy.document import Policy, Statement
    from multitool_lint.policy.policy_set import PolicySet


class PolicyKind(Enum):
    """As what a policy applies to a request."""

    IDENTITY = "identity"
    BOUNDARY = "boundary"
    SESSION = "session"
    RESOURCE = "resource"
    SCP = "scp"
    RCP = "rcp"
    ENDPOINT = "endpoint"


class StatementRequests(NamedTuple):
    """The requests that a statement applies to, of those that are asked about.

    It applies to the `certain` ones, if that is not None, and to no others than the `possible`
    ones, unless these are None.
    """

    certain: Row | None = None
    possible: Row | None = None


class AppliedStatement(NamedTuple):
    """A statement that applies to the request, or may do so if something `missing` has some value.

    `place` is `path:line:column`, in the JSON text of a policy that was given as a `dict`; `kind`
    says as what its policy applies. `statement` is None if what is at the place could not be read,
    and may be any statement. `requests` are those of the question that it applies to.
    """

    kind: PolicyKind
    place: str
    statement: Statement | None
    level: Level
    missing: tuple[Missing, ...] = ()
    requests: StatementRequests = StatementRequests()

    @property
    def effect(self) -> str | None:
        """The Effect, if it is known."""
        return self.statement.effect if self.statement else None

    @property
    def sid(self) -> str | None:
        """The Sid, if it has one."""
        sid = self.statement.sid if self.statement else None
        return sid.value if sid and isinstance(sid.value, str) else None

    @property
    def may_allow(self) -> bool:
        """Whether it is an Allow, or may be one."""
        return self.effect != "Deny"

    @property
    def may_deny(self) -> bool:
        """Whether it is a Deny, or may be one."""
        return self.effect != "Allow"


def applied(
    policies: Iterable[PolicySet], kind: PolicyKind, asked: AskedRequest
) -> Iterator[AppliedStatement]:
    """The statements of policies that apply to a request, or may apply."""
    for found in policies:
        for member in found.policies:
            policy = member.policy
            cases = (Missing(MissingPart.CASE),) if member.cases else ()
            for statement in policy.statements:
                place = member.place(statement.node.span)
                for at, missing, about in _Matching(statement, policy, kind, asked).levels():
                    parts = (*missing, *cases)
                    which = about._replace(certain=None) if cases else about
                    yield AppliedStatement(kind, place, statement, at, parts, which)
            if policy.fragment or policy.merged_by_sid:
                elsewhere = Missing(MissingPart.UNREAD, "statements that are elsewhere")
                place = member.place(policy.root.span)
                yield AppliedStatement(kind, place, None, Level.ITSELF, (elsewhere,))
        for unknown in found.unknown:
            unread = Missing(MissingPart.UNREAD, unknown.reason)
            yield AppliedStatement(kind, unknown.place, None, Level.ITSELF, (unread,))


_ALL = Resources(("*",))


class _Way(NamedTuple):
    """A way in which a statement may apply: to some resources, if what is missing is so.

    What is missing of the principal is apart, too.
    """

    resources: Resources
    principal: list[Missing]
    missing: list[Missing]


@lru_cache(maxsize=1024)
def _semantics(statement: Statement, policy: Policy, catalog: Catalog) -> StatementSemantics:
    """What a statement means, which is asked for each of many actions."""
    return StatementSemantics(statement, policy, catalog)


def _has_unknown_part(text: str) -> bool:
    """Whether a part of a text is filled in elsewhere."""
    if UNKNOWN_MARK in text:
        return True
    return OPENER in text and any(
        found.escaped is None and (is_part(found.key) or not found.names_key)
        for found in variables(text)
    )


class _Matching(NamedTuple):
    """One statement and a request.

    What an answer depends on is a list: empty if it is yes, None if it is no.
    """

    statement: Statement
    policy: Policy
    kind: PolicyKind
    asked: AskedRequest

    def levels(self) -> Iterator[tuple[Level, list[Missing], StatementRequests]]:
        """As what it names the caller, if it applies, each with what that depends on."""
        action = self._has_action()
        if action is False:
            return
        catalog = self.asked.catalog
        try:
            scopes = _semantics(self.statement, self.policy, catalog).scopes
        except UndecidableError as reason:
            missing = [Missing(MissingPart.STATEMENT, str(reason))]
            yield Level.ITSELF, missing, StatementRequests()
            return
        always = [] if action else [Missing(MissingPart.VALUE, text) for text in self._unknown()]
        left: list[CanonicalCondition] = []
        for clause in sorted(scopes[0].conditions, key=in_order) if scopes else ():
            parts = self._condition(clause)
            if parts is None:
                return
            always += parts
            left += [clause] if parts else []
        found: dict[Level, list[_Way]] = {}
        for scope in scopes:
            parts, others = self._principal(scope.principal), self._resource(scope.resources)
            if parts is not None and others is not None:
                at = level(scope.principal, self.asked.caller)
                resources = scope.resources if others else _ALL
                found.setdefault(at, []).append(_Way(resources, parts, [*always, *parts, *others]))
                if scope.principal and scope.principal[0] == "NotPrincipal":
                    # AWS does not say whether that names a session itself.
                    unsure = [*parts, Missing(MissingPart.PRINCIPAL)]
                    way = _Way(resources, unsure, [*always, *unsure, *others])
                    found.setdefault(Level.ITSELF, []).append(way)
        for at, ways in found.items():
            about = self._requests(ways, left, is_certain=action is True)
            yield at, min((way.missing for way in ways), key=len), about

    def _requests(
        self, ways: Iterable[_Way], left: Iterable[CanonicalCondition], *, is_certain: bool
    ) -> StatementRequests:
        """The requests that it applies to in some ways, by the conditions that are left open."""
        context = self.asked.context
        clauses: list[CanonicalCondition] = []
        for clause in left:
            texts, is_incomplete = filled(clause.values, context)
            is_certain &= clause.key not in context and not any(map(_has_unknown_part, texts))
            is_certain &= not (is_incomplete and "Not" in clause.operator)
            if clause.key not in context:
                clauses.append(clause._replace(values=frozenset(texts)))
        certain: list[Resources] = []
        possible: list[Resources] = []
        for way in ways:
            texts, is_incomplete = filled(way.resources.patterns, context)
            resources = (
                _ALL
                if is_incomplete and way.resources.negated
                else Resources(texts, way.resources.negated)
            )
            possible.append(resources)
            is_known = resources is not _ALL or way.resources is _ALL
            if is_known and not (way.principal or any(map(_has_unknown_part, texts))):
                certain.append(resources)
        row = Row(
            frozenset(possible), frozenset({self.asked.compared_principal}), frozenset(clauses)
        )
        if not (is_certain and certain):
            return StatementRequests(possible=row)
        return StatementRequests(row._replace(resources=frozenset(certain)), row)

    def _has_action(self) -> bool | None:
        found = any_of(
            matches(node.value.lower(), self.asked.action) if isinstance(node.value, str) else None
            for node in self.statement.actions
        )
        return opposite(found) if self.statement.negates_actions else found

    def _unknown(self) -> Iterator[str]:
        """The actions that are filled in elsewhere, as they are written."""
        for node in self.statement.actions:
            if not isinstance(node.value, str):
                yield shown(unknown_text(self.policy.source.part(node.span)))

    def _principal(self, named: Principal) -> list[Missing] | None:
        kind, by, allows = self.kind, self.asked.caller, self.statement.allows
        if kind not in (PolicyKind.RESOURCE, PolicyKind.RCP, PolicyKind.ENDPOINT):
            return []
        if named is None:
            needed = kind is PolicyKind.RESOURCE
            return [Missing(MissingPart.STATEMENT, "it has no Principal")] if needed else []
        is_inverted_denial = named[0] == "NotPrincipal" and not allows
        if is_inverted_denial and self.asked.has_boundary and by and by.kind.has_identity:
            return []  # AWS: it denies all principals that have a boundary
        answer = is_named(named, by, allows=allows)
        return None if answer is False else [] if answer else [Missing(MissingPart.PRINCIPAL)]

    def _condition(self, clause: CanonicalCondition) -> list[Missing] | None:
        context = self.asked.context
        values, is_incomplete = filled(clause.values, context)
        answer = holds(clause._replace(values=frozenset(values)), context)
        if is_incomplete and answer and "Not" in clause.operator and context[clause.key]:
            answer = None  # AWS does not say whether a value that has no value differs
        if answer is not None:
            return [] if answer else None
        written = {found.lower_key: found.key.key for found in self.statement.conditions}
        if clause.key not in context:
            return [Missing(MissingPart.KEY, written.get(clause.key, clause.key))]
        return unknown_values(clause.values, context)

    def _resource(self, resources: Resources) -> list[Missing] | None:
        if not resources.patterns:
            return []
        asked = self.asked
        answer = is_among(resources, asked)
        if answer is not None:
            return [] if answer else None
        unknown = unknown_values(resources.patterns, asked.context)
        if asked.is_about_several and not any(part.part is MissingPart.KEY for part in unknown):
            return [Missing(MissingPart.RESOURCE)]
        return unknown
