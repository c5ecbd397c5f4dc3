"""From where the resource of a policy can be reached, by the resources of its module."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.policy import visibility
from multitool_lint.policy.visibility import Visibility

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock

RESOURCE_TYPES = ("AWS::S3::AccessPoint", "AWS::S3::Bucket", "AWS::OpenSearchService::Domain")
RELEVANT = ("aws_s3_bucket", "website")
"""What a file has one of that makes a bucket public, even if no policy is in it."""

_ACCESS_POINT = "aws_s3_access_point"
_BUCKET = "aws_s3_bucket"
_DISTRIBUTION = "aws_cloudfront_distribution"
_OF_ACCOUNT = "aws_s3_account_public_access_block"
_DOMAINS = ("aws_elasticsearch_domain", "aws_opensearch_domain")
_ABOUT_BUCKETS = (
    _BUCKET,
    "aws_s3_bucket_acl",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_website_configuration",
)
_KINDS = "|".join(("module", *_DOMAINS, _ACCESS_POINT, _BUCKET))
_ADDRESS = re.compile(rf"\b(?:data\.)?(?:{_KINDS})\.[\w-]+")
_LOCAL = re.compile(r"local\.([\w-]+)")
_OF_INSTANCE = re.compile(r"\b(?:count|each)\.")
_REFERRING = ("access_point_arn", "bucket", "domain_name")
_MADE = ("module", "resource")
_REPEATING = ("count", "for_each")
_OF_OTHERS = frozenset({"account_id", "provider"})
_GIVEN = re.compile(r'\{\s*[^\s}].*\}|\[\s*[^\s\]].*\]|"[^"]+"|true', re.DOTALL)
"""The value of an argument that is certainly given."""
_SIGNING = ("origin_access_control_id", "origin_access_identity")
_SIGNERS = (b"trusted_key_groups", b"trusted_signers")


class Visibilities:
    """The visibility of the buckets, domains and access points of a module.

    A bucket is known by its address, or by the expression for its name. `local` returns the text
    of a local value.
    """

    def __init__(
        self, blocks: Iterable[tuple[HclFile, SyntaxBlock]], local: Callable[[str], str | None]
    ) -> None:
        self._local = local
        self._endpoints: dict[str, Visibility | None] = {}
        self._said: dict[str, list[Visibility]] = {}
        self._of_all: list[Visibility] = []
        self._names: dict[str, str] = {}
        self._repeated: dict[str, list[str | None]] = {}
        made = [(file, block) for file, block in blocks if block.type in _MADE and block.labels]
        for file, block in made:
            if block.labels[0] == _BUCKET:
                self._add_bucket(".".join(block.labels), _attributes(file, block))
        for file, block in made:
            self._read(file, block, "module" if block.type == "module" else block.labels[0])

    def _add_bucket(self, address: str, attributes: dict[str, str]) -> None:
        self._repeated[address] = _repeated(attributes)
        name = attributes.get("bucket")
        if name and not _OF_INSTANCE.search(name):
            self._names[name] = address

    def of(self, file: HclFile, block: SyntaxBlock) -> Visibility | None:
        """The visibility of what a block is or refers to; None if it is not certain."""
        address = self._address(file, block)
        if address in self._endpoints:
            return self._endpoints[address]
        of_all = self._of_all if "".join(block.labels[:1]).startswith(_BUCKET) else ()
        return visibility.of_bucket([*self._said.get(address, ()), *of_all])

    def _read(self, file: HclFile, block: SyntaxBlock, kind: str) -> None:
        if kind in _DOMAINS:
            self._endpoints[self._address(file, block)] = _of_domain(file, block)
        elif kind == _ACCESS_POINT:
            self._endpoints[self._address(file, block)] = _of_access_point(file, block)
        elif kind in _ABOUT_BUCKETS or kind == "module":
            address = self._address(file, block)
            if address and (kind == "module" or self._is_made(file, block, address)):
                self._said.setdefault(address, []).extend(_of_bucket(file, block))
        elif kind == _OF_ACCOUNT and _OF_OTHERS.isdisjoint(_attributes(file, block)):
            self._of_all.extend(_of_bucket(file, block) if self._is_made(file, block, "") else ())
        elif kind == _DISTRIBUTION:
            for address in map(self._of_origin, _public_origins(file, block)):
                if self._is_made(file, block, address):
                    self._said.setdefault(address, []).append(Visibility.PUBLIC)

    def _is_made(self, file: HclFile, block: SyntaxBlock, bucket: str) -> bool:
        """Whether a resource is made wherever the bucket of an address is."""
        repeated = _repeated(_attributes(file, block))
        return repeated == [None, None] or repeated == self._repeated.get(bucket)

    def _address(self, file: HclFile, block: SyntaxBlock) -> str:
        """The address of the bucket, domain or access point that a block is or refers to."""
        own = ".".join(block.labels if block.type == "resource" else (block.type, *block.labels))
        if _ADDRESS.fullmatch(own):
            return own
        attributes = _attributes(file, block)
        given = [attributes[name] for name in _REFERRING if name in attributes]
        if len(given) != 1:
            return ""
        local = _LOCAL.fullmatch(given[0])
        text = (self._local(local[1]) if local else None) or given[0]
        found = _ADDRESS.search(text)
        return found[0] if found else self._names.get(text, text)

    def _of_origin(self, domain: str) -> str:
        """The address of the bucket that the domain name of an origin belongs to."""
        found = _ADDRESS.search(domain)
        if found:
            return found[0]
        starts = {
            name[:-1] if name.startswith('"') else f'"${{{name}}}': address
            for name, address in self._names.items()
        }
        return next(
            (
                at
                for start, at in starts.items()
                if re.match(rf"{re.escape(start)}\.s3[.-]", domain)
            ),
            domain,
        )


def _of_domain(file: HclFile, block: SyntaxBlock) -> Visibility | None:
    inner = _inner(file, block)
    if "vpc_options" in inner:
        return Visibility.VPC
    is_certain = inner.isdisjoint(("advanced_security_options", "dynamic"))
    return Visibility.INTERNET if is_certain else Visibility.GUARDED


def _of_access_point(file: HclFile, block: SyntaxBlock) -> Visibility | None:
    if "vpc_configuration" in _inner(file, block):
        return Visibility.VPC
    settings = [
        inner
        for inner in file.blocks(block.body)
        if inner.type == "public_access_block_configuration"
    ]
    return visibility.of_bucket(said for inner in settings for said in _of_bucket(file, inner))


def _of_bucket(file: HclFile, block: SyntaxBlock) -> Iterator[Visibility]:
    """What a module or one of the resources of a bucket says of it."""
    attributes = _attributes(file, block)
    if attributes.get("block_public_policy") == "true":
        yield Visibility.REJECTED
    if attributes.get("restrict_public_buckets") == "true":
        yield Visibility.RESTRICTED
    if (
        block.labels[:1] == ("aws_s3_bucket_website_configuration",)
        or attributes.get("acl", "").startswith('"public-read')
        or attributes.get("block_public_policy") == "false"
        or "website" in _inner(file, block)
        or any("website" in name and _GIVEN.fullmatch(text) for name, text in attributes.items())
    ):
        yield Visibility.PUBLIC


def _public_origins(file: HclFile, block: SyntaxBlock) -> Iterator[str]:
    """The domain names of the origins that a distribution gets objects from as anyone can.

    One that signs its requests, or has viewers sign theirs, shows that not everyone should.
    """
    if block.body is None or file.has(block.body, *_SIGNERS):
        return
    for origin in file.blocks(block.body):
        if origin.type != "origin" or origin.body is None:
            continue
        attributes = _attributes(file, origin)
        for inner in file.blocks(origin.body):
            attributes |= _attributes(file, inner)
        if all(attributes.get(name) in (None, '""', "null") for name in _SIGNING):
            yield attributes.get("domain_name", "")


def _repeated(attributes: dict[str, str]) -> list[str | None]:
    return [attributes.get(name) for name in _REPEATING]


def _inner(file: HclFile, block: SyntaxBlock) -> set[str]:
    return {inner.type for inner in file.blocks(block.body)} if block.body else set()


def _attributes(file: HclFile, block: SyntaxBlock) -> dict[str, str]:
    return {
        attribute.name: file.text(attribute.value).strip()
        for attribute in file.attributes(block.body)
    }
