"""Which identities may do something, also through roles."""

import json
import random
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.ask.can import Question, answer
from multitool_lint.ask.deployed import Deployed
from multitool_lint.ask.who_can import Access, who_can
from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.cli import main
from multitool_lint.formats.policies import policies_of
from multitool_lint.policy.evaluation.decision import Decision
from multitool_lint.policy.policy_set import PolicySet
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

Levels = tuple[tuple[PolicySet, ...], ...]
Output = pytest.CaptureFixture[str]
ARN = "arn:aws:iam::111122223333"
ROOT = {"AWS": f"{ARN}:root"}
OBJECT = "arn:aws:s3:::data/x"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def document(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [*statements]}


def allow(action: str, resource: str = "*", **more: object) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def role(name: str, trusted: object, *statements: dict[str, Any]) -> dict[str, Any]:
    trust = {"Effect": "Allow", "Principal": trusted, "Action": "sts:AssumeRole"}
    return {
        "RoleName": name,
        "Arn": f"{ARN}:role/{name}",
        "AssumeRolePolicyDocument": document(trust),
        "RolePolicyList": [{"PolicyName": "p", "PolicyDocument": document(*statements)}],
    }


def account(*roles: dict[str, Any], users: tuple[dict[str, Any], ...] = ()) -> Deployed:
    text = json.dumps({"RoleDetailList": roles, "UserDetailList": users})
    Path("account.json").write_text(text, encoding="utf-8")
    return Deployed(["account.json"], bundled())


def question(action: str, resource: str = OBJECT) -> Question:
    return Question(action, resource, {}, bundled())


def shown(access: Access) -> tuple[str, ...]:
    names = (step.identity.name for step in (*access.roles, access.answer))
    return (*names, "yes" if access.is_certain else "depends")


def test_directly_and_through_roles() -> None:
    found = account(
        role("reader", ROOT, allow("s3:Get*")),
        role("other", ROOT, allow("s3:Put*")),
        role("first", ROOT, allow("sts:AssumeRole", f"{ARN}:role/second")),
        role("second", {"AWS": f"{ARN}:role/first"}, allow("sts:*", f"{ARN}:role/reader")),
        role("named", {"Service": "ec2.amazonaws.com"}, allow("sts:AssumeRole", f"{ARN}:role/x")),
        role("trusts", {"AWS": f"{ARN}:role/other"}, allow("s3:GetObject", "arn:aws:s3:::d*")),
    )
    assert [*map(shown, who_can(question("s3:GetObject"), found))] == [
        ("reader", "yes"),
        ("trusts", "yes"),
        ("second", "reader", "yes"),
        ("other", "trusts", "yes"),
        ("first", "second", "reader", "yes"),
    ]
    assert [*map(shown, who_can(question("s3:DeleteObject"), found))] == []


def test_a_chain_depends_on_each_step() -> None:
    mfa = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    found = account(
        role("reader", ROOT, allow("s3:Get*")),
        role("first", ROOT, allow("sts:AssumeRole", Condition=mfa)),
    )
    assert [*map(shown, who_can(question("s3:GetObject"), found))] == [
        ("reader", "yes"),
        ("first", "reader", "depends"),
    ]


def test_who_can_assume_a_role() -> None:
    found = account(
        role("reader", ROOT),
        role("first", ROOT, allow("sts:AssumeRole", f"{ARN}:role/reader")),
        role("elsewhere", ROOT, allow("sts:AssumeRole", f"{ARN}:role/other")),
    )
    asked = question("sts:AssumeRole", f"{ARN}:role/reader")
    assert [*map(shown, who_can(asked, found))] == [("first", "yes")]


@pytest.mark.parametrize("seed", range(20))
def test_the_index_leaves_out_none(seed: int) -> None:
    choose = random.Random(seed)  # noqa: S311 - cases, no secrets
    actions = ("s3:GetObject", "s3:*", "*", "s3:Put*", "ec2:*", "sts:AssumeRole")
    resources = ("*", "arn:aws:s3:::data/*", "arn:aws:s3:::other/*", f"{ARN}:role/r1")

    def statement() -> dict[str, Any]:
        made = allow(choose.choice(actions), choose.choice(resources))
        made["Effect"] = choose.choice(("Allow", "Allow", "Allow", "Deny"))
        if choose.random() < 0.2:
            made["NotAction"] = made.pop("Action")
        if choose.random() < 0.2:
            made["NotResource"] = made.pop("Resource")
        return made

    trusted = (ROOT, {"Service": "ec2.amazonaws.com"}, {"AWS": f"{ARN}:role/r2"}, "*")
    roles = [
        role(f"r{n}", choose.choice(trusted), *(statement() for _ in range(choose.randrange(3))))
        for n in range(6)
    ]
    found = account(*roles)
    for asked in (question("s3:GetObject"), question("s3:PutObject", "*")):
        able = {identity.name for identity in found.identities if may(identity.name, asked, found)}
        steps = {
            (by.name, to.name)
            for by in found.identities
            for to in found.identities
            if by is not to and may(by.name, question("sts:AssumeRole", to.arn), found)
        }
        for _ in found.identities:
            able |= {by for by, to in steps if to in able}
        assert {access.identity.name for access in who_can(asked, found)} == able


def may(name: str, asked: Question, found: Deployed) -> bool:
    decided = answer(found.named(name), asked, found).decision.decision
    return decided in (Decision.ALLOWED, Decision.UNKNOWN)


def test_the_command(capsys: Output) -> None:
    account(
        role("reader", ROOT, allow("s3:Get*")),
        role("first", ROOT, allow("sts:AssumeRole", f"{ARN}:role/reader")),
    )
    assert main(["who-can", "s3:GetObject", OBJECT]) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert lines[0] == 'yes: role "reader" (account.json:1:21)'
    assert lines[2].startswith('yes: role "first" (account.json:1:')
    assert lines[2].endswith('), which may assume role "reader"')
    assert [line.rpartition(" ")[2] for line in lines[3:]] == ["Allow", "Allow", "Allow"]
    assert err == "2 of 2 identities\n"
    assert main(["who-can", "s3:GetObject", OBJECT, "account.json", "--format=json"]) == 0
    first, second = json.loads(capsys.readouterr().out)["identities"]
    assert first["answer"] == "yes"
    assert first["through"] == []
    assert second["identity"]["name"] == "first"
    assert [step["identity"]["name"] for step in second["through"]] == ["reader"]
    assert main(["who-can", "s3:PutObject", OBJECT]) == 1
    assert main(["who-can", "s3:PutObjec"]) == 2
    assert main(["who-can"]) == 2


def test_modules_that_are_not_there_are_said(capsys: Output) -> None:
    called = 'module "roles" {\n  source = "terraform-aws-modules/iam/aws"\n}\n'
    Path("main.tf").write_text(f'{called}resource "aws_iam_user" "u" {{}}\n', encoding="utf-8")
    assert main(["who-can", "s3:GetObject"]) == 2
    said = "not read: the modules at main.tf:1:1, which are not in these files"
    assert capsys.readouterr().err.splitlines() == [said, "0 of 1 identities"]
    assert main(["who-can", "s3:GetObject", "--format", "json"]) == 2
    [missing] = json.loads(capsys.readouterr().out)["missing"]
    assert missing["place"] == "main.tf:1:1"
    assert "module.roles" in missing["reason"]
    Path("main.tf").write_text('resource "aws_iam_user" "u" {}\n', encoding="utf-8")
    assert main(["who-can", "s3:GetObject"]) == 1


def test_a_lone_policy(capsys: Output) -> None:
    Path("p.json").write_text(json.dumps(document(allow("s3:Get*"))), encoding="utf-8")
    assert main(["who-can", "s3:GetObject"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == 'yes: policy "p.json" (p.json:1:1)'
    Path("q.json").write_text('{"Version": "2012-10-17", "Statement": [', encoding="utf-8")
    assert main(["who-can", "s3:GetObject", "."]) == 2


def test_control_policies_count_at_each_step() -> None:
    found = account(
        role("reader", ROOT, allow("s3:Get*")),
        role("first", ROOT, allow("sts:AssumeRole")),
    )

    def through(account: str, scps: Levels = (), rcps: Levels = ()) -> list[tuple[str, ...]]:
        asked = question("s3:GetObject")
        asked = asked._replace(resource_account=account, scps=scps, rcps=rcps)
        return [*map(shown, who_can(asked, found))]

    def level(*statements: dict[str, Any], type: PolicyType) -> Levels:
        source = Source("given.json", json.dumps(document(*statements)))
        return ((policies_of(source, type=type),),)

    deny = {"Effect": "Deny", "Action": "sts:AssumeRole", "Resource": "*"}
    scps = level(allow("*"), deny, type=PolicyType.SCP)
    rcps = level({**deny, "Principal": "*"}, type=PolicyType.RCP)
    reader, first = ("reader", "yes"), ("first", "reader", "yes")
    assert through("111122223333") == [reader, first]
    assert through("111122223333", scps=scps) == [reader]
    assert through("111122223333", rcps=rcps) == [reader]
    # Those of another account are not known to reach the role.
    bucket = document(allow("s3:*", OBJECT, Principal=ROOT))
    Path("bucket.json").write_text(json.dumps(bucket), encoding="utf-8")
    found = Deployed(["account.json", "bucket.json"], bundled())
    assert through("444455556666", rcps=rcps) == [reader, first]
