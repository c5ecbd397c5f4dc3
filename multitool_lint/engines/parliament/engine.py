"""The engine that asks parliament, and reports what is true of its answers under our rules.

parliament raises a suspicion; a predicate beside the answer confirms it with our catalog, or drops
it where parliament is known to be wrong. Since both have to agree, the predicate is asked first: it
is the quicker of the two. See `parliament_input` for how parliament is asked.
"""

from __future__ import annotations

from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.engines.parliament import (
    buckets as parliament_grants,
)
from multitool_lint.engines.parliament import (
    keys as parliament_keys,
)
from multitool_lint.engines.parliament import (
    library as parliament_input,
)
from multitool_lint.engines.parliament import (
    mfa as parliament_conditions,
)
from multitool_lint.engines.parliament import (
    resources as parliament_resources,
)
from multitool_lint.engines.parliament.mfa import MFA
from multitool_lint.engines.parliament.statement import Case
from multitool_lint.policy.action_scope import facts_of, is_everywhere
from multitool_lint.syntax.tree import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.diagnostics.finding import Finding
    from multitool_lint.diagnostics.rule import Rule
    from multitool_lint.policy.document import Condition, Policy

RULES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "BAD_PATTERN_FOR_MFA": ("bypassable-mfa-check",),
        "CREDENTIALS_EXPOSURE": ("credentials-exposure",),
        "DUPLICATE_SID": ("duplicate-sid",),
        "EXCEPTION": ("internal-error",),
        "INVALID_ARN": ("invalid-arn",),
        "INVALID_SID": ("invalid-sid",),
        "INVALID_VERSION": ("invalid-version",),
        "MALFORMED": (
            "conflicting-elements",
            "invalid-effect",
            "missing-element",
            "unknown-element",
            "wrong-json-type",
        ),
        "MALFORMED_JSON": ("json-syntax-error",),
        "MISMATCHED_TYPE": ("condition-type-mismatch",),
        "MISMATCHED_TYPE_BUT_USABLE": ("string-operator-on-arn-key",),
        "MISMATCHED_TYPE_OPERATION_TO_NULL": ("condition-type-mismatch",),
        "NOTPRINCIPAL_WITH_ALLOW": ("allow-not-principal",),
        "NOTRESOURCE_WITH_ALLOW": ("allow-not-resource",),
        "NO_VERSION": ("missing-version",),
        "OLD_VERSION": ("old-version",),
        "PERMISSIONS_MANAGEMENT_ACTIONS": ("permissions-management-actions",),
        "PRIVILEGE_ESCALATION": ("privilege-escalation", "target-dependent-escalation"),
        "RESOURCE_EFFECTIVELY_STAR": ("unscoped-resource",),
        "RESOURCE_MISMATCH": (
            "mismatched-resource",
            "impossible-arn",
            "invalid-arn",
            "kms-alias-as-key",
            "mismatched-resource-policy",
        ),
        "RESOURCE_POLICY_PRIVILEGE_ESCALATION": ("bucket-policy-escalation",),
        "RESOURCE_STAR": ("unscoped-resource",),
        "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE": ("for-all-values-single-valued-key",),
        "UNKNOWN_ACTION": ("unknown-action", "unmatched-action-wildcard"),
        "UNKNOWN_CONDITION_FOR_ACTION": ("unsupported-condition-key",),
        "UNKNOWN_FEDERATION_SOURCE": ("invalid-federated-principal",),
        "UNKNOWN_OPERATOR": ("unknown-condition-operator",),
        "UNKNOWN_PREFIX": ("unknown-service",),
        "UNKNOWN_PRINCIPAL": ("invalid-principal",),
    }
)
"""The rules that answer each finding type of parliament and of its community auditors."""

UNANSWERED: Mapping[str, str] = MappingProxyType(
    {"SENSITIVE_ACCESS": "is silent without a list of the user's own resources"}
)
"""The finding types that no rule answers, and why."""

_ABOUT_EVERYTHING: tuple[tuple[Callable[[Case], Iterator[Finding]], frozenset[str]], ...] = (
    (parliament_resources.unscoped_resource, frozenset({"RESOURCE_STAR"})),
)
_ABOUT_RESOURCES: tuple[tuple[Callable[[Case], Iterator[Finding]], frozenset[str]], ...] = (
    (parliament_resources.mismatched_resource, frozenset({"RESOURCE_MISMATCH"})),
    (
        parliament_resources.effectively_unscoped_resource,
        frozenset({"RESOURCE_EFFECTIVELY_STAR"}),
    ),
)
_ABOUT_CONDITIONS: tuple[
    tuple[Callable[[Case, Condition], Iterator[Finding]], frozenset[str]], ...
] = (
    (parliament_conditions.bypassable_mfa, frozenset({"BAD_PATTERN_FOR_MFA"})),
    (parliament_keys.unsupported_key, frozenset({"UNKNOWN_CONDITION_FOR_ACTION"})),
)
_ABOUT_POLICY = frozenset({"RESOURCE_POLICY_PRIVILEGE_ESCALATION"})
_ASKED = _ABOUT_POLICY.union(
    *(issues for _, issues in _ABOUT_EVERYTHING + _ABOUT_RESOURCES + _ABOUT_CONDITIONS)
)
"""The finding types that this engine reports; the others have checks and schemas of ours."""
_FIRST_RULES = tuple((issue, RULES[issue][0]) for issue in sorted(_ASKED))


def findings(policy: Policy, catalog: Catalog, enabled: Mapping[str, Rule]) -> Iterator[Finding]:
    """Yield what parliament says of a policy and is true of it, under the enabled rules."""
    type_ = policy.type.value
    wanted = frozenset(
        [issue for issue, id_ in _FIRST_RULES if (rule := enabled.get(id_)) and type_ in rule.types]
    )
    if not wanted:
        return
    facts = facts_of(catalog)
    cases = [Case(policy, statement, facts, enabled) for statement in policy.statements]
    for case in cases:
        if case.statement.resource_count:
            yield from _of_resources(case, wanted)
        if case.statement.conditions:
            yield from _of_conditions(case, wanted)
    if wanted & _ABOUT_POLICY:
        yield from _of_policy(cases)


def _of_resources(case: Case, wanted: frozenset[str]) -> Iterator[Finding]:
    about = _ABOUT_RESOURCES if case.everything is None else _ABOUT_EVERYTHING
    for judge, issues in about:
        confirmed = list(judge(case)) if wanted & issues else []
        if confirmed and issues & _suspected_of_resources(case):
            yield from confirmed


def _suspected_of_resources(case: Case) -> frozenset[str]:
    resources = case.resources or tuple(
        node.value if isinstance(node.value, str) else parliament_input.ANY_ARN
        for node in case.statement.resources
        if isinstance(node.value, str) or node.value is UNKNOWN
    )
    if case.everything is not None:
        # All to suspect of `*` is that some action takes ARNs, of whatever format: so it is here.
        formats: tuple[str, ...] = (parliament_input.ANY_ARN,)
        return parliament_input.about_resources(formats, resources, unscoped=False)
    reaches = [] if case.statement.negates_resources else case.reaches
    formats = tuple(dict.fromkeys(chain.from_iterable(reach.formats for reach in reaches)))
    unscoped = any(reach.unscoped for reach in reaches)
    return parliament_input.about_resources(formats, resources, unscoped=unscoped)


def _of_conditions(case: Case, wanted: frozenset[str]) -> Iterator[Finding]:
    for condition in case.statement.conditions:
        for judge, issues in _ABOUT_CONDITIONS:
            confirmed = list(judge(case, condition)) if wanted & issues else []
            if confirmed and issues & _suspected_of_condition(case, condition):
                yield from confirmed


def _suspected_of_condition(case: Case, condition: Condition) -> frozenset[str]:
    key = condition.key.key
    issues = parliament_input.about_condition(condition.operator.key, key, _taken(case, key))
    # It looks for MFA under `Null` as well, but compares a method of the key with a text.
    return issues | {"BAD_PATTERN_FOR_MFA"} if key.lower() == MFA else issues


def _taken(case: Case, key: str) -> frozenset[bool]:
    """Whether some of the statement's actions take a key, and whether some do not."""
    if is_everywhere(key):
        return frozenset({True})
    return frozenset(case.facts.takes(name, key) for name in case.lower_names)


def _of_policy(cases: list[Case]) -> Iterator[Finding]:
    suspects = [case for case in cases if parliament_grants.may_escalate(case)]
    if not suspects:
        return
    stances = [parliament_grants.stance(case) for case in cases]
    together = parliament_grants.Buckets(stances)
    confirmed = [
        finding
        for case in suspects
        for finding in parliament_grants.bucket_escalation(case, together)
    ]
    if confirmed and parliament_input.about_policy(stances):
        yield from confirmed
