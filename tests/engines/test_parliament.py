"""What parliament confirms of our findings, and that it can do nothing else."""

import importlib.util
import itertools
import json
import re
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest

from multitool_lint import lint
from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.extensions import ExtendedCatalog, Extras
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.cli import main
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import Rule, rules
from multitool_lint.engines.parliament import engine, workload
from multitool_lint.engines.parliament.definition import Definition
from multitool_lint.engines.parliament.loading import load as load_parliament
from multitool_lint.formats import read_source
from multitool_lint.limits import MAX_PARLIAMENT_MICROSECONDS
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.truncate import Budget
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parent.parent
OURS: Mapping[str, Rule] = {
    id_: rules()[id_]
    for id_ in (
        "bucket-policy-escalation",
        "bypassable-mfa-check",
        "mismatched-resource",
        "unscoped-resource",
        "unsupported-condition-key",
    )
}
CORRECT = {
    "Sid": "Read",
    "Effect": "Allow",
    "Principal": {"AWS": "111122223333", "Federated": "accounts.google.com"},
    "Action": ["s3:GetObject", "s3:PutBucketPolicy"],
    "Resource": ["arn:aws:s3:::reports", "arn:aws:s3:::reports/*"],
    "Condition": {
        "Bool": {"aws:MultiFactorAuthPresent": "true"},
        "NumericLessThan": {"aws:MultiFactorAuthAge": 3600},
        "IpAddress": {"aws:SourceIp": ["203.0.113.0/24"]},
        "DateLessThan": {"aws:CurrentTime": 1893456000},
        "ArnLike": {"aws:SourceArn": "arn:aws:s3:::other"},
        "StringEquals": {"s3:TlsVersion": 1.2, "team": "red"},
    },
}
UNKNOWN_ACTION = {"Effect": "Allow", "Action": "s3:GetObjekt", "Resource": "*"}
CRASH = {
    "Effect": "Allow",
    "Action": "s3:ListAllMyBuckets",
    "Resource": "*",
    "Condition": {"NumericGreaterThan": {"aws:MultiFactorAuthAge": 3600}},
}
"""A number, where parliament expects a text: it raises a TypeError."""


def document(*statements: object) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, indent=2)


def found(
    statement: object,
    type_: PolicyType | None = None,
    enabled: Mapping[str, Rule] = OURS,
    catalog: Catalog | None = None,
) -> list[Finding]:
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    source = Source("policy.json", text)
    return list(lint_source(source, type=type_, enabled=enabled, catalog=catalog).findings)


def confirmed(*statements: object) -> list[str]:
    """The rules and places of the findings that parliament confirms."""
    return [
        f"{finding.rule} {finding.pointer}"
        for finding in lint(document(*statements), select=["ALL"])
        if finding.confirmed_by == ("parliament",)
    ]


def policies(text: str) -> tuple[Policy, ...]:
    return read_source(Source("policy.json", text)).policies


# what runs


def test_the_functions_that_run_are_those_of_the_package() -> None:
    assert confirmed(UNKNOWN_ACTION)
    spec = importlib.util.find_spec("parliament")
    assert spec
    assert spec.origin
    definition = load_parliament().Policy.__module__.rpartition(".")[0]
    for name in ("", "policy", "statement", "finding", "misc"):
        module = sys.modules[f"{definition}.{name}".rstrip(".")]
        path = Path(spec.origin).parent / f"{name or '__init__'}.py"
        assert Path(str(module.__file__)) == path
        written = codes(compile_(path))
        ran = {code.co_qualname: code for code in functions(module) if code.co_name != "<lambda>"}
        assert {qualname: code.co_code for qualname, code in ran.items()} == {
            qualname: written[qualname].co_code for qualname in ran
        }
        assert not [
            value
            for value in vars(module).values()
            if (getattr(value, "__module__", None) or "").startswith("multitool_lint")
        ]


def compile_(path: Path) -> CodeType:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "\d"
        return compile(path.read_text(encoding="utf-8"), str(path), "exec")


def codes(code: CodeType) -> dict[str, CodeType]:
    """The code of all functions in a module."""
    found: dict[str, CodeType] = {}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            found |= {constant.co_qualname: constant, **codes(constant)}
    return found


def functions(holder: ModuleType | type) -> Iterator[CodeType]:
    """The code of the functions that a module or class of parliament has."""
    name = getattr(holder, "__module__", holder.__name__)
    for member in vars(holder).values():
        value = getattr(member, "fget", None) or getattr(member, "__wrapped__", member)
        if isinstance(value, FunctionType) and value.__module__ == name:
            yield value.__code__
        elif isinstance(value, type) and value.__module__ == name:
            yield from functions(value)


def test_every_finding_type_of_parliament_has_its_rules() -> None:
    spec = importlib.util.find_spec("parliament")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    types: list[set[str]] = []
    for name in ("config.yaml", "community_auditors/config_override.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        types.append(set(re.findall(r"^(\w+):", text, re.MULTILINE)))
    answered = {type_ for rule in rules().values() for type_ in rule.parliament}
    # EXCEPTION is a failure of parliament, and SENSITIVE_ACCESS needs a list of resources.
    assert answered | {"EXCEPTION", "SENSITIVE_ACCESS"} == types[0] | types[1]
    assert types[1] - types[0] == engine.AUDITORS


def test_the_catalog_is_in_the_format_of_parliaments_data() -> None:
    spec = importlib.util.find_spec("parliament")
    assert spec
    assert spec.origin
    theirs = json.loads((Path(spec.origin).parent / "iam_definition.json").read_text("utf-8"))
    definition = Definition(bundled())
    ours = [definition.whole(prefix) or {} for prefix in bundled().prefixes]
    assert keys_of(ours) == {path: keys - {"description"} for path, keys in keys_of(theirs).items()}
    translate = sys.modules[
        load_parliament().Policy.__module__.replace("policy", "statement")
    ].translate_documentation_types
    for service in ours:
        resources = {resource["resource"] for resource in service["resources"]}
        conditions = {key["condition"] for key in service["conditions"]}
        for privilege in service["privileges"]:
            for type_ in privilege["resource_types"]:
                assert type_["resource_type"].removesuffix("*") in resources | {""}
                assert conditions.issuperset(type_["condition_keys"])
        for condition in service["conditions"]:
            translate(condition["type"])


def keys_of(value: object, path: str = "") -> dict[str, set[str]]:
    """The keys of all objects in a value, by the path to them."""
    found: dict[str, set[str]] = {}
    children = value if isinstance(value, list) else ()
    if isinstance(value, dict):
        found[path] = set(value)
        for key, child in value.items():
            for below, keys in keys_of(child, f"{path}/{key}").items():
                found.setdefault(below, set()).update(keys)
    for child in children:
        for below, keys in keys_of(child, path).items():
            found.setdefault(below, set()).update(keys)
    return found


# what is confirmed


def test_what_parliament_reports_too_is_confirmed() -> None:
    mismatch = {
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:PutBucketPolicy"],
        "Resource": "arn:aws:s3:::reports/*",
    }
    mfa = {
        "Effect": "Deny",
        "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:eu-west-1:111122223333:q",
        "Condition": {"Bool": {"aws:MultiFactorAuthPresent": "false"}},
    }
    assert confirmed(mismatch, mfa, {"Effect": "Allow"}) == [
        "mismatched-resource /Statement/0/Resource",
        "bypassable-mfa-check /Statement/1/Condition/Bool/aws:MultiFactorAuthPresent",
        "missing-element /Statement/2",
        "missing-element /Statement/2",
    ]
    assert confirmed(UNKNOWN_ACTION, {**UNKNOWN_ACTION, "Action": ["s4:Get", "s3:GetObject"]}) == [
        "unknown-action /Statement/0/Action",
        "unknown-service /Statement/1/Action/0",
    ]
    assert confirmed({"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"}) == [
        "bucket-policy-escalation /Statement/0/Action",
        "unscoped-resource /Statement/0/Resource",
    ]


def test_a_finding_in_another_statement_is_not_confirmed() -> None:
    # parliament ignores a Deny, and reports the mismatch in the Allow.
    mismatch = {"Effect": "Deny", "Action": "sqs:ListQueues", "Resource": "arn:aws:sqs:*:*:q"}
    assert confirmed(mismatch, {**mismatch, "Effect": "Allow"}) == [
        "mismatched-resource /Statement/1/Resource"
    ]
    assert confirmed(mismatch) == []


def test_it_is_not_asked_without_need(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> list[engine.Issue]:
        raise AssertionError

    monkeypatch.setattr(engine, "ask", refuse)
    fine = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports/*"}
    assert not lint(document(fine))
    rules_ = {finding.rule for finding in lint(document(fine), select=["ALL"])}
    assert rules_ == {"missing-sid"}
    assert [each.rule for each in lint(document({**fine, "Resource": "*"}), select=["ALL"])][
        1:
    ] == [
        "data-exposure",
        "unscoped-resource",
    ]


def test_the_same_policy_gives_the_same_findings_in_any_thread() -> None:
    statements = [{**CORRECT, "Resource": f"arn:aws:s3:::reports{at}"} for at in range(20)]
    statements += [{**UNKNOWN_ACTION, "Action": f"sqs:No{at}"} for at in range(20)]
    alone = [found(statement, enabled=rules()) for statement in statements]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda each: found(each, enabled=rules()), statements * 5))
    assert together == alone * 5
    assert any(finding.confirmed_by for findings in alone for finding in findings)


def test_another_catalog_has_answers_of_its_own(tmp_path: Path) -> None:
    for name in ("sources.tsv", "index.tsv", "operations.tsv"):
        (tmp_path / name).write_bytes((Path(BUNDLED) / name).read_bytes())
    services = tmp_path / "services"
    services.mkdir()
    text = (Path(BUNDLED) / "services" / "s3.tsv").read_text(encoding="utf-8")
    assert "\nGetObject\t" in text
    (services / "s3.tsv").write_text(text.replace("\nGetObject\t", "\nGetObjecs\t"))
    other = Catalog(str(tmp_path))
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::a/*"}
    enabled = {"unknown-action": rules()["unknown-action"]}
    for _ in range(2):
        [finding] = found(statement, enabled=enabled, catalog=other)
        assert finding.confirmed_by == ("parliament",)
        [policy] = policies(document(statement))
        assert engine.ask(policy, bundled(), lambda _: True) == []


# what it cannot do


def examples() -> Iterator[str]:
    """The examples of all rule pages, and policies that users complained about."""
    for rule in rules().values():
        fences = rule.page.split("```json\n")[1:]
        yield from (fence.partition("```")[0] for fence in fences)
    fields = Path(__file__).parents[1] / "peer_cases" / "field.json"
    yield from json.loads(fields.read_text(encoding="utf-8")).values()


def test_the_findings_are_the_same_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [Source("policy.json", text) for text in examples()]
    with_it = [lint_source(source, enabled=rules()).findings for source in sources]
    monkeypatch.setattr(engine, "ask", lambda *_: [])
    without = [lint_source(source, enabled=rules()).findings for source in sources]
    assert [[replace(each, confirmed_by=()) for each in found] for found in with_it] == [
        list(found) for found in without
    ]
    labels = [finding.confirmed_by for findings in with_it for finding in findings]
    assert labels.count(("parliament",)) > 100
    assert () in labels


def test_where_it_fails_there_is_no_opinion(tmp_path: Path) -> None:
    parliament = load_parliament()
    [policy] = policies(document(CRASH))
    with pytest.raises(TypeError):
        parliament.Policy(engine._node(policy.root, parliament.nodes)).analyze()  # noqa: SLF001
    both = {**CRASH, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"}
    assert {finding.rule for finding in lint(document(both))} == {"mismatched-resource"}
    assert confirmed(both) == []
    assert confirmed(UNKNOWN_ACTION) == ["unknown-action /Statement/0/Action"]
    path = tmp_path / "policy.json"
    path.write_text(document(both), encoding="utf-8")
    assert main(["check", str(path), "--no-cache", "--no-config"]) == 1


def test_it_is_asked_about_the_statements_with_findings() -> None:
    assert confirmed(UNKNOWN_ACTION, CRASH) == ["unknown-action /Statement/0/Action"]
    assert confirmed(CRASH, UNKNOWN_ACTION) == ["unknown-action /Statement/1/Action"]


@pytest.mark.parametrize(
    "statement",
    [
        # comparing these would take parliament minutes or more
        {"Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{'*a' * 30}"},
        {"Action": "s3:GetObject", "Resource": [f"arn:aws:s3:::{'/' * 300}x"] * 3},
        {"Action": "*:*Tag*", "Resource": "*"},
        {
            "Action": "ec2:*",
            "Resource": "*",
            "Condition": {"StringEquals": {f"ec2:Key{at}": "x" for at in range(300)}},
        },
        {
            "Action": "s3:GetObject",
            "Resource": "*",
            "Condition": {"StringEquals": {"s3:x": f"arn:{':' * 200}\nx"}},
        },
    ],
)
def test_what_would_take_long_is_not_asked(statement: dict[str, object]) -> None:
    actions = [statement["Action"], UNKNOWN_ACTION["Action"]]
    text = document({"Effect": "Allow", **statement, "Action": actions})
    [policy] = policies(text)
    assert workload.microseconds(policy, bundled()) > MAX_PARLIAMENT_MICROSECONDS
    assert {"unknown-action"} <= {finding.rule for finding in lint(text)}
    assert not any(finding.confirmed_by for finding in lint(text))


def test_the_time_is_that_of_all_policies_of_a_source() -> None:
    limits = Budget()
    assert limits.spend(MAX_PARLIAMENT_MICROSECONDS - 1)
    assert not limits.spend(2)
    assert limits.spend(1)


def test_a_broken_installation_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> object:
        raise ModuleNotFoundError("No module named 'parliament'")

    monkeypatch.setattr(engine, "analysis", fail)
    findings = lint(document(UNKNOWN_ACTION))
    assert {finding.rule for finding in findings} == {"unknown-action", "internal-error"}
    assert "parliament failed on this policy" in findings[0].title + findings[1].title


# where the label appears


def test_reports_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("policy.json").write_text(document(UNKNOWN_ACTION), encoding="utf-8")

    def report(*options: str) -> str:
        assert main(["check", "policy.json", "--no-config", "--no-cache", *options]) == 1
        return capsys.readouterr().out

    [finding] = json.loads(report("--format=json"))["findings"]
    assert finding["confirmed_by"] == ["parliament"]
    assert json.loads(report("--format=jsonl")) == finding
    [result] = json.loads(report("--format=sarif"))["runs"][0]["results"]
    assert result["properties"]["confirmedBy"] == ["parliament"]
    assert " = note: also reported by parliament\n" in report("--verbose")
    assert report("-v").count("parliament") == 1
    assert "parliament" not in report()


def test_it_survives_the_cache_and_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MULTITOOL_LINT_CACHE_DIR", str(tmp_path / "cache"))
    for at in range(3):
        statement = {**UNKNOWN_ACTION, "Action": f"s3:No{at}"}
        Path(f"{at}.json").write_text(document(statement), encoding="utf-8")
    outputs = []
    for options in (["--no-cache", "--jobs=1"], ["--jobs=2"], ["--jobs=2"], ["--jobs=1"]):
        assert main(["check", ".", "--no-config", "--format=json", *options]) == 1
        outputs.append(capsys.readouterr().out)
    assert len(set(outputs)) == 1
    labels = [finding["confirmed_by"] for finding in json.loads(outputs[0])["findings"]]
    assert labels == [["parliament"]] * 3


YAML = """
Resources:
  Policy:
    Type: AWS::IAM::ManagedPolicy
    Properties:
      PolicyDocument:
        Version: "2012-10-17"
        Statement:
          - Effect: Allow
            Action: s3:GetObjekt
            Resource: !Sub "arn:aws:s3:::${Bucket}/*"
"""
TERRAFORM = """
data "aws_iam_policy_document" "read" {
  statement {
    actions   = ["s3:GetObjekt"]
    resources = ["${aws_s3_bucket.reports.arn}/*"]
  }
}
"""


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("template.yaml", YAML),
        ("main.tf", TERRAFORM),
        ("page.md", f"```json\n{document(UNKNOWN_ACTION)}\n```\n"),
    ],
)
def test_policies_in_other_formats(path: str, text: str) -> None:
    findings = lint_source(Source(path, text)).findings
    [finding] = [finding for finding in findings if finding.rule == "unknown-action"]
    assert finding.confirmed_by == ("parliament",)


# the rules whose findings it confirms


def test_a_finding_keeps_nothing_of_the_policy_before() -> None:
    first = found({"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"})
    second = found({"Effect": "Allow", "Action": "s3:PutBucketAcl", "Resource": "*"})
    assert [finding.pointer for finding in first] == [finding.pointer for finding in second]
    assert {finding.title for finding in first}.isdisjoint(finding.title for finding in second)


def test_what_a_user_adds_to_the_catalog_is_not_checked() -> None:
    catalog = ExtendedCatalog(BUNDLED, Extras(("s3:GetPreview",), ("inhouse",), ("s3:prefix",)))
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetPreview", "inhouse:Get", "s3:GetObject"],
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {"StringEquals": {"s3:prefix": "x", "inhouse:key": "x"}},
    }
    assert not found(statement, catalog=catalog)
    assert found(statement)
    assert action_scopes(catalog).takes("s3:NoSuchAction", "s3:prefix")  # for all that is known


def test_only_enabled_rules_report() -> None:
    statement = [
        {"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::reports"},
    ]
    assert {finding.rule for finding in found(statement)} == {
        "bucket-policy-escalation",
        "mismatched-resource",
        "unscoped-resource",
    }
    for id_ in OURS:
        assert {finding.rule for finding in found(statement, enabled={id_: OURS[id_]})} <= {id_}
    assert not found(statement, enabled={})


def test_only_rules_for_the_type_of_the_policy_report() -> None:
    statement = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
    assert [finding.rule for finding in found(statement)] == ["unscoped-resource"]
    assert not found(statement, PolicyType.SCP)


STRANGE: tuple[object, ...] = (
    "x",
    7,
    1.5,
    True,
    None,
    [],
    {},
    ["x", 7, None, {}],
    {"Fn::Sub": "x"},
    "${var.name}",
)


def variants(value: object) -> Iterator[object]:
    """The value with each part of it replaced by something strange, one at a time."""
    yield from STRANGE
    if isinstance(value, dict):
        for key, each in value.items():
            yield {other: value[other] for other in value if other != key}
            yield from ({**value, key: variant} for variant in variants(each))
    if isinstance(value, list):
        for at, each in enumerate(value):
            yield from ([*value[:at], variant, *value[at + 1 :]] for variant in variants(each))


@pytest.mark.parametrize("type_", PolicyType)
def test_no_policy_makes_a_rule_or_parliament_fail(type_: PolicyType) -> None:
    for statement in itertools.chain([CORRECT], variants(CORRECT)):
        both = [statement, {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "x"}]
        for written in (statement, both):
            findings = found(written, type_)
            assert "internal-error" not in {finding.rule for finding in findings}
        text = json.dumps({"Version": "2012-10-17", "Statement": both})
        for policy in read_source(Source("policy.json", text), type=type_).policies:
            engine.ask(policy, bundled(), lambda _: True)


def test_what_is_unknown_is_not_checked() -> None:
    unknown: Any = "${var.anything}"
    for statement in (
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": unknown},
        {"Effect": "Allow", "Action": "s3:GetObject", "Resource": ["arn:aws:s3:::a", unknown]},
        {"Effect": "Allow", "Action": unknown, "Resource": "arn:aws:s3:::a"},
        {"Effect": "Allow", "Principal": unknown, "Action": "s3:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"AWS": unknown}, "Action": "s3:*", "Resource": "*"},
        {
            **CORRECT,
            "Action": "s3:GetObject",
            "Condition": {"Bool": {"aws:SecureTransport": unknown}},
        },
    ):
        assert not found(statement)
