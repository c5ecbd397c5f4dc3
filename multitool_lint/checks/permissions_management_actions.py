"""Actions that manage permissions, granted on all resources."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from itertools import chain

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.patterns import has_wildcard
from multitool_lint.aws.sensitive_actions import permissions, permissions_by_policy_sentry
from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly
from multitool_lint.diagnostics.granting import GrantTexts, granting_finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.access import (
    Grant,
    covers_service,
    is_for_everyone,
    sensitive_grants,
    with_resources,
)
from multitool_lint.policy.document import Policy
from multitool_lint.policy.escalation import by_themselves
from multitool_lint.policy.other_accounts import other_accounts
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.policy.unrestricted_actions import unrestricted_actions

_NAMED = GrantTexts(
    several="{} permissions-management actions are allowed on all resources",
    single="`{}` manages permissions and is allowed on all resources",
    label="manages permissions",
    help="remove the actions that are not needed, or specify the resources",
)
_BY_WILDCARD = _NAMED._replace(
    help="list the actions that are needed, or specify the resources",
    notes=("a wildcard includes them next to other actions, which is often not intended",),
)
_TO_EVERYONE = _NAMED._replace(
    several="{} permissions-management actions are allowed for everyone",
    single="`{}` manages permissions and is allowed for everyone",
    help="specify the principals",
)


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """One finding for every statement that grants such actions, on the first of them.

    It is a warning where a wildcard includes them next to other actions.
    """
    catalog = context.catalog
    for grant in sensitive_grants(policy, catalog):
        if policy.type is PolicyType.RESOURCE:
            if found := _for_everyone(policy, grant, catalog):
                texts = _attributed(_TO_EVERYONE, found, catalog)
                yield granting_finding(context, grant, found, texts)
            elif accounts := other_accounts(policy, grant.statement):
                yield from _for_accounts(context, grant, accounts)
            continue
        found = unrestricted_actions(grant, partial(permissions, catalog), catalog)
        found = found and found - by_themselves(policy, grant, catalog)
        # A listed action that does not accept resources cannot be limited.
        scoped = with_resources(found, catalog)
        if found := scoped | (found - _named(grant, catalog)):
            brought = scoped & _brought_by_wildcards(grant, catalog)
            severity = None if brought else Severity.SUGGESTION
            texts = _attributed(_BY_WILDCARD if brought else _NAMED, found, catalog)
            yield granting_finding(context, grant, found, texts, severity, brought)


def _for_accounts(context: Context, grant: Grant, accounts: Sequence[str]) -> Iterator[Finding]:
    """A finding about a statement that grants whole services to accounts."""
    catalog = context.catalog
    whole = (catalog.match(text) for _, text in grant.named if covers_service(text))
    found = grant.select(partial(permissions, catalog)) & ActionSet().union(whole)
    if found and not grant.statement.members.find("Condition"):
        whom = f"account {accounts[0]}" if len(accounts) == 1 else f"{len(accounts)} accounts"
        whom = whom.replace("{", "{{").replace("}", "}}")
        texts = _NAMED._replace(
            several=f"{{}} permissions-management actions are allowed for {whom}",
            single=f"`{{}}` manages permissions and is allowed for {whom}",
            help="list the actions that are needed",
            notes=("who is allowed so there can change who else has access",),
        )
        yield granting_finding(context, grant, found, texts, Severity.SUGGESTION)


def _attributed(texts: GrantTexts, found: ActionSet, catalog: Catalog) -> GrantTexts:
    """The texts, with the actions whose access level is not AWS's."""
    names = [
        catalog.known(prefix).names(bits & permissions_by_policy_sentry(catalog, prefix))
        for prefix, bits in ((prefix, found.bits(prefix)) for prefix in sorted(found.prefixes))
    ]
    raised = tuple(chain.from_iterable(names))
    if not raised:
        return texts
    note = f"access level by policy-sentry, Write by AWS: {enumerate_briefly(raised)}"
    return texts._replace(notes=(*texts.notes, note))


def _brought_by_wildcards(grant: Grant, catalog: Catalog) -> ActionSet:
    """The actions of the wildcards that match part of a service and other actions as well.

    Not those of services of which the statement lists an action that only manages permissions:
    `kms:PutKeyPolicy` next to `kms:Create*` shows that managing permissions is intended.
    """
    found = [(text, catalog.match(text)) for _, text in grant.named if not covers_service(text)]
    mixed = [(text, actions) for text, actions in found if _has_others(actions, catalog)]
    intended = {
        prefix
        for _, actions in found
        if not _has_others(actions, catalog)
        for prefix in actions.prefixes
    }
    return ActionSet().union(
        actions
        for text, actions in mixed
        if has_wildcard(text) and intended.isdisjoint(actions.prefixes)
    )


def _has_others(actions: ActionSet, catalog: Catalog) -> bool:
    return any(actions.bits(prefix) & ~permissions(catalog, prefix) for prefix in actions.prefixes)


def _named(grant: Grant, catalog: Catalog) -> ActionSet:
    named = [catalog.match(text) for _, text in grant.named if not has_wildcard(text)]
    return ActionSet().union(named)


def _for_everyone(policy: Policy, grant: Grant, catalog: Catalog) -> ActionSet | None:
    """The actions that a resource policy grants to everyone, None if it specifies principals.

    The policy of a VPC endpoint grants nothing by itself; a policy on all resources is likely one.
    What only a VPC reaches is for everyone there, as AWS documents for domains in a VPC, and a
    bucket may block public access.
    """
    # Saves start-up: most policies are of identities.
    from multitool_lint.policy.endpoints import is_of_endpoint
    from multitool_lint.policy.visibility import Visibility

    statement = grant.statement
    principal = statement.principal
    everyone = principal is not None and (
        principal.key == "NotPrincipal" or is_for_everyone(statement)
    )
    at_endpoint = (
        is_of_endpoint(policy)
        or policy.visibility in (Visibility.VPC, Visibility.REJECTED, Visibility.RESTRICTED)
        or (grant.everywhere and policy.resource_type is None)
    )
    if not everyone or at_endpoint or statement.members.find("Condition"):
        return None
    return grant.select(partial(permissions, catalog))
