"""From where the resource of a policy can be reached, by the resources of its module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.policy.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.syntax.hcl.tree import Block, File

RESOURCE_TYPES = ("AWS::S3::AccessPoint", "AWS::S3::Bucket", "AWS::OpenSearchService::Domain")
_ACCESS_POINT = "aws_s3_access_point"
_DOMAINS = ("aws_elasticsearch_domain", "aws_opensearch_domain")
_ABOUT_BUCKETS = (
    "aws_s3_bucket",
    "aws_s3_bucket_acl",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_website_configuration",
)
_ADDRESS = re.compile(rf"\b(?:{'|'.join((*_DOMAINS, _ACCESS_POINT, 'aws_s3_bucket'))})\.[\w-]+")
_REFERRING = ("access_point_arn", "bucket", "domain_name")


def address(file: File, block: Block) -> str:
    """The address of the bucket, domain or access point that a resource is or refers to, if any."""
    own = ".".join(block.labels)
    if _ADDRESS.fullmatch(own):
        return own
    attributes = _attributes(file, block)
    found = [_ADDRESS.search(attributes[name]) for name in _REFERRING if name in attributes]
    return found[0][0] if len(found) == 1 and found[0] else ""


def visibilities(blocks: Iterable[tuple[File, Block]]) -> dict[str, Visibility | None]:
    """The visibility of the buckets, domains and access points of a module, by their addresses."""
    found: dict[str, Visibility | None] = {}
    for file, block in blocks:
        kind = block.labels[0] if block.type == "resource" and block.labels else ""
        if kind in _DOMAINS:
            found[address(file, block)] = _of_domain(file, block)
        elif kind == _ACCESS_POINT:
            in_vpc = "vpc_configuration" in _inner(file, block)
            found[address(file, block)] = Visibility.VPC if in_vpc else None
        elif kind in _ABOUT_BUCKETS:
            bucket, visibility = address(file, block), _of_bucket(file, block)
            if found.get(bucket) is not Visibility.BLOCKED:
                found[bucket] = visibility or found.get(bucket)
    return found


def _of_domain(file: File, block: Block) -> Visibility | None:
    inner = _inner(file, block)
    if "vpc_options" in inner:
        return Visibility.VPC
    return (
        Visibility.INTERNET if inner.isdisjoint(("advanced_security_options", "dynamic")) else None
    )


def _of_bucket(file: File, block: Block) -> Visibility | None:
    """What one of the resources of a bucket says of it, if it is certain to be made."""
    attributes = _attributes(file, block)
    if block.labels[0] != "aws_s3_bucket" and not attributes.keys().isdisjoint(
        ("count", "for_each")
    ):
        return None
    if "true" in (attributes.get("block_public_policy"), attributes.get("restrict_public_buckets")):
        return Visibility.BLOCKED
    is_public = (
        block.labels[0] == "aws_s3_bucket_website_configuration"
        or attributes.get("acl", "").startswith('"public-read')
        or attributes.get("block_public_policy") == "false"
        or "website" in _inner(file, block)
    )
    return Visibility.PUBLIC if is_public else None


def _inner(file: File, block: Block) -> set[str]:
    return {inner.type for inner in file.blocks(block.body)} if block.body else set()


def _attributes(file: File, block: Block) -> dict[str, str]:
    return {
        attribute.name: file.text(attribute.value).strip()
        for attribute in file.attributes(block.body)
    }
