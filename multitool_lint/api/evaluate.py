"""The library: `evaluate`, what AWS decides about a request by all policies that apply to it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.api.lint import catalog_of, read_source
from multitool_lint.aws.arn import is_account_id
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.evaluation import decision as decisions
from multitool_lint.policy.evaluation.asked_request import ANY, asked_request
from multitool_lint.policy.evaluation.callers import caller
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters.evaluation import missing_in_words, why
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from multitool_lint.api.lint import Copy, Given
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.policy.evaluation.decision import Decision
    from multitool_lint.policy.evaluation.statements import AppliedStatement
    from multitool_lint.policy.policy_set import PolicySet

    Value = str | bool | int | float | Iterable[str | bool | int | float] | None


class Evaluation(NamedTuple):
    """What AWS decides about a request.

    `statements` are those that decide: the Deny statements that apply, or the Allow statements that
    the request needs. If the decision is unknown, they are those that may apply, and `missing`
    lists on what that depends, condition keys by their names. `why` is a sentence. What no
    statement allows is denied implicitly, even if it may be denied explicitly, too.
    """

    decision: Decision
    statements: tuple[AppliedStatement, ...]
    why: str
    missing: tuple[str, ...]

    @property
    def is_allowed(self) -> bool | None:
        """Whether AWS allows the request; None if that is not known."""
        unknown = self.decision is decisions.Decision.UNKNOWN
        return None if unknown else self.decision is decisions.Decision.ALLOWED


def evaluate(  # noqa: PLR0913  # everything that a request depends on
    action: str,
    resource: str | None = None,
    *,
    principal: str | None = None,
    context: Mapping[str, Value] | None = None,
    complete_context: bool = False,
    identity: Given | Iterable[Given] = (),
    resource_policy: Given | None = None,
    boundary: Given | Iterable[Given] | None = None,
    session: Given | Iterable[Given] | None = None,
    scps: Iterable[Iterable[Given]] = (),
    rcps: Iterable[Iterable[Given]] = (),
    endpoint: Given | None = None,
    resource_account: str | None = None,
    catalog: Copy = None,
) -> Evaluation:
    """Say what AWS decides about a request, by all policies that apply to it.

    A policy is a `Path`, `Source`, text or `dict`, as `lint` takes it. A `resource` with a
    wildcard is all that it matches; without one, it is any that the action acts on. The `principal`
    is the ARN of a user, role, session or identity provider, an account (its root user), a service
    principal, or `*` for an anonymous caller; without one, it is any user or role in the account of
    the resource. `resource_account` is needed where the ARN of the resource has no account.

    `context` has the values of condition keys, None for one that is absent from the request.
    Nothing is known of others, unless the context is complete: then they are absent. Keys that
    follow from the principal and the resource, such as `aws:PrincipalAccount`, need not be given.

    `scps` and `rcps` list the policies of each level, from the root of the organization to the
    account: none if there are no levels, while a level without a service control policy allows
    nothing. `RCPFullAWSAccess` is on each level, and need not be given.

    Raises:
        OSError: a file cannot be read.
        ValueError: the action or the principal is not one, or a policy cannot be read.
        TypeError: a policy is not a `Path`, `Source`, `str` or `dict`.
    """
    if ":" not in action.strip(":") or has_wildcard(action):
        raise ValueError(f'"{action}" is not an action such as s3:GetObject')
    if resource_account is not None and not is_account_id(resource_account):
        raise ValueError(f'"{resource_account}" is not an account of 12 digits')
    asked = asked_request(
        action,
        ANY if resource is None else resource,
        None if principal is None else caller(principal),
        {key: values_of(value) for key, value in (context or {}).items()},
        resource_account,
        catalog_of(catalog),
        complete=complete_context,
    )
    decided = decisions.decide(
        asked,
        decisions.ApplicablePolicies(
            _all(identity, PolicyType.IDENTITY),
            _one(resource_policy, PolicyType.RESOURCE),
            _all(boundary, PolicyType.BOUNDARY),
            _all(session, PolicyType.SESSION),
            levels_of(scps, PolicyType.SCP),
            levels_of(rcps, PolicyType.RCP),
            _one(endpoint, PolicyType.RESOURCE),
        ),
    )
    return evaluation_of(decided)


def evaluation_of(decided: decisions.RequestDecision) -> Evaluation:
    """A decision in words."""
    missing = missing_in_words(decided.missing)
    return Evaluation(decided.decision, decided.statements, why(decided), missing)


def levels_of(given: Iterable[Iterable[Given]], type: PolicyType) -> decisions.Levels:
    """The control policies of each level of an organization."""
    return tuple(_all(level, type) for level in given)


def _all(given: Given | Iterable[Given] | None, type: PolicyType) -> tuple[PolicySet, ...]:
    if given is None:
        return ()
    policies = (given,) if isinstance(given, Source | str | dict | os.PathLike) else given
    return tuple(_read(policy, type) for policy in policies)


def _one(given: Given | None, type: PolicyType) -> PolicySet | None:
    return None if given is None else _read(given, type)


def _read(given: Given, type: PolicyType) -> PolicySet:
    """A policy.

    Raises:
        ValueError: there is none, or more than one.
    """
    source = read_source(given)
    found = policies_of(source, type=type)
    if len(found.policies) > 1:
        raise ValueError(f"{source.path}: {len(found.policies)} policies; expected one")
    return found


def values_of(value: Value) -> Values:
    """The values of a condition key, as a request has them."""
    if value is None:
        return None
    values = (value,) if isinstance(value, str | bool | int | float) else value
    return tuple(str(item).lower() if isinstance(item, bool) else str(item) for item in values)
