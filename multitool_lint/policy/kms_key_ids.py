"""The IDs of KMS keys, which AWS assigns: no key has a name.

https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id-key-id
"""

from __future__ import annotations

import re

from multitool_lint.aws import arn, patterns
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.placeholder_forms import words_of
from multitool_lint.policy.placeholders import in_condition

_OF_ONE_REGION = "-".join(["?" * 8, *["?" * 4] * 3, "?" * 12])
_MULTI_REGION = f"mrk-{'?' * 32}"
_NAME = lazy_pattern(r"(?=.*[g-z])[a-z0-9/_*?-]+", re.IGNORECASE)
"""A name has other letters than a number; other texts may be an ID that is made up or shortened."""
_OF_SAMPLES = frozenset({"id", "keyid", "sample", "uuid"})


def key_name(text: str) -> str:
    """The last part of the ARN of a KMS key if that is a name, and not an ID; "" otherwise."""
    fields = arn.split(text) if ":key/" in text else []
    if len(fields) != arn.FIELDS or fields[arn.SERVICE] != "kms":
        return ""
    name = fields[-1].removeprefix("key/")
    is_name = (
        _NAME.fullmatch(name) is not None
        and not name.startswith("alias/")  # kms-alias-as-key
        and not patterns.intersects(name, _MULTI_REGION)
        and not patterns.matches(_OF_ONE_REGION, name)
        and "example" not in name.lower()
        and words_of(name).isdisjoint(_OF_SAMPLES)
        and in_condition(name, prose=True) == name
    )
    return name if is_name else ""
