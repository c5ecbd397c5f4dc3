"""The evaluator of the tests decides as AWS's documentation says."""

from typing import Any

import pytest
from support.evaluator import Reading, Request, decide, is_allowed

ROLE = "arn:aws:iam::111122223333:role/app"
SESSION = ("AWS", "arn:aws:sts::111122223333:assumed-role/app/one")
OBJECT = "arn:aws:s3:::data/a.txt"


def policy(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(**more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*", **more}


def holds(operator: str, values: object, *actual: str, several: bool = False) -> bool:
    """Whether a condition on a key holds for a request with these values of the key."""
    context = {"aws:key": list(actual) if several else actual[0]} if actual else {}
    condition = {operator: {"aws:Key": values}}
    request = Request("s3:GetObject", OBJECT, context=context)
    return decide(policy(allow(Condition=condition)), request) == "Allow"


def test_an_explicit_deny_wins() -> None:
    both = policy(allow(), allow(Effect="Deny", Action="S3:get*"))
    assert decide(both, Request("s3:GetObject", OBJECT)) == "Deny"
    assert decide(both, Request("s3:PutObject", OBJECT)) == "None"


@pytest.mark.parametrize(
    ("pattern", "kind", "expected"),
    [
        ("arn:aws:sqs", "identity", True),
        ("arn:aws:sqs:us-*", "scp", True),
        ("arn:aws:sqs:eu-*", "identity", False),
        ("arn:aws:sqs", "resource", False),
        ("arn:aws:sqs:us-east-1:111122223333:job?", "resource", True),
        ("arn:aws:sqs:us-east-1:111122223333:JOBS", "identity", False),
    ],
)
def test_resources(pattern: str, kind: Any, expected: bool) -> None:  # noqa: ANN401, FBT001
    request = Request("sqs:SendMessage", "arn:aws:sqs:us-east-1:111122223333:jobs")
    statement = allow(Action="*", Resource=pattern)
    assert (decide(policy(statement), request, kind) == "Allow") == expected
    inverted = {**statement, "NotResource": statement.pop("Resource")}
    assert (decide(policy(inverted), request, kind) == "Allow") != expected


def test_a_wildcard_may_end_with_its_field() -> None:
    statement = allow(Resource="arn:aws:s*:data/*")
    request = Request("s3:GetObject", OBJECT)
    assert decide(policy(statement), request, "resource") == "Allow"
    assert decide(policy(statement), request, "resource", Reading(by_field=True)) == "None"


@pytest.mark.parametrize(
    ("principal", "expected"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": [ROLE]}, True),
        ({"AWS": SESSION[1]}, True),
        ({"AWS": "111122223333"}, True),
        ({"AWS": "arn:aws:iam::111122223333:root"}, True),
        ({"AWS": "444455556666", "Service": "ec2.amazonaws.com"}, False),
    ],
)
def test_principals(principal: object, expected: bool) -> None:  # noqa: FBT001
    request = Request("sts:AssumeRole", ROLE, SESSION)
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal}
    assert (decide(policy(statement), request, "trust") == "Allow") == expected
    inverted = {**statement, "NotPrincipal": statement.pop("Principal")}
    assert (decide(policy(inverted), request, "trust") == "Allow") != expected


@pytest.mark.parametrize(
    ("operator", "values", "actual", "expected"),
    [
        ("StringEquals", ["b", "a"], "a", True),
        ("StringEquals", "A", "a", False),
        ("StringEqualsIgnoreCase", "A", "a", True),
        ("StringEquals", "a*", "ab", False),
        ("StringLike", "a*", "ab", True),
        ("StringLike", "a${*}", "ab", False),
        ("StringNotEquals", ["b", "a"], "a", False),
        ("NumericEquals", "10.0", "10", True),
        ("NumericLessThan", "1_000", "5", False),
        ("NumericLessThanEquals", 10, "10", True),
        ("NumericGreaterThan", "NaN", "5", False),
        ("NumericGreaterThanEquals", "\uff19", "10", False),
        ("DateLessThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", True),
        ("DateGreaterThanEquals", "2030-01-01T01:00:00+01:00", "1893456000", True),
        ("DateEquals", "2030-13-01", "2030-01-01", False),
        ("Bool", True, "TRUE", True),
        ("Bool", "yes", "true", False),
        ("BinaryEquals", "QQ==", "QQ==", True),
        ("IpAddress", "10.1.2.3/8", "10.200.0.1", True),
        ("IpAddress", "10.0.0.0/255.0.0.0", "10.200.0.1", False),
        ("NotIpAddress", "10.0.0.0/0.255.255.255", "10.200.0.1", True),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("IpAddress", "0.0.0.0/0", "2001:db8::1", False),
        ("ArnLike", "arn:aws:s*:::data/*", OBJECT, True),
        ("ArnEquals", "arn:aws:s*:data/*", OBJECT, False),
        ("ArnNotLike", "arn:aws:s3:::other/*", OBJECT, True),
    ],
)
def test_operators(operator: str, values: object, actual: str, expected: bool) -> None:  # noqa: FBT001
    assert holds(operator, values, actual) == expected


@pytest.mark.parametrize(
    ("operator", "absent"),
    [
        ("StringEquals", False),
        ("StringNotEquals", True),
        ("StringEqualsIfExists", True),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
    ],
)
def test_a_key_that_is_absent(operator: str, absent: bool) -> None:  # noqa: FBT001
    assert holds(operator, "a") == absent


def test_null() -> None:
    assert holds("Null", "true")
    assert holds("Null", "false", "a")
    assert not holds("Null", "true", "a")
    for value in (True, False):
        assert holds("ForAllValues:Null", value)
        assert holds("ForAllValues:Null", value, "a")
        assert not holds("ForAnyValue:Null", value)
        assert not holds("ForAnyValue:Null", value, "a")


def test_several_values() -> None:
    assert holds("ForAllValues:StringEquals", ["a", "b"], "a", "b", several=True)
    assert not holds("ForAllValues:StringEquals", ["a"], "a", "b", several=True)
    assert holds("ForAnyValue:StringEquals", ["a"], "a", "b", several=True)
    assert holds("ForAnyValue:StringNotEquals", ["a"], "a", "b", several=True)
    assert not holds("ForAllValues:StringNotEquals", ["a"], "a", "b", several=True)
    assert not holds("StringEquals", ["a", "b"], "a", "b", several=True)


def test_variables() -> None:
    statement = allow(Resource="arn:aws:s3:::data/${aws:username}.txt")
    absent = Request("s3:GetObject", OBJECT)
    present = Request("s3:GetObject", OBJECT, context={"aws:username": "a"})
    assert decide(policy(statement), present) == "Allow"
    assert decide(policy(statement), absent) == "None"
    assert decide(policy(statement, version="2008-10-17"), present) == "None"
    default = allow(Resource="arn:aws:s3:::data/${aws:username, 'a'}.txt")
    assert decide(policy(default), absent) == "Allow"
    wildcard = Request("s3:GetObject", OBJECT, context={"aws:username": "*"})
    assert decide(policy(statement), wildcard) == "None"


def test_policies_together() -> None:
    request = Request("s3:GetObject", OBJECT)
    granting, denying = policy(allow()), policy(allow(Effect="Deny"))
    bucket = policy(allow(Principal={"AWS": "111122223333"}))
    assert is_allowed(request, identity=[granting])
    assert not is_allowed(request, identity=[granting, denying])
    assert is_allowed(request, resource=bucket)
    assert not is_allowed(request, resource=bucket, identity=[denying])
    assert is_allowed(request, identity=[granting], scps=[policy(allow(Action="*"))])
    assert not is_allowed(request, identity=[granting], scps=[policy(allow(Action="s3:Put*"))])
    role = Request("sts:AssumeRole", ROLE)
    trust = policy({"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"})
    assert is_allowed(role, trust=trust)
    assert not is_allowed(role, trust=policy({**trust["Statement"][0], "Principal": {"AWS": "4"}}))


def test_an_unreadable_value_can_be_read_in_any_way() -> None:
    condition = {"NumericLessThan": {"aws:Key": "1_000"}}
    request = Request("s3:GetObject", OBJECT, context={"aws:key": "5"})
    document = policy(allow(Condition=condition))
    assert decide(document, request) == "None"
    reading = Reading(unreadable=lambda _operator, _value, _actual: True)
    assert decide(document, request, "identity", reading) == "Allow"
