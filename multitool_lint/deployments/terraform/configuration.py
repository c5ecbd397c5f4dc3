"""What the resources of a plan refer to, by the configuration that the plan has a copy of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from multitool_lint.formats.terraform import plan
from multitool_lint.limits import MAX_PLAN_MODULES

_KEY = re.compile(r"\[[^\]]*\]")
_STEP = re.compile(r"module\.([\w-]+)((?:\[[^\]]*\])?)\.")
_RESOURCE = re.compile(r"[\w-]+\.[\w-]+(?:\[[^\]]*\])?")


class PlanConfiguration:
    """The configuration of a plan, in which expressions have the references that are in them.

    It is read when it is first asked; a state has none.
    """

    def __init__(self, text: str, addresses: Collection[str]) -> None:
        self._text = text
        self._by_block: dict[str, list[str]] = {}
        for address in addresses:
            self._by_block.setdefault(_KEY.sub("", address), []).append(address)
        self._modules: dict[str, dict[str, Any]] = {}
        self._root: Any = None

    def referred(self, address: str, attribute: str, start: str) -> list[str] | None:
        """The resources that an attribute refers to by references with a start, as `aws_iam_role.`.

        None if the attribute, which is in a block if it has dots, is not set; there is none if it
        is not known which one it is.
        """
        if self._root is None:
            self._root = _member(plan.value_of(self._text, "configuration"), "root_module")
        around = "".join(match.group() for match in _STEP.finditer(address))
        own = address[len(around) :]
        resource = self._resources(around).get(_KEY.sub("", own))
        expression = _member(resource, "expressions")
        for name in attribute.split("."):
            expression = _part(expression, name)
        if not expression:
            return None
        references = _references(expression)
        if any(name.startswith(("each.", "count.")) for name in references):
            references += _references(_member(resource, "for_each_expression"))
        key = next(iter(_KEY.findall(own)), "")
        found = [*self._resolved(around, references, start, key, 0)]
        return list(dict.fromkeys(found))

    def _resources(self, around: str) -> dict[str, Any]:
        """The resources of a module by their addresses in it."""
        if around not in self._modules:
            listed = _member(self._module(around), "resources")
            self._modules[around] = {
                address: resource
                for resource in (listed if isinstance(listed, list) else ())
                if isinstance(address := _member(resource, "address"), str)
            }
        return self._modules[around]

    def _module(self, around: str) -> Any:  # noqa: ANN401 - of JSON
        module = self._root
        for match in _STEP.finditer(around):
            call = _member(_member(module, "module_calls"), match[1])
            module = _member(call, "module")
        return module

    def _resolved(
        self, around: str, references: Sequence[str], start: str, key: str, depth: int
    ) -> Iterator[str]:
        """The resources that references of a module mean."""
        if depth > MAX_PLAN_MODULES:
            return
        for reference in references:
            name, _, attribute = reference.partition(".")
            if reference.startswith(start) and (match := _RESOURCE.match(reference)):
                yield from self._instances(around, match.group(), key)
            elif name == "var":
                steps = [*_STEP.finditer(around)]
                for last in steps[-1:]:
                    outer = around[: last.start()]
                    call = _member(_member(self._module(outer), "module_calls"), last[1])
                    given = _references(_member(_member(call, "expressions"), attribute))
                    yield from self._resolved(outer, given, start, last[2], depth + 1)
            elif match := re.fullmatch(r"module\.([\w-]+)((?:\[[^\]]*\])?)\.([\w-]+)", reference):
                inner = f"{around}module.{match[1]}{match[2]}."
                output = _member(_member(self._module(inner), "outputs"), match[3])
                given = _references(_member(output, "expression"))
                yield from self._resolved(inner, given, start, "", depth + 1)

    def _instances(self, around: str, name: str, key: str) -> Iterator[str]:
        found = [
            address
            for address in self._by_block.get(_KEY.sub("", f"{around}{name}"), ())
            if address.startswith(around)
        ]
        exact = [
            address for address in found if address in (f"{around}{name}", f"{around}{name}{key}")
        ]
        if exact or len(found) == 1:
            yield (exact or found)[-1]


def _member(value: Any, key: str) -> Any:  # noqa: ANN401 - of JSON
    return value.get(key) if isinstance(value, dict) else None


def _part(expressions: Any, name: str) -> Any:  # noqa: ANN401 - of JSON
    """The expressions of a name; of several blocks, a list."""
    if isinstance(expressions, list):
        return [found for block in expressions if (found := _member(block, name))]
    return _member(expressions, name)


def _references(expression: Any) -> list[str]:  # noqa: ANN401 - of JSON
    """The references in an expression, the longest of each; those in blocks as well."""
    if isinstance(expression, list):
        return [name for part in expression for name in _references(part)]
    found = _member(expression, "references")
    names = [name for name in found if isinstance(name, str)] if isinstance(found, list) else []
    return [name for name in names if not any(o.startswith(f"{name}.") for o in names)]
