"""The engine that asks parliament: its import, its mapping, and what it must not fail on."""

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from multitool_lint.aws.catalog.catalog import Catalog, bundled
from multitool_lint.aws.catalog.extensions import ExtendedCatalog, Extras
from multitool_lint.aws.catalog.tables import BUNDLED
from multitool_lint.diagnostics.finding import Finding
from multitool_lint.diagnostics.rule import DIRECTORY, Rule, read_page, rules
from multitool_lint.engines.parliament import engine as parliament_
from multitool_lint.engines.parliament import library as parliament_input
from multitool_lint.formats import load
from multitool_lint.policy.action_scope import facts_of
from multitool_lint.policy.document import Policy, PolicyType
from multitool_lint.syntax.source import Source

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


def policies(document: object, type_: PolicyType | None = None) -> tuple[Policy, ...]:
    text = document if isinstance(document, str) else json.dumps(document)
    return load(Source("policy.json", text), type=type_).policies


def found(
    statement: object, type_: PolicyType | None = None, enabled: Mapping[str, Rule] = OURS
) -> list[Finding]:
    document = {"Version": "2012-10-17", "Statement": statement}
    return [
        finding
        for policy in policies(document, type_)
        for finding in parliament_.findings(policy, bundled(), enabled)
    ]


def test_every_finding_type_of_parliament_has_its_rules() -> None:
    spec = find_spec("parliament")
    assert spec
    assert spec.origin
    folder = Path(spec.origin).parent
    types: set[str] = set()
    for name in ("config.yaml", "community_auditors/config_override.yaml"):
        text = (folder / name).read_text(encoding="utf-8")
        types.update(re.findall(r"^(\w+):", text, re.MULTILINE))
    assert types == parliament_.RULES.keys() | parliament_.UNANSWERED.keys()
    assert parliament_.RULES.keys().isdisjoint(parliament_.UNANSWERED)


def test_the_pages_name_the_same_finding_types() -> None:
    named: dict[str, set[str]] = {}
    for path in DIRECTORY.glob("*.md"):
        if path.name != "README.md":
            page = read_page(path)
            for type_ in page.get("parliament", ()):
                named.setdefault(type_, set()).add(page["id"])
    mapped = {type_: set(ids) for type_, ids in parliament_.RULES.items()}
    assert mapped.pop("EXCEPTION") == {"internal-error"}
    assert named == mapped


def test_the_predicate_asked_first_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a predicate confirms, parliament suspects: it matters not who is asked first."""
    judged = [policy for document in documents() for policy in policies(document)]
    both = [list(parliament_.findings(policy, bundled(), OURS)) for policy in judged]
    for name in ("about_resources", "about_condition", "about_policy"):
        monkeypatch.setattr(parliament_input, name, lambda *_, **__: frozenset(parliament_.RULES))
    alone = [list(parliament_.findings(policy, bundled(), OURS)) for policy in judged]
    assert both == alone
    assert any(both)


def documents() -> Iterator[str]:
    for rule in OURS.values():
        fences = rule.page.split("```json\n")[1:]
        yield from (fence.partition("```")[0] for fence in fences)
    fields = Path(__file__).parents[1] / "peer_cases" / "field.json"
    yield from json.loads(fields.read_text(encoding="utf-8")).values()


def test_the_same_policy_gives_the_same_findings_in_any_thread() -> None:
    statements = [{**CORRECT, "Resource": f"arn:aws:s3:::reports{at}"} for at in range(20)]
    alone = [found(statement) for statement in statements]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(found, statements * 5))
    assert together == alone * 5
    assert all(alone)


def test_a_finding_keeps_nothing_of_the_policy_before() -> None:
    first = found({"Effect": "Allow", "Action": "s3:PutBucketPolicy", "Resource": "*"})
    second = found({"Effect": "Allow", "Action": "s3:PutBucketAcl", "Resource": "*"})
    assert [finding.pointer for finding in first] == [finding.pointer for finding in second]
    assert {finding.message for finding in first}.isdisjoint(finding.message for finding in second)


def test_another_catalog_has_answers_of_its_own(tmp_path: Path) -> None:
    for name in ("sources.tsv", "index.tsv", "operations.tsv"):
        (tmp_path / name).write_bytes((Path(BUNDLED) / name).read_bytes())
    services = tmp_path / "services"
    services.mkdir()
    text = (Path(BUNDLED) / "services" / "s3.tsv").read_text(encoding="utf-8")
    (services / "s3.tsv").write_text(
        text.replace("\tL\taccesspoint,bucket", "\tL\taccesspoint,object")
    )
    statement = {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::reports"}
    (policy,) = policies({"Version": "2012-10-17", "Statement": statement})
    assert list(parliament_.findings(policy, Catalog(str(tmp_path)), OURS))
    assert not list(parliament_.findings(policy, bundled(), OURS))


def test_what_a_user_adds_to_the_catalog_is_not_judged() -> None:
    catalog = ExtendedCatalog(BUNDLED, Extras(("s3:GetPreview",), ("inhouse",), ("s3:prefix",)))
    statement = {
        "Effect": "Allow",
        "Action": ["s3:GetPreview", "inhouse:Get", "s3:GetObject"],
        "Resource": "arn:aws:s3:::reports/*",
        "Condition": {"StringEquals": {"s3:prefix": "x", "inhouse:key": "x"}},
    }
    (policy,) = policies({"Version": "2012-10-17", "Statement": statement})
    assert not list(parliament_.findings(policy, catalog, OURS))
    assert list(parliament_.findings(policy, bundled(), OURS))
    assert facts_of(catalog).takes("s3:NoSuchAction", "s3:prefix")  # for all that is known


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
def test_no_policy_makes_it_fail(type_: PolicyType) -> None:
    for statement in itertools.chain([CORRECT], variants(CORRECT)):
        found(statement, type_)
        found([statement, {"Effect": "Deny", "NotAction": "s3:*", "NotResource": "x"}], type_)


def test_what_is_unknown_is_not_judged() -> None:
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
