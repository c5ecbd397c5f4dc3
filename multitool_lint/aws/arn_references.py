"""The formats of the ARNs that references to resources in templates come to."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.lazy_pattern import lazy_pattern

REF = "Ref"
"""What replaces an attribute where CloudFormation's function `Ref` returns the ARN."""


_WITHOUT_ARNS = frozenset(
    {
        "AWS::Athena::WorkGroup",
        "AWS::CloudFront::Distribution",
        "AWS::CodePipeline::Pipeline",
        "AWS::Cognito::IdentityPool",
        "AWS::EC2::Instance",
        "AWS::EC2::NetworkInterface",
        "AWS::EC2::SecurityGroup",
        "AWS::EC2::Subnet",
        "AWS::EC2::VPC",
        "AWS::EC2::Volume",
        "AWS::KMS::Alias",
        "AWS::Route53::HostedZone",
        "AWS::SSM::Parameter",
    }
)
"""Types of which a reference returns an id or a name, and no attribute the ARN that policies have.

https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-template-resource-type-ref.html
"""

_FREE_NAMES = lazy_pattern(
    r"arn:[^:]*:(?:appconfig|autoscaling|cloudwatch|glue):|.*/\$\{ObjectName\}$"
)
"""The formats of the ARNs of resources that may be named as one likes."""


@bundled_table("reference_arns.tsv")
def arn_formats(rows: Rows) -> Mapping[tuple[str, ...], str]:
    """The formats by the type of the resource, in any kind of template, and the attribute."""
    return MappingProxyType(
        {
            (type_, attribute): format_
            for format_, *pairs in rows
            for type_, attributes in zip(pairs[::2], pairs[1::2], strict=True)
            for attribute in attributes.split()
        }
    )


@lru_cache
def formats_of(type_: str) -> Mapping[str, str]:
    """The formats of the ARNs of a type of resource, by the attribute."""
    return MappingProxyType(
        {name: form for (of, name), form in arn_formats().items() if of == type_}
    )


@lru_cache(maxsize=1)
def named_types() -> frozenset[str]:
    """The types of which names and ids have no characters but those that their services allow.

    None of them allows a brace or `$`, so that there is no policy variable in a name.
    """
    named = {type_ for (type_, _), form in arn_formats().items() if not _FREE_NAMES.match(form)}
    return frozenset(named | _WITHOUT_ARNS)
