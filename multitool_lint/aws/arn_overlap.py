"""Whether a resource of a policy and a documented format of ARNs have one in common.

AWS: https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from multitool_lint.aws import patterns
from multitool_lint.aws.arn import API_GATEWAY, FIELDS, PLACEHOLDER, SERVICE, pattern
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple

_WITHOUT_SLASH = (
    ":s3:::${BucketName}",
    ":dynamodb:${Region}:${Account}:table/${TableName}",
    ":sns:${Region}:${Account}:${TopicName}",
    ":sqs:${Region}:${Account}:${QueueName}",
)
"""How formats end whose names have no slash, which distinguishes them from what is in them.

https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html
"""
_GAP = lazy_pattern(r"(\?\*|\*)")


@lru_cache(maxsize=32768)
def may_name(format_: str, resource: str) -> bool:
    """Whether a resource of a policy matches some ARN of a documented format.

    Doubtful cases count as matches: what a policy variable holds, which characters a name has, and
    an empty account, by which some services refer to resources of AWS.
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
    if not _may_be_name(format_, documented[-1], parts[-1]):
        return False
    # The last field differs the most.
    if may_overlap(documented[-1], parts[-1]) and _heads_meet(begins, head):
        return True
    # AWS compares the text as a whole, so that a star may match several fields:
    # `arn:aws:logs:*:*:/aws/glue/*` matches log groups, which have `log-group` before the name.
    return fields < documented_fields and _align(
        written.split(":"), ":".join(documented).split(":")
    )


def needs_wide_star(format_: str, resource: str) -> bool:
    """Whether a resource matches ARNs of a format only if a star matches several of their fields.

    The resource is one that `may_name` such ARNs.
    """
    written, head, parts, _, _ = _written(resource)
    if written.startswith("*"):
        return False
    begins, documented, _ = _format_fields(format_)
    return not (may_overlap(documented[-1], parts[-1]) and _heads_meet(begins, head))


@lru_cache(maxsize=8192)
def _written(resource: str) -> tuple[str, str, tuple[str, ...], str, int]:
    """A resource as a pattern, what is before its last field, its fields, and a certain service.

    Last comes how many fields it has if colons in its last field count.
    """
    written = pattern(resource)
    if written.startswith(API_GATEWAY):
        written = f"arn:*:execute-api:*:*:*/{written.removeprefix(API_GATEWAY)}"
    parts = written.split(":", FIELDS - 1)
    # A star before it may match several fields.
    certain = len(parts) == FIELDS and "*" not in parts[1]
    service = parts[SERVICE] if certain and not patterns.has_wildcard(parts[SERVICE]) else ""
    return written, ":".join(parts[: FIELDS - 1]), tuple(parts), service, written.count(":") + 1


@lru_cache(maxsize=2048)
def _heads_meet(documented: str, written: str) -> bool:
    """Whether all fields before the last meet, which hardly differ."""
    return all(map(may_overlap, documented.split(":"), written.split(":")))


@lru_cache(maxsize=4096)
def _format_fields(format_: str) -> tuple[str, tuple[str, ...], int]:
    """What is before the last field of a format, as a pattern, its fields, and how many these are.

    For the number, colons in the last field count.
    """
    parts = PLACEHOLDER.sub("?*", format_).split(":", FIELDS - 1)
    parts[4] = parts[4].replace("?*", "*")
    return ":".join(parts[: FIELDS - 1]), tuple(parts), format_.count(":") + 1


def may_overlap(documented: str, written: str) -> bool:
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
    return None if any("?" in part for part in (first, *rest[1::2])) else ((0, first), *found)


def _fits(first: str, others: list[tuple[int, str]], text: str) -> bool:
    """Whether a text without wildcards has the literals of a format, with gaps between them."""
    if not text.startswith(first):
        return False
    at = len(first)
    *middle, (least, last) = others
    # Where each is first is always good enough.
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
    """Whether fields fit where a star may match several of those that are documented."""
    if not written or not documented:
        return not written and not documented
    spare = len(documented) - len(written)
    widths = range(1, spare + 2) if "*" in written[0] else range(1, 2)
    return any(
        may_overlap(":".join(documented[:width]), written[0])
        and _align(written[1:], documented[width:])
        for width in widths
    )


def _may_be_name(format_: str, documented: str, written: str) -> bool:
    """Whether the characters of a resource do not distinguish it from those of a format."""
    if format_.endswith(_WITHOUT_SLASH):
        return written.count("/") <= documented.count("/")
    if ":::${BucketName}" not in format_:
        return True
    return ":" not in written.partition("/")[0].partition("*")[0].partition("?")[0]
