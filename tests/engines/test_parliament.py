"""What parliament confirms of our findings, and that it can do nothing else."""

import importlib.util
import json
import re
import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType, ModuleType
from typing import Any

import pytest
from support.parliament_findings import CORRECT, OURS, UNKNOWN_ACTION, confirmed, found

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.extensions import ExtendedCatalog, Extras
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.diagnostics.rule import rules
from multitool_lint.engines.parliament import engine
from multitool_lint.engines.parliament.definition import Definition
from multitool_lint.engines.parliament.finding_types import AUDITORS
from multitool_lint.engines.parliament.loading import load as load_parliament
from multitool_lint.linter.engine import lint_source
from multitool_lint.linter.settings import Opinion
from multitool_lint.policy.action_scope import action_scopes
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.source import Source

ROOT = Path(__file__).parent.parent


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
    assert types[1] - types[0] == AUDITORS


@pytest.mark.slow
def test_the_catalog_is_in_the_format_of_parliaments_data() -> None:
    spec = importlib.util.find_spec("parliament")
    assert spec
    assert spec.origin
    theirs = json.loads((Path(spec.origin).parent / "iam_definition.json").read_text("utf-8"))
    definition = Definition(bundled())
    ours = [
        {
            **service,
            "resources": service["resources"],
            "conditions": service["conditions"],
            "privileges": [
                {**privilege, "resource_types": privilege["resource_types"]}
                for privilege in service["privileges"]
            ],
        }
        for service in map(definition.whole, bundled().prefixes)
        if service
    ]
    # No function of parliament reads the others.
    unread = {"description", "service_name", "access_level"}
    assert keys_of(ours) == {path: keys - unread for path, keys in keys_of(theirs).items()}
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


def test_unasked_for_it_is_asked_about_unknown_and_malformed_elements_only() -> None:
    mismatch = {
        "Effect": "Allow",
        "Action": ["s3:ListBucket", "s3:PutBucketPolicy"],
        "Resource": "arn:aws:s3:::reports/*",
    }
    wildcard = {"Effect": "Allow", "Action": "s3:Nothing*", "Resource": "*"}
    service = {**mismatch, "Action": ["s4:Get", "s3:GetObject"]}
    statements = [mismatch, UNKNOWN_ACTION, wildcard, service, {"Effect": "Allow"}]
    assert confirmed(*statements, confirm_all=False) == [
        "unknown-action /Statement/1/Action",
        "unmatched-action-wildcard /Statement/2/Action",
        "unknown-service /Statement/3/Action/0",
        "missing-element /Statement/4",
        "missing-element /Statement/4",
    ]
    both = {**mismatch, "Action": ["s3:ListBucket", "s3:NoSuchThing"]}
    assert confirmed(both, confirm_all=False) == ["unknown-action /Statement/0/Action/1"]


def examples() -> Iterator[str]:
    """The examples of all rule pages, and policies that users complained about."""
    for rule in rules().values():
        fences = rule.page.split("```json\n")[1:]
        yield from (fence.partition("```")[0] for fence in fences)
    fields = Path(__file__).parents[1] / "peer_cases" / "field.json"
    yield from json.loads(fields.read_text(encoding="utf-8")).values()


@pytest.mark.slow
def test_the_findings_are_the_same_without_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sources = [Source("policy.json", text) for text in examples()]
    lint = partial(lint_source, enabled=rules(), opinion=Opinion.EVERY)
    with_it = [lint(source).findings for source in sources]
    monkeypatch.setattr(engine, "ask", lambda *_: [])
    without = [lint(source).findings for source in sources]
    assert [[finding._replace(confirmed_by=()) for finding in found] for found in with_it] == [
        list(found) for found in without
    ]
    labels = [finding.confirmed_by for findings in with_it for finding in findings]
    assert labels.count(("parliament",)) > 100
    assert () in labels


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
