"""What a policy is attached to, by the names of resources and their properties."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from multitool_lint.policy.policy_set import Link
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
    }
)
"""What lists the policies of a role, user, group, function or permission set."""

_ATTACHED_KINDS = re.compile(
    r"\w*PolicyAttachment|\w*GroupMembership|\w*AccountAssignment"  # Crossplane
    r"|aws:.*(?:Attachment|Membership|Assignment)",  # Pulumi
    re.IGNORECASE,
)
_IAM_OF_ACK = "iam.services.k8s.aws/"

_ATTACHES = re.compile(
    r"aws_(?:iam|organizations|ssoadmin)_\w*(?:attachments?|_exclusive|membership|assignment)"
    r"|AWS::(?:IAM::UserToGroupAddition|SSO::Assignment)"
)
"""Resources that attach policies, or who has them to a group."""

_GROUPS_OF_A_USER = "AWS::IAM::User", "Groups"
IS_POLICY = re.compile(r"aws_\w+_policy|AWS::\w+::\w*Policy")
POLICIES_OF_SAM = re.compile(r"AWS::Serverless::\w+")
NUMBERS = ("count", "for_each")
_DECIDES_WHETHER = ("Condition", *NUMBERS)
"""What decides whether a resource is there at all."""

_STACKS = re.compile(
    r"(?:aws|awscc)_(?:cloudformation|serverlessapplicationrepository)_\w*stack\w*"
)
"""Resources that are templates themselves, with what decides about their policies."""
_OF_STACKS = ("parameters", "template_body", "template_url", "template", "application_id")

_EACH = re.compile(r"\b(?:count|each)\.")
_NEVER = {"false": True}
_IN_JSON = re.compile(r'"(?:\$\{)?([^"]*?)\}?"')
_NUMBER_OF_A_CHOICE = re.compile(r"(?:(!) ?([\w.\[\]-]+)|([^?!]+)) \? ([^?:]+) : ([^?:]+)")
_NOT_ATTACHED_BY = frozenset(
    {
        *("name", "name_prefix", "description", "path", "tags", "tags_all", "depends_on", "id"),
        *("Description", "Path", "Tags", "PolicyName", "ManagedPolicyName", "Content"),
        *("policy", "policy_document", "access_policy", "access_policies", "content"),
        *("PolicyDocument", "ResourcePolicy", "Policy", "KeyPolicy"),
        *("arn", "attachment_count", "policy_id", "unique_id"),
    }
)
"""What of a policy's resource does not decide what the policy is attached to."""


def is_attachment(type_: str) -> bool:
    """Whether a resource of a type attaches policies."""
    return _ATTACHES.fullmatch(type_) is not None


def attaches(kind: str) -> bool:
    """Whether an object of a kind, in Kubernetes or Pulumi, attaches policies."""
    return _ATTACHED_KINDS.fullmatch(kind) is not None


def lists_policies(key: str, api: str) -> bool:
    """Whether a key lists policies, in a document of an API of Kubernetes or of any other kind."""
    return key in POLICY_LISTS or (key == "policies" and api.startswith(_IAM_OF_ACK))


def links_of(type_: str, owner: str, values: Mapping[str, str]) -> Iterator[tuple[str, Link]]:
    """The links of a resource with some attributes, each with its name."""
    if is_attachment(type_):
        yield owner, Link(text_of(values))
    elif IS_POLICY.fullmatch(type_):
        kept = {name: text for name, text in values.items() if name not in _NOT_ATTACHED_BY}
        # How often a policy is there decides nothing else, unless it is for another one each time.
        numbers = {name: kept.pop(name) for name in NUMBERS if name in kept}
        if any(_EACH.search(text) for text in kept.values()):
            kept |= numbers
        yield owner, Link(text_of(kept), owner, optional=True)
    elif _STACKS.fullmatch(type_):
        # What is written there is compared itself.
        kept = {name: values[name] for name in _OF_STACKS if name in values}
        kept = {name: text for name, text in kept.items() if not _is_written(name, text)}
        if kept:
            yield owner, Link(text_of(kept), owner)
    there = text_of({name: values[name] for name in _DECIDES_WHETHER if name in values})
    for name, text in values.items():
        is_list = name.rpartition(".")[2] in POLICY_LISTS or (type_, name) == _GROUPS_OF_A_USER
        if is_list and not is_attachment(type_):
            # A boundary grants nothing where there is a role that was not there before.
            yield f"{owner}.{name}", Link(text if "oundary" in name else f"{text} {there}", owner)


def _is_written(name: str, text: str) -> bool:
    return name.startswith("template") and ("<<" in text or "jsonencode" in text)


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


def is_owner(type_: str) -> bool:
    """Whether policies are a part of resources of a type, and end with them."""
    return not (IS_POLICY.fullmatch(type_) or is_attachment(type_))


def text_of(values: Mapping[str, str]) -> str:
    """The attributes of a resource, in an order of their own."""
    return ", ".join(f"{name} = {values[name]}" for name in sorted(values))
