"""The resources in the JSON output of Terraform and OpenTofu: plans, and states.

`terraform show -json` prints a plan or a state; a state file contains the state, too. The text is
walked from key to key, so that only what is asked for takes memory besides it.

https://developer.hashicorp.com/terraform/internals/json-format
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from multitool_lint.limits import MAX_PLAN_DEPTH, MAX_PLAN_MODULES
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.json.skim import SkimmingWalk
from multitool_lint.syntax.source import Span

_VALUE_KEYS = frozenset({"resource_changes", "planned_values", "values", "resources"})

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


def resources_in(text: str) -> Iterator[PlannedResource]:
    """The resources of a plan as they will be, or of a state as they are."""
    starts: dict[str, int] = {}
    walk = SkimmingWalk(text)
    for key in walk.members():
        starts[key] = walk.at
        walk.skim()
    if "resource_changes" in starts:
        yield from _changed(walk_from(text, starts["resource_changes"]))
    elif "planned_values" in starts or "values" in starts:
        yield from _root(walk_from(text, starts.get("planned_values", starts.get("values", 0))))
    elif "resources" in starts:
        yield from _of_state(walk_from(text, starts["resources"]))


def value_of(text: str, key: str) -> Any:  # noqa: ANN401 - whatever JSON can say
    """The value of a key of a plan; None if there is none."""
    walk = SkimmingWalk(text)
    for name in walk.members():
        if name == key:
            return walk.whole()
        walk.skim()
    return None


def walk_from(text: str, offset: int) -> SkimmingWalk:
    """What goes through the value at an offset of a text."""
    walk = SkimmingWalk(text)
    walk.at = offset
    return walk


def _changed(walk: SkimmingWalk) -> Iterator[PlannedResource]:
    for _ in walk.elements():
        facts, places = object_at(walk, ("change",))
        change = places.get("change")
        if facts.get("mode") == "data" or change is None:
            continue
        _, inner = object_at(walk_from(walk.text, change), ("after", "after_unknown"))
        yield PlannedResource(
            _text(facts, "type"),
            _text(facts, "address"),
            inner.get("after", -1),
            inner.get("after_unknown", -1),
        )


def _root(walk: SkimmingWalk) -> Iterator[PlannedResource]:
    _, places = object_at(walk, ("root_module",))
    waiting = [(places["root_module"], 0)] if "root_module" in places else []
    while waiting:
        start, depth = waiting.pop()
        _, inner = object_at(walk_from(walk.text, start), ("resources", "child_modules"))
        if "resources" in inner:
            resources = walk_from(walk.text, inner["resources"])
            for _ in resources.elements():
                facts, found = object_at(resources, ("values",))
                if facts.get("mode") != "data" and "values" in found:
                    address = _text(facts, "address")
                    yield PlannedResource(_text(facts, "type"), address, found["values"])
        if "child_modules" in inner and depth < MAX_PLAN_MODULES:
            modules = walk_from(walk.text, inner["child_modules"])
            places_of_modules = []
            for _ in modules.elements():
                places_of_modules.append((modules.at, depth + 1))
                modules.skim()
            waiting += reversed(places_of_modules)


def _of_state(walk: SkimmingWalk) -> Iterator[PlannedResource]:
    """The resources of a state file, which has an address in parts."""
    for _ in walk.elements():
        facts, places = object_at(walk, ("instances",))
        if facts.get("mode") == "data" or "instances" not in places:
            continue
        module = f"{facts['module']}." if facts.get("module") else ""
        address = f"{module}{facts.get('type')}.{facts.get('name')}"
        instances = walk_from(walk.text, places["instances"])
        for _ in instances.elements():
            own, found = object_at(instances, ("attributes",))
            key = own.get("index_key")
            index = "" if key is None else f'["{key}"]' if isinstance(key, str) else f"[{key}]"
            if "attributes" in found:
                yield PlannedResource(_text(facts, "type"), address + index, found["attributes"])


def object_at(
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


def scalars_in(text: str, start: int) -> Iterator[tuple[str, Span]]:
    """The scalars in a value, none where there is no value, each with its path."""
    waiting = [(start, "", 0)] if start >= 0 else []
    while waiting:
        offset, path, depth = waiting.pop()
        walk = walk_from(text, offset)
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


def attribute_of(path: str) -> str:
    """The attribute that a path leads to, with those around it."""
    return re.sub(r"\[\d+\]", "", path).removeprefix(".")
