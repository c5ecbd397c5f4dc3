"""The library's calls that rewrite and compare policies."""

import json
from pathlib import Path
from typing import Any

import pytest

from multitool_lint import diff, expand, shrink, tighten

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
    assert all(len(json.dumps(each, separators=(",", ":"))) <= 6144 for each in result.policies)


def test_tighten_to_what_was_used() -> None:
    result = tighten(policy("sqs:*", "s3:GetObject"), used=["sqs:SendMessage", "s3:GetObject"])
    assert actions(result.policy) == ["sqs:SendMessage", "s3:GetObject"]


def test_what_cannot_be_done_is_a_problem() -> None:
    result = tighten(policy("sqs:SendMessage"), levels=["List"], strict=True)
    assert result.policy == policy("sqs:SendMessage")
    assert result.problems


def test_diff() -> None:
    found = diff(policy("sqs:SendMessage"), json.dumps(policy("sqs:*")))
    assert not found.lost
    [gained] = found.gained
    assert gained.certain
    assert not any(diff(policy("sqs:Send*"), policy("SQS:SendMessage")))


def test_files_are_read_and_stay_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_text(json.dumps(policy("sqs:Send*")), encoding="utf-8")
    assert actions(expand(path).policy) == ["sqs:SendMessage"]
    assert json.loads(path.read_text(encoding="utf-8")) == policy("sqs:Send*")


@pytest.mark.parametrize(
    ("given", "message"),
    [("{}", "no policy: an object without a Statement"), ('{"Statement": [}', "<policy>:1:")],
)
def test_what_is_no_policy(given: str, message: str) -> None:
    for call in (expand, shrink):
        with pytest.raises(ValueError, match=message):
            call(given)
    with pytest.raises(ValueError, match=message):
        diff(policy("sqs:*"), given)
