"""The schemas of policies for editors, by a validator and by what Visual Studio Code uses."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import editor_schemas
import pytest
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.managed_policies import managed_policies, newest_document

ROOT = Path(__file__).parent.parent
SERVICE = ROOT / "editors/vscode/node_modules/vscode-json-languageservice"
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %s, "Resource": "*"}]}'
)


@pytest.fixture(scope="module")
def made() -> dict[str, Any]:
    return editor_schemas.schemas()


def validator(made: dict[str, Any], type_: str) -> Draft7Validator:
    resources = [(schema["$id"], Resource.from_contents(schema)) for schema in made.values()]
    schema = made[f"{type_}-policy.json"]
    return Draft7Validator(schema, registry=Registry().with_resources(resources))


def test_policies_of_aws_are_valid(made: dict[str, Any]) -> None:
    known = managed_policies(bundled())
    accepts = validator(made, "identity")
    for name in sorted(known)[::40]:
        if document := newest_document(bundled(), name):
            assert accepts.is_valid(json.loads(document)), name


@pytest.mark.parametrize(
    ("type_", "element", "mistakes"),
    [("trust", "Resource", 1), ("resource", "Resource", 0), ("rcp", "NotPrincipal", 1)],
)
def test_each_type_has_its_elements(
    made: dict[str, Any], type_: str, element: str, mistakes: int
) -> None:
    statement = {"Effect": "Deny", "Principal": "*", "Action": "*", element: "*"}
    policy = {"Version": "2012-10-17", "Statement": statement}
    assert validator(made, type_).is_valid(policy) is (mistakes == 0)


@pytest.mark.parametrize("action", ['"s3:get*"', '"*"', '["s3:GetObject", "new:Action"]'])
def test_wildcards_and_names_in_any_case_are_valid(made: dict[str, Any], action: str) -> None:
    assert validator(made, "identity").is_valid(json.loads(POLICY % action))


@pytest.mark.parametrize("policy", ["{}", POLICY % '"GetObject"', POLICY % "7"])
def test_what_cannot_be_a_policy_is_not_valid(made: dict[str, Any], policy: str) -> None:
    assert not validator(made, "identity").is_valid(json.loads(policy))


@pytest.mark.slow
@pytest.mark.skipif(not (SERVICE.exists() and shutil.which("node")), reason="npm install")
def test_an_editor_completes_and_explains_by_them(tmp_path: Path) -> None:
    editor_schemas.main(str(tmp_path))
    policies = [
        POLICY % '"|"',
        POLICY % '["s3:Get*"]',
        POLICY % '"GetObject"',
        '{"Version": "2012-10-17", "Statement": [{"Eff|ect": "Allow", "Action": "*"}]}',
    ]
    asked = {
        "schemas": str(tmp_path),
        "policies": [{"schema": "identity-policy.json", "text": text} for text in policies],
    }
    done = subprocess.run(
        ["node", ROOT / "editors/schemas.mjs"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=True,
    )
    empty, wildcard, wrong, element = json.loads(done.stdout)
    assert {'"s3:GetObject"', '"s3:*"', '"*"'} <= set(empty["completions"])
    assert wildcard["complaints"] == []
    assert wrong["complaints"] == ["Expected an action such as s3:GetObject, or a pattern"]
    assert "A Deny wins over every Allow" in element["hover"]
