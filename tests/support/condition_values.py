"""The values of conditions by AWS's grammar: ASCII, and nothing that a programming language adds.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
"""

from __future__ import annotations

import base64
import ipaddress
import re
from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

_OCTET = r"(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}(Z|[+-][0-9]{2}:[0-9]{2}))?"


def agrees(operator: str, value: str, actual: str) -> bool | None:
    """Whether a value of a policy agrees with one of a request; None if either is unreadable.

    `operator` is in lower case, without a qualifier, "IfExists" and "Not".
    """
    for family, parse in _PARSERS.items():
        if operator.startswith(family):
            wanted, given = parse(value), parse(actual)
            if wanted is None or given is None:
                return None
            return _compare(operator, wanted, given)
    raise ValueError(operator)


def _compare(operator: str, wanted: Any, given: Any) -> bool:  # noqa: ANN401 - of one type
    if operator == "ipaddress":
        return _is_within(wanted, given)
    if operator.endswith("lessthan"):
        return bool(given < wanted)
    if operator.endswith("greaterthan"):
        return bool(given > wanted)
    if "than" in operator and given != wanted:
        return bool((given < wanted) == ("less" in operator))
    return bool(given == wanted)


def _number(text: str) -> Fraction | None:
    return Fraction(text) if re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text) else None


def _date(text: str) -> float | None:
    if re.fullmatch(r"[0-9]+", text):
        return int(text)  # seconds since 1970
    if not re.fullmatch(_DATE, text):
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _boolean(text: str) -> str | None:
    return text.lower() if text.lower() in ("true", "false") else None


def _binary(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except ValueError:
        return None


def _network(text: str) -> tuple[int, int, int] | None:
    """The bits of an address, those of the prefix, and the prefix as a number."""
    address, slash, length = text.partition("/")
    if slash and not re.fullmatch(r"0|[1-9][0-9]{0,2}", length):
        return None
    if re.fullmatch(rf"({_OCTET}\.){{3}}{_OCTET}", address):
        bits, number = 32, int(ipaddress.IPv4Address(address))
    elif re.fullmatch(r"[0-9A-Fa-f:]+", address):
        try:
            bits, number = 128, int(ipaddress.IPv6Address(address))
        except ValueError:
            return None
    else:
        return None
    prefix = int(length) if slash else bits
    return (bits, prefix, number >> (bits - prefix)) if prefix <= bits else None


def _is_within(wanted: tuple[int, int, int], given: tuple[int, int, int]) -> bool:
    (bits, prefix, number), (other_bits, other_prefix, other) = wanted, given
    more = other_prefix - prefix
    return bits == other_bits and more >= 0 and other >> more == number


_PARSERS: dict[str, Callable[[str], Any]] = {
    "numeric": _number,
    "date": _date,
    "bool": _boolean,
    "binary": _binary,
    "ip": _network,
}
