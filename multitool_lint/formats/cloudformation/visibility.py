"""From where the resource of a policy can be reached, by the properties in its template."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.cloudformation.functions import NOTHING, function, text_of
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.recognize import MACROS
from multitool_lint.policy.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.syntax.tree import Node

BUCKET_POLICY = "AWS::S3::BucketPolicy"
_ACCESS_POINT = "AWS::S3::AccessPoint"
_VPC_OPTIONS = {
    "AWS::OpenSearchService::Domain": "VPCOptions",
    "AWS::Elasticsearch::Domain": "VPCOptions",
    _ACCESS_POINT: "VpcConfiguration",
}


def of_endpoint(type_: str, properties: Node) -> Visibility | None:
    """The visibility of a domain or an access point.

    It is None for another resource, and where it is not certain.
    """
    if type_ not in _VPC_OPTIONS or _is_open(properties):
        return None
    options = properties.get(_VPC_OPTIONS[type_])
    if options is not None:
        return Visibility.VPC if function(options)[0] is None else None
    if type_ == _ACCESS_POINT or properties.get("AdvancedSecurityOptions") is not None:
        return None
    return Visibility.INTERNET


def of_bucket(policy: Node, buckets: Mapping[str, Visibility | None]) -> Visibility | None:
    """The visibility of the bucket that a policy is attached to."""
    return buckets.get(_text(policy.get("Bucket")) or "")


def buckets(resources: Node | None) -> dict[str, Visibility | None]:
    """The visibility of the buckets of a template, by what a bucket policy can call them."""
    found = {}
    for logical_id, resource in by_key(resources).items():
        properties = resource.get("Properties")
        if text(resource.get("Type")) == "AWS::S3::Bucket" and properties is not None:
            visibility = _of_bucket(properties)
            found[f"${{{logical_id}}}"] = visibility
            found[_text(properties.get("BucketName")) or ""] = visibility
    return {name: visibility for name, visibility in found.items() if name}


def _of_bucket(properties: Node) -> Visibility | None:
    if _is_open(properties):
        return None
    block = by_key(properties.get("PublicAccessBlockConfiguration"))
    block_policy = _text(block.get("BlockPublicPolicy"))
    if "true" in (block_policy, _text(block.get("RestrictPublicBuckets"))):
        return Visibility.BLOCKED
    website = properties.get("WebsiteConfiguration")
    is_public = (
        (website is not None and function(website)[0] is None)
        or (text(properties.get("AccessControl")) or "").startswith("PublicRead")
        or block_policy == "false"
    )
    return Visibility.PUBLIC if is_public else None


def _text(node: Node | None) -> str | None:
    return text_of(node, NOTHING) if node is not None else None


def _is_open(properties: Node) -> bool:
    """Whether a macro adds properties, which may say something else."""
    return any(key.startswith(MACROS) for key in by_key(properties))
