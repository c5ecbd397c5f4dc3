"""The values of conditions by their type, as AWS reads them.

Rules and comparisons ask the same functions. A text that the grammar here does not accept, such as
`1_000`, `+5` or `10.0.0.0/255.0.0.0`, has no value: what AWS makes of it is not documented.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING

from multitool_lint.aws import arn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from decimal import Decimal
    from fractions import Fraction
    from ipaddress import IPv4Network, IPv6Network

# Compiled when they are first needed: most policies need none of them.
_NUMBER = r"-?(0|[1-9][0-9]*)(\.[0-9]+)?"
_DAY = r"[0-9]{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12][0-9]|3[01])"
_TIME = r"([01][0-9]|2[0-3])(:[0-5][0-9](:([0-5][0-9]|60)(\.[0-9]+)?)?)?"
_ZONE = r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
_DATE = rf"{_DAY}(T{_TIME}{_ZONE})?)?)?|[+-]?[0-9]+"
_MOMENT = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?"
_BASE64 = r"([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
_ADDRESSES = r"([0-9.]+|[0-9A-Fa-f:]+)(/(0|[1-9][0-9]{0,2}))?"


def number(text: str) -> Decimal | None:
    """The number that a value of a numeric operator is; None if it is not a number."""
    if not re.fullmatch(_NUMBER, text):
        return None
    from decimal import Decimal

    return Decimal(text)


def canonical_number(text: str) -> str:
    """The same text for the same number; what is not a number stays as it is."""
    value = number(text)
    if value is None:
        return text
    digits = format(value, "f")  # normalize() rounds to 28 digits
    digits = digits.rstrip("0").removesuffix(".") if "." in digits else digits
    return "0" if digits == "-0" else digits


def moment(text: str) -> Fraction | None:
    """The seconds since 1970 of a value of a date operator; None if it is not a date or time."""
    from datetime import UTC, datetime
    from fractions import Fraction

    if re.fullmatch(r"[0-9]{1,15}", text):
        return Fraction(text)
    if not re.fullmatch(_MOMENT, text):
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return Fraction(int(found.replace(tzinfo=found.tzinfo or UTC).timestamp()))


def latest_moment(text: str) -> Fraction | int | None:
    """The last moment, in seconds since 1970, that a date may be read as; None if it is not one.

    `2030` may be a year or a number of seconds. Of a date in a form that `moment` does not read, it
    is two days after the year, month or day, so that it is later in any time zone.
    """
    from datetime import UTC, datetime, timedelta

    found = moment(text)
    if (found is not None and not re.fullmatch("[0-9]{4}", text)) or not _TESTS["Date"](text):
        return found
    if not re.match("[0-9]{4}(-|$)", text):
        return None
    year, month, day = ([*map(int, text[:10].split("-")), 0, 0])[:3]
    try:
        start = datetime(year, month or 12, day or 28, tzinfo=UTC)
    except ValueError:
        return None
    # From the 28th, six days lead into the next month by two, however many this one has.
    after = start + timedelta(days=2 if day else 6)
    return max(int(after.timestamp()), found or 0)


@lru_cache(maxsize=1024)
def network(text: str) -> IPv4Network | IPv6Network | None:
    """The addresses that a value of `IpAddress` matches: one, or a range with a prefix length."""
    if not re.fullmatch(_ADDRESSES, text):
        return None
    from ipaddress import ip_network

    try:
        return ip_network(text, strict=False)
    except ValueError:
        return None


def lower(text: str) -> str:
    """A text without its case, where AWS ignores that; of letters outside ASCII, it stays."""
    return text.lower() if text.isascii() else re.sub("[A-Z]+", lambda m: m[0].lower(), text)


def is_value_of(type_: str, value: str | float | bool) -> bool:  # noqa: FBT001  # a JSON value
    """Whether a value may be one of that type; what a policy variable holds is not known."""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return "${" in text or _TESTS[type_](text)


def _is_bool(text: str) -> bool:
    return text.lower() in ("true", "false")


def _is_arn(text: str) -> bool:
    return arn.matches_all(text) or (text.startswith("arn:") and text.count(":") > 4)  # noqa: PLR2004  # six fields


_TESTS: Mapping[str, Callable[[str], bool]] = {
    "Numeric": lambda text: number(text) is not None,
    "Date": lambda text: bool(re.fullmatch(_DATE, text.upper())),
    "Bool": _is_bool,
    "Null": _is_bool,
    "Binary": lambda text: bool(re.fullmatch(_BASE64, text)),
    "IPAddress": lambda text: network(text) is not None,
    "ARN": _is_arn,
    "String": lambda _: True,
}
