"""`diff --staged` takes into account what other files of the repository say."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support.compared_files import NEW_ACCESS, resource
from support.git_repository import git
from support.staged_files import Files, code, stage

from multitool_lint.cli import main
from multitool_lint.limits import MAX_OTHER_FILES

pytestmark = pytest.mark.usefixtures("repository")


def statement(effect: str, action: str, **more: object) -> dict[str, Any]:
    return {"Effect": effect, "Action": action, "Resource": "*", **more}


def policy(*statements: dict[str, Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(statements)}


READ, EVERYTHING = statement("Allow", "s3:GetObject"), statement("Allow", "s3:*")
REMOVE, DELETE = statement("Allow", "s3:DeleteObject"), statement("Deny", "s3:DeleteObject")
GUARDED = policy(EVERYTHING, DELETE)
ANYONE = policy(statement("Allow", "s3:DeleteObject", Principal="*"))
PAGE = f"```json\n{json.dumps(policy(REMOVE))}\n```\n"
BOUNDARY = '[[policies]]\npath = "**"\ntype = "boundary"\n'


def template(document: dict[str, Any], **properties: object) -> dict[str, Any]:
    inline = [{"PolicyName": "p", "PolicyDocument": document}]
    return {
        "Resources": {
            "R": {"Type": "AWS::IAM::Group", "Properties": {"Policies": inline, **properties}}
        }
    }


def terraform(document: dict[str, Any], name: str = "a", more: str = "") -> str:
    return resource(f"jsonencode({json.dumps(document)})", name, more=more)


@pytest.mark.parametrize(
    ("files", "changed", "expected"),
    [
        ({"a.json": GUARDED, "b.json": policy(REMOVE)}, {"a.json": policy(READ)}, 1),
        ({"a.json": GUARDED, "b.json": policy(REMOVE)}, {"a.json": None}, 1),
        ({"a.json": GUARDED, "b/c.yaml": json.dumps(policy(REMOVE))}, {"a.json": policy(READ)}, 1),
        ({"a/m.tf": terraform(GUARDED), "b/m.tf": terraform(policy(REMOVE))},
         {"a/m.tf": terraform(policy(READ))}, 1),
        ({"a.json": GUARDED, "b.json": policy(REMOVE), "multitool-lint.toml": BOUNDARY},
         {"a.json": policy(READ)}, 1),
        ({"t.json": template(GUARDED, ManagedPolicyArns=["arn:aws:iam::aws:policy/a"])},
         {"t.json": template(policy(READ), ManagedPolicyArns=["arn:aws:iam::aws:policy/a"])}, 1),
        ({"a.json": GUARDED, "b.json": policy(READ)}, {"a.json": policy(READ)}, 0),
        ({"a.json": GUARDED, "README.md": PAGE}, {"a.json": policy(READ)}, 0),
        ({"a.json": GUARDED, "b.json": policy(REMOVE)}, {"a.json": policy(REMOVE, DELETE)}, 0),
        ({"t.json": template(GUARDED)}, {"t.json": template(policy(READ))}, 0),
        ({"t.json": template(ANYONE), "b.json": ANYONE}, {"b.json": None}, 0),
    ],
)  # fmt: skip
def test_a_deny_and_its_allow_are_removed(files: Files, changed: Files, expected: int) -> None:
    assert code(files, changed) == expected


@pytest.mark.parametrize("count", [MAX_OTHER_FILES, MAX_OTHER_FILES + 1])
def test_more_files_than_are_read_may_allow_what_was_denied(count: int) -> None:
    others = {f"b/{number}.json": policy(READ) for number in range(count)}
    changed: Files = {"a.json": policy(READ)}
    assert code({"a.json": GUARDED, **others}, changed) == (count > MAX_OTHER_FILES)


USER = resource(
    'jsonencode({Version = "2012-10-17", Statement = [{Effect = "Allow", Action = local.a, '
    'Resource = "*"}]})'
)
LOCAL = "locals {\n  a = %s\n}\n"


@pytest.mark.parametrize(
    "value",
    [
        'file("a.txt")',
        'yamldecode(file("${path.module}/a.txt"))',
        'jsondecode(file(local.name)).b\n  name = "a.txt"',
        'templatefile("a.txt", {})',
    ],
)
def test_a_file_that_a_local_value_reads(value: str) -> None:
    files = {"m.tf": USER, "l.tf": LOCAL % value, "a.txt": "s3:GetObject"}
    assert code(files, {"a.txt": "s3:*"}, []) == 1
    git("commit", "-qm", "second")
    assert code({}, {"b.txt": "s3:*", "m.tf": f"# comment\n{USER}"}, []) == 0


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("", 'yamldecode(file("${path.module}/c/${local.n}.yaml")).a\n  n = "x"'),
        ("", 'yamldecode(file("c/${terraform.workspace}.yaml")).a'),
        ("", '[for f in fileset("c", "*.yaml") : yamldecode(file("c/${f}")).a]'),
        ("env/", 'yamldecode(file("../c/${terraform.workspace}.yaml")).a'),
    ],
)
def test_a_file_of_a_name_that_is_evaluated(place: str, value: str) -> None:
    files = {f"{place}m.tf": USER, f"{place}l.tf": LOCAL % value, "c/x.yaml": "a: s3:GetObject\n"}
    assert code({**files, "d/x.yaml": "a: 1\n"}, {"d/x.yaml": "a: 2\n"}, []) == 0
    assert code({}, {"c/x.yaml": "a: s3:*\n"}, []) == 1


@pytest.mark.parametrize("named", [None, ["README.md"]])
def test_a_policy_in_a_file_of_any_ending(named: list[str] | None) -> None:
    old, new = (json.dumps(policy(statement)) for statement in (READ, EVERYTHING))
    files = {"m.tf": resource('file("p.txt")'), "p.txt": old, "README.md": "a"}
    assert code(files, {"p.txt": new, "README.md": "b"}, named) == 1


@pytest.mark.parametrize("moved", ["a.txt", "a.json.bak"])
def test_a_policy_in_a_file_that_is_not_read_any_more(moved: str) -> None:
    assert code({"a.json": policy(DELETE)}, {"a.json": None, moved: policy(DELETE)}, []) == 1


def test_a_deleted_file_that_is_named_as_a_policy() -> None:
    assert code({"a.b-policy": policy(DELETE)}, {"a.b-policy": None}) == 1


def test_an_element_in_another_case() -> None:
    assert code({"a.json": policy(READ)}, {"a.json": {**policy(READ), "statement": []}}) == 1


@pytest.mark.parametrize("options", [[], ["--allow-new-files"]])
@pytest.mark.parametrize("name", ["override.tf", "m.tofu"])
def test_a_new_file_that_takes_the_place_of_another(name: str, options: list[str]) -> None:
    new = terraform(policy(EVERYTHING))
    assert code({"m.tf": terraform(policy(READ))}, {name: new}, None, *options) == 1


OUTPUT = 'output "actions" {\n  value = %s\n}\n'
CALL = 'module "%s" {\n  source = "./%s"\n}\n'
OUTPUTS = {
    "m.tf": USER + LOCAL % "module.p.actions" + CALL % ("p", "p"),
    "p/m.tf": OUTPUT % "module.q.actions" + CALL % ("q", "q"),
    "p/q/m.tf": OUTPUT % "local.a" + CALL % ("r", "../q"),
    "p/q/l.tf": LOCAL % '["s3:Get*"]',
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"p/q/l.tf": LOCAL % '["s3:*"]'}, 1),
        ({"p/m.tf": OUTPUT % '["s3:*"]'}, 1),
        ({"p/q/l.tf": LOCAL % '["s3:Get*"]\n  b = 1'}, 0),
    ],
)
def test_an_output_of_a_module(changed: Files, expected: int) -> None:
    assert code(OUTPUTS, changed) == expected


VARIABLE = 'variable "a" {\n%s}\n'
RULE = "  validation {\n    condition = startswith(var.a, %s)\n  }\n"
VALUES = {
    "m.tf": USER.replace("local.a", "var.a") + VARIABLE % "",
    "n/m.tf": VARIABLE % "",
    "env/a.tfvars": 'a = "s3:Get*"\nb = 1\n',
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"env/a.tfvars": 'a = "s3:*"\nb = 1\n'}, 1),
        ({"env/a.tfvars": 'a = "s3:Get*"\nb = 2\n'}, 0),
        ({"env/b.tfvars": 'a = "s3:*"\n'}, 1),
        ({"m.tf": "# nothing\n", "n/m.tf": USER.replace("local.a", "var.a") + VARIABLE % "",
          "env/a.tfvars": 'a = "s3:*"\n'}, 1),
        ({"n/a.tfvars": 'a = "s3:*"\n'}, 0),
        ({"env/a.tfvars": None}, 0),
        ({"env/m.tf": 'variable "b" {}\n', "env/a.tfvars": 'a = "s3:*"\nb = 1\n'}, 1),
        ({"env/m.tf": 'variable "a" {}\n', "env/a.tfvars": 'a = "s3:*"\nb = 1\n'}, 0),
    ],
)  # fmt: skip
def test_values_in_a_folder_of_their_own(changed: Files, expected: int) -> None:
    assert code(VALUES, changed) == expected


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", RULE % '"a"', 0),
        (RULE % '"a"', "", 1),
        (RULE % '"a"', RULE % '"b"', 1),
        (RULE % '"a"', RULE % '"a"' + RULE % '"b"', 0),
    ],
)
def test_the_rules_for_the_values_of_a_variable(old: str, new: str, expected: int) -> None:
    user = USER.replace("local.a", "var.a")
    assert code({"m.tf": user + VARIABLE % old}, {"m.tf": user + VARIABLE % new}) == expected


def stack(value: str) -> str:
    return f'resource "aws_cloudformation_stack" "s" {{\n  {value}\n}}\n'


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# nothing\n", stack('template_url = "https://a"')),
        (stack('template_url = "https://a"'), stack('template_url = "https://b"')),
        (stack('parameters = { A = "a" }'), stack('parameters = { A = "b" }')),
    ],
)
def test_a_stack_of_terraform(old: str, new: str) -> None:
    assert code({"m.tf": old}, {"m.tf": new}) == 1


@pytest.mark.parametrize(
    ("value", "expected"), [(["a", "a"], 1), ([{"Ref": "A"}, "a"], 1), (["a", "b"], 0)]
)
def test_a_condition_that_was_never_true(value: list[object], expected: int) -> None:
    def conditional(value: list[object]) -> dict[str, Any]:
        managed = {"PolicyDocument": policy(EVERYTHING)}
        part = {"Type": "AWS::IAM::ManagedPolicy", "Condition": "C", "Properties": managed}
        return {"Conditions": {"C": {"Fn::Equals": value}}, "Resources": {"P": part}}

    new = conditional(value) | {"Description": "changed"}
    assert code({"t.json": conditional(["a", "b"])}, {"t.json": new}) == expected


@pytest.mark.parametrize(
    ("new", "expected"), [({"a.json": policy(READ)}, 2), ({"b.md": "changed"}, 0)]
)
def test_a_submodule(tmp_path: Path, new: Files, expected: int) -> None:
    inner = tmp_path / "inner"
    subprocess.run(["git", "init", "--quiet", str(inner)], check=True)
    (inner / "b.md").write_text("a", encoding="utf-8")
    for command in (["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", "-C", str(inner), *command], check=True)
    git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", str(inner), "s")
    git("commit", "-qm", "first")
    for name, content in new.items():
        text = content if isinstance(content, str) else json.dumps(content)
        Path("s", name).write_text(text, encoding="utf-8")
    for command in (["add", "."], ["commit", "-qm", "second"]):
        git("-C", "s", *command)
    git("add", "s")
    assert main(["diff", "--staged", NEW_ACCESS]) == expected


def test_what_replaces_an_object_of_git() -> None:
    stage({"a.json": policy(READ)})
    git("commit", "-qm", "first")
    stage({"a.json": policy(EVERYTHING)})
    git("replace", *(git("rev-parse", f"{name}:a.json").strip() for name in ("", "HEAD")))
    assert main(["diff", "--staged", NEW_ACCESS]) == 1


READS = policy(READ)
MODULE = 'resource "aws_iam_role_policy" "r" {\n  role   = "r"\n  policy = %s\n}\n'
WRITTEN = {"m/m.tf": MODULE % f"jsonencode({json.dumps(READS)})"}
FROM_FILE = {"m/m.tf": MODULE % 'file("${path.module}/p.json")'}


@pytest.mark.parametrize(
    "new",
    [
        {**FROM_FILE, "m/p.json": READS},
        {
            "m/m.tf": MODULE % 'templatefile("${path.module}/p.tftpl", { action = "GetObject" })',
            "m/p.tftpl": json.dumps(READS).replace("GetObject", "${action}"),
        },
    ],
)
def test_a_new_file_with_the_policy_of_a_module(new: Files) -> None:
    assert code(WRITTEN, new) == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param({}, {**FROM_FILE, "m/p.json": policy(EVERYTHING)}, id="another policy"),
        pytest.param({}, {"m/p.json": READS}, id="nobody reads it"),
        pytest.param(
            {},
            {"m/p.json": READS, "m/l.tf": 'locals {\n  p = file("${path.module}/p.json")\n}\n'},
            id="not as a policy",
        ),
        pytest.param(
            {"m/p.json": policy(REMOVE)},
            {**FROM_FILE, "m/p.json": READS},
            id="it may have been deployed by hand",
        ),
    ],
)
def test_a_new_file_with_another_policy_than_that_of_a_module(old: Files, new: Files) -> None:
    assert code({**WRITTEN, **old}, new) == 1


def test_what_is_forbidden_in_a_new_file_of_a_new_module() -> None:
    options = ("--allow-new-files", "--forbid", "s3:GetObject")
    assert code({}, {**FROM_FILE, "m/p.json": READS}, None, *options) == 1
