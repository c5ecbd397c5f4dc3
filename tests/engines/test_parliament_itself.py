"""`--engine parliament` reports what parliament's own command line does, at our places."""

import importlib
import json
import sys
import warnings
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from support.parliament_findings import CRASH, UNKNOWN_ACTION, document

from multitool_lint import lint
from multitool_lint.cli import main
from multitool_lint.diagnostics.rule import parliament_types
from multitool_lint.engines.parliament.itself import finding_rules
from multitool_lint.reporters.formats import FORMATS

Output = pytest.CaptureFixture[str]
PEERS = Path(__file__).parents[1] / "peer_cases" / "parliament.json"
FIELDS = Path(__file__).parents[1] / "peer_cases" / "field.json"
MISMATCH = {
    "Effect": "Allow",
    "Action": ["s3:GetObject", "s3:PutBucketPolicy"],
    "Resource": "arn:aws:s3:::reports/*",
}
SLOW = {"p24_scp_fullaws"}
"""Takes parliament five seconds to say what another case says."""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture(scope="module")
def parliament() -> Iterator[ModuleType]:
    """parliament's command line."""
    assert finding_rules()
    stand_in: Any = SimpleNamespace(resource_filename=lambda *_: "")
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if "pkg_resources" not in sys.modules:
            patch.setitem(sys.modules, "pkg_resources", stand_in)
        # It looks whether a policy is given there.
        patch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True, name="<stdin>"))
        yield importlib.import_module("parliament.cli")


def cases() -> dict[str, str]:
    found = {}
    for case in json.loads(PEERS.read_text(encoding="utf-8"))["cases"]:
        for at, text in enumerate(case.get("policy_texts") or [case["policy_text"]]):
            found[f"{case['id'].rpartition('.')[2]}'{at}"] = text
    fields = json.loads(FIELDS.read_text(encoding="utf-8"))
    return found | {name: text for name, text in fields.items() if name not in SLOW}


CASES = cases()
NOT_A_POLICY = {"p64_notpolicy"}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[pytest.mark.exhaustive] * (number % 6 > 0))
        for number, name in enumerate(sorted(CASES))
    ],
)
def test_its_command_line_says_the_same(
    parliament: ModuleType, name: str, folder: Path, capsys: Output
) -> None:
    path = folder / "policy.json"
    path.write_text(CASES[name], encoding="utf-8")
    options = ["check", "--engine=parliament", "--format=jsonl", "--no-config", str(path)]
    code = main(options)
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    ours = Counter((entry["rule"], entry["title"]) for entry in found)
    try:
        theirs_code = parliament.main(["parliament", "--json", "--files", str(path)])
    except Exception:  # noqa: BLE001 - it fails on odd values
        assert code == 2
        assert set(ours) == {("internal-error", found[0]["title"])}
        return
    lines = capsys.readouterr().out.splitlines()
    # What it says several times of one place, we say once.
    reported = map(json.loads, dict.fromkeys(lines))
    theirs = Counter((entry["issue"], entry["title"].strip()) for entry in reported)
    if name in NOT_A_POLICY:
        assert (code, ours) == (2, Counter())
        return
    unread = {key for key in ours if key[0] == "json-syntax-error"}
    assert {key: count for key, count in ours.items() if key not in unread} == theirs
    assert code == (2 if unread else theirs_code)


def test_every_format_has_its_findings(folder: Path, capsys: Output) -> None:
    (folder / "policy.json").write_text(document(UNKNOWN_ACTION, MISMATCH), encoding="utf-8")
    for format_ in FORMATS:
        code = main(["check", "--engine=parliament", f"--format={format_}", "policy.json"])
        out = capsys.readouterr().out
        assert code == 1
        if format_ != "access-analyzer":
            assert "UNKNOWN_ACTION" in out, format_
            assert "unknown-action" not in out.replace("`unknown-action`", ""), format_


def test_places_and_severities(folder: Path, capsys: Output) -> None:
    (folder / "policy.json").write_text(document(UNKNOWN_ACTION, MISMATCH), encoding="utf-8")
    main(["check", "--engine=parliament", "--format=jsonl", "policy.json"])
    found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [(entry["rule"], entry["severity"], entry["pointer"]) for entry in found] == [
        ("UNKNOWN_ACTION", "suggestion", "/Statement/0/Action"),
        ("RESOURCE_MISMATCH", "warning", "/Statement/1"),
    ]
    assert "severity in parliament: LOW" in found[0]["notes"]
    assert "Unknown action s3:GetObjekt" in found[0]["notes"]


YAML = """
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            # multitool-lint: ignore[{ignored}] known
            Action: s3:GetObjekt
            Resource: !Sub "arn:aws:s3:::${{Bucket}}/*"
          - Effect: Allow
            Action: s3:GetObject
            Resource: !GetAtt Bucket.Arn
          - Effect: Allow
            Action: s3:GetObject
            Resource: arn:aws:s3:::reports
"""
TERRAFORM = """
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObjekt"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]
  }
}
"""


def test_templates_have_its_findings_but_not_those_about_unknown_values(
    folder: Path, capsys: Output
) -> None:
    (folder / "main.tf").write_text(TERRAFORM, encoding="utf-8")
    (folder / "template.yaml").write_text(YAML.format(ignored="INVALID_ARN"), encoding="utf-8")
    assert main(["check", "--engine=parliament", "--format=lines", "."]) == 1
    lines = [line.partition("] ")[0] for line in capsys.readouterr().out.splitlines()[:-1]]
    assert lines == [
        "main.tf:4:18: suggestion[UNKNOWN_ACTION",
        "template.yaml:11:21: suggestion[UNKNOWN_ACTION",
        "template.yaml:16:13: warning[RESOURCE_MISMATCH",
    ]
    (folder / "template.yaml").write_text(YAML.format(ignored="UNKNOWN_ACTION"), encoding="utf-8")
    assert main(["check", "--engine=parliament", "--format=lines", "template.yaml"]) == 1
    assert "UNKNOWN_ACTION" not in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "config", "found"),
    [
        ([], "", {"UNKNOWN_ACTION"}),
        (["--ignore=UNKNOWN_ACTION"], "", set()),
        (["--select=RESOURCE_STAR"], "", set()),
        (["--fail-on=warning"], "", {"UNKNOWN_ACTION"}),
        ([], 'ignore = ["UNKNOWN_ACTION", "unknown-action"]', set()),
        ([], 'select = ["unknown-action"]', {"UNKNOWN_ACTION"}),
        (
            [],
            '[[ignore]]\nrule = "UNKNOWN_ACTION"\nreason = "known"\naction = "s3:GetObjekt"',
            set(),
        ),
        ([], '[severity]\nUNKNOWN_ACTION = "security"', {"UNKNOWN_ACTION"}),
    ],
)
def test_ids_suppress_and_select(
    options: list[str], config: str, found: set[str], folder: Path, capsys: Output
) -> None:
    (folder / "policy.json").write_text(document(UNKNOWN_ACTION), encoding="utf-8")
    (folder / "multitool-lint.toml").write_text(config)
    code = main(["check", "--engine=parliament", "--format=jsonl", "policy.json", *options])
    lines = capsys.readouterr().out.splitlines()
    assert {json.loads(line)["rule"] for line in lines} == found
    assert code == (1 if found and "--fail-on=warning" not in options else 0)
    if "severity" in config:
        assert json.loads(lines[0])["severity"] == "security"


def test_a_baseline_has_its_findings(folder: Path, capsys: Output) -> None:
    (folder / "policy.json").write_text(document(UNKNOWN_ACTION), encoding="utf-8")
    check = ["check", "--engine=parliament", "policy.json"]
    assert main([*check, "--write-baseline=known.json"]) == 0
    assert main([*check, "--baseline=known.json"]) == 0
    assert main(["check", "policy.json", "--baseline=known.json"]) == 1
    assert "unknown-action" in capsys.readouterr().out


def test_the_configuration_names_the_engine(folder: Path, capsys: Output) -> None:
    (folder / "policy.json").write_text(document(UNKNOWN_ACTION), encoding="utf-8")
    (folder / "multitool-lint.toml").write_text('engine = "parliament"\n')
    assert main(["check", "policy.json", "--format=lines"]) == 1
    assert "[UNKNOWN_ACTION]" in capsys.readouterr().out
    assert main(["check", "policy.json", "--format=lines", "--engine=multitool-lint"]) == 1
    assert "[unknown-action]" in capsys.readouterr().out


def test_auditors_are_asked_if_they_are_selected(folder: Path, capsys: Output) -> None:
    statement = {"Effect": "Allow", "Action": ["s3:GetObject", "iam:Pass*"], "Resource": "*"}
    (folder / "policy.json").write_text(document(statement), encoding="utf-8")
    check = ["check", "--engine=parliament", "--format=lines", "policy.json"]
    assert main(check) == 1
    assert "PERMISSIONS_MANAGEMENT_ACTIONS" not in capsys.readouterr().out
    assert main([*check, "--extend-select=ALL"]) == 1
    out = capsys.readouterr().out
    assert "policy.json:8:9: warning[PERMISSIONS_MANAGEMENT_ACTIONS] Permissions management" in out


def test_a_type_of_it_is_not_selected_without_it(folder: Path, capsys: Output) -> None:
    (folder / "policy.json").write_text(document(UNKNOWN_ACTION), encoding="utf-8")
    assert main(["check", "policy.json", "--select=UNKNOWN_ACTION"]) == 2
    assert "it needs --engine parliament" in capsys.readouterr().err
    with pytest.raises(ValueError, match="needs --engine parliament"):
        lint(document(UNKNOWN_ACTION), select=["UNKNOWN_ACTION"])


def test_where_it_fails_the_run_fails(folder: Path, capsys: Output) -> None:
    (folder / "policy.json").write_text(document(CRASH), encoding="utf-8")
    assert main(["check", "--engine=parliament", "policy.json", "--fail-on=never"]) == 2
    assert "parliament failed on this policy" in capsys.readouterr().out
    many = {**MISMATCH, "Resource": [f"arn:aws:s3:::{'*a' * 30}"]}
    (folder / "policy.json").write_text(document(many), encoding="utf-8")
    assert main(["check", "--engine=parliament", "policy.json"]) == 2
    assert "it would take too long" in capsys.readouterr().out


def test_the_library_reports_its_findings() -> None:
    [finding] = lint(document(UNKNOWN_ACTION), engine="parliament")
    assert (finding.rule, finding.title) == ("UNKNOWN_ACTION", "Unknown action")
    with pytest.raises(ValueError, match="unknown engine"):
        lint(document(UNKNOWN_ACTION), engine="cfn-lint")


def test_its_types_are_explained(capsys: Output) -> None:
    assert finding_rules().keys() == parliament_types()
    for id_ in finding_rules():
        assert main(["explain", id_]) == 0
        assert f"{id_} (" in capsys.readouterr().out
