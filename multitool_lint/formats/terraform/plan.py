"""Policies in the JSON output of Terraform and OpenTofu: plans, and states.

`terraform show -json` prints a plan or a state; a state file contains the state, too. A policy is
a string in the values of a resource, named by the resource's address. The text is walked from key
to key, so that only the policies themselves take memory besides it.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.formats import quick_tests
from multitool_lint.formats.extract import Attachment, Candidate, Certainty
from multitool_lint.formats.found import PRINTED
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import (
    PLAN,
    REST_NOT_READ,
    Problem,
    ReadResult,
    Skipped,
    not_policy,
    not_read,
)
from multitool_lint.formats.terraform import search
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.limits import MAX_PLAN_DEPTH, MAX_PLAN_MODULES
from multitool_lint.reasons import Reason
from multitool_lint.syntax import decoded_text
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.skim import SkimmingWalk
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.extract import Extractor, Found
    from multitool_lint.formats.found import FoundPolicy
    from multitool_lint.formats.terraform.attributes import PolicyAttribute


_VALUE_KEYS = frozenset({"resource_changes", "planned_values", "values", "resources"})

_BEGINS_AS_OBJECT = re.compile(r'"(?:\s|\\[nrt]|\\u000[9aAdD])*+\{')
_NUMBER = re.compile(r"\d{1,9}")


class PlannedResource(NamedTuple):
    """The values of a resource, or what of them is known after apply only."""

    type: str
    address: str
    values: int
    unknown: int = -1


def is_output(text: str) -> bool:
    """Whether a text is a plan or a state; also one with a mistake after its version."""
    if '"terraform_version"' not in text:
        return False
    walk = SkimmingWalk(text)
    seen = set()
    try:
        if walk.mark != "{":
            return False
        for key in walk.members():
            seen.add(key)
            if "terraform_version" in seen and (
                "format_version" in seen or seen & _VALUE_KEYS or "serial" in seen
            ):
                return True
            walk.skim()
    except MistakeError:
        pass
    return False


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies, one by one, each named by the address of its attribute."""
    return ReadResult(stream=_read(extractor), format=PLAN)


def _read(extractor: Extractor) -> Iterator[FoundPolicy | Problem | Skipped]:
    text = extractor.source.text
    try:
        for resource in resources_in(text):
            # Of a resource that is to be deleted, the values are null.
            if resource.type in permissions() and text.startswith("{", resource.values):
                found = _permission(extractor, resource)
                if found:
                    yield found
                continue
            for path, span in _values(text, resource.values):
                found = policy_at(extractor, resource, path, span)
                if found:
                    yield found
            if resource.unknown >= 0:
                yield from _unknown(text, resource)
    except MistakeError as mistake:
        yield Problem(mistake.span, f"{mistake.message} ({REST_NOT_READ})", help=mistake.help)


def resources_in(text: str) -> Iterator[PlannedResource]:
    """The resources of a plan as they will be, or of a state as they are."""
    starts: dict[str, int] = {}
    walk = SkimmingWalk(text)
    for key in walk.members():
        starts[key] = walk.at
        walk.skim()
    if "resource_changes" in starts:
        yield from _changed(_walk_from(text, starts["resource_changes"]))
    elif "planned_values" in starts or "values" in starts:
        yield from _root(_walk_from(text, starts.get("planned_values", starts.get("values", 0))))
    elif "resources" in starts:
        yield from _of_state(_walk_from(text, starts["resources"]))


def value_of(text: str, key: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """The value of a key of a plan; None if there is none."""
    walk = SkimmingWalk(text)
    for name in walk.members():
        if name == key:
            return walk.whole()
        walk.skim()
    return None


def _walk_from(text: str, offset: int) -> SkimmingWalk:
    walk = SkimmingWalk(text)
    walk.at = offset
    return walk


def _changed(walk: SkimmingWalk) -> Iterator[PlannedResource]:
    for _ in walk.elements():
        facts, places = _object(walk, ("change",))
        change = places.get("change")
        if facts.get("mode") == "data" or change is None:
            continue
        _, inner = _object(_walk_from(walk.text, change), ("after", "after_unknown"))
        yield PlannedResource(
            _text(facts, "type"),
            _text(facts, "address"),
            inner.get("after", -1),
            inner.get("after_unknown", -1),
        )


def _root(walk: SkimmingWalk) -> Iterator[PlannedResource]:
    _, places = _object(walk, ("root_module",))
    waiting = [(places["root_module"], 0)] if "root_module" in places else []
    while waiting:
        start, depth = waiting.pop()
        _, inner = _object(_walk_from(walk.text, start), ("resources", "child_modules"))
        if "resources" in inner:
            resources = _walk_from(walk.text, inner["resources"])
            for _ in resources.elements():
                facts, found = _object(resources, ("values",))
                if facts.get("mode") != "data" and "values" in found:
                    address = _text(facts, "address")
                    yield PlannedResource(_text(facts, "type"), address, found["values"])
        if "child_modules" in inner and depth < MAX_PLAN_MODULES:
            modules = _walk_from(walk.text, inner["child_modules"])
            places_of_modules = []
            for _ in modules.elements():
                places_of_modules.append((modules.at, depth + 1))
                modules.skim()
            waiting += reversed(places_of_modules)


def _of_state(walk: SkimmingWalk) -> Iterator[PlannedResource]:
    """The resources of a state file, which has an address in parts."""
    for _ in walk.elements():
        facts, places = _object(walk, ("instances",))
        if facts.get("mode") == "data" or "instances" not in places:
            continue
        module = f"{facts['module']}." if facts.get("module") else ""
        address = f"{module}{facts.get('type')}.{facts.get('name')}"
        instances = _walk_from(walk.text, places["instances"])
        for _ in instances.elements():
            own, found = _object(instances, ("attributes",))
            key = own.get("index_key")
            index = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
            if "attributes" in found:
                yield PlannedResource(_text(facts, "type"), address + index, found["attributes"])


def _object(
    walk: SkimmingWalk, wanted: tuple[str, ...]
) -> tuple[dict[str, object], dict[str, int]]:
    """The scalars of an object, and where the wanted values of it begin."""
    facts: dict[str, object] = {}
    places: dict[str, int] = {}
    if walk.mark != "{":
        walk.skim()
        return facts, places
    for key in walk.members():
        places[key] = walk.at
        value = walk.skim()
        if isinstance(value, str):
            facts[key] = value
        elif key == "index_key" and _NUMBER.fullmatch(walk.text, places[key], walk.at):
            facts[key] = int(walk.text[places[key] : walk.at])
    return facts, {key: at for key, at in places.items() if key in wanted}


def _text(facts: dict[str, object], key: str) -> str:
    return str(facts.get(key) or "")


def _values(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The strings among the values of a resource that may be policies, each with its path."""
    for path, span in scalars_in(text, start):
        if _BEGINS_AS_OBJECT.match(text, span.start):
            value = _walk_from(text, span.start).whole()
            if quick_tests.may_be_policy(value):
                yield path, span


def scalars_in(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The scalars in a value, none where there is no value, each with its path."""
    waiting = [(start, "", 0)] if start >= 0 else []
    while waiting:
        offset, path, depth = waiting.pop()
        walk = _walk_from(text, offset)
        if walk.mark not in ("{", "["):
            walk.skim()
            yield path, Span(offset, walk.at)
        elif depth <= MAX_PLAN_DEPTH:
            inner = [(start, f"{path}{step}", depth + 1) for start, step in _steps(walk)]
            waiting += reversed(inner)


def _steps(walk: SkimmingWalk) -> Iterator[tuple[int, str]]:
    """Where the values in an object or list begin, each with what leads to it."""
    if walk.mark == "{":
        for key in walk.members():
            yield walk.at, f".{key}"
            walk.skim()
    else:
        for number, _ in enumerate(walk.elements()):
            yield walk.at, f"[{number}]"
            walk.skim()


def policy_at(extractor: Extractor, resource: PlannedResource, path: str, span: Span) -> Found:
    """The policy in a string among the values of a resource, at a path of these."""
    text = extractor.source.text
    holder = _holder(text, resource, path)
    if holder and holder.type == "other":
        return not_policy(span, Reason.OTHER_LANGUAGE)
    candidate = Candidate(
        decoded_text.cut(text, span),
        span,
        f"{resource.address}{path}",
        holder.attachment if holder else Attachment(),
        Certainty.POLICY if holder else Certainty.SHAPE,
        printed=True,
    )
    return extractor.extract(candidate)


def _holder(text: str, resource: PlannedResource, path: str) -> PolicyAttribute | None:
    holder = holders().get(resource.type, {}).get(attribute_of(path))
    if holder is None or holder.type != "organizations":
        return holder
    facts, _ = _object(_walk_from(text, resource.values), ())
    return holder.of_organizations(str(facts.get("type") or "SERVICE_CONTROL_POLICY"))


def attribute_of(path: str) -> str:
    """The attribute that a path leads to, with those around it."""
    return re.sub(r"\[\d+\]", "", path).removeprefix(".")


def _unknown(text: str, resource: PlannedResource) -> Iterator[Skipped]:
    """The policies that a plan does not know yet."""
    known = holders().get(resource.type)
    if not known:
        return
    for path, span in scalars_in(text, resource.unknown):
        within = attribute_of(path)
        if text.startswith("t", span.start) and any(
            holder.type != "other" and f"{attribute}.".startswith(f"{within}.")
            for attribute, holder in known.items()
        ):
            yield not_read(span, Reason.AFTER_APPLY)


def _permission(extractor: Extractor, resource: PlannedResource) -> Found:
    """The policy of the one statement that a resource is."""
    text = extractor.source.text
    values = {
        attribute_of(path): Node(span, _walk_from(text, span.start).whole(), "")
        for path, span in scalars_in(text, resource.values)
    }
    permission = permissions()[resource.type]
    for path, span in scalars_in(text, resource.unknown):
        if text.startswith("t", span.start):
            within = f"{attribute_of(path)}."
            values |= {
                name: Node(span, UNKNOWN, "")
                for name in permission.properties
                if f"{name}.".startswith(within)
            }
    walk = _walk_from(text, resource.values)
    walk.skim()
    root = permission.policy((resource.values, walk.at), values, lambda node: node.string)
    candidate = permission.candidate(search.finished(root), resource.address)
    return extractor.extract(candidate._replace(unchanged=PRINTED))
