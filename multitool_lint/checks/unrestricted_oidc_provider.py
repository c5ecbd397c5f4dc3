"""Trust in an OIDC provider without conditions on its tokens."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.identity_providers import (
    GITHUB,
    POOLS,
    SCHEMES,
    SERVICE_ACCOUNTS,
    IdentityProvider,
    Tenancy,
)
from multitool_lint.diagnostics.finding import Context, Finding, quoted, related
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.condition_keys import is_of_provider
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.policy.trust import OWNER_CLAIMS, TrustedProvider, trusted_providers
from multitool_lint.syntax.placeholders import as_written
from multitool_lint.syntax.tree import Node

_OF_NO_TENANT = ("aud", "amr")
"""Claims that tokens of several tenants share, unless the provider says otherwise."""

_CLUSTER_ISSUER = lazy_pattern(r"aws_eks_cluster\..*\.issuer|cluster_oidc_issuer_url")
"""An expression of Terraform that comes to the provider of an EKS cluster."""


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every provider without a condition on its tokens, or on their subject."""
    for statement in policy.statements:
        if not statement.allows or has_unknown_condition(statement):
            continue
        yield from _of_unknown_cluster(statement, context)
        keys: frozenset[str] | None = None
        for node, name, known in _oidc_providers(statement):
            if keys is None:
                keys = _compared(statement.conditions)
            if _has_filled_in(keys):
                continue
            if known.is_known and (other := _of_other_provider(known, statement)):
                yield _of_no_token(node, name, other, statement, context)
                continue
            if not any(key.startswith(f"{known.name}:") for key in keys):
                yield context.finding(
                    node,
                    f"Any token of {quoted(name)} allows assuming this role",
                    label="no condition on its tokens",
                    help=_advice(known, name),
                    issue_code="MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
                )
            elif known.tenancy and not known.is_github:
                yield from _of_tenants(node, name, known, known.tenancy, statement, context)
            if known.is_github:
                of_any = _of_audiences if f"{known.name}:sub" in keys else _of_repositories
                yield from of_any(node, name, keys, context)


def _oidc_providers(statement: Statement) -> Iterator[TrustedProvider]:
    return (trusted for trusted in trusted_providers(statement) if not trusted.provider.is_saml)


def _has_filled_in(keys: frozenset[str]) -> bool:
    return any("${" in key or "{{" in key for key in keys)


def _of_other_provider(known: IdentityProvider, statement: Statement) -> Condition | None:
    """The first condition on a claim of another provider that the tokens of this one never meet.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
    """
    for condition in statement.conditions:
        operator, name = condition.comparison, condition.lower_key.rpartition(":")[0]
        if "." not in name or name.rstrip("/") == known.name.rstrip("/"):
            continue
        if operator.family not in ("", "Null") and not operator.holds_without_key:
            return condition
    return None


def _of_no_token(
    node: Node, name: str, other: Condition, statement: Statement, context: Context
) -> Finding:
    """The finding about a provider whose tokens do not have a key that a condition compares."""
    key, start = other.key.key, f"{name.lower()}:"
    has_own = any(condition.lower_key.startswith(start) for condition in statement.conditions)
    advice = f"use {key.rpartition(':')[0]} as the provider, or keys that begin with {name}:"
    if key.startswith(SCHEMES):
        advice = "remove https:// from the key"
    elif is_of_provider(statement, other.lower_key):
        advice = "use a statement with its own conditions for each provider"
    return context.finding(
        node,
        f"No token of {quoted(name)} can assume this role",
        label="not the provider of the condition key",
        related=(related(other.key, "never holds for its tokens"),),
        notes=(f"its tokens do not have {quoted(key)}",),
        help=advice,
        issue_code="" if has_own else "MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
        severity=Severity.WARNING,
    )


def _advice(known: IdentityProvider, name: str) -> str:
    if known.is_known:
        return f"add conditions on {name}:sub and {name}:aud"
    return "add conditions on :sub and :aud, after the URL of the provider without https://"


def _of_unknown_cluster(statement: Statement, context: Context) -> Iterator[Finding]:
    """The finding about subjects of pods in any namespace, whose cluster is not known."""
    subjects, others = [], []
    for condition in statement.conditions:
        name, _, claim = condition.lower_key.rpartition(":")
        if claim == SERVICE_ACCOUNTS.claim and "${" in name and _compares(condition):
            subjects.append(_of_any_namespace(condition))
        else:
            others.append(condition)
    issuers = [item for item in others if _CLUSTER_ISSUER.search(as_written(item.key.key))]
    if not subjects and issuers and all(map(_is_of_no_tenant, others)):
        yield context.finding(
            issuers[0].key,
            "Any service account of the cluster can assume this role",
            label="subject not restricted",
            notes=("the workload that requests a token chooses its audience",),
            help="add a condition on :sub of the same provider that requires "
            f'a whole name after "{SERVICE_ACCOUNTS.start}"',
            issue_code="",
        )
    if subjects and all(subjects):
        yield context.finding(
            subjects[0][0],
            "Any service account of the cluster can assume this role",
            label="matches every namespace",
            help="specify the namespace and the name of the service account",
            issue_code="",
        )


def _is_of_no_tenant(condition: Condition) -> bool:
    return condition.lower_key.rpartition(":")[2] in _OF_NO_TENANT


def _of_any_namespace(condition: Condition) -> list[Node]:
    """The values of a condition that the service accounts of every namespace match."""
    start = SERVICE_ACCOUNTS.start
    if not condition.comparison.accepts_wildcards:
        return []
    return [
        node
        for node, text in condition.texts
        if text.startswith(start) and _is_of_any_tenant(text, start)
    ]


def _of_audiences(
    node: Node, name: str, keys: frozenset[str], context: Context
) -> Iterator[Finding]:
    """The finding about tokens of GitHub that were requested for something else than AWS.

    https://docs.github.com/en/actions/how-tos/secure-your-work/security-harden-deployments/oidc-in-aws
    """
    if f"{name.lower()}:aud" in keys:
        return
    yield context.finding(
        node,
        "Tokens of GitHub for every audience of the provider allow assuming this role",
        label="no condition on the audience",
        notes=("only the client IDs of the provider limit the audience",),
        help=f'add {name}:aud with "sts.amazonaws.com" to StringEquals',
        issue_code="",
        severity=Severity.SUGGESTION,
    )


def _of_repositories(
    node: Node, name: str, keys: frozenset[str], context: Context
) -> Iterator[Finding]:
    """The finding about workflows of GitHub whose subject is not restricted."""
    claims = {key.removeprefix(f"{name.lower()}:") for key in keys}
    if "job_workflow_ref" in claims:
        return
    if claims & OWNER_CLAIMS:
        yield _not_accepted(node, context, f"{name}:sub", f"{name}:job_workflow_ref")
        return
    yield context.finding(
        node,
        "Workflows of any repository on GitHub can assume this role",
        label="no condition on the repository",
        help=f'add a condition on {name}:sub, such as "repo:owner/name:ref:refs/heads/main"',
        issue_code="MISSING_GITHUB_REPO_CONDITION_KEY",
    )


def _of_tenants(
    node: Node,
    name: str,
    known: IdentityProvider,
    tenancy: Tenancy,
    statement: Statement,
    context: Context,
) -> Iterator[Finding]:
    """The finding about a provider whose conditions do not distinguish its tenants."""
    key = tenancy.key(name)
    if not any(_specifies_tenant(condition, known, tenancy) for condition in statement.conditions):
        who = "service account of the cluster" if known.is_cluster else f"user of {known.name}"
        whose = f'a whole name after "{tenancy.start}"' if tenancy.start else "your own tenant"
        yield context.finding(
            node,
            f"Any {who} can assume this role",
            label="subject not restricted" if tenancy.claim == "sub" else "tenant not restricted",
            notes=("the workload that requests a token chooses its audience",)
            if tenancy.claim == "sub"
            else (),
            help=f"add a condition on {key} that requires {whose}",
            issue_code="",
        )
    elif not known.is_cluster and key.lower() not in _compared(statement.conditions):
        yield _not_accepted(node, context, key)
    elif known.name == POOLS and _claims(POOLS, statement) == {tenancy.claim}:
        yield context.finding(
            node,
            "No condition excludes the guests of the identity pool",
            label="no condition on amr",
            notes=("the condition on the audience holds for every token of the pool",),
            help=f'add a condition on {POOLS}:amr, "authenticated" or "unauthenticated"',
            issue_code="",
            severity=Severity.WARNING,
        )


def _not_accepted(node: Node, context: Context, *keys: str) -> Finding:
    """The finding about conditions that restrict the tokens, but not those that IAM requires."""
    return context.finding(
        node,
        f"IAM requires a condition on {keys[0]}",
        label="shared identity provider",
        notes=("a role with this trust policy cannot be created; an existing role works",),
        help=f"add a condition on {' or '.join(keys)}",
        issue_code="",
        severity=Severity.WARNING,
    )


def _specifies_tenant(condition: Condition, known: IdentityProvider, tenancy: Tenancy) -> bool:
    """Whether a condition distinguishes the tenants of a provider."""
    key = condition.lower_key
    name, _, claim = key.rpartition(":")
    is_required = key == tenancy.key(known.name).lower()
    if not is_required and (name != known.name or claim in _OF_NO_TENANT):
        return False
    if not _compares(condition):
        return False
    if not is_required or not condition.comparison.accepts_wildcards:
        return True
    return not any(_matches_any_tenant(text, known, tenancy) for text in condition.names)


def _matches_any_tenant(value: str, known: IdentityProvider, tenancy: Tenancy) -> bool:
    """Whether a pattern has a wildcard before the end of the name of the tenant."""
    head, start = patterns.literal_prefix(value), tenancy.start
    if not start:
        return not value.strip("*?")
    if known.is_cluster:
        return _is_of_any_tenant(value, start)
    if head == value or not head.startswith(start):
        return start.startswith(head)
    name = head.removeprefix(start)
    return "/" not in name and ":" not in name


def _is_of_any_tenant(value: str, start: str) -> bool:
    """Whether nothing but wildcards is after the start of a subject of a cluster.

    The rest of the subject is not for a stranger to choose.
    """
    head = patterns.literal_prefix(value)
    return start.startswith(head) and not value[len(head) :].strip("*?:")


def _claims(name: str, statement: Statement) -> set[str]:
    """The claims of a provider that must have certain values."""
    keys = (key.rpartition(":") for key in _compared(statement.conditions))
    return {claim for provider_, _, claim in keys if provider_ == name}


def _compared(all_conditions: tuple[Condition, ...]) -> frozenset[str]:
    """Gather the keys that must have certain values, in lower case."""
    return frozenset(condition.lower_key for condition in all_conditions if _compares(condition))


def _compares(condition: Condition) -> bool:
    operator = condition.comparison
    if operator.negated or operator.family in ("", "Null"):
        return False
    # The GitHub rules check what the pattern for GitHub's subject matches.
    is_of_github = condition.lower_key.startswith(GITHUB)
    return is_of_github or not any(map(arn.matches_all, condition.names))
