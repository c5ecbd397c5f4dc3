"""JSON Schemas of policies for editors: descriptions, and the names of the catalog as completions.

They are made when the documentation is built, and are not a part of the package. They accept what
may be right: wildcards, names in any case, what is newer than the catalog. The linter says more.

    python scripts/editor_schemas.py FOLDER
"""

from __future__ import annotations

import json
import sys
from itertools import chain
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from multitool_lint.aws.catalog.catalog import bundled  # noqa: E402 - of this checkout
from multitool_lint.aws.condition_keys import global_keys  # noqa: E402
from multitool_lint.aws.condition_operators import FAMILIES  # noqa: E402
from multitool_lint.aws.principals import service_principals  # noqa: E402
from multitool_lint.reporters.elements import (  # noqa: E402
    EFFECTS,
    ELEMENTS,
    PRINCIPAL_TYPES,
    operator_text,
)

Schema = dict[str, Any]

SHARED = "policy-elements.json"
_ADDRESS = "https://multitool-lint.github.io/multitool-lint/schemas/"
_DIALECT = "http://json-schema.org/draft-07/schema#"
_ACTION = r"^(\*|[A-Za-z0-9*?-]+:[^\s]*|\$\{.*|\{\{.*)$"
_ARN = r"^(\*|arn:[^\s]*:.*|\$\{.*|\{\{.*)$"

TITLES = {
    "identity": "Identity-based policy",
    "resource": "Resource-based policy",
    "trust": "Trust policy of a role",
    "scp": "Service control policy",
    "rcp": "Resource control policy",
    "boundary": "Permissions boundary",
    "session": "Session policy",
}
_WITH_PRINCIPAL = ("resource", "trust", "rcp")


def schemas() -> dict[str, Schema]:
    """The schema of each type of policy, and what they share, by the names of the files."""
    return {SHARED: _shared(), **{f"{type_}-policy.json": _policy(type_) for type_ in TITLES}}


def _policy(type_: str) -> Schema:
    elements = [name for name in ELEMENTS if name not in ("Version", "Id", "Statement")]
    if type_ not in _WITH_PRINCIPAL:
        elements = [name for name in elements if "Principal" not in name]
    if type_ == "trust":
        elements = [name for name in elements if "Resource" not in name]
    if type_ == "rcp":
        elements.remove("NotPrincipal")
    required: list[Schema] = [{"anyOf": [{"required": ["Action"]}, {"required": ["NotAction"]}]}]
    if type_ in _WITH_PRINCIPAL:
        required.append({"anyOf": [{"required": ["Principal"]}, {"required": ["NotPrincipal"]}]})
    elif type_ != "trust":
        required.append({"anyOf": [{"required": ["Resource"]}, {"required": ["NotResource"]}]})
    return {
        "$schema": _DIALECT,
        "$id": f"{_ADDRESS}{type_}-policy.json",
        "title": TITLES[type_],
        "type": "object",
        "properties": {
            "Version": {
                "enum": ["2012-10-17", "2008-10-17"],
                "default": "2012-10-17",
                "description": ELEMENTS["Version"],
            },
            "Id": {"type": "string", "description": ELEMENTS["Id"]},
            "Statement": {
                "description": ELEMENTS["Statement"],
                "oneOf": [
                    {"$ref": "#/definitions/statement"},
                    {"type": "array", "items": {"$ref": "#/definitions/statement"}},
                ],
            },
        },
        "required": ["Version", "Statement"],
        "additionalProperties": False,
        "definitions": {
            "statement": {
                "type": "object",
                "properties": {
                    name: {"$ref": f"{SHARED}#/definitions/{name}"} for name in elements
                },
                "required": ["Effect"],
                "allOf": required,
                "additionalProperties": False,
            }
        },
    }


def _one_or_several(item: Schema, description: str) -> Schema:
    return {
        "description": description,
        "anyOf": [item, {"type": "array", "items": item}],
    }


def _shared() -> Schema:
    actions, arns = {"$ref": "#/definitions/action"}, {"$ref": "#/definitions/arn"}
    principal = {
        "description": ELEMENTS["Principal"],
        "anyOf": [{"const": "*"}, {"$ref": "#/definitions/principals"}],
    }
    definitions: Schema = {
        "Sid": {"type": "string", "description": ELEMENTS["Sid"]},
        "Effect": {
            "enum": list(EFFECTS),
            "enumDescriptions": list(EFFECTS.values()),
            "description": ELEMENTS["Effect"],
        },
        "Principal": principal,
        "NotPrincipal": {**principal, "description": ELEMENTS["NotPrincipal"]},
        "Action": _one_or_several(actions, ELEMENTS["Action"]),
        "NotAction": _one_or_several(actions, ELEMENTS["NotAction"]),
        "Resource": _one_or_several(arns, ELEMENTS["Resource"]),
        "NotResource": _one_or_several(arns, ELEMENTS["NotResource"]),
        "Condition": {
            "type": "object",
            "description": ELEMENTS["Condition"],
            "properties": {
                name: {"description": operator_text(name), "$ref": "#/definitions/keys"}
                for name in chain.from_iterable(FAMILIES.values())
            },
            "additionalProperties": {"$ref": "#/definitions/keys"},
        },
        "action": {
            "type": "string",
            "pattern": _ACTION,
            "patternErrorMessage": "Expected an action such as s3:GetObject, or a pattern",
            "examples": _actions(),
        },
        "arn": {
            "type": "string",
            "pattern": _ARN,
            "patternErrorMessage": 'Expected "*" or an ARN such as arn:aws:s3:::bucket/*',
        },
        "principals": {
            "type": "object",
            "properties": {
                name: _one_or_several(
                    {"type": "string", "examples": list(service_principals())}
                    if name == "Service"
                    else {"type": "string"},
                    text,
                )
                for name, text in PRINCIPAL_TYPES.items()
                if name != "*"
            },
            "additionalProperties": False,
        },
        "keys": {
            "type": "object",
            "properties": {
                key.name: {
                    "description": f"About the {key.scope}: {' or '.join(key.types)}",
                    "$ref": "#/definitions/values",
                }
                for key in global_keys()
                if "${" not in key.name
            },
            "additionalProperties": {"$ref": "#/definitions/values"},
        },
        "values": {
            "anyOf": [
                {"type": ["string", "boolean", "number"]},
                {"type": "array", "items": {"type": ["string", "boolean", "number"]}},
            ]
        },
    }
    return {"$schema": _DIALECT, "$id": f"{_ADDRESS}{SHARED}", "definitions": definitions}


def _actions() -> list[str]:
    """All actions, and for each service the wildcard for all of its actions."""
    catalog = bundled()
    every = catalog.all_actions()
    whole = (f"{prefix}:*" for prefix in sorted(every.prefixes))
    return ["*", *whole, *catalog.names(every)]


def main(folder: str) -> None:
    """Write the schemas into a folder."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    for name, schema in schemas().items():
        Path(folder, name).write_text(f"{json.dumps(schema)}\n", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
