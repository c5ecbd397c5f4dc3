"""How the ARNs of a service are built, and what an ARN has that none of them has.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache, partial
from itertools import chain

from multitool_lint.aws import arn, arn_overlap, patterns
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.named_tuple import NamedTuple

INVALID_RESOURCE = "INVALID_ARN_RESOURCE"
REGION_NOT_ALLOWED, MISSING_REGION = "ARN_REGION_NOT_ALLOWED", "MISSING_ARN_REGION"
ACCOUNT_NOT_ALLOWED, MISSING_ACCOUNT = "ARN_ACCOUNT_NOT_ALLOWED", "MISSING_ARN_ACCOUNT"

_BUCKET = ":::${BucketName}"
_SOME_NAME = "some-name"


class Format(NamedTuple):
    """The format of the ARNs of a resource type, as AWS documents it, and its fields as patterns.

    A field that always holds some name is `?*`; `head` is what the resource always begins with.
    """

    text: str
    region: str
    account: str
    resource: str
    head: str


class FormatMismatch(NamedTuple):
    """What is wrong with an ARN: the check of IAM Access Analyzer, and formats that it misses."""

    code: str
    formats: tuple[Format, ...]


@lru_cache(maxsize=4)
def format_mismatches(catalog: Catalog) -> Callable[[str], tuple[FormatMismatch, ...]]:
    """What says why no resource of its service can have an ARN, as far as formats show.

    A text that is not an ARN, or of a service whose formats are not known, has no misfits. Doubtful
    cases have none either: a wildcard or a policy variable fits whatever it can be.
    """
    return lru_cache(maxsize=8192)(partial(_misfits, catalog))


def _misfits(catalog: Catalog, text: str) -> tuple[FormatMismatch, ...]:
    fields = arn.fields(text)
    if fields is None or patterns.has_wildcard(fields.service):
        return ()
    own = _own(catalog, fields.service)
    if not own or _fits(fields, own):
        return ()
    formats = own + undocumented_formats().get(fields.service, ())
    if _fits(fields, formats) or is_request_path(catalog, fields):
        return ()
    candidates = [format_ for format_ in formats if _is_intended(format_, fields)]
    if candidates:
        return _misfits_of_fields(fields, candidates)
    # A star may match several fields: `arn:aws:logs:*:*:/aws/glue/*` matches log groups.
    if any(arn_overlap.may_name(format_.text, text) for format_ in formats):
        return ()
    return (FormatMismatch(INVALID_RESOURCE, formats),)


def intended_formats(catalog: Catalog, text: str) -> tuple[Format, ...]:
    """The formats that an ARN may have but for its Region and its account."""
    fields = arn.fields(text)
    if fields is None:
        return ()
    formats = (*_own(catalog, fields.service), *undocumented_formats().get(fields.service, ()))
    return tuple([format_ for format_ in formats if _is_intended(format_, fields)])


def missing_head(format_: Format, resource: str) -> str:
    """The type with which the last field of a format begins, if an unknown part may lack it.

    What fills in the beginning of a resource is a name, or a type and a name.
    """
    if not resource.startswith("${"):
        return ""
    sample = _SOME_NAME + arn.pattern(resource).lstrip("*?")
    return "" if _names(format_, sample) else format_.head


def is_of_documented_type(catalog: Catalog, text: str) -> bool:
    """Whether an ARN fits a documented format of its service, field by field."""
    fields = arn.fields(text)
    return fields is not None and _fits(fields, _own(catalog, fields.service))


def completed(catalog: Catalog, text: str, *, fills_in: bool) -> str | None:
    """Write out an ARN with fields left out as AWS reads it, if it can be that of a resource.

    A star that ends a field may match the ones after it. Where AWS `fills_in`, as it does in
    the policies of identities, the fields that are missing at the end are `*`.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    parts = arn.split(text)
    missing = max(1, arn.FIELDS - len(parts))
    ends = [at + 1 for at in range(arn.SERVICE + 1, len(parts)) if parts[at].endswith("*")]
    if fills_in and len(parts) < arn.FIELDS:
        ends.append(len(parts))
    for end in ends:
        whole = ":".join((*parts[:end], *["*"] * missing, *parts[end:]))
        fields = arn.fields(whole)
        if (
            fields is not None
            and arn.defect(whole) is None
            and not fields.account.strip("*?0123456789")
            and is_service(catalog, fields.service)
            and not format_mismatches(catalog)(whole)
        ):
            return whole
    return None


def is_request_path(catalog: Catalog, fields: arn.Arn) -> bool:
    """Whether a resource may be the path of a request, on which some services authorize.

    Where AWS documents formats that begin with a slash, these are all paths that there are. A path
    that begins with a resource type is a mistake, unless requests have such paths, too.

    AWS: https://github.com/awsdocs/iam-user-guide/issues/218
    """
    name = fields.service
    if not (fields.resource.startswith("/") and fields.region and fields.account):
        return False
    if names_operation(catalog, fields):
        return True
    paths = _path_services().get(name)
    own = (*_own(catalog, name), *undocumented_formats().get(name, ()))
    if paths is None or any(format_.resource.startswith("/") for format_ in own):
        return False
    kind = _kind(fields.resource[1:])
    return kind in paths or not is_kind(catalog, name, kind)


def names_operation(catalog: Catalog, fields: arn.Arn) -> bool:
    """Whether a resource is the path of the requests of an operation without one of its own.

    AWS: https://github.com/Optum/dce/issues/208
    """
    service = catalog.service(fields.service) if fields.resource.startswith("/") else None
    return service is not None and service.action(fields.resource[1:]) is not None


def is_kind(catalog: Catalog, service: str, name: str) -> bool:
    """Whether ARNs of a service begin with that name, in the singular or the plural."""
    own = chain(_own(catalog, service), undocumented_formats().get(service, ()))
    kinds = {_kind(format_.head).lower() for format_ in own}
    return not kinds.isdisjoint({name.lower(), name.lower().removesuffix("s")} - {""})


def _kind(resource: str) -> str:
    """What is before the first slash or colon."""
    return resource.replace(":", "/").partition("/")[0]


@bundled_table("path_services.tsv")
def _path_services(rows: Rows) -> Mapping[str, Sequence[str]]:
    """The services whose requests have paths, and which of these begin with a resource type."""
    return {name: " ".join(kinds).split() for name, *kinds in rows}


def is_service(catalog: Catalog, name: str) -> bool:
    """Whether ARNs have that name in their third field: not all are prefixes of actions."""
    service = catalog.service(name) if name == name.lower() else None
    return name in undocumented_formats() or (service is not None and not service.retired)


@lru_cache(maxsize=1024)
def _own(catalog: Catalog, name: str) -> tuple[Format, ...]:
    """The formats that the page of the service has; a service without one has those of others."""
    service = catalog.service(name) if name == name.lower() else None
    texts: Iterable[str] = ()
    if service:
        texts = chain.from_iterable(
            resource_type.arn_formats for resource_type in service.resource_types.values()
        )
    found = tuple(
        read_format(text) for text in texts if text.split(":", arn.SERVICE + 1)[arn.SERVICE] == name
    )
    return found or (undocumented_formats().get(name, ()) if service is None else ())


@bundled_table("arn_formats.tsv")
def undocumented_formats(rows: Rows) -> Mapping[str, tuple[Format, ...]]:
    """The formats that no page of the service has, by service."""
    found: dict[str, tuple[Format, ...]] = {}
    for text, _ in rows:
        service = text.split(":", arn.SERVICE + 1)[arn.SERVICE]
        found[service] = (*found.get(service, ()), read_format(text))
    return found


def read_format(text: str) -> Format:
    """The format of ARNs that a text with placeholders is."""
    *_, region, account, resource = text.split(":", 5)
    first, *rest = arn.PLACEHOLDER.split(resource)
    if rest:
        # A name in the middle may be empty: `package/domain/repository/npm//name`.
        *middle, last = rest
        gaps = ["?*", *("*" for _ in middle[1:]), "?*"] if middle else ["?*"]
        resource = first + "".join(map("".join, zip(gaps, [*middle, last], strict=True)))
    return Format(
        text, _some_name(region), _some_name(account), resource, patterns.literal_prefix(resource)
    )


@lru_cache(maxsize=64)
def _some_name(text: str) -> str:
    # A Region or an account, which nearly all formats write alike.
    return arn.PLACEHOLDER.sub("?*", text)


def _fits(fields: arn.Arn, formats: Iterable[Format]) -> bool:
    head = patterns.literal_prefix(fields.resource)
    for format_ in formats:
        if (
            (head.startswith(format_.head) or format_.head.startswith(head))
            and _names(format_, fields.resource)
            and _may_be(format_.region, fields.region)
            and _may_be(format_.account, fields.account)
        ):
            return True
    return False


def _names(format_: Format, resource: str) -> bool:
    # The one resource that only its characters distinguish from another: a bucket has no slash.
    if "/" in resource and format_.text.endswith(_BUCKET):
        return False
    return arn_overlap.may_overlap(format_.resource, resource)


def _is_intended(format_: Format, fields: arn.Arn) -> bool:
    """Whether it is the format of an ARN but for a Region or an account too many or too few."""
    return _names(format_, fields.resource) and all(
        not documented or not written or _may_be(documented, written)
        for documented, written in (
            (format_.region, fields.region),
            (format_.account, fields.account),
        )
    )


def _may_be(documented: str, written: str) -> bool:
    """Whether a region or an account may be meant by one that is documented."""
    if not documented:
        return not written.strip("*")
    return arn_overlap.may_overlap(documented, written)


def _misfits_of_fields(fields: arn.Arn, candidates: Sequence[Format]) -> tuple[FormatMismatch, ...]:
    """Decide by the formats that say most about the resource, and of these by the closest ones."""
    written = patterns.literal_prefix(fields.resource)
    most = max(min(len(candidate.head), len(written)) for candidate in candidates)
    intended = [
        candidate for candidate in candidates if min(len(candidate.head), len(written)) == most
    ]
    least = min(len(field_mismatches(fields, candidate)) for candidate in intended)
    intended = [
        candidate for candidate in intended if len(field_mismatches(fields, candidate)) == least
    ]
    simplest = min(intended, key=lambda candidate: candidate.text.count("${"))
    codes = field_mismatches(fields, simplest)
    return tuple(FormatMismatch(code, (simplest,)) for code in codes)


def field_mismatches(fields: arn.Arn, format_: Format) -> tuple[str, ...]:
    """What is wrong with the Region and the account of an ARN, if it is to have a format."""
    codes = []
    if not _may_be(format_.region, fields.region):
        codes.append(MISSING_REGION if format_.region else REGION_NOT_ALLOWED)
    if not _may_be(format_.account, fields.account):
        codes.append(MISSING_ACCOUNT if format_.account else ACCOUNT_NOT_ALLOWED)
    return tuple(codes)
