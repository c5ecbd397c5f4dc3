"""The ARNs of resources whose names are known: as a text, or by a reference, they are the same."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import arn_formats
from multitool_lint.deployments.terraform.arguments import argument, provider_of
from multitool_lint.deployments.terraform.resources import instances_of
from multitool_lint.syntax.terms import Text, Unknown, Value, identity, joined

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
_PARTITION = "aws"
"""The partition that an ARN is in where nothing says another one."""
_ENDS = re.compile(r"[/:]|$")


Names = Mapping[str, Value]
"""What the attributes of a resource are that are its ARN, or the name that this is made of."""


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
        return _PARTITION if word == "Partition" else name

    pieces: list[str] = _PART.split(arn_formats()[instance.type, "arn"])
    return joined(filled_in(piece) if number % 2 else piece for number, piece in enumerate(pieces))


class KnownArns:
    """The resources that some deployments know by the same name, by their addresses."""

    def __init__(self, *deployments: Mapping[str, Names]) -> None:
        found: dict[object, Names] = {}
        renamed = set()
        for deployment in deployments:
            for address, named in deployment.items():
                if identity(found.setdefault(address, named)["arn"]) != identity(named["arn"]):
                    renamed.add(address)
        self._known = {address: one for address, one in found.items() if address not in renamed}
        self._resources: dict[str, Unknown] = {}
        for known, one in self._known.items():
            reference = Unknown("get", Unknown("resource", known), "arn")
            self._resources.setdefault(identity(one["arn"]), reference)

    def as_written(self, value: Value) -> Value:
        """A value with the known names and ARNs of resources in the place of references to them."""
        if isinstance(value, Mapping):
            return {key: self.as_written(item) for key, item in value.items()}
        if isinstance(value, list):
            return [*map(self.as_written, value)]
        if isinstance(value, Text):
            return joined(map(self._written, value.parts))
        return self._written(value) if isinstance(value, Unknown) else value

    def by_reference(self, value: Value) -> Value:
        """A text that begins with a known ARN as one that begins with the reference to it."""
        if not self._known or not isinstance(value, (str, Text, Unknown)):
            return value
        parts = value.parts if isinstance(value, Text) else (value,)
        written = joined(map(self._written, parts))
        found: Sequence[Value] = written.parts if isinstance(written, Text) else [written]
        for number, part in enumerate(found):
            text = part if isinstance(part, str) else ""
            for end in _ENDS.finditer(text) if text else ():
                arn = joined([*found[:number], text[: end.start()]])
                if reference := self._resources.get(identity(arn)):
                    return joined([reference, text[end.start() :], *found[number + 1 :]])
        return value

    def _written(self, part: Value) -> Value:
        """A part of a text as it is written without references."""
        if not isinstance(part, Unknown):
            return part
        if part.operator == "own:aws_partition":
            return _PARTITION
        resource, attribute = part.arguments if part.operator == "get" else (None, None)
        if not isinstance(resource, Unknown) or resource.operator != "resource":
            return part
        return self._known.get(resource.arguments[0], {}).get(str(attribute), part)
