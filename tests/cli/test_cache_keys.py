"""What decides whether a report comes from the cache: all that has a part in it."""

import json
import os
import shutil
from pathlib import Path

import pytest
from support.cached_runs import COUNT, ROOT, Runs

from multitool_lint.cli.files.target import Target
from multitool_lint.cli.run import cache_keys
from multitool_lint.diagnostics.rule import rules
from multitool_lint.linter.settings import FileSettings
from multitool_lint.syntax.source import Source


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


@pytest.mark.parametrize("ending", [".tf", ".tf.json"])
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
