"""The ARNs of the resources of templates, by their names or what `Ref` returns."""

from __future__ import annotations

from collections.abc import Iterable
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import REF, formats_of
from multitool_lint.formats.cloudformation.resources import name_property
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.values.arns import REFERENCE, Names, filled_in

if TYPE_CHECKING:
    from multitool_lint.deployments.cloudformation.resources import TemplateResource

_NAMED = frozenset(
    {
        *("AWS::DynamoDB::Table", "AWS::ECR::Repository", "AWS::Kinesis::Stream"),
        *("AWS::IAM::Group", "AWS::IAM::ManagedPolicy", "AWS::IAM::Role", "AWS::IAM::User"),
        *("AWS::Lambda::Function", "AWS::S3::Bucket", "AWS::SNS::Topic", "AWS::SQS::Queue"),
        *("AWS::Serverless::Function", "AWS::Serverless::SimpleTable"),
        "AWS::StepFunctions::StateMachine",
    }
)
"""The types of resources with ARNs that are made of their names."""
_BY_ATTRIBUTE = MappingProxyType(
    {
        "AWS::SNS::Topic": "TopicName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::StepFunctions::StateMachine": "Name",
    }
)
"""The attributes that are the name of a resource where `Ref` does not return it."""
_OWN = MappingProxyType({"Region": "AWS::Region", "Account": "AWS::AccountId"})


def named_arns(resources: Iterable[TemplateResource]) -> dict[str, Names]:
    """The ARNs of resources, by their addresses."""
    found = {}
    for resource in resources:
        if resource.type in _NAMED:
            names = _names(resource)
            found.update({resource.address: names} if names else {})
    return found


def _names(resource: TemplateResource) -> Names:
    """The attributes of a resource that are its ARN or name; none if its path is not known."""
    formats = formats_of(resource.type)
    attribute = _BY_ATTRIBUTE.get(resource.type, REF)
    itself = Unknown("resource", resource.address, resource.type)
    given = resource.argument(name_property(resource.type))
    if resource.type == "AWS::IAM::ManagedPolicy" and given is None:
        return {}  # nothing returns the name that AWS makes up
    name = Unknown("get", itself, attribute) if given is None else given
    path = resource.argument("Path") if "::IAM::" in resource.type else None
    if path not in (None, "/"):
        return {}
    of_arn = next(name for name, form in formats.items() if form.startswith("arn:"))
    arn = filled_in(formats[of_arn], lambda word: _part(word, name))
    same: dict[str, Value] = {
        other: arn for other, form in formats.items() if form == formats[of_arn]
    }
    return {**same, attribute: name, "arn": arn, REFERENCE: Unknown("get", itself, of_arn)}


def _part(word: str, name: Value) -> Value:
    own = _OWN.get(word)
    return Unknown("own", own, REF, shown=own) if own else name
