"""The ARNs of the resources of templates, by their names or what `Ref` returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import REF, arn_formats
from multitool_lint.deployments.arns import REFERENCE, Names, filled_in
from multitool_lint.syntax.terms import Unknown, Value

if TYPE_CHECKING:
    from multitool_lint.deployments.cloudformation.resources import TemplateResource

_ARGUMENTS: Mapping[str, str] = MappingProxyType(
    {
        "AWS::DynamoDB::Table": "TableName",
        "AWS::ECR::Repository": "RepositoryName",
        "AWS::IAM::Group": "GroupName",
        "AWS::IAM::ManagedPolicy": "ManagedPolicyName",
        "AWS::IAM::Role": "RoleName",
        "AWS::IAM::User": "UserName",
        "AWS::Kinesis::Stream": "Name",
        "AWS::Lambda::Function": "FunctionName",
        "AWS::S3::Bucket": "BucketName",
        "AWS::SNS::Topic": "TopicName",
        "AWS::SQS::Queue": "QueueName",
        "AWS::Serverless::Function": "FunctionName",
        "AWS::Serverless::SimpleTable": "TableName",
        "AWS::StepFunctions::StateMachine": "StateMachineName",
    }
)
"""The properties with the names of which the ARN of a resource of a type is made."""
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
        if resource.type in _ARGUMENTS:
            names = _names(resource)
            found.update({resource.address: names} if names else {})
    return found


def _names(resource: TemplateResource) -> Names:
    """The attributes of a resource that are its ARN or name; none if its path is not known."""
    formats = {
        name: form for (type_, name), form in arn_formats().items() if type_ == resource.type
    }
    attribute = _BY_ATTRIBUTE.get(resource.type, REF)
    itself = Unknown("resource", resource.address, resource.type)
    given = resource.argument(_ARGUMENTS[resource.type])
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
