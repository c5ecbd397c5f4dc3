"""What a policy is attached to, by the names of resources and their properties."""

from __future__ import annotations

import re

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
        *("awsManaged", "awsManagedPolicyName"),  # the Landing Zone Accelerator
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


def attaches(kind: str) -> bool:
    """Whether an object of a kind, in Kubernetes or Pulumi, attaches policies."""
    return _ATTACHED_KINDS.fullmatch(kind) is not None


def lists_policies(key: str, api: str) -> bool:
    """Whether a key lists policies, in a document of an API of Kubernetes or of any other kind."""
    return key in POLICY_LISTS or (key == "policies" and api.startswith(_IAM_OF_ACK))
