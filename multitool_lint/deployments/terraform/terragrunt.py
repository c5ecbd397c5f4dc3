"""A unit of Terragrunt: a call of one module, with what the files say that it includes.

https://terragrunt.gruntwork.io/docs/reference/hcl/blocks/
https://terragrunt.gruntwork.io/docs/reference/hcl/functions/
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import cached_property, partial
from typing import TYPE_CHECKING

from multitool_lint.limits import MAX_MODULE_DEPTH
from multitool_lint.syntax.hcl.expressions import Block, Body, Expression, MistakenError
from multitool_lint.syntax.hcl.parsing import parse
from multitool_lint.syntax.terms import Unknown, Value
from multitool_lint.syntax.texts import as_text
from multitool_lint.syntax.tree_of_files import PathKind, below
from multitool_lint.values.reading import ROOT
from multitool_lint.values.steps import Lazy, Step, after
from multitool_lint.values.terraform.definitions import local, once, output
from multitool_lint.values.terraform.evaluate import call
from multitool_lint.values.terraform.file_names import ENDINGS, UNIT
from multitool_lint.values.terraform.module import Call, Module, undefined

if TYPE_CHECKING:
    from multitool_lint.values.terraform.shared import Evaluates, Shared

CALL = "terragrunt"
"""What the call is named."""


class TerragruntFile(Module):
    """A file of Terragrunt, whose functions are about the unit in a folder."""

    def __init__(self, shared: Shared, folder: str, path: str, depth: int = 0) -> None:
        self.path = path
        self.depth = depth
        self.body = Body({}, [])
        super().__init__(shared, folder)
        self.functions = {
            "find_in_parent_folders": self._in_parents,
            "get_parent_terragrunt_dir": lambda _: f"{ROOT}/{posixpath.dirname(path)}",
            "get_repo_root": lambda _: ROOT,
            "get_terragrunt_dir": lambda _: f"{ROOT}/{folder}",
            "read_terragrunt_config": self._read_configuration,
        }

    def _read(self) -> None:
        body = self._parsed(self.path, parse)
        if body is None:
            return
        self.body = body
        for block in body.blocks:
            if block.type == "locals":
                self.add(block, self.path)

    def evaluator(self, path: str) -> Evaluates:
        """What evaluates the expressions of the file."""
        scope = {"dependency": _Dependencies(self), "include": _Included(self)}
        return super().evaluator(path).within(scope)

    def blocks_of(self, type_: str) -> dict[str, Block]:
        """The blocks of a type by their label; "" for one without."""
        return {next(iter(b.labels), ""): b for b in self.body.blocks if b.type == type_}

    def value(self, block: Block, name: str) -> Value:
        """What an attribute of a block of the file comes to; None without it."""
        expression = block.body.attributes.get(name)
        return self.evaluator(self.path).evaluate(expression) if expression else None

    @cached_property
    def included(self) -> Mapping[str, TerragruntFile | Unknown]:
        """The files that it includes, by the label; a term for one that is not read."""
        found = {}
        for label, block in self.blocks_of("include").items():
            path = self.value(block, "path")
            found[label] = self._configuration(path, self.folder) or Unknown("include", path)
        return found

    @cached_property
    def source(self) -> Value:
        """Where the module is; None if that is not said."""
        own = self.blocks_of("terraform").get("")
        given = self.value(own, "source") if own else None
        for other in self.included.values() if given is None else ():
            given = given or (other.source if isinstance(other, TerragruntFile) else other)
        return given

    @property
    def inputs(self) -> Value:
        """What the module is given: of what several files give, what this one does."""
        return once(self, "inputs", self._inputs)

    def _inputs(self) -> Value:
        expression = self.body.attributes.get("inputs")
        found = self.evaluator(self.path).evaluate(expression) if expression else {}
        includes = self.blocks_of("include")
        for label, other in reversed([*self.included.items()]):
            strategy = self.value(includes[label], "merge_strategy")
            given = other.inputs if isinstance(other, TerragruntFile) else other
            if strategy == "deep":
                found = _deep(given, found)
            elif strategy != "no_merge":
                found = call("merge", [given, found])
        return found

    def _configuration(self, path: Value, folder: str | None = None) -> TerragruntFile | None:
        """The file of a path; None for one that is not there. It is of a unit in a folder."""
        text = as_text(path)
        place = self.shared.path_of(text, self.folder) if isinstance(text, str) else None
        if place is None or self.depth >= MAX_MODULE_DEPTH or self.shared.text(place) is None:
            return None
        around = posixpath.dirname(place) if folder is None else folder
        return TerragruntFile(self.shared, around, place, self.depth + 1)

    def _read_configuration(self, given: list[Value]) -> Value:
        found = self._configuration(given[0]) if given else None
        if found is None:
            return given[1] if len(given) > 1 else Unknown("read_terragrunt_config", *given)
        return _Exposed(found)

    def _in_parents(self, given: list[Value]) -> Value:
        """The path of the next file of a name in the folders around the unit."""
        name = as_text(given[0]) if given else UNIT
        folder = self.folder
        while isinstance(name, str) and folder:
            folder = posixpath.dirname(folder)
            path = below(folder, name)
            if path is not None and self.shared.names(folder) and self._is_there(path):
                return f"{ROOT}/{path}"
        return given[1] if len(given) > 1 else Unknown("find_in_parent_folders", *given)

    def _is_there(self, path: str) -> bool:
        self.shared.paths.add(path)
        return self.shared.tree.kind(path) is not PathKind.NOTHING


class TerragruntCall(TerragruntFile):
    """The configuration of a unit, whose module is called as `module.terragrunt`."""

    def __init__(self, shared: Shared, folder: str) -> None:
        super().__init__(shared, folder, f"{folder}/{UNIT}".lstrip("/"))
        self._call()

    def _call(self) -> None:
        has_own = any(name.endswith(ENDINGS) for name in self.shared.names(self.folder))
        if self.source is None and not has_own:
            return
        inputs = self.inputs
        given: dict[str, Value] = {"inputs": inputs}
        is_known = isinstance(inputs, dict) and all(isinstance(key, str) for key in inputs)
        if isinstance(inputs, dict) and is_known:
            given = {str(name): value for name, value in inputs.items()}
        block = self._block({"source": self.source, **given})
        self.blocks["module", CALL] = block, self.path
        folder = self.folder if self.source is None else self.folder_of(self.source)
        if folder is None:
            return
        arguments: dict[str, Callable[[], Value]] = {
            name: partial(_same, value) for name, value in given.items()
        }
        made = Call(f"module.{CALL}.", block, self.path, arguments, {}, (), self)
        called = Module(self.shared, folder, made)
        self._generate(called)
        for key, _, _ in called.of_type("variable") if not is_known else ():
            arguments[key[1]] = partial(after, inputs, [Step(key[1])])
        self.children[CALL] = [("", called)]

    def _generate(self, called: Module) -> None:
        """Add the files that Terragrunt writes next to those of the module."""
        included = [one for one in self.included.values() if isinstance(one, TerragruntFile)]
        for of in (*included, self):
            for label, block in of.blocks_of("generate").items():
                contents, path = (of.value(block, name) for name in ("contents", "path"))
                name = posixpath.join(called.folder, path if isinstance(path, str) else label)
                with suppress(MistakenError):
                    for inner in parse(contents).blocks if isinstance(contents, str) else ():
                        module = self if inner.type == "provider" else called
                        module.add(inner, name)

    def _block(self, values: Mapping[str, Value]) -> Block:
        """The call, as a file of Terraform would have it."""
        written = self.body.attributes.get("inputs")
        start, end = (written.start, written.end) if written else (0, 0)
        attributes = {
            name: Expression("literal", (value,), start, end) for name, value in values.items()
        }
        return Block("module", (CALL,), Body(attributes, []), start, end)


class _Exposed(Lazy):
    """What a file has, for expressions of others."""

    __slots__ = ("_of",)

    def __init__(self, of: TerragruntFile) -> None:
        super().__init__("terragrunt", of.path)
        self._of = of

    def attribute(self, name: Value) -> Value:
        """Its locals, or its inputs."""
        if name == "locals":
            return _Locals(self._of)
        return self._of.inputs if name == "inputs" else Unknown("get", self, name)


class _Locals(Lazy):
    __slots__ = ("_of",)

    def __init__(self, of: TerragruntFile) -> None:
        super().__init__("locals", of.path)
        self._of = of

    def attribute(self, name: Value) -> Value:
        """One of them."""
        return local(self._of, name) if isinstance(name, str) else Unknown("get", self, name)


class _Included(Lazy):
    """What a file includes, by the label; without labels, what its one include has."""

    __slots__ = ("_of",)

    def __init__(self, of: TerragruntFile) -> None:
        super().__init__("include", of.path)
        self._of = of

    def attribute(self, name: Value) -> Value:
        """The file of a label."""
        found = self._of.included
        if "" in found:
            return after(_exposed(found[""]), [Step(name)])
        return (
            _exposed(found[name])
            if isinstance(name, str) and name in found
            else undefined("include", name)
        )


def _exposed(found: TerragruntFile | Unknown) -> Value:
    return _Exposed(found) if isinstance(found, TerragruntFile) else found


class _Dependencies(Lazy):
    """The other units whose outputs are used, by their folders."""

    __slots__ = ("_of",)

    def __init__(self, of: TerragruntFile) -> None:
        super().__init__("dependencies", of.path)
        self._of = of

    def attribute(self, name: Value) -> Value:
        """The unit of a label."""
        if isinstance(name, str):
            included = (o for o in self._of.included.values() if isinstance(o, TerragruntFile))
            for other in (self._of, *included):
                if block := other.blocks_of("dependency").get(name):
                    return Unknown("dependency", other.value(block, "config_path"))
        return Unknown("get", self, name)


def dependency_output(value: Value) -> tuple[str, str] | None:
    """The folder of the unit, and the output of it, that a value is; None for any other value."""
    match value:
        case Unknown(operator="get", arguments=[Unknown() as outputs, str(name)]):
            match outputs:
                case Unknown(operator="get", arguments=[Unknown() as unit, "outputs"]):
                    folder = unit.arguments[0] if unit.operator == "dependency" else None
                    return (folder, name) if isinstance(folder, str) else None
    return None


def output_of_call(unit: Module, name: str) -> Value:
    """What an output of a unit comes to; None if its module is not read."""
    found = unit.children.get(CALL)
    return output(found[0][1], name) if isinstance(found, list) else None


def _same(value: Value) -> Value:
    return value


def _deep(parent: Value, child: Value) -> Value:
    """Two values as one: the members of objects by their keys, and the items of both lists."""
    if isinstance(parent, dict) and isinstance(child, dict):
        both = {key: _deep(parent[key], child[key]) for key in parent.keys() & child.keys()}
        return {**parent, **child, **both}
    is_list = isinstance(parent, list) and isinstance(child, list)
    if is_list or (parent is not None and child is not None and _is_open(parent, child)):
        return call("concat" if is_list else "deep-merge", [parent, child])
    return child


def _is_open(*values: Value) -> bool:
    return any(isinstance(value, Unknown) for value in values)
