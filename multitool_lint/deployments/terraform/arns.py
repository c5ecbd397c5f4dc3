"""The ARNs of the resources of Terraform modules whose names are known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.deployments.arns import PARTITION, Names
from multitool_lint.deployments.terraform.arguments import argument, provider_of
from multitool_lint.deployments.terraform.resources import instances_of
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.syntax.texts import joined

if TYPE_CHECKING:
    from multitool_lint.deployments.terraform.module import Instance, Module

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
_OWN = MappingProxyType(
    {"Region": ("aws_region", "name"), "Account": ("aws_caller_identity", "account_id")}
)
_PART = re.compile(r"\$\{(\w+)\}")


def named_arns(modules: Iterable[Module]) -> dict[str, Names]:
    """The ARNs of the resources of which the names are known, by their addresses."""
    found: dict[str, Names] = {}
    for module in modules:
        for key, _, _ in list(module.of_type("resource")):
            for instance in instances_of(module, key) if key[1] in _ARGUMENTS else ():
                name = argument(instance, _ARGUMENTS[instance.type])
                is_of_iam = instance.type.startswith("aws_iam_")
                path = (argument(instance, "path") if is_of_iam else None) or "/"
                if isinstance(name, str) and name and isinstance(path, str):
                    found[instance.address] = _names(instance, name, f"{path}{name}".lstrip("/"))
    return found


def _names(instance: Instance, name: str, in_arn: str) -> Names:
    """The attributes of a resource of a name."""
    formats, arn = arn_formats(), _arn(instance, in_arn)
    found: dict[str, Value] = {_ARGUMENTS[instance.type]: name, "arn": arn}
    of_id = formats.get((instance.type, "id"), "")
    if of_id == formats[instance.type, "arn"]:
        found["id"] = arn
    elif of_id.endswith("Name}"):
        found["id"] = name
    return found


def _arn(instance: Instance, name: str) -> Value:
    """The ARN of a resource of a name."""
    provider = provider_of(instance)

    def filled_in(word: str) -> Value:
        if word in _OWN:
            type_, attribute = _OWN[word]
            reference = f"data.{type_}.current.{attribute}"
            return Unknown(f"own:{type_}", attribute, provider, shown=reference)
        return PARTITION if word == "Partition" else name

    pieces: list[str] = _PART.split(arn_formats()[instance.type, "arn"])
    return joined(filled_in(piece) if number % 2 else piece for number, piece in enumerate(pieces))
