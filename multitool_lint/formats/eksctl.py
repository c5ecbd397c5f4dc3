"""The roles that eksctl makes for a cluster: of service accounts, pods, add-ons and nodes.

What eksctl adds by the name of a controller or an add-on is not known.

https://schema.eksctl.io/
"""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.formats.identities import LocatedPolicies, text_at
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.syntax.tree import Node

_ROLES = (
    "iam/serviceAccounts/*",
    "iam/podIdentityAssociations/*",
    "addons/*",
    "addons/*/podIdentityAssociations/*",
    "capabilities/*",
    "nodeGroups/*/iam",
    "managedNodeGroups/*/iam",
)
_NODES = "/iam"
_INLINE = ("attachPolicy", "permissionPolicy")
_ATTACHED = ("attachPolicyARNs", "permissionPolicyARNs")
_ADDED = ("wellKnownPolicies", "withAddonPolicies")
_LIMITS = ("permissionsBoundary", "permissionsBoundaryARN", "instanceRolePermissionsBoundary")
_OF_ALL = "serviceRolePermissionsBoundary"
_MADE_ELSEWHERE = frozenset(
    {
        *("attachRoleARN", "roleARN", "roleArn", "serviceAccountRoleARN"),
        *("instanceRoleARN", "instanceProfileARN"),
    }
)


def identities(root: Node, places: LocatedPolicies) -> Iterator[Identity]:
    """The roles of a cluster that the file gives policies."""
    iam = root.get("iam")
    limit = iam.get(_OF_ALL) if iam else None
    for path in _ROLES:
        for address, node in _at("", root, path.split("/")):
            policies = (*_policies(node, places),)
            if policies and not any(node.get(key) for key in _MADE_ELSEWHERE):
                if path.endswith(_NODES) and node.get(_ATTACHED[0]) is None:
                    policies = (*policies, AppliedPolicy(span=node.span))  # those of all nodes
                own = [value for key in _LIMITS if (value := node.get(key))]
                limits = own or [value for value in (limit,) if value]
                yield Identity(
                    address.removesuffix(_NODES),
                    IdentityKind.ROLE,
                    policies,
                    tuple(one for value in limits for one in places.named(value)),
                    name=text_at(node, "roleName") or text_at(node, "instanceRoleName"),
                    span=node.span,
                )


def _policies(node: Node, places: LocatedPolicies) -> Iterator[AppliedPolicy]:
    for key in _INLINE:
        if value := node.get(key):
            yield from places.written(value)
    for key in _ATTACHED:
        yield from places.named(node.get(key))
    for key in _ADDED:
        added = node.get(key)
        for member in added.fields() if added else ():
            if member.value.value is not False:
                yield AppliedPolicy(span=member.key_span)


def _at(address: str, node: Node, path: list[str]) -> Iterator[tuple[str, Node]]:
    """What is at a path, `*` for the items of a list, each with an address by its names."""
    if not path:
        yield address, node
        return
    step, *rest = path
    if step == "*":
        for number, item in enumerate(node.items()):
            yield from _at(f"{address}/{_name(item) or number}", item, rest)
    elif inner := node.get(step):
        yield from _at(f"{address}/{step}".lstrip("/"), inner, rest)


def _name(node: Node) -> str:
    """What an item is called, after its namespace."""
    named = node.get("metadata") or node
    found = text_at(named, "name") or text_at(named, "serviceAccountName")
    namespace = text_at(named, "namespace") if found else ""
    return f"{namespace}/{found}" if namespace else found
