"""The grammar of policies: JSON Schemas define it, and jsonschema finds where a policy violates it.

The schemas state under `x-rules` which rule a failure belongs to, and its message, note and help.
"""

from __future__ import annotations

import json
from functools import cache

from multitool_lint.diagnostics.finding import Context, Finding, enumerate_briefly, related
from multitool_lint.diagnostics.rule import DIRECTORY, Rule, Severity
from multitool_lint.diagnostics.suggestion import alternatives
from multitool_lint.engines.json_schema.compiled_schema import compile_schema
from multitool_lint.limits import MAX_LISTED_ELEMENTS, MAX_SHOWN_VALUE
from multitool_lint.policy.variables import variable_uses
from multitool_lint.syntax.tree import UNKNOWN, Array, LazyStringArray, Node, Object

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

    from jsonschema import ValidationError
    from jsonschema.protocols import Validator

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.engines.json_schema.acceptors import Accept, Json
    from multitool_lint.engines.json_schema.explain import Failure, Mistake
    from multitool_lint.policy.document import Policy

    Check = Callable[[Validator, Json, Json, Json], Iterator[ValidationError] | None]


_SCHEMAS = {"boundary": "identity", "session": "identity"}
"""The types of policies that have the schema of another one."""

_WRONG_TYPE = "$subject must be $type, not $kind"
_KINDS = {
    str: "a string",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    type(None): "null",
    list: "a list",
    dict: "an object",
}


def findings(policy: Policy, catalog: Catalog, enabled: Mapping[str, Rule]) -> Iterator[Finding]:
    """Where a policy breaks the grammar of its type, under the rules that the schema names."""
    document = plain(policy.root)
    if not acceptor(policy.type.value)(document):
        yield from _explained(document, policy, catalog, enabled)


def _explained(
    document: Json, policy: Policy, catalog: Catalog, enabled: Mapping[str, Rule]
) -> Iterator[Finding]:
    # Most policies are accepted, and then these modules are not needed.
    from multitool_lint.engines.json_schema.explain import mistakes
    from multitool_lint.engines.json_schema.fixes import fixes_of

    errors = validator(policy.type.value).iter_errors(_doubtful(document, policy.type.value))
    for mistake in mistakes(policy.root, map(_failure, errors), enabled.keys()):
        severity = mistake.entry.get("severity")
        if mistake.rule == "missing-version" and any(variable_uses(policy)):
            severity = Severity.ERROR.value
        text = _texts(mistake)
        note = text("note")
        yield Context(enabled[mistake.rule], policy, catalog).finding(
            mistake.culprit,
            text("message", _WRONG_TYPE),
            label=text("label"),
            notes=(note,) if note else (),
            help=text("help"),
            related=tuple(related(member, "conflicts with this") for member in mistake.conflicting),
            issue_code=mistake.entry.get("code"),
            fixes=fixes_of(mistake, policy),
            severity=None if severity is None else Severity(severity),
        )


def plain(node: Node) -> Json:
    """The value of a node as a JSON parser returns it, UNKNOWN where a template fills it in."""
    if isinstance(node, LazyStringArray):
        return list(node.texts)
    value = node.value
    if isinstance(value, Array):
        return [plain(item) for item in value]
    if isinstance(value, Object):
        # Most values are strings; testing that here saves most of the calls.
        return {
            member.key: text
            if type(member.value) is Node and type(text := member.value.value) is str
            else plain(member.value)
            for member in value
        }
    return value


def _doubtful(document: Json, policy_type: str) -> Json:
    """The document with UNKNOWN for each valid statement, which need not be validated again."""
    if not isinstance(document, dict) or not isinstance(document.get("Statement"), list):
        return document
    accepts = acceptor(policy_type)
    statements = [
        UNKNOWN if accepts({"Version": "2012-10-17", "Statement": [statement]}) else statement
        for statement in document["Statement"]
    ]
    return {**document, "Statement": statements}


@cache
def acceptor(policy_type: str) -> Accept:
    """Whether a plain document is certainly valid for a type of policy."""
    return compile_schema(schema(policy_type))


@cache
def validator(policy_type: str) -> Validator:
    """The validator that reports what is wrong; UNKNOWN is valid everywhere."""
    from jsonschema import Draft202012Validator, validators

    checks = {
        keyword: _indulgent(check) for keyword, check in Draft202012Validator.VALIDATORS.items()
    }
    extended = validators.extend(Draft202012Validator, checks)  # type: ignore[no-untyped-call]
    made: Validator = extended(schema(policy_type))
    return made


def schema(policy_type: str) -> Json:
    """The schema of a type of policy, with each reference replaced by the schema it refers to.

    That halves the time of jsonschema, and no other code depends on the files.
    """
    return _definition(f"{_SCHEMAS.get(policy_type, policy_type)}.json", "")


@cache
def _definition(file: str, pointer: str) -> Json:
    found = _file(file)
    for part in pointer.split("/")[1:]:
        found = found[part]
    return _resolved(found, file)


def _resolved(value: Json, file: str) -> Json:
    if isinstance(value, list):
        return [_resolved(item, file) for item in value]
    if not isinstance(value, dict):
        return value
    resolved = {
        key: _resolved(item, file) for key, item in value.items() if key not in ("$defs", "$ref")
    }
    if "$ref" in value:
        name, _, pointer = value["$ref"].partition("#")
        resolved["allOf"] = [*resolved.get("allOf", ()), _definition(name or file, pointer)]
    return resolved


@cache
def _file(name: str) -> Json:
    with open(f"{DIRECTORY}/schemas/{name}", encoding="utf-8") as file:  # noqa: PTH123 - Path is slow to import
        return json.load(file)


def _indulgent(check: Check) -> Check:
    def accept_known(
        validator: Validator, value: Json, instance: Json, schema: Json
    ) -> Iterator[ValidationError] | None:
        return None if instance is UNKNOWN else check(validator, value, instance, schema)

    return accept_known


def _failure(error: ValidationError) -> Failure:
    from multitool_lint.engines.json_schema.explain import Failure

    schema: Any = error.schema
    return Failure(
        keyword=str(error.validator),
        schema=schema,
        path=tuple(error.absolute_path),
        value=error.instance,
        of_key=list(error.absolute_schema_path)[-2:-1] == ["propertyNames"],
    )


def _texts(mistake: Mistake) -> Callable[..., str]:
    """A function that returns a text of the finding; empty where the schema has none.

    Where the title suggests a name, the help, which lists what is expected, is left out.
    """
    from string import Template

    failure, entry = mistake.failure, mistake.entry
    values = {
        "subject": _subject(failure),
        "type": failure.schema.get("title", ""),
        "kind": _KINDS[type(failure.value)],
        "value": _quoted(failure.value),
        "key": _quoted(mistake.member and mistake.member.key),
        "hint": f"; did you mean {_quoted(mistake.suggestion)}?" if mistake.suggestion else "",
        "expected": _expected(mistake),
    }

    def text(part: str, default: str = "") -> str:
        if part == "help" and mistake.suggestion and "$hint" in entry.get("message", ""):
            return ""
        return Template(entry.get(part, default)).substitute(values)

    return text


def _subject(failure: Failure) -> str:
    names = [part for part in failure.path if isinstance(part, str)]
    if not names:
        return "The policy"
    name = _quoted(names[-1])
    return name if failure.path[-1] == names[-1] else f"An item of {name}"


def _expected(mistake: Mistake) -> str:
    names = [_quoted(name) for name in mistake.expected]
    if not names:
        return ""
    return alternatives(names) if len(names) <= MAX_LISTED_ELEMENTS else enumerate_briefly(names)


def _quoted(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, str) else ""
    return text if len(text) <= MAX_SHOWN_VALUE else f'{text[: MAX_SHOWN_VALUE - 1]}…"'
