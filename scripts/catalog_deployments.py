"""Write the tables of what deploying a resource takes, by its type.

    python scripts/catalog_deployments.py terraform CRUD-MAP MODEL DATE

writes that of Terraform: which functions of hashicorp/aws deploy a type, and which operations they
call, as IAM Policy Autopilot publishes it: terraform-crud-map.json and terraform-model.json in
https://github.com/awslabs/iam-policy-autopilot (Apache-2.0), below
iam-policy-autopilot-policy-generation/resources/config/terraform.

    python scripts/catalog_deployments.py cloudformation cfnlint/data/schemas VERSION DATE

writes that of CloudFormation: the `handlers` of AWS's resource schemas, which cfn-lint ships.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from catalog_sources import cloudformation_schemas

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.deployed_types import (
    CLOUDFORMATION,
    COLUMNS,
    OWN_NAME,
    PHASES,
    TERRAFORM,
    name_in,
)
from multitool_lint.aws.catalog.tables import BUNDLED, read_rows
from multitool_lint.aws.catalog.update import write as writing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    Call = tuple[str, str]
    """The name that botocore has for a service, and an operation."""
    Phases = dict[str, list[str]]

HERE = Path(__file__).parent
WHAT = "type, and what it takes: " + ", ".join(COLUMNS)

# The API of domains has the prefix that Elasticsearch had; `opensearch` is for their data.
PREFIXES = {"opensearch": "es"}
_SYMBOL = re.compile(r".*/internal/service/(\w+)\.(?:\(\*?(\w+)\)\.)?(\w+)(?:-fm)?")
_UNDOING = re.compile(r"(?:Delete|Deregister|Detach|Disassociate|Remove|Terminate)[A-Z]")
_UNTAGGING = re.compile(r"(?:Untag|DeleteTags|RemoveTags)|Delete\w*Tagging$")

BY_HAND: Mapping[str, Phases] = {
    # AWS: a custom resource is a call of the function, or a message to the topic, of its token.
    # https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
    "AWS::CloudFormation::CustomResource": {
        phase: ["lambda:InvokeFunction"] for phase in PHASES if phase != "read"
    },
    "AWS::CDK::Metadata": {},
    "AWS::CloudFormation::WaitCondition": {},
    "AWS::CloudFormation::WaitConditionHandle": {},
}
"""Types of CloudFormation without handlers that are done by a call of a function, or by none."""


class Authorisations:
    """The actions that authorise API operations; `lost` has the operations without one."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self.joint = {name.lower() for name, *_ in read_rows(BUNDLED, "joint_operations.tsv")}
        self.lost: set[str] = set()

    def of(self, service: str, operation: str) -> Iterator[str]:
        """The actions for an operation of a service, as botocore calls it."""
        prefix = PREFIXES.get(service) or self.catalog.renamed(service) or service
        name = f"{prefix}:{operation}"
        action = self.catalog.action(name)
        if action is not None and not action.retired:
            yield action.name
            return
        found = self.catalog.authorising(name)
        if service in ("s3", "s3control") and name.lower() not in self.joint and len(found) > 1:
            own = "Account" if service == "s3control" else "Bucket"
            found = tuple(action for action in found if own in action)
        if not found:
            self.lost.add(name)
        yield from found


def terraform(crud: Path, model: Path, authorised: Authorisations) -> Iterator[tuple[str, Phases]]:
    """The types of hashicorp/aws, with what each phase of a resource takes."""
    functions = {
        (call["module_path"], call["class_name"], call["function_name"]): [
            (operation["service"], operation["operation"]) for operation in call["sdk_operations"]
        ]
        for call in json.loads(model.read_text(encoding="utf-8"))["call_patterns"]
    }
    by_hand = {row[0]: row[1:] for row in read_rows(str(HERE), "terraform_resources.tsv")}
    for entry in json.loads(crud.read_text(encoding="utf-8")):
        type_ = entry["resource_type"]
        known = _phases(entry, functions, by_hand.get(type_, ()))
        actions = {
            phase: [action for call in found for action in authorised.of(*call)]
            for phase, found in known.items()
        }
        if any(actions.get(phase) for phase in PHASES):
            yield type_, actions
    for type_, *names in read_rows(str(HERE), "terraform_data_sources.tsv"):
        calls = _calls(" ".join(names))
        yield f"data.{type_}", {"read": [name for call in calls for name in authorised.of(*call)]}


def _phases(
    entry: Mapping[str, Any], functions: Mapping[Any, list[Call]], by_hand: Sequence[str]
) -> dict[str, list[Call]]:
    """What the functions of a type call in each phase; nothing if one of them is not known."""

    def calls(symbol: str) -> list[Call] | None:
        if symbol.endswith("schema.NoopContext"):
            return []
        match = _SYMBOL.fullmatch(symbol)
        return functions.get((match[1], match[2], match[3])) if match else None

    tags = entry.get("tags", {})
    listing, tagging = (
        _of_kind(calls(tags.get(f"{verb}_tags_symbol", "")) or [], tags.get("resource_type", ""))
        for verb in ("list", "update")
    )
    found = {phase: calls(entry[phase]) for phase in PHASES if phase in entry}
    if tags:  # an update that calls nothing is one of the tags
        found["update"] = found.get("update") or []
    for phase, text in zip(PHASES, by_hand, strict=False):
        found[phase] = [*(found.get(phase) or ()), *_calls(text)] if text else found.get(phase, [])
    known = {phase: own for phase, own in found.items() if own is not None}
    if len(known) < len(found):
        return {}
    # What undoes a creation is called if it fails: nobody need be allowed that to create.
    undone = {call for call in known.get("delete", ()) if _UNDOING.match(call[1])}
    untagging = [call for call in tagging if _UNTAGGING.match(call[1])]
    return known | {
        "create": [call for call in known.get("create", ()) if call not in {*undone, *tagging}],
        "read": [call for call in (*known.get("read", ()), *listing) if call not in undone],
        "tag": [call for call in tagging if call not in untagging],
        "untag": untagging,
    }


def _calls(names: str) -> list[Call]:
    """Operations as they are written by hand: `service:Operation`."""
    return [
        (service, operation)
        for service, _, operation in (name.partition(":") for name in names.split())
    ]


def _of_kind(calls: list[Call], kind: str) -> list[Call]:
    """Of the calls for all kinds of resources of a service, those for one kind."""
    words = {"OIDCProvider": "OpenIDConnectProvider", "VirtualMFADevice": "MFADevice"}
    word = words.get(kind, kind)
    own = [
        call for call in calls if word and re.fullmatch(rf"\w+?{word}(?:Tags|Tagging)?", call[1])
    ]
    return own or calls


def cloudformation(folder: Path, authorised: Authorisations) -> Iterator[tuple[str, Phases]]:
    """The types of CloudFormation that have handlers, with the permissions of these."""
    for type_, schema in cloudformation_schemas(folder):
        handlers = schema.get("handlers", {})
        actions = {
            phase: [
                action
                for name in handlers.get(phase, {}).get("permissions", ())
                for action in _named(name, authorised)
            ]
            for phase in PHASES
        }
        if any(actions.values()):
            yield type_, actions
    yield from BY_HAND.items()
    for type_, *fields in read_rows(str(HERE), "cloudformation_resources.tsv"):
        yield type_, {phase: field.split() for phase, field in zip(PHASES, fields, strict=False)}


def _named(name: str, authorised: Authorisations) -> Iterator[str]:
    """The actions that a handler names; a whole service is too much for any of them."""
    prefix, _, action = name.partition(":")
    if "*" not in action:
        yield from authorised.of(prefix, action)
    elif action.strip("*"):
        yield from authorised.catalog.names(authorised.catalog.match(name))
    else:
        authorised.lost.add(name)


def row(type_: str, phases: Mapping[str, Iterable[str]]) -> tuple[str, ...]:
    """The row of a type: reading is part of all phases, and is not repeated in the others."""
    read = set(phases.get("read", ()))
    fields = [type_]
    first = ""
    for phase in COLUMNS:
        own = set(phases.get(phase, ())) - (read if phase != "read" else set())
        by_prefix: dict[str, list[str]] = {}
        for action in sorted(own):
            prefix, _, name = action.partition(":")
            by_prefix.setdefault(prefix, []).append(_shortened(name, name_in(type_)))
        parts = []
        for prefix, names in by_prefix.items():
            parts.append(f"{'' if prefix == first else prefix}:{','.join(names)}")
            first = first or prefix
        fields.append(" ".join(parts))
    return tuple(fields)


def _shortened(name: str, own: str) -> str:
    """The name of an action with a mark for what a type is a type of."""
    verb = name.removesuffix("s").removesuffix(own)
    is_own = bool(own) and re.fullmatch("[A-Z][a-z]+", verb) and name.startswith(f"{verb}{own}")
    return f"{verb}{OWN_NAME}{name[len(verb) + len(own) :]}" if is_own else name


def write(directory: Path, table: str, source: str, types: Iterable[tuple[str, Phases]]) -> None:
    """Write a table, without the types of which nothing is known."""
    rows = [row(*known) for known in types]
    writing.write_rows(directory / table, f"{WHAT} ({source})", sorted(rows))
    print(f"{len(rows)} types in {table}")


def write_terraform(directory: Path, crud: Path, model: Path, date: str) -> None:
    """Write the table of Terraform."""
    authorised = Authorisations(Catalog(str(directory)))
    version = json.loads(model.read_text(encoding="utf-8"))["version"]
    published = f"IAM Policy Autopilot of {date}, Apache-2.0, of hashicorp/aws {version}"
    source = f"{published}; data sources and some types by hand"
    write(directory, TERRAFORM, source, terraform(crud, model, authorised))
    _print_lost(authorised)


def write_cloudformation(directory: Path, folder: Path, version: str, date: str) -> None:
    """Write the table of CloudFormation."""
    authorised = Authorisations(Catalog(str(directory)))
    source = f"AWS's resource schemas in cfn-lint {version} of {date}"
    write(directory, CLOUDFORMATION, source, cloudformation(folder, authorised))
    _print_lost(authorised)


def _print_lost(authorised: Authorisations) -> None:
    print(
        f"no action is known for {len(authorised.lost)} operations that are named", file=sys.stderr
    )


if __name__ == "__main__":
    kind, *given = sys.argv[1:]
    if kind == "terraform":
        write_terraform(Path(BUNDLED), Path(given[0]), Path(given[1]), given[2])
    else:
        write_cloudformation(Path(BUNDLED), Path(given[0]), given[1], given[2])
