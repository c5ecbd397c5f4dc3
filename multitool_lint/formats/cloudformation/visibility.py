"""From where the resource of a policy can be reached, by the properties in its template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from multitool_lint.formats.cloudformation.functions import text_of
from multitool_lint.formats.cloudformation.properties import by_key, text
from multitool_lint.formats.recognize import MACROS
from multitool_lint.policy import visibility
from multitool_lint.policy.visibility import Visibility
from multitool_lint.syntax.tree import Node, scalars
from multitool_lint.values.cloudformation import function

BUCKET_POLICY = "AWS::S3::BucketPolicy"
_ACCESS_POINT = "AWS::S3::AccessPoint"
_VPC_OPTIONS = {
    "AWS::OpenSearchService::Domain": "VPCOptions",
    "AWS::Elasticsearch::Domain": "VPCOptions",
    _ACCESS_POINT: "VpcConfiguration",
}
_SIGNERS = ("TrustedKeyGroups", "TrustedSigners")


def of_endpoint(type_: str, properties: Node) -> Visibility | None:
    """The visibility of a domain or an access point.

    It is None for another resource, and where that of an access point is not certain.
    """
    if type_ not in _VPC_OPTIONS:
        return None
    uncertain = None if type_ == _ACCESS_POINT else Visibility.GUARDED
    if _is_open(properties):
        return uncertain
    options = properties.get(_VPC_OPTIONS[type_])
    if options is not None:
        return Visibility.VPC if function(options)[0] is None else uncertain
    if type_ == _ACCESS_POINT:
        return visibility.of_bucket(_blocked(properties))
    return Visibility.INTERNET if properties.get("AdvancedSecurityOptions") is None else uncertain


def of_bucket(policy: Node, buckets: Mapping[str, Visibility | None]) -> Visibility | None:
    """The visibility of the bucket that a policy is attached to."""
    return buckets.get(_text(policy.get("Bucket")) or "")


def buckets(resources: Node | None, websites: Sequence[str]) -> dict[str, Visibility | None]:
    """The visibility of the buckets of a template, by what a bucket policy can call them.

    Those with some names are made `websites` outside of the template.
    """
    found: dict[str, Visibility | None] = dict.fromkeys(websites, Visibility.PUBLIC)
    origins = list(_public_origins(resources))
    for logical_id, resource in by_key(resources).items():
        properties = resource.get("Properties")
        if text(resource.get("Type")) != "AWS::S3::Bucket":
            continue
        name = _text(properties.get("BucketName")) if properties else None
        said = [*_of_bucket(properties)] if properties else []
        made_if = (None, text(resource.get("Condition")))
        if name in websites or any(
            condition in made_if and _refers_to(domain, logical_id, name)
            for domain, condition in origins
        ):
            said.append(Visibility.PUBLIC)
        decided = visibility.of_bucket(said)
        found[f"${{{logical_id}}}"] = decided
        found[name or ""] = decided
    return {name: decided for name, decided in found.items() if name}


def _of_bucket(properties: Node) -> Iterator[Visibility]:
    if _is_open(properties):
        return
    yield from _blocked(properties)
    website = properties.get("WebsiteConfiguration")
    if (website is not None and website.fields() and function(website)[0] is None) or (
        text(properties.get("AccessControl")) or ""
    ).startswith("PublicRead"):
        yield Visibility.PUBLIC


def _blocked(properties: Node) -> Iterator[Visibility]:
    """What the settings for public access of a bucket or access point say."""
    block = by_key(properties.get("PublicAccessBlockConfiguration"))
    block_policy = _text(block.get("BlockPublicPolicy"))
    if block_policy == "true":
        yield Visibility.REJECTED
    if _text(block.get("RestrictPublicBuckets")) == "true":
        yield Visibility.RESTRICTED
    if block_policy == "false":
        yield Visibility.PUBLIC


def _public_origins(resources: Node | None) -> Iterator[tuple[Node, str | None]]:
    """The domain names of the origins that a distribution gets objects from as anyone can.

    With each is the condition under which the distribution is made. One that signs its requests,
    or has viewers sign theirs, shows that not everyone should.
    """
    for resource in by_key(resources).values():
        properties = resource.get("Properties")
        if text(resource.get("Type")) != "AWS::CloudFront::Distribution" or properties is None:
            continue
        config = properties.get("DistributionConfig")
        if config is None or _has(config, _SIGNERS):
            continue
        for origin in origins.items() if (origins := config.get("Origins")) else ():
            identity = by_key(origin.get("S3OriginConfig")).get("OriginAccessIdentity")
            signed = (identity, origin.get("OriginAccessControlId"))
            domain = origin.get("DomainName")
            if domain is not None and all(node is None or node.value == "" for node in signed):
                yield domain, text(resource.get("Condition"))


def _has(node: Node, keys: tuple[str, ...]) -> bool:
    return any(key in keys or _has(child, keys) for key, child in node.children())


def _refers_to(domain: Node, logical_id: str, name: str | None) -> bool:
    """Whether the domain name of an origin is that of a bucket."""
    texts = [str(node.value) for node in scalars(domain)]
    reference = re.compile(rf"(?:^|\$\{{){re.escape(logical_id)}(?:$|[.}}])")
    whole = _text(domain) or ""
    return any(map(reference.search, texts)) or (
        name is not None and whole.startswith((f"{name}.s3.", f"{name}.s3-"))
    )


def _text(node: Node | None) -> str | None:
    return text_of(node) if node is not None else None


def _is_open(properties: Node) -> bool:
    """Whether a macro adds properties, which may say something else."""
    return any(key.startswith(MACROS) for key in by_key(properties))
