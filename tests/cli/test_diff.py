"""What access has changed between two versions of a policy, in files and in git."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from support.git_repository import git, write

from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import DIRECTORY

SCHEMA = json.loads((Path(DIRECTORY) / "schemas" / "access-diff.json").read_text(encoding="utf-8"))
Output = pytest.CaptureFixture[str]
pytestmark = pytest.mark.usefixtures("repository")


def policy(*actions: str, **more: object) -> str:
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": "*", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def report(capsys: Output, *arguments: str, code: int = 0) -> list[dict[str, Any]]:
    assert main(["diff", *arguments, "--format", "json"]) == code
    found = json.loads(capsys.readouterr().out)
    jsonschema.Draft202012Validator(SCHEMA).validate(found)
    comparisons: list[dict[str, Any]] = found["comparisons"]
    return comparisons


def test_gained_and_lost_by_service_and_access_level(capsys: Output) -> None:
    write("old.json", policy("sqs:SendMessage", "s3:GetObject"))
    write("new.json", policy("sqs:SendMessage", "s3:PutObject", "s3:PutBucketPolicy"))
    [found] = report(capsys, "old.json", "new.json")
    [gained], [lost] = found["gained"], found["lost"]
    assert gained["actions"] == {
        "s3": {"Write": ["s3:PutObject"], "Permissions management": ["s3:PutBucketPolicy"]}
    }
    assert gained["resources"] == ["*"]
    assert gained["certain"]
    assert lost["actions"] == {"s3": {"Read": ["s3:GetObject"]}}


@pytest.mark.parametrize(
    ("operator", "changed"), [("ForAllValues:Null", "lost"), ("ForAnyValue:Null", "gained")]
)
def test_the_fix_of_null_with_a_set_operator_is_a_change(
    operator: str, changed: str, capsys: Output
) -> None:
    write("old.json", policy("ec2:CreateTags", Condition={operator: {"aws:TagKeys": "false"}}))
    write("new.json", Path("old.json").read_text("utf-8"))
    main(["fix", "--write", "--unsafe-fixes", "new.json"])
    assert '{"Null":' in Path("new.json").read_text("utf-8")
    capsys.readouterr()
    [found] = report(capsys, "old.json", "new.json")
    assert [key for key in ("gained", "lost") if found[key]] == [changed]


def test_resources_and_conditions_are_shown(capsys: Output) -> None:
    queue = "arn:aws:sqs:eu-west-1:111122223333:a"
    write("old.json", policy("sqs:SendMessage", Resource=queue))
    new = policy(
        "sqs:SendMessage", Resource=f"{queue}*", Condition={"StringLike": {"aws:SourceVpc": "v-*"}}
    )
    write("new.json", new)
    [found] = report(capsys, "old.json", "new.json")
    [gained] = found["gained"]
    assert gained["resources"] == [f"{queue}*"]
    assert gained["conditions"] == [
        {"operator": "StringLike", "key": "aws:SourceVpc", "values": ["v-*"]}
    ]
    assert main(["diff", "old.json", "new.json"]) == 0
    assert f"on {queue}* if StringLike aws:SourceVpc v-*\n" in capsys.readouterr().out


def test_differences_are_listed_in_the_order_of_the_text(capsys: Output) -> None:
    buckets = [f"arn:aws:s3:::{name}/*" for name in ("delta", "alpha", "golf", "bravo", "echo")]
    write("old.json", policy("sqs:SendMessage"))
    write("new.json", policy("s3:GetObject", Resource=buckets))
    [found] = report(capsys, "old.json", "new.json")
    assert [gained["resources"] for gained in found["gained"]] == [[bucket] for bucket in buckets]


def test_a_rewrite_that_means_the_same_makes_no_difference(capsys: Output) -> None:
    write("old.json", policy("sqs:SendMessage", "sqs:SendMessageBatch", "sqs:Send*"))
    write("new.json", policy("SQS:SendMessage*"))
    assert main(["diff", "old.json", "new.json", "--fail-on-new-access"]) == 0
    assert "access unchanged" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([], 0),
        (["--fail-on-new-access"], 1),
        (["--forbid", "s3:Put*"], 1),
        (["--forbid", "iam:*"], 0),
        (["--forbid", "iam:*", "--forbid", "*"], 1),
    ],
)
def test_exit_codes(arguments: list[str], code: int) -> None:
    write("old.json", policy("s3:GetObject"))
    write("new.json", policy("s3:GetObject", "s3:PutObject"))
    assert main(["diff", "old.json", "new.json", *arguments]) == code
    assert main(["diff", "new.json", "old.json", "--fail-on-new-access"]) == 0


def test_what_is_forbidden_may_be_denied_again() -> None:
    document = json.loads(policy("s3:*"))
    document["Statement"].append({"Effect": "Deny", "Action": "s3:Put*", "Resource": "*"})
    write("new.json", json.dumps(document))
    assert main(["diff", "new.json", "new.json", "--forbid", "s3:PutObject"]) == 0
    assert main(["diff", "new.json", "new.json", "--forbid", "s3:DeleteObject"]) == 1


def test_a_lifted_deny_is_new_access(capsys: Output) -> None:
    document = json.loads(policy("s3:*"))
    write("new.json", json.dumps(document))
    document["Statement"].append({"Effect": "Deny", "Action": "s3:PutObject", "Resource": "*"})
    write("old.json", json.dumps(document))
    [found] = report(capsys, "old.json", "new.json", "--fail-on-new-access", code=1)
    [gained] = found["gained"]
    assert gained["lifted_deny"]
    assert gained["actions"] == {"s3": {"Write": ["s3:PutObject"]}}


def test_a_removed_condition_is_proved_by_a_request(capsys: Output) -> None:
    condition = {"Bool": {"aws:MultiFactorAuthPresent": "true"}}
    everyone = {"Principal": {"AWS": "111122223333"}, "Resource": "arn:aws:s3:::data/*"}
    write("old.json", policy("s3:GetObject", **everyone, Condition=condition))
    write("new.json", policy("s3:GetObject", **everyone))
    [found] = report(capsys, "old.json", "new.json")
    caller = "arn:aws:iam::111122223333:user/example"
    [gained] = found["gained"]
    assert gained["certain"]
    assert gained["example"] == {
        "principal": {"type": "AWS", "value": caller},
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::data/example",
        "context": {"aws:MultiFactorAuthPresent": None},
        "assumptions": [],
    }
    main(["diff", "old.json", "new.json"])
    assert capsys.readouterr().out.endswith(
        f"    for example: Principal {caller}, s3:GetObject on arn:aws:s3:::data/example, "
        "aws:MultiFactorAuthPresent absent\n"
    )
    main(["diff", "old.json", "new.json", "--format", "markdown"])
    assert (
        f"  - for example: Principal `{caller}`, `s3:GetObject` on `arn:aws:s3:::data/example`, "
        "`aws:MultiFactorAuthPresent` absent\n"
    ) in capsys.readouterr().out


def test_why_a_difference_is_not_proved_and_what_would_show_it(capsys: Output) -> None:
    def version(value: str) -> str:
        return policy("s3:GetObject", Condition={"NumericEquals": {"s3:max-keys": value}})

    write("old.json", version("1_000"))
    write("new.json", version("2_000"))
    [found] = report(capsys, "old.json", "new.json", "--fail-on-new-access", code=1)
    [gained] = found["gained"]
    assert not gained["certain"]
    assert gained["doubt"] == 'what "1_000" matches is not known'
    assert [assumption["meaning"] for assumption in gained["example"]["assumptions"]] == [
        "matches no value",
        "matches every value",
    ]
    main(["diff", "old.json", "new.json"])
    assert (
        "    for example, if NumericEquals 1_000 matches no value and NumericEquals 2_000 matches "
        "every value: s3:GetObject on arn:aws:s3:::example/example, s3:max-keys = 1\n"
        f"    not proved: {gained['doubt']}\n"
    ) in capsys.readouterr().out


def test_the_values_of_a_template_for_which_access_is_new(capsys: Output) -> None:
    for version in ("old", "new"):
        write(f"{version}.json", policy("s3:GetObject", Resource=f"arn:aws:s3:::${{{version}}}/*"))
    [found] = report(capsys, "old.json", "new.json", "--fail-on-new-access", code=1)
    [gained] = found["gained"]
    assert not gained["certain"]
    assert gained["example"] == {
        "principal": None,
        "action": "s3:GetObject",
        "resource": "arn:aws:s3:::example1/example",
        "context": {},
        "assumptions": [
            {"subject": "${new}", "meaning": "is", "value": "example1"},
            {"subject": "${old}", "meaning": "is", "value": "example2"},
        ],
    }
    main(["diff", "old.json", "new.json", "--format", "markdown"])
    assert (
        "  - for example, if `${new}` is `example1` and `${old}` is `example2`: `s3:GetObject` on "
        "`arn:aws:s3:::example1/example`\n"
    ) in capsys.readouterr().out


def test_an_example_of_what_is_no_longer_denied(capsys: Output) -> None:
    deny = {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": "*"}
    document = json.loads(policy("s3:GetObject"))
    write("new.json", json.dumps(document))
    document["Statement"].append(deny)
    write("old.json", json.dumps(document))
    [found] = report(capsys, "old.json", "new.json", "--fail-on-new-access", code=1)
    [gained] = found["gained"]
    assert not gained["certain"]
    assert gained["example"]["action"] == "sqs:SendMessage"
    assert gained["doubt"] == "it is not allowed here; other policies may allow it"


@pytest.mark.slow
def test_too_much_to_compare_is_not_blamed_on_a_statement(capsys: Output) -> None:
    for version in ("old", "new"):
        keys = {f"aws:RequestTag/{version}{number}": "a" for number in range(7_000)}
        write(f"{version}.json", policy("s3:GetObject", Condition={"StringEquals": keys}))
    [found] = report(capsys, "old.json", "new.json", "--fail-on-new-access", code=1)
    [gained] = found["gained"]
    assert gained["actions"] == {"s3": {"Read": ["s3:GetObject"]}}
    assert (gained["certain"], gained["unclear"]) == (False, None)
    assert gained["doubt"] == "there is too much to compare"
    main(["diff", "old.json", "new.json"])
    reason = "    not proved: there is too much to compare\n"
    assert capsys.readouterr().out.startswith(
        "1 possible permission for new.json, 1 permission removed\n"
        f"old.json -> new.json\n  adds access (possibly)\n    Read: s3:GetObject\n{reason}"
    )


def test_the_doubt_about_another_statement_has_its_reason(capsys: Output) -> None:
    def version(*actions: str) -> str:
        unclear = {"Effect": "Deny", "Action": "s3:*", "Resource": "*"}
        document = json.loads(policy(*actions))
        document["Statement"].append(unclear | {"Condition": {"StringSame": {"aws:userid": "a"}}})
        return json.dumps(document)

    write("old.json", version("s3:GetObject"))
    write("new.json", version("s3:GetObject", "s3:PutObject"))
    [gained] = report(capsys, "old.json", "new.json")[0]["gained"]
    assert gained["doubt"] == (
        'what another statement means is not known: "StringSame" is not a condition operator'
    )


def test_what_is_not_known_is_a_difference(capsys: Output) -> None:
    write("old.json", policy("s3:GetObject", Resource="${bucket.a.arn}"))
    write("new.json", policy("s3:GetObject", Resource="${bucket.b.arn}"))
    [found] = report(capsys, "old.json", "new.json", "--fail-on-new-access", code=1)
    assert not found["gained"][0]["certain"]


def test_versions_in_git(capsys: Output) -> None:
    write("a/policy.json", policy("s3:GetObject"))
    git("add", ".")
    git("commit", "-qm", "first")
    write("a/policy.json", policy("s3:GetObject", "s3:PutObject"))
    [found] = report(capsys, "HEAD:a/policy.json", "a/policy.json")
    assert found["gained"][0]["actions"] == {"s3": {"Write": ["s3:PutObject"]}}
    [found] = report(capsys, "HEAD:a/policy.json", ":a/policy.json")
    assert not found["gained"]


def test_staged_files_are_compared_with_head(capsys: Output) -> None:
    write("same.json", policy("s3:GetObject"))
    write("wider.json", policy("s3:GetObject"))
    write("package.json", "{}")
    git("add", ".")
    git("commit", "-qm", "first")
    write("wider.json", policy("s3:*"))
    write("new.json", policy("*"))
    git("add", ".")
    write("wider.json", policy("s3:GetObject"))  # not staged
    names = ["same.json", "wider.json", "package.json", "new.json"]
    gate = ["diff", "--staged", "--fail-on-new-access"]
    assert main([*gate, *names]) == 1
    out, err = capsys.readouterr()
    assert out.count("adds access") == 2
    assert "HEAD:new.json: no such file in HEAD" in err
    assert "HEAD:new.json -> :new.json\n  adds access on *\n    all" in out
    assert "package.json" not in err
    assert main([*gate, "same.json", "new.json"]) == 1
    capsys.readouterr()
    assert main([*gate, "--allow-new-files", "same.json", "new.json"]) == 0
    out = capsys.readouterr().out
    assert out == "passed: access unchanged, 1 new file not compared\n"
    assert main([*gate, "--allow-new-files", "--forbid", "iam:*", "new.json"]) == 1
    write("package.json", policy("*"))
    git("add", ".")
    assert main([*gate, "--allow-new-files", "package.json"]) == 1


@pytest.mark.parametrize("names", [[], ["policy.json"]])
def test_before_the_first_commit_nothing_is_compared(names: list[str], capsys: Output) -> None:
    write("policy.json", policy("*"))
    git("add", ".")
    assert main(["diff", "--staged", "--fail-on-new-access", *names]) == 0
    out, err = capsys.readouterr()
    assert out == "passed: access unchanged, 1 new file not compared\n"
    assert err == "note: there is no commit yet: there is nothing to compare with\n"
    assert main(["diff", "--staged", "--forbid", "iam:*", *names]) == 1


def test_on_a_branch_without_commits_everything_is_new(capsys: Output) -> None:
    write("policy.json", policy("*"))
    git("add", ".")
    git("commit", "-qm", "first")
    git("checkout", "-q", "--orphan", "other")
    assert main(["diff", "--staged", "--fail-on-new-access"]) == 1
    assert "new permissions" in capsys.readouterr().out


def test_a_renamed_file_is_compared_with_what_it_was(
    capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Git compares line by line what may be the same file.
    lines = policy("s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation").replace(", ", ",\n")
    write("old/policy.json", lines)
    git("add", ".")
    git("commit", "-qm", "first")
    Path("old").rename("new")
    write("new/policy.json", lines.replace("s3:GetBucketLocation", "s3:PutObject"))
    git("add", ".")
    assert main(["diff", "--staged", "--fail-on-new-access", "new/policy.json"]) == 1
    out = capsys.readouterr().out
    assert out.startswith(
        "stopped: 1 new permission for new/policy.json, 1 permission removed\n"
        "HEAD:old/policy.json -> :new/policy.json\n"
    )
    assert "Write: s3:PutObject" in out
    monkeypatch.chdir("new")
    assert main(["diff", "--staged", "--fail-on-new-access", "policy.json"]) == 1
    # The folder that it was in is gone, and can still be named.
    assert main(["diff", "HEAD:../old/policy.json", "policy.json"]) == 0
    assert "Write: s3:PutObject" in capsys.readouterr().out


def test_policies_of_a_page_are_compared_one_by_one(capsys: Output) -> None:
    page = "# A\n\n```json\n{}\n```\n\n# B\n\n```json\n{}\n```\n"
    one, two, wide = policy("s3:GetObject"), policy("sqs:SendMessage"), policy("sqs:*")
    write("old.md", page.replace("{}", one, 1).replace("{}", two, 1))
    write("new.md", page.replace("{}", one, 1).replace("{}", wide, 1))
    same, wider = report(capsys, "old.md", "new.md")
    assert not same["gained"]
    assert list(wider["gained"][0]["actions"]) == ["sqs"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["old.json"], "expected two versions"),
        (["old.json", "missing.json"], "error: missing.json: no such file or directory"),
        (["old.json", "broken.json"], "error: broken.json:1:2: "),
        (["old.json", "other.json"], "error: other.json: no policy: an object without a"),
        (
            ["HEAD:old.json", "old.json"],
            "HEAD:old.json: no such revision: the file is not in a git ",
        ),
        (["-x:old.json", "old.json"], "is not an option of diff"),
        (["nope/HEAD:a/old.json", "old.json"], "error: nope/HEAD:a/old.json: no such revision"),
        (["old.json", "old.json", "--forbid", "PassRole"], "is not an action such as iam:PassRole"),
    ],
)
def test_what_cannot_be_read(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Output,
) -> None:
    monkeypatch.chdir(tmp_path)  # outside of the repository
    write("old.json", policy("s3:GetObject"))
    write("broken.json", "{Statement: []}")
    write("other.json", "{}")
    try:
        code = main(["diff", *arguments])
    except SystemExit as error:
        code = int(error.code or 0)
    assert code == 2
    assert message in capsys.readouterr().err


def test_hostile_names_stay_text_in_markdown(capsys: Output) -> None:
    write("old.json", policy("s3:GetObject"))
    write("new.json", policy("s3:GetObject", Resource="arn:aws:s3:::`<b>@x|\u001b[31m"))
    write("new.json", policy("s3:PutObject", Resource="arn:aws:s3:::`<b>@x|\u001b[31m/*"))
    assert main(["diff", "old.json", "new.json", "--format", "markdown"]) == 0
    out = capsys.readouterr().out
    assert "\u001b" not in out
    assert "`` arn:aws:s3:::`<b>@x|" in out
