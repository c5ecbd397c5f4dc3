"""References to managed policies that AWS does not have."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.managed_policies import ManagedPolicy, managed_policies, newest_date
from multitool_lint.diagnostics.finding import Finding, ReferenceContext, quoted
from multitool_lint.diagnostics.suggestion import close_policy, did_you_mean
from multitool_lint.limits import MAX_SUGGESTED_POLICIES
from multitool_lint.policy.managed_references import OF_LINKED_ROLES, PARTITION, PolicyReference

_BEGIN = "arn:aws:iam::aws:policy/"


def check(references: Sequence[PolicyReference], context: ReferenceContext) -> Iterator[Finding]:
    """One finding for each reference to what is not, and was not, a managed policy of AWS."""
    unknown: set[str] = set()
    for reference in references:
        if reference.printed or reference.may_be_own:
            continue
        if reference.partition not in (PARTITION, None):
            continue  # which policies other partitions have is not known
        policy = reference.policy(context.catalog)
        if reference.misshapen:
            yield from _misshapen(reference, policy, context)
        elif policy is None:
            unknown.add(reference.short_name)
            is_asked = len(unknown) <= MAX_SUGGESTED_POLICIES
            close = _close(reference.short_name, context.catalog) if is_asked else None
            yield from _unknown(reference, close, context)
        elif not (policy.removed or reference.by_name or policy.is_named(reference.name)):
            yield context.finding(
                reference,
                f"{quoted(reference.name)} is not the path of an AWS managed policy",
                notes=(f"the ARN of {policy.name} is {policy.arn}",),
                help=did_you_mean([policy.full_name]),
            )


def _misshapen(
    reference: PolicyReference, policy: ManagedPolicy | None, context: ReferenceContext
) -> Iterator[Finding]:
    if policy is None and reference.shown:
        return
    yield context.finding(
        reference,
        f"The ARN of {quoted(reference.name)} is malformed",
        notes=(f"an ARN of IAM has two colons before the account: {_BEGIN}",),
        help=did_you_mean([policy.arn]) if policy else "",
    )


def _unknown(
    reference: PolicyReference, close: str | None, context: ReferenceContext
) -> Iterator[Finding]:
    if reference.shown and not close:
        return  # a name for any policy, as documentation has it
    yield context.finding(
        reference,
        f"{quoted(reference.name)} is not an AWS managed policy",
        notes=(f"according to the policies of AWS on {newest_date(context.catalog)}",),
        help=did_you_mean([managed_policies(context.catalog)[close].full_name]) if close else "",
    )


@lru_cache(maxsize=4096)
def _close(name: str, catalog: Catalog) -> str | None:
    return close_policy(name, _current(catalog))


@lru_cache(maxsize=4)
def _current(catalog: Catalog) -> list[str]:
    """The policies that may be intended: AWS attaches those of service-linked roles itself."""
    return [
        policy.name
        for policy in managed_policies(catalog).values()
        if not policy.removed and policy.path != OF_LINKED_ROLES
    ]
