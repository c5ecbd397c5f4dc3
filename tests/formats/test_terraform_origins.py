"""Policies that Terraform has from elsewhere: what is linted there is not listed as not read."""

import json
from pathlib import Path

import pytest

from multitool_lint.cli import main

STATEMENT = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}
MISTAKE = json.dumps({"Version": "2012-10-17", "Statement": [STATEMENT]})
DOCUMENT = """
data "aws_iam_policy_document" "a" {
  statement {
    actions   = ["s3:GetObjekt"]
    resources = ["*"]
  }
}
"""
CALL = 'module "m" {\n  source = "./m"\n}\n'
DATA = "data.aws_iam_policy_document.a"


def policy(value: str) -> str:
    return f'resource "aws_iam_policy" "p" {{\n  policy = {value}\n}}\n'


def output(value: str) -> str:
    return f'output "json" {{\n  value = {value}\n}}\n'


def template(value: str) -> str:
    return f'data "template_file" "t" {{\n  template = {value}\n}}\n'


HEREDOC = f"<<EOF\n{MISTAKE}\nEOF\n"
RENDERED = policy("data.template_file.t.rendered")
LINTED = {
    "output": {
        "main.tf": CALL + policy("module.m.json"),
        "m/o.tf": output(f"{DATA}.json") + DOCUMENT,
    },
    "output of another file": {
        "main.tf": policy('try(module.m["x"].json, "")'),
        "modules.tf": CALL,
        "m/data.tf": DOCUMENT,
        "m/outputs.tf": output(f"one({DATA}[*].json)"),
    },
    "member of an output": {
        "main.tf": CALL + policy('module.m.json["x"]'),
        "m/o.tf": output(f"{{ x = {DATA}.json }}") + DOCUMENT,
    },
    "output of an output": {
        "main.tf": CALL + policy("module.m[0].json"),
        "m/o.tf": output("module.n.json") + CALL.replace('"./m"', '"../n"').replace('"m"', '"n"'),
        "n/o.tf": output("local.x") + f"locals {{\n  x = {DATA}.json\n}}\n" + DOCUMENT,
    },
    "file of an output": {
        "main.tf": CALL + policy("module.m.json"),
        "m/o.tf": output('file("${path.module}/p.json")'),
        "m/p.json": MISTAKE,
    },
    "merged output": {
        "main.tf": CALL
        + 'data "aws_iam_policy_document" "m" {\n  source_policy_documents = [module.m.json]\n}\n',
        "m/o.tf": output(f"{DATA}.json") + DOCUMENT,
    },
    "old template": {
        "main.tf": template('file("${path.module}/p.json.tpl")') + RENDERED,
        "p.json.tpl": MISTAKE,
    },
    "older template": {"main.tf": template('"${file("p.json")}"') + RENDERED, "p.json": MISTAKE},
    "text in an old template": {"main.tf": template(HEREDOC) + RENDERED},
    "format of a file": {"main.tf": policy('format(file("p.json"), var.x)'), "p.json": MISTAKE},
    "format of a text": {"main.tf": policy(f"format({HEREDOC}, var.x)")},
    "file with another text": {
        "main.tf": policy('replace(templatefile("p.json", {}), "A", var.x)'),
        "p.json": MISTAKE,
    },
    "one of several files": {
        "main.tf": policy('file("${path.module}/policies/${each.key}.json")'),
        "policies/a.json": MISTAKE,
    },
    "local file": {
        "main.tf": 'data "local_file" "f" {\n  filename = "${path.module}/p.json"\n}\n'
        + policy("data.local_file.f.content"),
        "p.json": MISTAKE,
    },
    "another resource": {
        "main.tf": policy("aws_iam_policy.other.policy")
        + policy(HEREDOC).replace('"p"', '"other"'),
    },
}
UNREAD = {
    "variable of a module": {"main.tf": CALL + policy("module.m.json"), "m/o.tf": output("var.p")},
    "module of a registry": {"main.tf": CALL.replace("./m", "a/b/aws") + policy("module.m.json")},
    "no such output": {"main.tf": CALL + policy("module.m.json"), "m/o.tf": DOCUMENT},
    "no such template": {"main.tf": template('file("p.json.tpl")') + RENDERED},
    "template in a variable": {"main.tf": template("var.t") + RENDERED},
    "format of no file": {"main.tf": policy('format(file("p.json"), var.x)')},
    "format of a variable": {"main.tf": policy("format(var.t, var.x)")},
    "none of several files": {"main.tf": policy('file("policies/${each.key}.json")')},
    "managed policy of the account": {
        "main.tf": 'data "aws_iam_policy" "m" {\n  name = "m"\n}\n'
        + policy("data.aws_iam_policy.m.policy")
    },
}


def checked(files: dict[str, str], named: str, folder: Path) -> int:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    options = ["--no-cache", "--no-config", "--strict", "--format=json", "--select=unknown-action"]
    return main([*options, str(folder / named)])


@pytest.mark.parametrize("named", [".", "main.tf"])
@pytest.mark.parametrize("files", LINTED.values(), ids=LINTED)
def test_a_policy_that_is_linted_elsewhere_is_read(
    files: dict[str, str], named: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(files, named, tmp_path) == 1
    report = json.loads(capsys.readouterr().out)
    assert [finding["rule"] for finding in report["findings"]] == ["unknown-action"]
    assert report["summary"]["unread"] == []


@pytest.mark.parametrize("files", UNREAD.values(), ids=UNREAD)
def test_what_is_linted_nowhere_is_not_read(
    files: dict[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert checked(files, ".", tmp_path) == 2
    assert len(json.loads(capsys.readouterr().out)["summary"]["unread"]) == 1


def test_a_change_of_a_module_is_seen_with_a_cache(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {"main.tf": CALL + policy("module.m.json"), "m/o.tf": output("var.p")}
    for value, code in (("var.p", 2), (f"{DATA}.json", 1)):
        for name, text in (files | {"m/o.tf": output(value) + DOCUMENT}).items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text, "utf-8")
        options = ["--no-config", f"--cache-dir={tmp_path / 'cache'}", "--strict"]
        assert main([*options, str(tmp_path / "main.tf"), "--select=unknown-action"]) == code
    capsys.readouterr()


def test_no_file_outside_of_the_repository_is_looked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret.json").write_text(MISTAKE, "utf-8")
    (tmp_path / "repository" / ".git").mkdir(parents=True)
    files = {"main.tf": policy('file("../${each.key}.json")')}
    assert checked(files, ".", tmp_path / "repository") == 2
    assert "secret" not in capsys.readouterr().out
