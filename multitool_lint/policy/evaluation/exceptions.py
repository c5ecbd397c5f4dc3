"""What AWS decides for all callers alike, whatever their policies say, and what needs two of them.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_overlap import may_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.policy.evaluation.asked_request import AskedRequest

NEEDS_NO_PERMISSION = frozenset({"sts:getcalleridentity"})
"""Actions that are allowed even by an explicit deny.

AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

_CHANGES_OF_POLICIES = (
    "CreatePolicy CreatePolicyVersion DeletePolicy DeletePolicyVersion SetDefaultPolicyVersion "
    "TagPolicy UntagPolicy"
)
_CHANGES_OF_SERVICE_LINKED_ROLES = (
    "AttachRolePolicy CreateRole DeleteRole DeleteRolePermissionsBoundary DeleteRolePolicy "
    "DetachRolePolicy PutRolePermissionsBoundary PutRolePolicy UpdateAssumeRolePolicy"
)
_CHANGES_OF_RESERVED_ROLES = (
    f"{_CHANGES_OF_SERVICE_LINKED_ROLES} CreateServiceLinkedRole DeleteServiceLinkedRole PassRole "
    "TagRole UntagRole UpdateRole UpdateRoleDescription"
)
_FIXED = (
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    ("iam", r":aws:policy/.*", _CHANGES_OF_POLICIES),
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
    ("iam", r":\d{12}:role/aws-reserved/.*", _CHANGES_OF_RESERVED_ROLES),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    ("iam", r":\d{12}:role/aws-service-role/.*", _CHANGES_OF_SERVICE_LINKED_ROLES),
    # https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
    ("kms", r"[^:]*:\d{12}:alias/aws/.*", "CreateAlias DeleteAlias UpdateAlias"),
)
"""Resources of AWS, and what nobody can do with them."""

_WITH_A_POLICY = {"kms": ":key/", "sts": ":role/"}
"""What the ARNs of resources contain that always have a policy, by the service of the action."""


def is_fixed(asked: AskedRequest) -> bool:
    """Whether the resource is one of AWS that nobody can change by the action."""
    service, _, name = asked.action.partition(":")
    return any(
        service == prefix
        and name in actions.lower().split()
        and re.fullmatch(rf"(?s)arn:[^:]+:{service}:{form}", asked.resource)
        for prefix, form, actions in _FIXED
    )


def needs_resource_policy(asked: AskedRequest) -> bool:
    """Whether policies of identities count only if the policy of the resource names the account.

    Every key of KMS has a key policy, and every role a trust policy.

    AWS: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
    """
    part = _WITH_A_POLICY.get(asked.service)
    texts: Iterable[str] = (asked.resource,)
    if asked.is_about_several:
        texts = (text for text in asked.formats.formats if may_name(text, asked.resource))
    return part is not None and any(part in text for text in texts)
