"""ARNs as policies write them: their fields, their defects, and the documented formats they fit.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import chain
from typing import NamedTuple

from multitool_lint.iam import name_index, patterns, regions

ACCOUNTS_BY_NAME = frozenset({"aws", "aws-marketplace", "third-party", "offering"})
"""What stands for the account in ARNs that belong to no customer (`arn:aws:iam::aws:policy/a`)."""

API_GATEWAY = "execute-api:/"
"""What a resource in the policy of an API begins with, which API Gateway makes an ARN of.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
"""

FIELDS, SERVICE = 6, 2
"""How many fields an ARN has, and which of them is the service."""

_VARIABLE = re.compile(r"\$\{[^}]*\}")
_ESCAPED = re.compile(r"\$\{[*?$]\}")
_ACCOUNT = re.compile(r"\d{12}")
_PLACEHOLDER = re.compile(r"\$\{\w+\}")
_GAP = re.compile(r"(\?\*|\*)")


class Arn(NamedTuple):
    """The fields of an ARN after `arn`, policy variables written as wildcards."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


class Defect(NamedTuple):
    """Why a text is no ARN: a sentence, and the check of IAM Access Analyzer that says so."""

    code: str
    message: str


def pattern(text: str) -> str:
    """Turn policy variables into wildcards: `${aws:username}` may stand for any text."""
    if "${" not in text:
        return text
    # No variable ends after the last brace: looking for the end of each one takes its time.
    closed = text.rfind("}") + 1
    # `${*}` is a star that is meant as one; there is no pattern for it, and `?` matches it.
    return _VARIABLE.sub("*", _ESCAPED.sub("?", text[:closed])) + text[closed:]


def is_everything(resource: str) -> bool:
    """Whether the text is `*`, which stands for all resources."""
    return bool(resource) and not resource.strip("*")


@lru_cache(maxsize=8192)
def fields(text: str) -> Arn | None:
    """Read an ARN, whatever its fields hold; None if there are fewer than six of them."""
    head, *rest = pattern(text).split(":", FIELDS - 1)
    return Arn(*rest) if head == "arn" and len(rest) == FIELDS - 1 else None


def split(text: str) -> list[str]:
    """Split an ARN into its six fields as they are written, with their policy variables."""
    closed = text.rfind("}") + 1
    hidden = _VARIABLE.sub(lambda match: "_" * len(match[0]), text[:closed]) + text[closed:]
    fields, start = [], 0
    for field in hidden.split(":", FIELDS - 1):
        fields.append(text[start : start + len(field)])
        start += len(field) + 1
    return fields


@lru_cache(maxsize=8192)
def defect(text: str) -> Defect | None:
    """Say what makes a text other than `*` no ARN, whatever the service."""
    if text.startswith("${") and not _ESCAPED.match(text):
        return None  # a variable may well hold the beginning of an ARN
    if text.startswith(API_GATEWAY):
        return None  # the policy of an API may leave out what comes before
    parts = pattern(text).split(":", FIELDS - 1)
    if parts[0] != "arn":
        return Defect("INVALID_ARN_PREFIX", f'"{text}" is no ARN: it does not begin with "arn:"')
    if len(parts) < FIELDS:
        return Defect(
            "MISSING_ARN_FIELD",
            f'"{text}" is no ARN: it has {len(parts)} of the six fields of '
            f"arn:partition:service:region:account:resource",
        )
    return _defect_of_field(Arn(*parts[1:]))


def _defect_of_field(parts: Arn) -> Defect | None:
    _, service, region, account, _ = parts
    if not is_partition(parts.partition):
        return Defect(
            "INVALID_PARTITION",
            f'"{parts.partition}" is no partition of AWS; the second field of an ARN is one of '
            f"{', '.join(regions.partitions())}",
        )
    if not is_region(region):
        return Defect(
            "INVALID_ARN_REGION",
            f'"{region}" is no region; the fourth field of an ARN of {service} is empty or a name '
            f"like {close_region(region)}",
        )
    if not is_account(account):
        return Defect(
            "INVALID_ARN_ACCOUNT",
            f'"{account}" is no account; the fifth field of an ARN of {service} is empty or a '
            f"number of 12 digits",
        )
    return None


def is_partition(text: str) -> bool:
    """Whether it is a partition of AWS, or a wildcard."""
    return patterns.has_wildcard(text) or text in regions.partitions()


def close_region(text: str) -> str:
    """Name the Region most like a text, or any."""
    known = tuple(sorted(chain(*(each.regions for each in regions.partitions().values()))))
    near = name_index.close(text.lower(), known)
    return known[near[0]] if near else "us-east-1"


def is_region(text: str) -> bool:
    """Whether it can be the region in an ARN: empty, a wildcard, or what may be a region."""
    return not text or patterns.has_wildcard(text) or regions.may_be_region(text)


def is_account(text: str) -> bool:
    """Whether it can be the account in an ARN: empty, a wildcard, an id, or a word for AWS."""
    return (
        not text
        or patterns.has_wildcard(text)
        or text in ACCOUNTS_BY_NAME
        or _ACCOUNT.fullmatch(text) is not None
    )


@lru_cache(maxsize=32768)
def may_name(format_: str, resource: str) -> bool:
    """Whether a resource of a policy matches some ARN of a documented format.

    Doubtful cases count as matches: what a policy variable holds, which characters a name has, and
    an empty account, by which some services name the resources that AWS owns.
    """
    written, head, parts, service, fields = _written(resource)
    if written.startswith("*"):
        return True
    begins, documented, documented_fields = _format_fields(format_)
    other = documented[SERVICE]
    if service and service != other and not patterns.has_wildcard(other):
        return False
    if len(parts) < FIELDS:
        return False
    if ":::${BucketName}" in format_ and not _may_begin_with_bucket(format_, parts[-1]):
        return False
    # The last field differs the most.
    if meet(documented[-1], parts[-1]) and _heads_meet(begins, head):
        return True
    # AWS compares the text as a whole, so that a star may stand for several fields:
    # `arn:aws:logs:*:*:/aws/glue/*` matches log groups, which have `log-group` before the name.
    return fields < documented_fields and _align(
        written.split(":"), ":".join(documented).split(":")
    )


@lru_cache(maxsize=8192)
def _written(resource: str) -> tuple[str, str, tuple[str, ...], str, int]:
    """A resource as a pattern, what is before its last field, its fields, and a certain service.

    Last comes how many fields it has if colons in its last field count.
    """
    written = pattern(resource)
    if written.startswith(API_GATEWAY):
        written = f"arn:*:execute-api:*:*:*/{written.removeprefix(API_GATEWAY)}"
    parts = written.split(":", FIELDS - 1)
    # A star before it may stand for several fields.
    certain = len(parts) == FIELDS and "*" not in parts[1]
    service = parts[SERVICE] if certain and not patterns.has_wildcard(parts[SERVICE]) else ""
    return written, ":".join(parts[: FIELDS - 1]), tuple(parts), service, written.count(":") + 1


@lru_cache(maxsize=2048)
def _heads_meet(documented: str, written: str) -> bool:
    """Whether all fields before the last meet, which hardly differ."""
    return all(map(meet, documented.split(":"), written.split(":")))


@lru_cache(maxsize=4096)
def _format_fields(format_: str) -> tuple[str, tuple[str, ...], int]:
    """What is before the last field of a format, as a pattern, its fields, and how many these are.

    For the number, colons in the last field count.
    """
    parts = _PLACEHOLDER.sub("?*", format_).split(":", FIELDS - 1)
    parts[4] = parts[4].replace("?*", "*")
    return ":".join(parts[: FIELDS - 1]), tuple(parts), format_.count(":") + 1


def meet(documented: str, written: str) -> bool:
    """Whether some text fits both a part of a format and that of a resource."""
    if written == "*" or documented in (written, "*"):
        return True
    gaps = None if "?" in written else _gaps(documented)
    if gaps is None:
        return _masks(documented).share_text(written)
    first, *others = gaps
    if not others:
        return patterns.matches(written, documented)
    _, last = others[-1]
    head, star, _ = written.partition("*")
    if not star:
        return _fits(first[1], others, written)
    # Between its ends, each has room for all of the other.
    tail = written.rpartition("*")[2]
    return (first[1].startswith(head) or head.startswith(first[1])) and (
        last.endswith(tail) or tail.endswith(last)
    )


@lru_cache(maxsize=8192)
def _gaps(documented: str) -> tuple[tuple[int, str], ...] | None:
    """The literals of a part of a format, each with how many characters are before it at least.

    None if there is a `?` that no star follows.
    """
    first, *rest = _GAP.split(documented)
    found = [(len(gap) - 1, literal) for gap, literal in zip(rest[::2], rest[1::2], strict=True)]
    return None if any("?" in each for each in (first, *rest[1::2])) else ((0, first), *found)


def _fits(first: str, others: list[tuple[int, str]], text: str) -> bool:
    """Whether a text without wildcards has the literals of a format, with gaps between them."""
    if not text.startswith(first):
        return False
    at = len(first)
    *middle, (least, last) = others
    # Where each stands first is always good enough.
    for gap, literal in middle:
        found = text.find(literal, at + gap)
        if found < 0:
            return False
        at = found + len(literal)
    return text.endswith(last) and len(text) - len(last) >= at + least


class _Masks(NamedTuple):
    """A pattern as sets of places in it, each a number with a bit for each place.

    By these, the question whether two patterns have a text in common takes one step for each
    character of the other one. It is asked of every format that an action takes.
    """

    literals: dict[str, int]
    stars: int
    end: int

    def share_text(self, other: str) -> bool:
        """Whether some text matches both patterns."""
        literals, stars, end = self
        single, everywhere = literals.get("?", 0), 2 * end - 1
        places = 1 | (stars & 1) << 1
        for symbol in other:
            if symbol == "*":
                places = -(places & -places) & everywhere
                continue
            if symbol == "?":
                moving = places & ~stars & ~end
            else:
                moving = places & (literals.get(symbol, 0) | single)
            places = moving << 1 | places & stars
            places |= (places & stars) << 1
            if not places:
                return False
        return bool(places & end)


@lru_cache(maxsize=8192)
def _masks(text: str) -> _Masks:
    symbols = re.sub(r"\*+", "*", text)
    places: dict[str, int] = {}
    for at, symbol in enumerate(symbols):
        places[symbol] = places.get(symbol, 0) | 1 << at
    return _Masks(places, places.pop("*", 0), 1 << len(symbols))


def _align(written: list[str], documented: list[str]) -> bool:
    """Whether fields fit where a star may stand for several of those that are documented."""
    if not written or not documented:
        return not written and not documented
    spare = len(documented) - len(written)
    widths = range(1, spare + 2) if "*" in written[0] else range(1, 2)
    return any(
        meet(":".join(documented[:width]), written[0]) and _align(written[1:], documented[width:])
        for width in widths
    )


def _may_begin_with_bucket(format_: str, written: str) -> bool:
    # The one resource that only its characters tell from another: an object has a slash after the
    # bucket, a bucket has none.
    if format_.endswith("${BucketName}"):
        return "/" not in written
    return ":" not in written.partition("/")[0].partition("*")[0].partition("?")[0]


@lru_cache(maxsize=8192)
def everything_of(format_: str) -> str:
    """Write the resource that covers all ARNs of a format, in every partition."""
    return _PLACEHOLDER.sub("*", format_)


def in_any_partition(resource: str) -> str:
    """Write the resource without the partition that it names."""
    head, colon, rest = resource.partition(":")
    return f"{head}:*:{rest.partition(':')[2]}" if colon else resource
