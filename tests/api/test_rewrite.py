"""The library's calls that rewrite and compare policies."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml

from multitool_lint import Source, diff, expand, shrink, tighten

Policy = dict[str, Any]


def policy(*actions: str) -> Policy:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def actions(found: object) -> list[str]:
    document = json.loads(found) if isinstance(found, str) else found
    assert isinstance(document, dict)
    listed: list[str] = document["Statement"][0]["Action"]
    return listed


def test_expand_a_dict() -> None:
    given = policy("sqs:Send*")
    result = expand(given)
    assert actions(result.policy) == ["sqs:SendMessage"]
    assert given == policy("sqs:Send*")
    assert "1 action" in result.applied[0]


def test_expand_chooses() -> None:
    assert actions(expand(policy("sqs:Send*", "sns:Pub*"), service="sns").policy) == [
        "sqs:Send*",
        "sns:Publish",
    ]


def test_shrink_a_text() -> None:
    text = json.dumps(policy("sqs:GetQueueUrl", "sqs:GetQueueAttributes"))
    result = shrink(text, whole_words=True)
    assert isinstance(result.policy, str)
    assert actions(result.policy) == ["sqs:Get*"]
    assert actions(expand(result.policy).policy) == ["sqs:GetQueueAttributes", "sqs:GetQueueUrl"]


def test_shrink_to_a_size_splits_if_wanted() -> None:
    large = policy("*")
    large["Statement"] = [
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::bucket-{number}/*"}
        for number in range(100)
    ]
    refused = shrink(large, target_size=6144)
    assert refused.problems
    assert refused.policy == large
    result = shrink(large, target_size=6144, split=True)
    assert len(result.policies) > 1
    assert all(len(json.dumps(policy, separators=(",", ":"))) <= 6144 for policy in result.policies)


def test_tighten_to_what_was_used() -> None:
    result = tighten(policy("sqs:*", "s3:GetObject"), used=["sqs:SendMessage", "s3:GetObject"])
    assert actions(result.policy) == ["sqs:SendMessage", "s3:GetObject"]


def test_what_cannot_be_done_is_a_problem() -> None:
    result = tighten(policy("sqs:SendMessage"), levels=["List"], all_actions=True)
    assert result.policy == policy("sqs:SendMessage")
    assert result.problems


def test_diff() -> None:
    found = diff(policy("sqs:SendMessage"), json.dumps(policy("sqs:*")))
    assert not found.lost
    [gained] = found.gained
    assert gained.certain
    assert len(gained.action_names) == len(gained.actions) > 1
    assert "sqs:DeleteQueue" in gained.action_names
    assert "sqs:SendMessage" not in gained.action_names
    [unknown] = diff(policy("sqs:SendMessage"), policy("nope:x")).gained
    assert unknown.action_names == ("nope:x",)
    assert not diff(policy("sqs:Send*"), policy("SQS:SendMessage"))
    assert diff(policy("sqs:Send*"), policy("sqs:*"))


def test_files_are_read_and_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(policy("sqs:Send*")), encoding="utf-8")
    assert actions(expand(path).policy) == ["sqs:SendMessage"]
    assert json.loads(path.read_text(encoding="utf-8")) == policy("sqs:Send*")


YAML = """\
Version: "2012-10-17"
Statement: # all
  - Effect: Allow
    Action: [sqs:*]
    Resource: "*"
"""


def test_what_is_not_json_is_rewritten_in_its_place(tmp_path: Path) -> None:
    before = "Resources:\n  A:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
    template = f"{before}      PolicyDocument:\n{indent(YAML, ' ' * 8)}"
    for text in (YAML, template):
        after = text.replace("sqs:*", "sqs:SendMessage")
        result = tighten(text, used=["sqs:SendMessage"])
        assert result.policies == (after,)
        assert len(result.applied) == 1
        assert shrink(after, max_wildcards=0).policy == after
        assert "sqs:SendMessage" in str(expand(text).policy)
    path = tmp_path / "policy.yaml"
    path.write_text(YAML, encoding="utf-8")
    assert tighten(path, used=["sqs:SendMessage"]).policy == YAML.replace(
        "sqs:*", "sqs:SendMessage"
    )


def test_what_aws_prints_is_not_rewritten() -> None:
    printed = json.dumps({"PolicyVersion": {"Document": policy("sqs:*"), "VersionId": "v1"}})
    with pytest.raises(ValueError, match="change them where they come from"):
        expand(printed)


def test_levels_are_named_as_aws_or_as_the_command_does() -> None:
    for levels in (
        ["Permissions management"],
        ["permissions-management"],
        "permissions-management",
    ):
        result = tighten(policy("sqs:*"), levels=levels, access_levels="aws")
        assert actions(result.policy)[:2] == ["sqs:AddPermission", "sqs:RemovePermission"]


def test_what_was_used_may_be_in_files(tmp_path: Path) -> None:
    path = tmp_path / "cloudtrail.json"
    record = {"eventSource": "sqs.amazonaws.com", "eventName": "SendMessage"}
    error = {**record, "eventName": "DeleteQueue", "errorCode": "AccessDenied"}
    path.write_text(json.dumps({"Records": [record, error]}), encoding="utf-8")
    assert actions(tighten(policy("sqs:*"), used=path).policy) == ["sqs:SendMessage"]
    both = tighten(policy("sqs:*"), used=["sqs:ListQueues", tmp_path], include_errors=True)
    assert actions(both.policy) == ["sqs:DeleteQueue", "sqs:ListQueues", "sqs:SendMessage"]
    with pytest.raises(ValueError, match=r"missing\.json: no such file"):
        tighten(policy("sqs:*"), used=tmp_path / "missing.json")
    with pytest.raises(ValueError, match="soon"):
        tighten(policy("sqs:*"), used=path, used_since="soon")


def test_a_path_is_not_a_text() -> None:
    with pytest.raises(TypeError, match=r'or a file: Path\("cloudtrail.json"\)'):
        tighten(policy("sqs:*"), used="cloudtrail.json")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match=r'a file is a Path\("cloudtrail.json"\)'):
        tighten(policy("sqs:*"), used=["cloudtrail.json"])


SEVERAL = """\
Version: "2012-10-17"
Statement:
  - Effect: Allow
    Action: ["sqs:Send*", "sqs:*", "sns:Pub*"]
    Resource: "*"
  - Effect: Allow
    Action: "sqs:*"
    Resource: "*"
"""


@pytest.mark.parametrize("as_json", [False, True])
def test_only_what_is_at_a_place(as_json: bool) -> None:  # noqa: FBT001 - a parameter
    source = Source("policy.yaml", SEVERAL)
    if as_json:
        source = Source("policy.json", json.dumps(yaml.safe_load(SEVERAL), indent=2))
    text = source.text
    place = text.index("sqs:Send*") + 2
    result = expand(source, at=place)
    assert result.policy == text.replace("sqs:Send*", "sqs:SendMessage")
    assert len(result.applied) == 1
    assert tighten(source, at=place, levels=["Read"]).problems == ()
    used = tighten(source, at=text.index("sqs:*"), used=["sqs:ListQueues"])
    assert used.policy == text.replace("sqs:*", "sqs:ListQueues", 1)
    second = text.rindex("Effect")
    last = tighten(source, at=second, used=["sqs:ListQueues"], by_resource=True)
    assert str(last.policy).startswith(text[: text.rindex("Action") - 1])
    assert str(last.policy).count("sqs:*") == 1
    with pytest.raises(ValueError, match=r"policy\.(yaml|json):1:1: no action or statement here"):
        expand(source, at=0)


def test_an_action_that_was_used_and_is_not_known() -> None:
    result = tighten(policy("sqs:*"), used=["sqs:SendMessages"])
    assert 'did you mean "sqs:SendMessage"?' in result.notes[0]


@pytest.mark.parametrize(
    ("call", "arguments", "message"),
    [
        (tighten, {"levels": ["reed"]}, '"reed" is not one of list, read, '),
        (expand, {"levels": ["reed"]}, '"reed" is not one of list, read, '),
        (expand, {"action": "s3:GetObject"}, "has no wildcard"),
        (expand, {"service": "dynamo"}, 'did you mean "dynamodb"?'),
        (expand, {"invert_not_action": True, "service": "s3"}, "without other choices"),
        (tighten, {"by_resource": True, "arns": ["bucket"]}, '"bucket" is not an ARN'),
        (tighten, {"pass_role_to": "lambda"}, 'did you mean "lambda.amazonaws.com"?'),
        (shrink, {"target_size": 0}, "no policy has a size"),
        (shrink, {"split": True}, "split needs a target_size"),
        (shrink, {"max_wildcards": -1}, "not negative"),
    ],
)
def test_arguments_that_make_no_sense(
    call: Callable[..., object], arguments: dict[str, object], message: str
) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        call(policy("sqs:*"), **arguments)


@pytest.mark.parametrize(
    ("given", "message"),
    [("{}", "no policy: an object without a Statement"), ('{"Statement": [}', "<policy>:1:")],
)
def test_what_is_not_a_policy(given: str, message: str) -> None:
    for call in (expand, shrink):
        with pytest.raises(ValueError, match=message):
            call(given)
    with pytest.raises(ValueError, match=message):
        diff(policy("sqs:*"), given)


def test_a_statement_without_a_sid_is_named_by_its_line_in_the_file() -> None:
    text = YAML + YAML.partition("# all\n")[2].replace("sqs:*", "sns:Publish")
    [merged] = [change for change in shrink(text).applied if "merged" in change]
    assert merged.startswith("<policy>:6:5: statement of line 6 merged into that of line 3:")


def test_what_is_to_be_filled_in_is_written_in_yaml_too() -> None:
    result = tighten(YAML.replace("*]", "SendMessage]"), by_resource=True)
    arn = "arn:aws:sqs:{{Region}}:{{Account}}:{{QueueName}}"
    assert result.policy == YAML.replace("*]", "SendMessage]").replace('"*"', f'"{arn}"')
    assert not result.problems
    assert tighten(str(result.policy), by_resource=True).policy == result.policy
    template = {"Resources": {"A": {"Type": "AWS::IAM::ManagedPolicy", "Properties": {}}}}
    template["Resources"]["A"]["Properties"] = {"PolicyDocument": policy("sqs:SendMessage")}
    result = tighten(json.dumps(template), by_resource=True)
    assert result.policy == json.dumps(template).replace('"*"', f'"{arn}"')


STATEMENTS = """\
Version: "2012-10-17"
Statement:
  - Effect: Allow # first
    Action: [sqs:SendMessage]
    Resource: "*"
  - Effect: Allow # second
    Action: [s3:GetObject, s3:Get*]
    Resource: {}
  - Effect: Allow # third
    Action: [sns:Publish]
    Resource: "*"
  - Effect: Allow # fourth
    Action: [iam:GetRole, iam:Get*]
    Resource: {}
"""


def test_statements_are_changed_in_place_though_others_go() -> None:
    """Nothing of one statement ends up in another, least of all a function of a template."""
    head = "Resources:\n  A:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
    for one, two in (("arn:aws:s3:::a/*", "arn:aws:iam::*:role/b"), ("!Ref A", "!GetAtt B.Arn")):
        text = STATEMENTS.format(one, two)
        if one.startswith("!"):
            text = f"{head}      PolicyDocument:\n{indent(text, ' ' * 8)}"
        result = shrink(text, max_wildcards=0)
        assert not result.problems
        after = str(result.policy)
        assert "third" not in after
        first, second, fourth = re.findall(
            r"Effect: Allow # (.*)\n +Action: (.*)\n +Res.*: (.*)", after
        )
        assert first == ("first", '[sqs:SendMessage, "sns:Publish"]', '"*"')
        assert second == ("second", "[s3:Get*]", one)
        assert fourth == ("fourth", "[iam:Get*]", two)


def test_a_statement_that_is_split_leaves_the_next_one_as_it_is() -> None:
    text = STATEMENTS.format("arn:aws:s3:::a/*", "arn:aws:iam::*:role/b")
    text = text.replace("[sqs:SendMessage]", "[sqs:SendMessage, s3:ListBucket]")
    after = str(tighten(text, by_resource=True, arns=["arn:aws:s3:::a"]).policy)
    for comment in ("second", "fourth"):
        assert text.partition(f"# {comment}")[2][:60] == after.partition(f"# {comment}")[2][:60]
