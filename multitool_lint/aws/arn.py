"""ARNs as policies write them: their fields, their defects, and the documented formats they fit.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
"""

from __future__ import annotations

from functools import lru_cache
from itertools import chain

from multitool_lint.aws import patterns, regions
from multitool_lint.aws.catalog import name_index
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.named_tuple import NamedTuple

ACCOUNTS_BY_NAME = frozenset({"aws", "aws-marketplace", "third-party", "offering"})
"""What replaces the account in ARNs that belong to no customer (`arn:aws:iam::aws:policy/a`)."""

API_GATEWAY = "execute-api:/"
"""What a resource in the policy of an API begins with, which API Gateway makes an ARN of.

AWS: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-examples.html
"""

FIELDS, SERVICE, _ACCOUNT = 6, 2, 4
"""How many fields an ARN has, and which of them are the service and the account."""

_VARIABLE = lazy_pattern(r"\$\{[^}]*\}")
# Each part of an ARN that a reference comes to (`syntax.placeholders.of_arn`) is in one field: the
# partition, a Region or an account, and a name without a slash, which may be that of a secret.
_PART_OF_REFERENCE = lazy_pattern(r"\$\{\.\.([245])\.[^}]*\}")
_NAME_OF_REFERENCE = lazy_pattern(r"\$\{\.\.[34]\.")
_PARTS = {"2": "???", "5": "????????????", "4": "name-000000"}
_ALIAS = lazy_pattern(
    r"\$\{\.(?:data\.2e\.)?aws_iam_account_alias\.2e\.[^}]*\.2e\.(?:account_alias|id)\}"
)
"""A reference of Terraform to the alias of an account, as `syntax.placeholders` writes it.

An account has it next to its ID, for the address of the sign-in page only:
https://docs.aws.amazon.com/IAM/latest/UserGuide/console-account-alias.html
"""
_ESCAPED = lazy_pattern(r"\$\{[*?$]\}")
_BRACKET = lazy_pattern(r"[][<>(){}]")
_CODES = ("INVALID_PARTITION", "INVALID_SERVICE", "INVALID_ARN_REGION", "INVALID_ARN_ACCOUNT")
"""The checks of IAM Access Analyzer for the fields from the partition to the account."""
_NAME = r"\s*+[\w.-]++\s*+"
_HALF_CLOSED = lazy_pattern(
    rf"\{{{{2}}{_NAME}(?!\}}{{2}})[\]>)}}]+|\[{{2}}{_NAME}(?!\]{{2}})[\]>)}}]+"
    rf"|<<{_NAME}(?!>>)[\]>)}}]+"
    rf"|(?<![{{$\w])\{{{_NAME}\}}{{2,}}|(?<![\[\w])\[{_NAME}\]{{2,}}|(?<!<)<{_NAME}>{{2,}}"
    rf"|(?<![\w<])<{{1,2}}{_NAME}(?=[/*]|\Z)(?![^<]*>)"
    rf"|(?<![\w$#%@{{])\{{{{1,2}}{_NAME}(?=[/*]|\Z)(?![^{{]*\}})"
)
"""A placeholder that is closed by other brackets than it is opened by, or by none: `{{bucket]]`."""
_LEFT = "has a bracket that is not part of a placeholder"
_MAY_BE_LEFT = lazy_pattern(r"[][<>(){}\s]")
_LONE_BRACKET = lazy_pattern(r"[\w.*-]*+[][<>(){}][\w.*-]*+")
_NESTED = lazy_pattern(r"\$\{[^}]*\$\{")
_WITH_DIGITS = lazy_pattern(
    r"(?i)\$\{[^}]*account(?:(?:[-_ ]|\.(?:20|2d|2e|3a)\.)*+(?:id|no|number))?"
    r"(?:\.3e\.|\.7d\.)*+\}[0-9]+"
)
"""What comes to the ID of an account, as `syntax.placeholders` writes it, and further digits."""
_ACCOUNT_ID = lazy_pattern(r"[0-9]{12}")
PLACEHOLDER = lazy_pattern(r"\$\{\w+\}")


class Arn(NamedTuple):
    """The fields of an ARN after `arn`, policy variables written as wildcards."""

    partition: str
    service: str
    region: str
    account: str
    resource: str


class Defect(NamedTuple):
    """Why a text is not an ARN: the check of IAM Access Analyzer, the value, and what is wrong."""

    code: str
    value: str
    problem: str
    help: str = ""

    @property
    def message(self) -> str:
        """A sentence with the whole value."""
        return f'"{self.value}" {self.problem}{self.help and "; "}{self.help}'


def pattern(text: str) -> str:
    """Turn policy variables into wildcards: `${aws:username}` may be any text."""
    if "${" not in text:
        return text
    # No variable ends after the last brace: looking for the end of each one takes its time.
    closed = text.rfind("}") + 1
    # `${*}` is a star as a character; there is no pattern for it, and `?` matches it.
    known = _PART_OF_REFERENCE.sub(lambda part: _PARTS[part[1]], text[:closed])
    return _VARIABLE.sub("*", _ESCAPED.sub("?", known)) + text[closed:]


def matches_all(resource: str) -> bool:
    """Whether the text is `*`, which matches all resources."""
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
    return cut(text, hidden)


def cut(text: str, hidden: str) -> list[str]:
    """Cut an ARN into its fields where the colons are in a text of the same length.

    There, what is one part of a field has other characters.
    """
    fields, start = [], 0
    for field in hidden.split(":", FIELDS - 1):
        fields.append(text[start : start + len(field)])
        start += len(field) + 1
    return fields


def completed(resource: str) -> str:
    """The ARN with a wildcard for every field that is left out: `arn:aws:sqs` has three of six.

    AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    """
    missing = FIELDS - len(split(resource)) if resource.startswith("arn:") else 0
    return resource + ":*" * missing


@lru_cache(maxsize=8192)
def defect(text: str) -> Defect | None:
    """Why a text other than `*` is not an ARN, whatever the service."""
    if text.startswith("${..") and _NAME_OF_REFERENCE.match(text):
        return Defect("MISSING_ARN_FIELD", text, "returns a name or a URL, not an ARN")
    if text.startswith("${") and not _ESCAPED.match(text):
        return None  # a variable may well hold the beginning of an ARN
    if text.startswith(API_GATEWAY):
        return None  # the policy of an API may leave out what comes before
    parts = pattern(text).split(":", FIELDS - 1)
    too_few = len(parts) < FIELDS
    if parts[0] != "arn":
        return Defect(
            "MISSING_ARN_FIELD" if too_few else "INVALID_ARN_PREFIX",
            text,
            'is not an ARN: it does not begin with "arn:"',
        )
    if too_few:
        return Defect(
            "MISSING_ARN_FIELD",
            text,
            f"is not an ARN: it has {len(parts)} of 6 fields",
            "an ARN has the form arn:partition:service:region:account:resource",
        )
    found = _defect_of_field(Arn(*parts[1:])) or leftover(text) or _defect_of_end(text)
    return found or _defect_of_alias(text)


def _defect_of_alias(text: str) -> Defect | None:
    """The defect of an ARN with the alias of an account in the place of the account."""
    account = split(text)[_ACCOUNT] if "account_alias" in text else ""
    if _ALIAS.fullmatch(account) is None:
        return None
    help_ = "an ARN has the ID of the account: use data.aws_caller_identity"
    return Defect("INVALID_ARN_ACCOUNT", account, "is the alias of an account, not its ID", help_)


def _defect_of_field(parts: Arn) -> Defect | None:
    _, service, region, account, _ = parts
    if not is_partition(parts.partition):
        return Defect(
            "INVALID_PARTITION",
            parts.partition,
            "is not an AWS partition",
            f"the partitions are {', '.join(regions.partitions())}",
        )
    if not is_region(region):
        return Defect("INVALID_ARN_REGION", region, f"is not an AWS Region; {close_region(region)}")
    if not is_account(account):
        return Defect(
            "INVALID_ARN_ACCOUNT",
            account,
            f"is not a valid account in an ARN of {service}",
            "the account is empty or has 12 digits",
        )
    return None


def leftover(text: str) -> Defect | None:
    """The defect of a text with a bracket next to what is filled in, such as `<ACCOUNT>>`.

    Of an ARN, white space there is a defect, too, and so are digits next to an account.
    """
    if not _MAY_BE_LEFT.search(text):
        return None
    read = fields(text)
    if read is None:
        is_left = _LONE_BRACKET.fullmatch(pattern(text)) and not _NESTED.search(text)
        return Defect("", text, _LEFT, "remove the bracket") if is_left else None
    if found := _left_in_field(split(text), read):
        return found
    if typed := _HALF_CLOSED.search(split(text)[-1]):
        help_ = "close the placeholder with the brackets that open it"
        return Defect("", typed[0], "is not a complete placeholder", help_)
    return Defect("", text, _LEFT, "remove the bracket") if closes_nothing(text) else None


def _left_in_field(written: list[str], read: Arn) -> Defect | None:
    for at, (code, field) in enumerate(zip(_CODES, read, strict=False), 1):
        if _BRACKET.search(field):
            return Defect(code, written[at], _LEFT, "remove the bracket")
        if field != "".join(field.split()):
            return Defect(code, written[at], "contains white space", "remove the white space")
    if _WITH_DIGITS.fullmatch(written[_ACCOUNT]):
        help_ = "remove the digits: an account has 12 of them"
        return Defect(_CODES[-1], written[_ACCOUNT], "is longer than an account ID", help_)
    return None


def closes_nothing(text: str) -> bool:
    """Whether a bracket is closed that is not open."""
    for opener, closer in ("{}", "[]", "()"):
        depth = 0
        for character in text if closer in text else "":
            depth += (character == opener) - (character == closer)
            if depth < 0:
                return True
    return False


def _defect_of_end(text: str) -> Defect | None:
    """The defect of an ARN with white space after it, which is a part of the name there."""
    if text[-1:].isspace():
        help_ = "remove the white space, which AWS compares as a part of the name"
        return Defect("", text, "ends in white space", help_)
    return None


def is_partition(text: str) -> bool:
    """Whether it is a partition of AWS, or a wildcard."""
    return patterns.has_wildcard(text) or text in regions.partitions()


def close_region(text: str) -> str:
    """The Region that was probably intended, or what the name of a Region looks like."""
    known = tuple(
        sorted(chain(*(partition.regions for partition in regions.partitions().values())))
    )
    near = name_index.close(text.lower(), known)
    return f'did you mean "{known[near[0]]}"?' if near else 'expected a name such as "eu-west-1"'


def is_region(text: str) -> bool:
    """Whether it can be the region in an ARN: empty, a wildcard, or what may be a region."""
    return not text or patterns.has_wildcard(text) or regions.may_be_region(text)


def is_account(text: str) -> bool:
    """Whether it can be the account in an ARN: empty, a wildcard, an id, or a word for AWS."""
    return (
        not text or patterns.has_wildcard(text) or text in ACCOUNTS_BY_NAME or is_account_id(text)
    )


def is_account_id(text: str) -> bool:
    """Whether it is the number of an account: twelve digits."""
    return _ACCOUNT_ID.fullmatch(text) is not None


@lru_cache(maxsize=8192)
def wildcard_of(format_: str) -> str:
    """Write the resource that covers all ARNs of a format, in every partition."""
    return PLACEHOLDER.sub("*", format_)


def in_any_partition(resource: str) -> str:
    """Write the resource without the partition that it names."""
    head, colon, rest = resource.partition(":")
    return f"{head}:*:{rest.partition(':')[2]}" if colon else resource
