"""The values of conditions: what AWS documents has a value, and nothing else that Python reads."""

import json
from decimal import Decimal

import pytest

from multitool_lint.aws.condition_values import (
    canonical_number,
    is_value_of,
    lower,
    network,
    number,
)
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.engine import lint_source
from multitool_lint.syntax.source import Source

NO_NUMBERS = [
    *("1_000", " 5", "5 ", "+5", "1e3", "1E3", ".5", "5.", "007", "0x10", "1,000", "", "-"),
    *("NaN", "sNaN", "-nan", "Infinity", "-inf", "1e999999999", "\uff15", "\u0665"),
]
NO_NETWORKS = [
    *("10.0.0.0/255.0.0.0", "203.0.113.7/0.0.0.255", "10.0.0.0/08", "10.0.0.0/33", "10.0.0.0/"),
    *(" 10.0.0.0/8", "10.0.0/8", "010.0.0.1", "10.0.0.0/+8", "\uff11\uff10.0.0.0/8", "167772160"),
    *("fe80::1%eth0", "::ffff:10.0.0.1", "2001:db8::/129", "2001:db8::/\uff11", ""),
]


@pytest.mark.parametrize("text", NO_NUMBERS)
def test_what_is_not_a_number(text: str) -> None:
    assert number(text) is None
    assert canonical_number(text) == text
    assert not is_value_of("Numeric", text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        *(("5", "5"), ("5.00", "5"), ("-0", "0"), ("-0.0", "0"), ("100", "100"), ("-1.50", "-1.5")),
        ("123456789012345678901234567890123456789", "123456789012345678901234567890123456789"),
        ("0.12345678901234567890123456789012345670", "0.1234567890123456789012345678901234567"),
    ],
)
def test_numbers_are_exact(text: str, canonical: str) -> None:
    assert number(text) == Decimal(text)
    assert canonical_number(text) == canonical


@pytest.mark.parametrize("text", NO_NETWORKS)
def test_what_is_not_a_range_of_addresses(text: str) -> None:
    assert network(text) is None
    assert not is_value_of("IPAddress", text)


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.7/24", "203.0.113.0/24"),
        ("0.0.0.0/0", "0.0.0.0/0"),
        ("2001:DB8::1", "2001:db8::1/128"),
        ("2001:db8:0::/32", "2001:db8::/32"),
        ("::/0", "::/0"),
    ],
)
def test_ranges_of_addresses(text: str, canonical: str) -> None:
    assert str(network(text)) == canonical


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        *(("2026", True), ("2026-12", True), ("2026-12-31", True), ("1767225600", True)),
        *(("2026-12-31T23:59Z", True), ("2026-12-31T23:59:59.5+01:00", True)),
        *(("2026-13", False), ("2026-12-32", False), ("2026-12-31T24:00Z", False)),
        *(("2026-12-31 23:59Z", False), ("\uff12026", False), ("tomorrow", False), ("", False)),
    ],
)
def test_dates(text: str, valid: bool) -> None:  # noqa: FBT001
    assert is_value_of("Date", text) is valid


def test_case_is_ignored_in_ascii_only() -> None:
    assert lower("TeamÄ\u212a") == "teamÄ\u212a"
    assert lower("Team") == "team"


@pytest.mark.parametrize(
    ("operator", "key", "values"),
    [
        ("NumericLessThanEquals", "s3:max-keys", ["1_000", "100"]),
        ("NumericLessThan", "s3:max-keys", ["NaN", "5"]),
        ("NumericLessThan", "s3:max-keys", ["sNaN", "5"]),
        ("NumericGreaterThan", "s3:max-keys", ["1e999999999", "5"]),
        ("NumericLessThan", "s3:max-keys", [" 50", "5"]),
        ("IpAddress", "aws:SourceIp", ["10.0.0.0/255.0.0.0", "10.1.0.0/16"]),
        ("IpAddress", "aws:SourceIp", ["203.0.113.7/0.0.0.255"]),
        ("StringEqualsIgnoreCase", "aws:PrincipalTag/team", ["\u212a", "k"]),
    ],
)
def test_no_safe_fix_reasons_with_a_value_that_is_not_known(
    operator: str, key: str, values: list[str]
) -> None:
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}
    document = {
        "Version": "2012-10-17",
        "Statement": [{**statement, "Condition": {operator: {key: values}}}],
    }
    report = lint_source(Source("a.json", json.dumps(document)), enabled=rules())
    assert not [finding for finding in report.findings if finding.rule == "internal-error"]
    fixes = [fix for finding in report.findings for fix in finding.fixes]
    assert not [fix.title for fix in fixes if fix.safety.value == "safe"]


def test_the_greatest_of_long_numbers_decides() -> None:
    low, high = "9" * 30, "9" * 29 + "8"
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}
    condition = {"NumericLessThan": {"s3:max-keys": [high, low]}}
    document = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": condition}]}
    report = lint_source(Source("a.json", json.dumps(document)), enabled=rules())
    [finding] = [
        finding for finding in report.findings if finding.rule == "redundant-condition-value"
    ]
    assert f"Only the value {low} has an effect" in finding.title
