"""The keys in the output of AWS commands that lead to policies, and what is next to them.

From the service models of botocore, which the AWS CLI prints by: a test compares the two.
"""

from __future__ import annotations

import re
from collections.abc import Container

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.formats import names
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType

Facts = dict[str, str | bool]
"""What an object says of the policy in it."""

IAM_DOCUMENTS = frozenset({"AssumeRolePolicyDocument", "InlinePolicy", "PolicyDocument"})
"""The keys of what can only be a policy."""

DOCUMENTS = IAM_DOCUMENTS | {
    "AccessPolicies",
    "Content",
    "DataSourceAccessPolicy",
    "DelegatedAdminResourcePolicy",
    "Document",
    "ExecutionRoleSessionPolicy",
    "FirewallRuleGroupPolicy",
    "PermissionPolicy",
    "Policy",
    "ResolverQueryLogConfigPolicy",
    "ResolverRulePolicy",
    "ResourcePolicy",
    "accessPolicy",
    "configuredAudienceModelPolicy",
    "deliveryDestinationPolicy",
    "document",
    "policies",
    "policy",
    "policyDocument",
    "policyText",
    "repositoryPolicy",
    "resourcePolicy",
    "s3AccessPolicy",
    "sessionPolicy",
}
"""The keys of what may be a policy, as a string."""

OBJECTS = frozenset({"AssumeRolePolicyDocument", "Document", "PolicyDocument"})
"""The keys of what IAM's commands print as an object."""

_SESSION_POLICIES: frozenset[str | tuple[str, str]] = frozenset(
    {
        "ExecutionRoleSessionPolicy",
        "sessionPolicy",
        # Of Transfer Family, and of pod identities.
        ("Access", "Policy"),
        ("User", "Policy"),
        ("association", "policy"),
    }
)
"""The keys of session policies, some with the key of the object that contains them."""

_INLINE = frozenset(
    {"GroupPolicyList", "InlinePolicyTemplates", "RolePolicyList", "UserPolicyList"}
)
VERSIONS = frozenset({"PolicyVersionList", "Versions"})
"""The keys of all versions of a managed policy."""

CONTAINERS = (
    _INLINE
    | VERSIONS
    | {
        "Access",
        "Attributes",
        "DelegationRequest",
        "DelegationRequests",
        "DomainStatus",
        "DomainStatusList",
        "Established",
        "EventBuses",
        "GroupDetailList",
        "InstanceProfile",
        "InstanceProfileList",
        "InstanceProfiles",
        "JobRun",
        "JobRuns",
        "ManagedView",
        "Permissions",
        "Policies",
        "Policy",
        "PolicySummary",
        "PolicyVersion",
        "ProjectPolicies",
        "Proposed",
        "ResourcePolicies",
        "ResourcePolicy",
        "Role",
        "RoleDetailList",
        "RoleTemplateVersion",
        "Roles",
        "User",
        "UserDetailList",
        "VpcEndpoints",
        "association",
        "destinations",
        "effectivePolicies",
        "executionIamPolicy",
        "generatedPolicies",
        "generatedPolicyResult",
        "items",
        "jobRun",
        "policies",
        "policy",
        "profile",
        "profiles",
        "repositoryCreationTemplates",
        "resourcePolicies",
        "resourcePolicy",
    }
)
"""The keys of objects, and of lists of objects, in which there may be policies."""

IDENTITY_LISTS = ("UserDetailList", "GroupDetailList", "RoleDetailList")
"""The keys of the identities of an account."""

MAPS = frozenset({"Policies"})
"""The keys of objects whose keys are names of policies."""

TRANSPARENT = frozenset({"PolicySummary"})
"""The keys of objects that say something of a policy next to them, not in them."""

_ARNS = ("Arn", "ARN", "arn", "QueueArn", "TopicArn", "policyArn", "resourceArn", "ResourceArn")
_IDENTITIES = {"RoleName": "role", "UserName": "user", "GroupName": "group"}
_NAMES = (
    "PolicyName",
    "policyName",
    "repositoryName",
    "VpcEndpointId",
    "DomainName",
    "destinationName",
    "name",
    "Name",
)
_ATTACHED, _BOUNDS = "AttachmentCount", "PermissionsBoundaryUsageCount"
COUNTS = frozenset({_ATTACHED, _BOUNDS})
"""The keys of numbers of which it is kept whether they are more than zero."""

FACTS = frozenset({*_ARNS, *_IDENTITIES, *_NAMES, "IsDefaultVersion", "Type", "VersionId"})
"""The keys of what is kept besides the policies."""

_BY_AWS = re.compile(
    r"arn:[^:]+:(?:(?:iam|organizations)::aws:policy/|iam::\d*:role/aws-service-role/)"
)
_OF_A_VERSION = ("IsDefaultVersion", "VersionId")
_SECRET = re.compile(r"arn:[^:]+:secretsmanager:")


def type_of(key: str, path: tuple[str, ...], facts: tuple[Facts, ...]) -> PolicyType | None:
    """The type of a policy where its place in the output is certain about it."""
    if key == "AssumeRolePolicyDocument":
        return PolicyType.TRUST
    if key == "Content":
        return ORGANIZATIONS.get(str(facts[0].get("Type")))
    inside = path[-1] if path else ""
    if key in _SESSION_POLICIES or (inside, key) in _SESSION_POLICIES:
        return PolicyType.SESSION
    if inside in VERSIONS and _is_boundary(facts):
        return PolicyType.BOUNDARY
    if inside in _INLINE or inside in VERSIONS or key == "InlinePolicy":
        return PolicyType.IDENTITY
    return PolicyType.IDENTITY if key == "PolicyDocument" and _identity(facts[:1]) else None


def resource_type_of(key: str, path: tuple[str, ...], facts: tuple[Facts, ...]) -> str | None:
    """The CloudFormation type of the resource of a policy, where the output is certain about it."""
    own = facts[0]
    if key == "Policy" and path == ("Attributes",):
        if "QueueArn" in own:
            return "AWS::SQS::Queue"
        return "AWS::SNS::Topic" if "TopicArn" in own else None
    if key == "ResourcePolicy" and _SECRET.match(str(own.get("ARN"))):
        return "AWS::SecretsManager::Secret"
    # Of all commands, only that of KMS has a name next to the policy.
    return "AWS::KMS::Key" if key == "Policy" and not path and "PolicyName" in own else None


def name_of(key: str, path: tuple[str, ...], facts: tuple[Facts, ...]) -> str | None:
    """The ARN of a policy, or of what it is a part of with the name that it has there."""
    arn = _first(facts, _ARNS)
    if key == "AssumeRolePolicyDocument":
        owner = arn or _identity(facts)
        return f"{owner}, trust policy" if owner else "trust policy"
    if key == "PolicyDocument":
        owner = arn or _identity(facts)
        name = _first(facts[:1], _NAMES)
        if owner and name and (_identity(facts[:1]) or (path and path[-1] in _INLINE)):
            return f"{owner}, inline policy {name}"
    version = _first(facts[:1], ("VersionId",))
    return arn or _first(facts[:1], _NAMES) or (f"version {version}" if version else None)


def is_managed_by_aws(facts: tuple[Facts, ...]) -> bool:
    """Whether a policy is AWS's, or that of a role whose policies only AWS can change."""
    arn = _first(facts, _ARNS)
    return arn is not None and _BY_AWS.match(arn) is not None


def is_version_of_aws(name: str, keys: Container[str]) -> bool:
    """Whether what IAM returns of a version of a policy, which lacks the ARN, is of one of AWS's.

    It is kept by the name of the policy.
    https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetPolicyVersion.html
    """
    return all(key in keys for key in _OF_A_VERSION) and name in _names_of_aws()


@bundled_table("managed_policies.tsv")
def _names_of_aws(rows: Rows) -> frozenset[str]:
    return frozenset(name for name, *_ in rows)


def is_copy(path: tuple[str, ...]) -> bool:
    """Whether it is the trust policy of a role, repeated with its instance profiles."""
    return "InstanceProfileList" in path


def _is_boundary(facts: tuple[Facts, ...]) -> bool:
    """Whether a managed policy is used, or at least named, as a boundary, and attached nowhere."""
    if _first(facts, (_ATTACHED,)) != str(False):
        return False
    used = _first(facts, (_BOUNDS,)) == str(True)
    return used or names.is_boundary(str(_first(facts, _NAMES)))


def _identity(facts: tuple[Facts, ...]) -> str | None:
    for values in facts:
        for key, word in _IDENTITIES.items():
            if key in values:
                return f"{word} {values[key]}"
    return None


def _first(facts: tuple[Facts, ...], keys: tuple[str, ...]) -> str | None:
    """The first of the facts with one of the keys, from the inside out."""
    return next((str(values[key]) for values in facts for key in keys if key in values), None)
