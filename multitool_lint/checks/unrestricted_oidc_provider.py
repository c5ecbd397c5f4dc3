"""Trust in an OIDC provider without conditions on its tokens."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws import arn, patterns
from multitool_lint.aws.principals import GITHUB, Provider, provider
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.policy.document import Condition, Policy
from multitool_lint.policy.principals import principal_values
from multitool_lint.policy.resources import has_unknown_condition
from multitool_lint.syntax.tree import Node


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every provider without a condition on its tokens, or on their subject."""
    for statement in policy.statements:
        if not statement.allows or has_unknown_condition(statement):
            continue
        keys: frozenset[str] | None = None
        for value in principal_values(statement, "Federated"):
            known = provider(value.text)
            if known is None or known.is_saml or "${" in value.text:
                continue
            if keys is None:
                keys = _compared(statement.conditions)
            if any("${" in key or "{{" in key for key in keys):
                continue
            name = value.text.rpartition("oidc-provider/")[2]
            if not any(key.startswith(f"{known.name}:") for key in keys):
                yield context.finding(
                    value.node,
                    f"Any token of {quoted(name)} allows assuming this role",
                    label="no condition on its tokens",
                    help=f"add conditions on {name}:sub and {name}:aud",
                    issue_code="MISSING_CONDITION_KEY_FOR_OIDC_PRINCIPAL",
                )
            elif known.subject_start and not any(
                _tells_tenant(condition, known) for condition in statement.conditions
            ):
                yield _of_any_tenant(value.node, name, known, context)
            if known.is_github and f"{known.name}:sub" not in keys:
                yield context.finding(
                    value.node,
                    "Workflows of any repository on GitHub can assume this role",
                    label="no condition on the repository",
                    help=f"add a condition on {name}:sub, such as "
                    '"repo:owner/name:ref:refs/heads/main"',
                    issue_code="MISSING_GITHUB_REPO_CONDITION_KEY",
                )


def _of_any_tenant(node: Node, name: str, known: Provider, context: Context) -> Finding:
    who = "service account of the cluster" if known.is_cluster else f"user of {known.name}"
    return context.finding(
        node,
        f"Any {who} can assume this role",
        label="subject not restricted",
        notes=("the workload that requests a token chooses its audience",),
        help=f"add a condition on {name}:sub that requires a whole name after "
        f'"{known.subject_start}"',
        issue_code="",
    )


def _tells_tenant(condition: Condition, known: Provider) -> bool:
    """Whether a condition distinguishes the tenants of a provider, as the audience does not."""
    name, _, claim = condition.lower_key.rpartition(":")
    if name != known.name or claim == "aud" or not _compares(condition):
        return False
    if claim != "sub" or not condition.comparison.accepts_wildcards:
        return True
    return not any(_matches_any_tenant(text, known) for text in condition.names)


def _matches_any_tenant(subject: str, known: Provider) -> bool:
    """Whether a pattern has a wildcard before the end of the name of the tenant."""
    head, start = patterns.literal_prefix(subject), known.subject_start
    if known.is_cluster:
        # In a cluster, the rest of the subject is not for a stranger to choose.
        return start.startswith(head) and not subject[len(head) :].strip("*?:")
    if head == subject or not head.startswith(start):
        return start.startswith(head)
    name = head.removeprefix(start)
    return "/" not in name and ":" not in name


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
