"""The ARNs of the resources of Terraform modules, by their names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.deployments.terraform.arguments import argument, provider_of
from multitool_lint.syntax.terms import Unknown, Value, identity
from multitool_lint.syntax.texts import joined
from multitool_lint.values.arns import Names, filled_in
from multitool_lint.values.terraform.resources import instances_of

if TYPE_CHECKING:
    from multitool_lint.deployments.owner import Owner
    from multitool_lint.values.terraform.module import Instance, Module

_ARGUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "aws_s3_bucket": "bucket",
        "aws_lambda_function": "function_name",
        **dict.fromkeys(
            (
                "aws_dynamodb_table",
                "aws_ecr_repository",
                "aws_iam_group",
                "aws_iam_policy",
                "aws_iam_role",
                "aws_iam_user",
                "aws_kinesis_stream",
                "aws_sns_topic",
                "aws_sqs_queue",
            ),
            "name",
        ),
    }
)
"""The arguments with the names of which the ARN of a resource of a type is made."""
_NAMING = frozenset(_ARGUMENTS.values()) - {"name"}
"""Those of them that others refer to such resources by."""
_OWN = MappingProxyType(
    {"Region": ("aws_region", "name"), "Account": ("aws_caller_identity", "account_id")}
)


def named_arns(modules: Iterable[Module]) -> dict[str, Names]:
    """The ARNs of resources, by their addresses."""
    found: dict[str, Names] = {}
    for module in modules:
        for key, _, _ in list(module.of_type("resource")):
            for instance in instances_of(module, key) if key[1] in _ARGUMENTS else ():
                attribute = _ARGUMENTS[instance.type]
                name = argument(instance, attribute)
                if name in (None, ""):  # made by the provider
                    name = Unknown("get", Unknown("resource", instance.address), attribute)
                is_of_iam = instance.type.startswith("aws_iam_")
                path = (argument(instance, "path") if is_of_iam else None) or "/"
                if isinstance(path, str):
                    found[instance.address] = _names(instance, name, joined([path[1:], name]))
    return found


def refer_by_names(owners: Iterable[Owner], arns: Mapping[str, Names]) -> None:
    """Take the names of resources in what owners are given for references to these."""
    named: dict[tuple[str, str], list[str]] = {}
    for address, names in arns.items():
        for attribute in _NAMING & names.keys():
            named.setdefault((attribute, identity(names[attribute])), []).append(address)
    for values in (given for owner in owners for given in (owner.facts, owner.blocks)):
        for attribute in _NAMING & values.keys():
            found = named.get((attribute, identity(values[attribute])), ())
            if len(found) == 1:
                values[attribute] = Unknown("resource", found[0])


def _names(instance: Instance, name: Value, in_arn: Value) -> Names:
    """The attributes of a resource of a name."""
    formats, arn = arn_formats(), _arn(instance, in_arn)
    found: dict[str, Value] = {_ARGUMENTS[instance.type]: name, "arn": arn}
    of_id = formats.get((instance.type, "id"), "")
    if of_id == formats[instance.type, "arn"]:
        found["id"] = arn
    elif of_id.endswith("Name}"):
        found["id"] = name
    return found


def _arn(instance: Instance, name: Value) -> Value:
    """The ARN of a resource of a name."""
    provider = provider_of(instance)

    def part(word: str) -> Value:
        if word not in _OWN:
            return name
        type_, attribute = _OWN[word]
        shown = f"data.{type_}.current.{attribute}"
        return Unknown(f"own:{type_}", attribute, provider, shown=shown)

    return filled_in(arn_formats()[instance.type, "arn"], part)
