"""The policies that resources of Terraform have, by their types."""

from __future__ import annotations

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.policy.policy_type import PolicyType

_ATTRIBUTES = 2


@bundled_table("terraform_policies.tsv")
def _resource_types(rows: Rows) -> dict[tuple[str, str], str]:
    return {(type_, attribute): "".join(rest) for type_, attribute, _, *rest in rows}


def resource_type_of(type_: str, attribute: str) -> str | None:
    """What the policy in an attribute is attached to, as CloudFormation names it."""
    return _resource_types().get((type_, attribute)) or None


@bundled_table("terraform_policies.tsv")
def _policies(rows: Rows) -> dict[str, tuple[tuple[str, PolicyType | None], ...]]:
    found: dict[str, list[tuple[str, PolicyType | None]]] = {}
    for type_, attribute, kind, *_ in rows:
        if kind == "organizations":
            known: PolicyType | None = PolicyType.SCP
        else:
            known = PolicyType(kind) if kind != "other" else None
        found.setdefault(type_, []).append((attribute, known))
    return {type_: tuple(attributes) for type_, attributes in found.items()}


def policies_of(type_: str) -> tuple[tuple[str, PolicyType | None], ...]:
    """The attributes of a resource type that have policies, each with its type.

    An attribute of a block has the name of the block before it. The type is None for a policy in
    another language than IAM's.
    """
    return _policies().get(type_, ())


def is_policy_type(type_: str) -> bool:
    """Whether a resource of a type of Terraform is a policy, by the words of its name."""
    return "policy" in type_.split("_")
