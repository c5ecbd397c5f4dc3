"""What docs/stability.md keeps is still there: nothing that was recorded is gone or has changed.

`pytest --update` records what is new. To break a promise, remove its line from the record.
"""

import inspect
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

import multitool_lint
from multitool_lint.cli import COMMANDS, command_parser
from multitool_lint.diagnostics.finding import Context
from multitool_lint.diagnostics.rule import DIRECTORY, former_ids, rules
from multitool_lint.policy.document import Condition, Policy, Statement
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reporters.formats import FORMATS
from multitool_lint.syntax.tree import UNKNOWN

ROOT = Path(__file__).parents[1]
FIXTURE = ROOT / "fixtures" / "multitool.json"
RECORD = ROOT / "tests" / "data" / "promises.txt"
SCHEMAS = {
    "accepted": "accepted.json",
    "baseline": "baseline.json",
    "configuration": "config.json",
    "json check": "output.json",
    "json diff": "access-diff.json",
    "tests": "iamtest.json",
}
PRINTS_JSON = {
    "can": [str(FIXTURE), "iam:CreateRole"],
    "who-can": ["iam:CreateRole", str(FIXTURE)],
    "catalog": [],
    "config": [str(FIXTURE)],
    "needs": [str(ROOT / "docs" / "examples" / "needs" / "plan.json")],
    "query": ["s3:PutObject"],
    "rules": [],
    "test": [str(ROOT / "tests" / "data" / "multitool.iamtest.toml")],
}
"""Commands whose JSON has no schema, with arguments."""


def test_promises_are_kept(
    update: bool,  # noqa: FBT001 - a fixture
    run: Callable[..., subprocess.CompletedProcess[str]],
) -> None:
    recorded = set(RECORD.read_text(encoding="utf-8").splitlines())
    now = {*promises()}
    for command, arguments in PRINTS_JSON.items():
        printed = json.loads(run(command, "--format=json", *arguments).stdout)
        now |= {f"json {command} {path}" for path in _paths(printed)}
    if update:
        recorded |= now
        RECORD.write_text("".join(f"{line}\n" for line in sorted(recorded)), encoding="utf-8")
    assert sorted(recorded - now) == []
    assert sorted(now - recorded) == [], "run pytest --update"


def promises() -> Iterator[str]:
    current = {**{id_: id_ for id_ in rules()}, **former_ids()}
    yield from (f"rule {id_} {rules()[now].severity.value}" for id_, now in current.items())
    yield from (f"format {name}" for name in FORMATS)
    yield from (f"policy-type {type_.value}" for type_ in PolicyType)
    yield from _options()
    for kind, schema in SCHEMAS.items():
        text = (Path(DIRECTORY) / "schemas" / schema).read_text(encoding="utf-8")
        yield from (f"{kind} {line}" for line in _properties(json.loads(text)))
    yield from _hooks_and_action()
    yield from _library()
    for finding in multitool_lint.lint(FIXTURE, select=["redundant-action"]):
        yield f"fingerprint {finding.rule} {finding.pointer} {finding.fingerprint}"


def _options() -> Iterator[str]:
    for command in COMMANDS:
        yield f"command {command}"
        for action in command_parser(command)._actions:  # noqa: SLF001 - there is no other way
            yield from (f"option {command} {option}" for option in action.option_strings)


def _properties(schema: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - it is JSON
    """The properties that a schema describes, each with its type."""
    if isinstance(schema, list):
        for item in schema:
            yield from _properties(item, path)
    elif isinstance(schema, dict):
        for key, value in schema.items():
            if key == "properties":
                for name, property_ in value.items():
                    type_ = property_.get("type", property_.get("$ref", "any"))
                    yield f"{path}/{name} {json.dumps(type_)}"
                    yield from _properties(property_, f"{path}/{name}")
            elif key == "$defs":
                for name, definition in value.items():
                    yield from _properties(definition, f"/{name}")
            else:
                yield from _properties(value, path)


def _paths(value: Any, path: str = "") -> Iterator[str]:  # noqa: ANN401 - it is JSON
    """The names in a value, each with those that lead to it."""
    if isinstance(value, list):
        for item in value:
            yield from _paths(item, path)
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield f"{path}/{name}"
            yield from _paths(inner, f"{path}/{name}")


def _hooks_and_action() -> Iterator[str]:
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    yield from (f"hook {hook['id']}" for hook in hooks)
    action = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
    for kind in ("inputs", "outputs"):
        yield from (f"action {kind} {name}" for name in action[kind])


def _library() -> Iterator[str]:
    for name in multitool_lint.__all__:
        public = getattr(multitool_lint, name)
        members = _parameters(public) if inspect.isfunction(public) else _members(public)
        yield from (f"library {name} {member}" for member in members)
    for given_to_a_check in (Policy, Statement, Condition, Context):
        name = given_to_a_check.__name__
        yield f"plugin {name} from {given_to_a_check.__module__}"
        yield from (f"plugin {name} {member}" for member in _members(given_to_a_check))
    yield f"plugin {UNKNOWN.name} from {UNKNOWN.__class__.__module__}"
    yield from (f"plugin Context.finding {name}" for name in _parameters(Context.finding))


def _members(public: type) -> Iterator[str]:
    known = {*dir(public), *inspect.get_annotations(public)} - {*dir(tuple)}
    yield from (name for name in known if not name.startswith("_"))


def _parameters(function: Callable[..., object]) -> Iterator[str]:
    yield from inspect.signature(function).parameters
