"""What decides whether a report comes from the cache: all that has a part in it."""

import json
import os
import shutil
from datetime import date
from pathlib import Path

import pytest
from support.cached_runs import COUNT, ROOT, Runs

from multitool_lint import clock
from multitool_lint.cli.files.target import Target
from multitool_lint.cli.run import cache_keys
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source


@pytest.mark.slow
def test_settings_have_reports_of_their_own(runs: Runs, tmp_path: Path) -> None:
    runs.run()
    for options in (["--select=redundant-action"], ["--type=scp"], ["--ignore=unknown-service"]):
        changed = runs.run(".", *options)
        assert len(runs.linted) == COUNT
        assert runs.run(".", *options) == changed
        assert runs.linted == []
    assert runs.run(".", "--fail-on=never") == runs.run()
    assert runs.linted == []
    shutil.copytree(ROOT / "multitool_lint" / "aws" / "catalog" / "data", tmp_path / "catalog")
    catalog = f"--catalog={tmp_path / 'catalog'}"
    runs.run(".", catalog)
    assert len(runs.linted) == COUNT
    runs.run(".", catalog)
    assert runs.linted == []
    os.utime(tmp_path / "catalog" / "services" / "s3.tsv", (1, 1))
    runs.run(".", catalog)
    assert len(runs.linted) == COUNT


def test_a_file_that_moves_to_where_other_settings_hold_is_linted_again(runs: Runs) -> None:
    entry = '[[ignore]]\nrule = "redundant-action"\npath = "03.json"\nreason = "so"\n'
    (runs.files / "multitool-lint.toml").write_text(entry, encoding="utf-8")
    (runs.files / "sub").mkdir()
    runs.run(".", "--format=json")
    (runs.files / "03.json").rename(runs.files / "sub" / "03.json")
    moved = runs.run(".", "--format=json")
    assert runs.linted == ["03.json"]
    assert moved == runs.run(".", "--format=json", "--no-cache")


@pytest.mark.slow
def test_a_changed_tool_has_reports_of_its_own(runs: Runs, tmp_path: Path) -> None:
    runs.root = tmp_path / "tool"
    for name in ("multitool_lint", "rules"):
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, runs.root / name, ignore=ignored)
    runs.run()
    runs.run()
    assert runs.linted == []
    check = runs.root / "multitool_lint" / "checks" / "redundant_action.py"
    check.write_text(check.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    runs.run()
    assert len(runs.linted) == COUNT


def test_files_that_are_read_together_are_linted_together(tmp_path: Path) -> None:

    def key(name: str) -> bytes:
        source = Source(str(tmp_path / name), "locals {}")
        target = Target(source.path, named=True, source=source, settings=FileSettings(rules()))
        return cache_keys.Keys().key(target, source)

    (tmp_path / "main.tf").write_text("locals {}", encoding="utf-8")
    before = {name: key(name) for name in ("main.tf", "policy.json")}
    (tmp_path / "policy.json").write_text("{}", encoding="utf-8")
    assert key("main.tf") == before["main.tf"]
    (tmp_path / "variables.tf").write_text("locals {}", encoding="utf-8")
    assert key("main.tf") != before["main.tf"]
    assert key("policy.json") == before["policy.json"]


def test_modules_that_may_call_one_decide_where_files_are(tmp_path: Path) -> None:
    module = tmp_path / "a"
    module.mkdir()

    def key(policy: str) -> bytes:
        text = f'resource "aws_iam_policy" "p" {{\n  policy = {policy}\n}}\n'
        source = Source(str(module / "main.tf"), text)
        target = Target(source.path, named=True, source=source, settings=FileSettings(rules()))
        return cache_keys.Keys().key(target, source)

    texts = ('file("${path.root}/p.json")', "file(var.p)", "var.p")
    keys = [tuple(map(key, texts))]
    (tmp_path / "p.json").write_text("{}", encoding="utf-8")
    keys.append(tuple(map(key, texts)))
    call = 'module "a" {\n  source = "./a"\n  p = "p.json"\n}\n'
    (tmp_path / "main.tf").write_text(call, encoding="utf-8")
    keys.append(tuple(map(key, texts)))
    assert [len(set(found)) for found in zip(*keys, strict=True)] == [3, 2, 1]


@pytest.mark.parametrize("ending", [".tf", ".tf.json"])
@pytest.mark.slow
def test_files_that_terraform_names_decide_too(ending: str, runs: Runs) -> None:
    """Whether they exist, and in which folder, for the file itself and for a local of another."""
    if ending == ".tf":
        text = 'resource "aws_iam_policy" "p" {{\n  policy = {}\n}}\n'
        direct, through = text.format('file("${path.module}/p.json")'), text.format("local.p")
        (runs.files / "locals.tf").write_text('locals {\n  p = file("q.json")\n}\n')
    else:
        text = '{{"resource": {{"aws_iam_policy": {{"p": {{"policy": "${{{}}}"}}}}}}}}\n'
        direct = text.format('file(\\"p.json\\")')
        through = text.format('templatefile(\\"q.json\\", {})')
    for folder in (runs.files, runs.files / "inner"):
        folder.mkdir(exist_ok=True)
        (folder / f"direct{ending}").write_text(direct, encoding="utf-8")
        (folder / f"through{ending}").write_text(through, encoding="utf-8")
    before = runs.run()
    outputs = {before}
    for name in ("p.json", "q.json", "inner/p.json"):
        (runs.files / name).write_text('{"no": "policy"}', encoding="utf-8")
        after = runs.run()
        outputs.add(after)
        assert after == runs.run("--no-cache", ".")
    assert len(outputs) == 4
    for name in ("p.json", "q.json", "inner/p.json"):
        (runs.files / name).unlink()
    assert runs.run() == before


ONE_ACTION = (
    '{"Version": "2012-10-17", "Statement": '
    '[{"Effect": "Allow", "Action": "%s", "Resource": "arn:aws:s3:::b/*"}]}'
)
READ = {
    "values of another file": (
        "main.tf",
        'data "aws_iam_policy_document" "p" {\n  statement {\n    actions = [local.a]\n  }\n}\n',
        "l.tf",
        'locals {\n  a = "s3:GetObject"\n}\n',
        'locals {\n  a = "s3:GetObjekt"\n}\n',
    ),
    "values of variables": (
        "main.tf",
        'variable "p" {}\nresource "aws_iam_policy" "p" {\n  policy = var.p\n}\n',
        "terraform.tfvars",
        f"p = <<EOT\n{ONE_ACTION % 's3:GetObject'}\nEOT\n",
        f"p = <<EOT\n{ONE_ACTION % 's3:GetObjekt'}\nEOT\n",
    ),
    "what merges a document": (
        "main.tf",
        'data "aws_iam_policy_document" "m" {\n'
        + "".join(
            f'  statement {{\n    sid = "{sid}"\n    actions = ["s3:GetObject"]\n'
            '    resources = ["*"]\n  }\n'
            for sid in "AB"
        )
        + "}\n",
        "b.tf.json",
        '{"locals": {"a": 1, "source_json": "${data.aws_iam_policy_document.m.json}"}}',
        '{"locals": {"a": 1, "source_json": "${data.aws_iam_policy_document.n.json}"}}',
    ),
    "a statement": (
        "serverless.yml",
        "service: x\nprovider:\n  iamRoleStatements: ['${file(./iam.txt):a}']\n",
        "iam.txt",
        "a: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}\n",
        "a: {Effect: Allow, Action: 's3:GetObjekt', Resource: '*'}\n",
    ),
    "a statement whose name is escaped": (
        "serverless.yml",
        'service: x\nprovider:\n  iamRoleStatements: ["\\x24{fi\\\n    le(./iam.txt):a}"]\n',
        "iam.txt",
        "a: {Effect: Allow, Action: 's3:GetObject', Resource: '*'}\n",
        "a: {Effect: Allow, Action: 's3:GetObjekt', Resource: '*'}\n",
    ),
    "whether a file begins as a policy": (
        "main.tf",
        'resource "aws_iam_policy" "p" {\n  policy = file("x/policy")\n}\n',
        "x/policy",
        '{"no": "policy"}',
        '["no", "policy"]',
    ),
}


@pytest.mark.exhaustive
@pytest.mark.parametrize(("name", "text", "other", "old", "new"), READ.values(), ids=READ)
def test_texts_of_the_same_size_and_time_decide_too(
    name: str, text: str, other: str, old: str, new: str, runs: Runs
) -> None:
    def write(content: str) -> None:
        (runs.files / other).write_text(content, encoding="utf-8")
        os.utime(runs.files / other, (1_600_000_000, 1_600_000_000))

    assert len(old) == len(new)
    (runs.files / other).parent.mkdir(exist_ok=True)
    (runs.files / name).write_text(text, encoding="utf-8")
    write(old)
    before = runs.run()
    write(new)
    after = runs.run()
    assert after == runs.run("--no-cache", ".")
    assert after != before


def test_local_values_next_to_a_file_of_json_decide_too(runs: Runs) -> None:
    statement = {"actions": "${local.actions}", "resources": ["*"]}
    data = {"aws_iam_policy_document": {"x": {"statement": [statement]}}}
    (runs.files / "main.tf.json").write_text(json.dumps({"data": data}), encoding="utf-8")
    before = runs.run()
    (runs.files / "l.tf").write_text(
        'locals {\n  actions = ["s3:GetObjekt"]\n}\n', encoding="utf-8"
    )
    after = runs.run()
    assert "GetObjekt" in after
    assert "GetObjekt" not in before


def test_statements_of_files_decide_too(runs: Runs) -> None:
    text = "service: x\nprovider:\n  iamRoleStatements: ['${file(./iam.yml):a}']\n"
    (runs.files / "serverless.yml").write_text(text, encoding="utf-8")
    before = runs.run()
    statement = "a: {Effect: Allow, Action: 's3:GetObjekt', Resource: '*'}\n"
    (runs.files / "iam.yml").write_text(statement, encoding="utf-8")
    assert "GetObjekt" in runs.run()
    assert "GetObjekt" not in before


def test_resources_of_the_service_that_includes_a_file_decide_too(runs: Runs) -> None:
    (runs.files / "parts").mkdir()
    actions = "Action: [sns:Publish, sns:SetSMSAttributes]"
    statement = f"statements: [{{Effect: Allow, {actions}, Resource: !Ref Topic}}]\n"
    (runs.files / "parts/iam.yml").write_text(statement, encoding="utf-8")
    before = runs.run()
    named = "'${file(parts/iam.yml):statements}'"
    text = f"service: x\nprovider: {{name: aws, iam: {{role: {{statements: {named}}}}}}}\n"
    text += "resources: {Resources: {Topic: {Type: AWS::SNS::Topic}}}\n"
    (runs.files / "serverless.yml").write_text(text, encoding="utf-8")
    assert "mismatched-resource" in runs.run()
    assert "mismatched-resource" not in before


def test_policies_that_the_landing_zone_accelerator_names_decide_too(runs: Runs) -> None:
    text = """policySets: [policies: [{name: passing, policy: iam/passing.json}]]
roleSets:
  - roles:
      - name: r
        policies: {awsManaged: [AmazonEC2FullAccess], customerManaged: [passing]}
"""
    (runs.files / "iam-config.yaml").write_text(text, encoding="utf-8")
    before = runs.run()
    (runs.files / "iam").mkdir()
    statement = '{"Effect": "Allow", "Action": "iam:PassRole", "Resource": "*"}'
    policy = f'{{"Version": "2012-10-17", "Statement": [{statement}]}}'
    (runs.files / "iam/passing.json").write_text(policy, encoding="utf-8")
    assert "combined-escalation" in runs.run()
    assert "combined-escalation" not in before


def test_templates_that_a_template_names_decide_too(runs: Runs) -> None:
    (runs.files / "parent.yaml").write_text(
        "Resources: {Child: {Type: AWS::Serverless::Application, Properties: {Location: ./c.yaml}}}"
    )
    before = runs.run()
    (runs.files / "c.yaml").write_text("{}", encoding="utf-8")
    after = runs.run()
    assert after != before
    assert after == runs.run("--no-cache", ".")


def test_the_format_of_a_name_decides_too(runs: Runs) -> None:
    text = '{"resource": {"aws_iam_policy": {"p": {"policy": "${file(\\"p.json\\")}"}}}}\n'
    (runs.files / "a.json").write_text(text, encoding="utf-8")
    first = runs.run()
    (runs.files / "a.json").rename(runs.files / "a.tf.json")
    second = runs.run()
    assert second == runs.run("--no-cache", ".")
    assert second != first


def test_a_condition_on_the_date_is_checked_again_every_day(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts = {
        "plain.json": '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject"}}',
        "dated.json": '{"Condition": {"DateLessThan": {"aws:CurrentTime": "2026-12-01"}}}',
        "escaped.json": '{"Condition": {"DateLessThan": {"aws:Curr\\u0065ntTime": "2026-12-01"}}}',
        "names.tf": 'resource "aws_iam_policy" "a" {\n  policy = file("dated.json")\n}\n',
    }
    for name, text in texts.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    before, after = (
        _keys_on(day, texts, tmp_path, monkeypatch)
        for day in (date(2026, 11, 30), date(2026, 12, 1))
    )
    assert {name for name in texts if before[name] == after[name]} == {"plain.json"}


def _keys_on(
    day: date, texts: dict[str, str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> dict[str, bytes]:
    monkeypatch.setattr(clock, "today", lambda: day)
    keys = cache_keys.Keys()
    sources = {name: Source(str(folder / name), text) for name, text in texts.items()}
    return {
        name: keys.key(
            Target(source.path, named=True, source=source, settings=FileSettings(rules())), source
        )
        for name, source in sources.items()
    }
