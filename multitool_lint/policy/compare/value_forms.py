"""What the values of a condition key can be, by AWS's reference.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
"""

from __future__ import annotations

import re
from functools import lru_cache

from multitool_lint.aws import regions
from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.queries import value_types
from multitool_lint.aws.condition_keys import ACCOUNT_KEYS, region_keys
from multitool_lint.aws.pattern_cells import ANY_ARN, ANY_DIGIT, TextPattern
from multitool_lint.aws.service_requests import SERVICE_VALUED_KEYS
from multitool_lint.named_tuple import NamedTuple


class ValueForm(NamedTuple):
    """What the values of a key can be: each matches one of some patterns; without them, any text.

    `usual` are some of them, and `expression` what examples look like, a regular expression.
    """

    usual: tuple[str, ...]
    expression: str
    patterns: tuple[TextPattern, ...] = ()

    def has(self, value: str) -> bool:
        """Whether a value is one that an example may have."""
        return re.fullmatch(self.expression, value) is not None


_ARN = ValueForm(("arn:aws:s3:::example",), "arn:[^:]+:[^:]+(:[^:]*){2}:.*", (ANY_ARN,))
_OF_TYPE = {
    "ARN": _ARN,
    "Bool": ValueForm(("true", "false"), "true|false", (TextPattern("true"), TextPattern("false"))),
    "Date": ValueForm(("2030-01-01T00:00:00Z",), "[0-9TZ:.+-]+"),
    "IPAddress": ValueForm(("192.0.2.1",), "[0-9A-Fa-f.:/]+"),
    "Numeric": ValueForm(("1",), "-?[0-9.]+"),
}
_ACCOUNT = ValueForm(
    ("123456789012", "111122223333"),
    # AWS: what aws:PrincipalAccount is in requests that are not signed.
    "[0-9]{12}|anonymous",
    (TextPattern(ANY_DIGIT * 12), TextPattern("anonymous")),
)
_SERVICE = ValueForm(
    ("ec2.amazonaws.com", "lambda.amazonaws.com"), r"[\w.-]+\.amazon(aws)?\.com(\.[a-z]+)?"
)
_OF_KEY = {
    **dict.fromkeys(ACCOUNT_KEYS, _ACCOUNT),
    **dict.fromkeys(SERVICE_VALUED_KEYS, _SERVICE),
    "aws:principalarn": _ARN._replace(usual=("arn:aws:iam::123456789012:role/example",)),
    "aws:principaltype": ValueForm(("User", "AssumedRole"), "[A-Z][A-Za-z]+"),
}


@lru_cache(maxsize=4096)
def value_form(catalog: Catalog, key: str) -> ValueForm | None:
    """What the values of a key, in lower case, can be; None if nothing is known of them."""
    if found := _OF_KEY.get(key):
        return found
    if (others := region_keys().get(key)) is not None:
        return _of_regions(others)
    types = value_types(catalog, key)
    return _OF_TYPE.get(next(iter(types))) if len(types) == 1 else None


@lru_cache(maxsize=4)
def _of_regions(others: frozenset[str]) -> ValueForm:
    """The Regions, those that may be newer than the data, and what else a key may be."""
    usual = dict.fromkeys(("us-east-1", *sorted(regions.partitions()["aws"].regions)))
    expression = "|".join(("[a-z]+(-[a-z]+)+-[0-9]+", *sorted(map(re.escape, others))))
    patterns = TextPattern("??*-*-?"), *map(TextPattern, sorted(others))
    return ValueForm(tuple(usual), expression, patterns)
