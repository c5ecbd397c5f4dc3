"""What a policy is attached to, by the names of resources and their properties."""

from __future__ import annotations

import re
from collections.abc import Mapping

from multitool_lint.syntax.hcl.canonical import canonical, literal_size

POLICY_LISTS = frozenset(
    {
        *("ManagedPolicyArns", "PermissionsBoundary", "AttachedManagedPolicies"),
        *("ManagedPolicies", "CustomerManagedPolicyReferences"),
        *(
            "managedPolicies",
            "permissionsBoundary",
            "iamManagedPolicies",
            "rolePermissionsBoundary",
        ),
        *("managed_policy_arns", "permissions_boundary", "policy_arns", "role_policy_arns"),
        *("managed_policies", "managed_policy", "boundary_policy_arn"),  # Ansible
        *("managedPolicyArns", "policyRefs", "policyArns"),  # Crossplane, ACK, Pulumi
        *("attachPolicyARNs", "wellKnownPolicies", "externalPolicies"),  # eksctl, kops
        *("iamRoleStatementsInherit", "iamRoleStatementsName"),  # a plugin of Serverless
        *("GroupList", "mapRoles", "mapUsers", "mapAccounts"),  # a dump, and EKS's aws-auth
    }
)
"""What lists the policies or groups of a role, user, group, function or permission set."""

_ATTACHED_KINDS = re.compile(
    r"\w*PolicyAttachment|\w*GroupMembership|\w*AccountAssignment"  # Crossplane
    r"|aws:.*(?:Attachment|Membership|Assignment)",  # Pulumi
    re.IGNORECASE,
)
_IAM_OF_ACK = "iam.services.k8s.aws/"

NUMBERS = ("count", "for_each")
_NEVER = {"false": True}
_IN_JSON = re.compile(r'"(?:\$\{)?([^"]*?)\}?"')
_NUMBER_OF_A_CHOICE = re.compile(r"(?:(!) ?([\w.\[\]-]+)|([^?!]+)) \? ([^?:]+) : ([^?:]+)")


def attaches(kind: str) -> bool:
    """Whether an object of a kind, in Kubernetes or Pulumi, attaches policies."""
    return _ATTACHED_KINDS.fullmatch(kind) is not None


def lists_policies(key: str, api: str) -> bool:
    """Whether a key lists policies, in a document of an API of Kubernetes or of any other kind."""
    return key in POLICY_LISTS or (key == "policies" and api.startswith(_IAM_OF_ACK))


def presence(values: Mapping[str, str]) -> Mapping[str, bool] | None:
    """The condition with which a resource is there, of Terraform; None if it always is.

    What is never there has a condition, too, which is the same for all.

    Terraform: https://developer.hashicorp.com/terraform/language/meta-arguments/count
    """
    text = next((values[name] for name in NUMBERS if name in values), None)
    if text is None:
        return None
    in_json = _IN_JSON.fullmatch(text)
    text = in_json[1] if in_json else text
    choice = _NUMBER_OF_A_CHOICE.fullmatch(text)
    numbers = (choice[4], choice[5]) if choice else (text, text)
    some = [_is_something(number) for number in numbers]
    if None in some:
        return {f"there are {canonical(text)}": True}
    if some[0] == some[1]:
        return None if some[0] else _NEVER
    return {choice[2] or choice[3]: some[0] != bool(choice[1])} if choice else None


def _is_something(number: str) -> bool | None:
    """Whether a `count` or `for_each` is not zero or empty; None if that is not known."""
    size = int(number) if number.isdecimal() else literal_size(number)
    return None if size is None else size > 0
