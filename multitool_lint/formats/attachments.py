"""What a policy is attached to, by the names of resources and their properties."""

from __future__ import annotations

import re

BOUNDARIES = frozenset(
    {
        *("PermissionsBoundary", "permissionsBoundary", "rolePermissionsBoundary"),
        *("permissions_boundary", "boundary_policy_arn"),  # Ansible
        "boundaryPolicy",  # the Landing Zone Accelerator
    }
)
"""What names the permissions boundary of a role, user or permission set."""

OTHER_LISTS = frozenset(
    {
        *("wellKnownPolicies", "externalPolicies"),  # eksctl, kops
        *("withAddonPolicies", "iamIdentityMappings", "accessEntries"),  # eksctl
        *("iamRoleStatementsInherit", "iamRoleStatementsName"),  # a plugin of Serverless
        *("GroupList", "mapRoles", "mapUsers", "mapAccounts"),  # a dump, and EKS's aws-auth
        "assumedBy",  # the Landing Zone Accelerator
    }
)
"""What decides in another way which policies a role, user or group has."""

_LISTS = frozenset(
    {
        *("ManagedPolicyArns", "AttachedManagedPolicies"),
        *("ManagedPolicies", "CustomerManagedPolicyReferences"),
        *("managedPolicies", "iamManagedPolicies"),
        *("managed_policy_arns", "policy_arns", "role_policy_arns"),
        *("managed_policies", "managed_policy"),  # Ansible
        *("managedPolicyArns", "policyRefs", "policyArns"),  # Crossplane, ACK, Pulumi
        "attachPolicyARNs",  # eksctl
        *("awsManaged", "awsManagedPolicyName", "customerManaged"),  # the Landing Zone Accelerator
    }
)
POLICY_LISTS = _LISTS | BOUNDARIES | OTHER_LISTS
"""What lists the policies or groups of a role, user, group, function or permission set."""

ATTACHED_KINDS = ("Attachment", "Membership", "Assignment")
"""What the kinds of objects end with that attach policies."""
_ATTACHED_KINDS = re.compile(
    r"\w*PolicyAttachment|\w*GroupMembership|\w*AccountAssignment"  # Crossplane
    rf"|aws:.*(?:{'|'.join(ATTACHED_KINDS)})",  # Pulumi
    re.IGNORECASE,
)
_IAM_OF_ACK = "iam.services.k8s.aws/"


def attaches(kind: str) -> bool:
    """Whether an object of a kind, in Kubernetes or Pulumi, attaches policies."""
    return _ATTACHED_KINDS.fullmatch(kind) is not None


def lists_policies(key: str, api: str) -> bool:
    """Whether a key lists policies, in a document of an API of Kubernetes or of any other kind."""
    return key in _LISTS or (key == "policies" and api.startswith(_IAM_OF_ACK))


def may_list_policies(key: str) -> bool:
    """Whether a key lists policies if it has ARNs of some, by its name; no key of a condition."""
    return "polic" in key.lower() and ":" not in key
