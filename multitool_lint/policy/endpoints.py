"""Policies of VPC endpoints, which restrict traffic and grant nothing by themselves."""

from __future__ import annotations

import re

from multitool_lint.aws import arn, patterns
from multitool_lint.policy.access import VPC_ENDPOINT
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType

_SERVICES_OF_ANY_RESOURCE = frozenset(
    {"backup", "codeartifact", "ecr", "elasticfilesystem", "kms", "secretsmanager", "sns", "sqs"}
)
"""The services of whose resource policies AWS documents examples with `"Resource": "*"`."""


def is_of_endpoint(policy: Policy) -> bool:
    """Whether a policy is that of a VPC endpoint, or probably: nothing else has it."""
    if policy.resource_type or policy.type is not PolicyType.RESOURCE:
        return policy.resource_type == VPC_ENDPOINT
    return _seems_of_endpoint(policy)


def _bucket_of_objects(text: str) -> str:
    """The bucket that the ARN of objects names; empty for any other text."""
    fields = arn.fields(text)
    bucket, slash, _ = fields.resource.partition("/") if fields else ("", "", "")
    is_name = slash and re.fullmatch(r"[A-Za-z0-9.-]+", bucket)
    return bucket if fields and fields.service == "s3" and not fields.account and is_name else ""


def _seems_of_endpoint(policy: Policy) -> bool:
    """Whether the statements are those of a VPC endpoint.

    Such a policy covers every resource, or the resources of several services, or in one statement
    objects of several buckets: the policy of a bucket cannot.
    """
    services = set()
    for statement in policy.statements:
        if not statement.allows:
            continue
        if len(set(filter(None, map(_bucket_of_objects, statement.resource_names)))) > 1:
            return True
        everything = any(arn.matches_all(text) for _, text in statement.resource_texts)
        for _, text in statement.action_texts:
            prefix, colon, _ = text.lower().partition(":")
            if everything and (
                not colon
                or patterns.has_wildcard(prefix)
                or prefix not in _SERVICES_OF_ANY_RESOURCE
            ):
                return True
            if colon:
                services.add(prefix)
    return len(services) > 1
