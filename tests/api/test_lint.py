"""The library: what it accepts and returns, and that it changes nothing else."""

import importlib.util
import json
import pickle
import re
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest

import multitool_lint
from multitool_lint import (
    Finding,
    PolicyType,
    Safety,
    Severity,
    Source,
    fix,
    lint,
    lint_many,
)

POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Action": ["s3:Get*", "s3:GetObject"], "Resource": "*"},
    ],
}
ONE = ["redundant-action"]


def with_prefix(prefix: str) -> dict[str, Any]:
    """A policy of its own for every prefix, with one redundant action."""
    actions = [f"{prefix}:*", f"{prefix}:Describe*"]
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    return {"Version": "2012-10-17", "Statement": [statement]}


def test_public_names() -> None:
    assert set(multitool_lint.__all__) <= set(dir(multitool_lint))
    for name in multitool_lint.__all__:
        assert getattr(multitool_lint, name).__module__.startswith("multitool_lint")
        # A package of the same name would take its place as soon as it is imported.
        assert importlib.util.find_spec(f"multitool_lint.{name}") is None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = multitool_lint.nonsense


def test_the_documentation_describes_the_public_names() -> None:
    pages = ("library.md", "executors.md")
    docs = Path(__file__).parents[2] / "docs"
    text = "".join((docs / page).read_text(encoding="utf-8") for page in pages)
    described = re.findall(r"^::: [\w.]+\.(\w+)$", text, re.MULTILINE)
    assert sorted(described) == sorted(multitool_lint.__all__)


def test_a_dict_is_linted_as_it_would_be_written() -> None:
    [finding] = lint(POLICY, select=ONE)
    assert finding.rule == "redundant-action"
    assert finding.severity is Severity.SUGGESTION
    assert finding.policy_type is PolicyType.IDENTITY
    assert [fix.safety for fix in finding.fixes] == [Safety.MANUAL]
    assert finding.source.text == json.dumps(POLICY, indent=2) + "\n"
    assert finding.source.position(finding.span.start) == (7, 9)
    assert finding.source.text[finding.span.start : finding.span.end] == '"s3:Get*"'


def test_a_text_is_a_text_and_never_a_path(tmp_path: Path) -> None:
    text = json.dumps(POLICY)
    [finding] = lint(text, select=ONE)
    assert finding.source == Source("<policy>", text)
    path = tmp_path / "policy.json"
    path.write_text(text, encoding="utf-8")
    [finding] = lint(str(path))
    assert finding.rule == "json-syntax-error"


def test_a_path_is_read(tmp_path: Path) -> None:
    path = tmp_path / "policy.json"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps(POLICY, indent=1).encode() + b"\r\n")
    [finding] = lint(path, select=ONE)
    assert finding.source.path == str(path)
    assert finding.source.text.startswith("\ufeff{")
    page = tmp_path / "page.md"
    page.write_text(f"```json\n{json.dumps(POLICY)}\n```\n", encoding="utf-8")
    [finding] = lint(page, select=ONE)
    assert finding.source.position(finding.span.start)[0] == 2


def test_a_syntax_error_is_a_finding() -> None:
    [finding] = lint('{"Version": "2012-10-17", "Statement": [}', select=ONE)
    assert finding.rule == "json-syntax-error"


@pytest.mark.parametrize("policy", [{}, "[]", '{"Effect": "Allow"}'])
def test_no_policy_is_a_value_error(policy: dict[str, Any] | str) -> None:
    with pytest.raises(ValueError, match="<policy>: no policy: "):
        lint(policy)
    with pytest.raises(ValueError, match="<policy>: no policy: "):
        fix(policy)


@pytest.mark.parametrize(
    ("action", "more", "message"),
    [
        (
            "s3:GetObject",
            "  Q: {Type: AWS::IAM::ManagedPolicy, Properties: {PolicyDocument: !Ref D}}",
            r"t\.yaml:7:67: not read: unresolved: Ref",
        ),
        ("!Ref A", "", r"t\.yaml:6:59: Action could not be resolved"),
    ],
)
def test_what_is_filled_in_elsewhere_is_an_error_if_strict(
    action: str, more: str, message: str, tmp_path: Path
) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(
        "Resources:\n  P:\n    Type: AWS::IAM::ManagedPolicy\n    Properties:\n"
        "      PolicyDocument:\n        Statement: {Effect: Allow, Resource: '*', Action: "
        f"{action}}}\n{more}\n",
        encoding="utf-8",
    )
    assert lint(path, select=ONE) == []
    with pytest.raises(ValueError, match=message):
        lint(path, select=ONE, strict=True)
    with ThreadPoolExecutor() as executor:
        for linted in (
            *lint_many([path], select=ONE, strict=True),
            *lint_many([path], select=ONE, strict=True, executor=executor),
        ):
            assert re.search(message, str(linted.error))
    [linted] = lint_many([path], select=ONE)
    assert (linted.policy, linted.findings, linted.error) == (path, [], None)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        lint(tmp_path / "missing.json")
    with pytest.raises(ValueError, match=r": is a directory$"):
        lint(tmp_path)
    path = tmp_path / "policy.json"
    path.write_bytes(json.dumps(POLICY).encode("utf-16"))
    with pytest.raises(ValueError, match=r"policy\.json: encoded in UTF-16"):
        lint(path)


def test_other_types_are_a_type_error() -> None:
    for policy in (None, 1, b"{}", [POLICY]):
        with pytest.raises(TypeError, match="a policy is a Path, Source, str or dict, not "):
            lint(policy)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="not JSON serializable"):
        lint({"Version": object()})


def test_a_dict_that_is_nested_too_deeply_does_not_crash() -> None:
    nested: dict[str, Any] = {}
    for _ in range(sys.getrecursionlimit() + 200):
        nested = {"Statement": nested}
    try:
        findings = lint(nested)
    except ValueError as error:
        assert str(error) == "<policy>: the dict is nested too deeply"  # noqa: PT017 - as below
    else:  # Python's encoder has no limit from 3.12 on
        assert [finding.rule for finding in findings] == ["json-syntax-error"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"select": ["redundant_action"]}, 'did you mean "redundant-action"'),
        ({"ignore": ["ALL"]}, 'unknown rule "ALL"'),
        ({"type": "bucket"}, "unknown policy type"),
        ({"resource_type": "bucket"}, "is not a resource type"),
    ],
)
def test_unknown_names_are_a_value_error(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        lint(POLICY, **options)
    with pytest.raises(ValueError, match=message):
        fix(POLICY, **options)


def test_types_may_be_named() -> None:
    for type_ in (PolicyType.SCP, "scp"):
        [finding] = lint(POLICY, type=type_, select=ONE)
        assert finding.policy_type is PolicyType.SCP


@pytest.mark.parametrize(
    ("name", "other", "quota"),
    [("permission-set", "identity", 10_240), ("vpc-endpoint", "resource", 20_480)],
)
def test_a_type_may_be_named_with_what_it_is_attached_to(name: str, other: str, quota: int) -> None:
    resource_type = {"permission-set": "AWS::SSO::PermissionSet"}.get(name, "AWS::EC2::VPCEndpoint")
    names = [f"arn:aws:s3:::bucket-{number:05}" for number in range(1500)]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:ListBucket", "Resource": names}
        ],
    }
    [finding] = lint(policy, type=name, select="oversized-policy")
    assert f"{quota:,}" in finding.title
    assert finding.policy_type is PolicyType(other)
    assert lint(policy, type=name, resource_type=resource_type, select="oversized-policy")
    with pytest.raises(
        ValueError, match=f'"{name}" is a type for {resource_type}, not for AWS::S3'
    ):
        lint(policy, type=name, resource_type="AWS::S3::Bucket")


def test_one_rule_may_be_a_string() -> None:
    assert len(lint(POLICY, select="redundant-action")) == 1
    assert not lint(POLICY, select="ALL", ignore=[*multitool_lint_rules()])


def multitool_lint_rules() -> list[str]:
    from multitool_lint.diagnostics.rule import UNCHECKED, rules

    return [id_ for id_ in rules() if id_ not in UNCHECKED]


def test_fix_gives_back_what_it_was_given(tmp_path: Path) -> None:
    before = json.dumps(POLICY)
    after: dict[str, Any] = json.loads(before.replace(', "s3:GetObject"', ""))
    assert fix(POLICY, select=ONE) == POLICY
    assert fix(POLICY, select=ONE, keep_wildcards=True) == after
    assert json.dumps(POLICY) == before
    assert fix(before, select=ONE, unsafe=True) == before.replace(', "s3:GetObject"', "")
    assert fix(before, select=ONE, keep_wildcards=True) == before.replace(', "s3:GetObject"', "")
    path = tmp_path / "policy.json"
    path.write_text(before, encoding="utf-8")
    assert fix(path, select=ONE, keep_wildcards=True) == before.replace(', "s3:GetObject"', "")
    assert path.read_text(encoding="utf-8") == before


def test_unsafe_fixes_are_applied_where_they_are_wanted() -> None:
    typo = json.dumps(POLICY).replace("s3:GetObject", "s3:ListAllMyBuckts")
    assert fix(typo, select=["unknown-action"]) == typo
    assert "s3:ListAllMyBuckets" in fix(typo, select=["unknown-action"], unsafe=True)


def test_findings_survive_pickling() -> None:
    findings = lint(POLICY)
    assert pickle.loads(pickle.dumps(findings)) == findings  # noqa: S301 - we made it


PREFIXES = ["ec2", "rds", "eks", "ecs", "ecr", "dms", "ssm", "acm", "dax", "kms"] * 4


def test_calls_do_not_see_each_other_in_threads() -> None:
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lint, map(with_prefix, PREFIXES)))
    for prefix, findings in zip(PREFIXES, results, strict=True):
        assert findings == lint(with_prefix(prefix))
        [finding] = [finding for finding in findings if finding.rule == "redundant-action"]
        assert f'"{prefix}:*"' in finding.title


def test_calls_in_processes() -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        results = list(pool.map(partial(lint, select=ONE), map(with_prefix, PREFIXES[:4])))
    assert all(isinstance(finding, Finding) for findings in results for finding in findings)
    assert [finding for findings in results for finding in findings] == [
        finding for prefix in PREFIXES[:4] for finding in lint(with_prefix(prefix), select=ONE)
    ]


def test_calls_print_nothing_and_set_nothing_up() -> None:
    program = (
        "import logging, multitool_lint, warnings;"
        "filters = list(warnings.filters);"
        f"findings = multitool_lint.lint({POLICY!r});"
        "assert findings;"
        "assert not logging.getLogger().handlers;"
        "assert warnings.filters == filters;"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, b"", b"")


def test_importing_loads_nothing_heavy() -> None:
    program = "import sys, multitool_lint; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(done.stdout.split())
    assert "multitool_lint" in loaded
    assert not loaded & {
        "json",
        "dataclasses",
        "jsonschema",
        "parliament",
        "multitool_lint.linter.engine",
    }
