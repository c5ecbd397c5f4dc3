"""ARNs, condition operators and principals, as policies write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws import (
    arn,
    arn_overlap,
    patterns,
    principals,
)
from multitool_lint.aws import (
    condition_operators as conditions,
)

PATTERNS = st.text("ab*?:", max_size=6)


@given(PATTERNS, PATTERNS)
def test_patterns_with_a_text_in_common(one: str, other: str) -> None:
    share_text = arn_overlap._masks(one).share_text  # noqa: SLF001  # the function under test
    assert share_text(other) == patterns.intersects(one, other)


def test_resources_without_a_partition() -> None:
    assert arn.in_any_partition("arn:aws:s3:::a") == "arn:*:s3:::a"
    assert arn.in_any_partition("*") == "*"
    assert not arn_overlap.may_name("arn:${Partition}:s3:::${BucketName}", "arn:aws:s3")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ForAnyValue:StringLikeIfExists", ("StringLike", "String", "ForAnyValue", True)),
        ("dateGREATERthan", ("DateGreaterThan", "Date", None, False)),
        ("Null", ("Null", "Null", None, False)),
        ("ForSomeValues:StringLike", None),
        ("StringIs", None),
    ],
)
def test_operators(text: str, expected: object) -> None:
    assert conditions.operator(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("StringLike", "present"),
        ("ForAnyValue:StringLike", "present"),
        ("StringLikeIfExists", "always"),
        ("ForAllValues:StringLike", "always"),
        ("ForAnyValue:StringLikeIfExists", ""),
        ("StringNotLike", "absent"),
        ("ForAllValues:StringNotLikeIfExists", "absent"),
        ("ForAnyValue:StringNotLike", "never"),
        ("ForAnyValue:StringNotLikeIfExists", ""),
    ],
)
def test_what_operators_ask_with_a_star(text: str, expected: str) -> None:
    operator = conditions.operator(text)
    assert operator is not None
    assert operator.asks_with_star == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("arn:aws:sts::111122223333:assumed-role/r/s", True),
        ("arn:aws:iam::111122223333:role/team/deploy", True),
        ("arn:aws:iam::111122223333:rolle/deploy", False),
        ("arn:aws:iam::111122223333:group/admins", False),
        ("arn:aws:iam::11112222333:root", False),
        ("arn:aws:iam:eu-west-1:111122223333:root", False),
        ("arn:amazon:iam::111122223333:root", False),
        ("arn:aws:s3:::reports", False),
        ("arn:aws:iam", False),
        ("AIDAABCDEFGH", True),
        ("alice", False),
    ],
)
def test_principals(text: str, expected: object) -> None:
    assert principals.is_aws(text) is expected
