"""What AWS decides for all callers alike, whatever their policies say, and what needs two of them.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.aws.patterns import has_wildcard

if TYPE_CHECKING:
    from multitool_lint.policy.evaluation.asked_request import AskedRequest

NEEDS_NO_PERMISSION = frozenset({"sts:getcalleridentity"})
"""Actions that are allowed even by an explicit deny.

AWS: https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
"""

_CHANGES_OF_POLICIES = frozenset(
    f"iam:{name}policy{rest}"
    for name, rest in (
        *(("create", ""), ("create", "version"), ("delete", ""), ("delete", "version")),
        *(("setdefault", "version"), ("tag", ""), ("untag", "")),
    )
)
_CHANGES_OF_SERVICE_LINKED_ROLES = frozenset(
    {
        *("iam:attachrolepolicy", "iam:detachrolepolicy"),
        *("iam:putrolepolicy", "iam:deleterolepolicy"),
        *("iam:putrolepermissionsboundary", "iam:deleterolepermissionsboundary"),
        *("iam:updateassumerolepolicy", "iam:createrole", "iam:deleterole"),
    }
)
_CHANGES_OF_RESERVED_ROLES = _CHANGES_OF_SERVICE_LINKED_ROLES | {
    *("iam:passrole", "iam:tagrole", "iam:untagrole", "iam:updaterole"),
    *("iam:updateroledescription", "iam:createservicelinkedrole", "iam:deleteservicelinkedrole"),
}
_FIXED = (
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html
    (r"iam::aws:policy/.*", _CHANGES_OF_POLICIES),
    # https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
    (r"iam::\d{12}:role/aws-reserved/.*", _CHANGES_OF_RESERVED_ROLES),
    # https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
    (r"iam::\d{12}:role/aws-service-role/.*", _CHANGES_OF_SERVICE_LINKED_ROLES),
    # https://docs.aws.amazon.com/kms/latest/developerguide/alias-about.html
    (r"kms:[^:]*:\d{12}:alias/aws/.*", {"kms:createalias", "kms:deletealias", "kms:updatealias"}),
)
"""Resources of AWS, and what nobody can do with them."""

_KEYS = re.compile(r"(?s)arn:[^:]+:kms:[^:]*:[^:]*:key/.+")
_ROLES = re.compile(r"(?s)arn:[^:]+:iam::[^:]*:role/.+")


def is_fixed(question: AskedRequest) -> bool:
    """Whether the resource is one of AWS that nobody can change by the action."""
    return any(
        question.action in actions
        and re.fullmatch(rf"(?s)arn:[^:]+:{form}", question.resource, re.IGNORECASE)
        for form, actions in _FIXED
    )


def needs_resource_policy(question: AskedRequest) -> bool:
    """Whether policies of identities count only if the policy of the resource names the account.

    Every key of KMS has a key policy, and every role a trust policy.

    AWS: https://docs.aws.amazon.com/kms/latest/developerguide/key-policies.html
    https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_terms-and-concepts.html
    """
    service, resource = question.service, question.resource
    if service not in ("kms", "sts") or question.acts_on_nothing:
        return False
    if has_wildcard(resource) and resource == "*":
        formats = " ".join(question.formats.formats)
        return ":key/" in formats if service == "kms" else ":role/" in formats
    return (_KEYS if service == "kms" else _ROLES).fullmatch(resource) is not None
