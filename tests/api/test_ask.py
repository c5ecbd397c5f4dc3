"""`can` and `who_can` of the library."""

from pathlib import Path

import pytest

from multitool_lint import Decision, can, who_can

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "questions" / "template.yaml"
OBJECT = "arn:aws:s3:::example-data/report.csv"


def test_can() -> None:
    found = can("reader", "s3:GetObject", OBJECT, files=EXAMPLE)
    assert found[:3] == ("Reader", "reader", "role")
    assert found.place == f"{EXAMPLE}:6:3"
    assert found.evaluation.is_allowed is None
    assert found.evaluation.missing == ("aws:SourceIp",)
    context = {"aws:SourceIp": "10.1.2.3"}
    found = can("Reader", "s3:GetObject", OBJECT, files=[EXAMPLE.parent], context=context)
    assert found.evaluation.is_allowed


def test_who_can() -> None:
    found = list(who_can("sqs:SendMessage", files=EXAMPLE))
    assert [(one.name, one.roles) for one in found] == [("reader", ()), ("pipeline", ("Reader",))]
    assert {one.evaluation.decision for one in found} == {Decision.ALLOWED}
    (first, second) = who_can("s3:GetObject", OBJECT, files=EXAMPLE)
    assert second.evaluation.missing == first.evaluation.missing == ("aws:SourceIp",)


def test_control_policies() -> None:
    def policy(effect: str, action: str) -> dict[str, object]:
        statement = {"Effect": effect, "Action": action, "Resource": "*"}
        return {"Version": "2012-10-17", "Statement": [statement]}

    allow, deny = policy("Allow", "*"), policy("Deny", "sts:AssumeRole")
    found = who_can("sqs:SendMessage", files=EXAMPLE, scps=[[allow], [allow, deny]])
    assert [one.name for one in found] == ["reader"]
    answer = can("Reader", "sqs:SendMessage", files=EXAMPLE, scps=[[deny]])
    assert answer.evaluation.is_allowed is False


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match='"read" is not among Reader, Pipeline'):
        can("read", "s3:GetObject", files=EXAMPLE)
    with pytest.raises(ValueError, match="not an action"):
        can("reader", "s3:GetObjec", files=EXAMPLE)
    with pytest.raises(ValueError, match="12 digits"):
        can("reader", "s3:GetObject", files=EXAMPLE, resource_account="1")
    with pytest.raises(ValueError, match="no such file"):
        list(who_can("s3:GetObject", files=tmp_path / "gone.json"))
