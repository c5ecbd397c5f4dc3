"""A Terraform module: the blocks of its files, and the modules that it calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.limits import MAX_MODULE_DEPTH
from multitool_lint.syntax.hcl.expressions import Block, Body, Expression, MistakenError
from multitool_lint.syntax.hcl.json_expressions import parse_json, parse_json_values
from multitool_lint.syntax.hcl.parsing import parse
from multitool_lint.syntax.hcl.recovery import recovered
from multitool_lint.syntax.source import Source
from multitool_lint.syntax.terms import Guards, Unknown, Value
from multitool_lint.values.reading import ROOT
from multitool_lint.values.terraform.file_names import (
    AUTOMATIC,
    DEFAULT_VALUES,
    ENDINGS,
    OPENTOFU,
    overrides,
)

if TYPE_CHECKING:
    from multitool_lint.values.terraform.outside import OutsideCall
    from multitool_lint.values.terraform.shared import Evaluates, Scope, Shared

_NOT_ARGUMENTS = frozenset({"count", "depends_on", "for_each", "providers", "source", "version"})

_STATES = frozenset({"backend", "cloud"})
"""The blocks that say where the state of a deployment is."""

Key = tuple[str, ...]
"""What a block is: its type and labels, as `("resource", "aws_iam_role", "app")`."""

_LABELS = {"data": 2, "module": 1, "output": 1, "provider": 1, "resource": 2, "variable": 1}
"""How many labels the blocks of a type have."""


class Instance(NamedTuple):
    """A block of a module for one key of its `count` or `for_each`, and when it is there."""

    address: str
    block: Block
    path: str
    scope: Scope
    guards: Guards
    module: Module

    @property
    def type(self) -> str:
        """The resource type."""
        return self.block.labels[0]

    @property
    def is_data(self) -> bool:
        """Whether it is a data source."""
        return self.block.type == "data"

    @property
    def evaluator(self) -> Evaluates:
        """What evaluates the expressions of the block for this instance."""
        return self.module.evaluator(self.path).within(self.scope)


class Call(NamedTuple):
    """What a module is called with: the values of its variables, and the providers that it gets.

    The `block` is in a file at a `path`.
    """

    address: str
    block: Block
    path: str
    arguments: Mapping[str, Callable[[], Value]]
    providers: Mapping[str, str]
    guards: Guards
    caller: Module


class Module:
    """The blocks of a folder, with what its variables are given.

    Without a `call`, it is a deployment by itself, and certainly so if it `has_state` in a backend,
    of which `backend` is the block, and the path of the file. `functions` are those that its files
    may call besides Terraform's, and `of_state` the blocks about what is in the state.
    """

    functions: Mapping[str, Callable[[list[Value]], Value]] = MappingProxyType({})

    def __init__(self, shared: Shared, folder: str, call: Call | None = None) -> None:
        shared.count_module()
        self.shared = shared
        self.folder = folder
        self.call = call
        self.address = call.address if call else ""
        self.guards: Guards = call.guards if call else ()
        self.blocks: dict[Key, tuple[Block, str]] = {}
        self.locals: dict[str, tuple[Expression, str]] = {}
        self.of_state: dict[str, list[Block]] = {"import": [], "moved": [], "removed": []}
        self.values: dict[str, tuple[Expression, str]] = {}
        self.memo: dict[object, Value] = {}
        self.children: dict[str, list[tuple[str, Module]] | Unknown] = {}
        self.outside: dict[str, list[OutsideCall] | None] = {}
        self.instances: dict[Key, list[Instance]] = {}
        self.evaluating: set[object] = set()
        self.backend: tuple[Block, str] | None = None
        self._read()

    @property
    def has_state(self) -> bool:
        """Whether a backend is written here."""
        return self.backend is not None

    @property
    def chain(self) -> tuple[str, ...]:
        """The folders of this module and of those that call it."""
        return (self.folder, *(self.call.caller.chain if self.call else ()))

    def evaluator(self, path: str) -> Evaluates:
        """What evaluates the expressions of a file of the module."""
        return self.shared.evaluator(self, path)

    def _read(self) -> None:
        names = self.shared.names(self.folder)
        of_tofu = {name for name in names if name.endswith(OPENTOFU)}
        if not self.shared.deployer.opentofu:
            names = tuple(name for name in names if name not in of_tofu)
        for name in sorted(names, key=lambda name: (overrides(name), name)):
            # OpenTofu reads a file in the place of the one that Terraform reads.
            if name.endswith(ENDINGS) and name.replace(".tf", ".tofu") not in of_tofu - {name}:
                self._read_file(name)
        if self.call is None and self.shared.is_whole:
            automatic = sorted(name for name in names if name.endswith(AUTOMATIC))
            for name in (*(name for name in DEFAULT_VALUES if name in names), *automatic):
                self._read_values(self._path(name))
            if self.shared.deployer.values:
                self._read_values(self.shared.deployer.values)

    def _path(self, name: str) -> str:
        return f"{self.folder}/{name}" if self.folder else name

    def _read_file(self, name: str) -> None:
        path = self._path(name)
        body = self._parsed(path, parse_json if name.endswith(".json") else parse)
        if body is None:
            return
        for block in body.blocks:
            self.add(block, path)

    def add(self, block: Block, path: str) -> None:
        """Add a block of a file."""
        attributes = block.body.attributes
        if block.type == "locals":
            for name, expression in attributes.items():
                self.locals[name] = expression, path
        elif block.type in self.of_state:
            self.of_state[block.type].append(block)
        elif block.type == "terraform":
            for inner in block.body.blocks:
                if inner.type in _STATES:
                    self.backend = inner, path
        elif len(block.labels) < _LABELS.get(block.type, 0):
            self.shared.broken[path] = f'a block "{block.type}" has too few labels'
        else:
            key = (block.type, *block.labels)
            if block.type == "provider" and (alias := reference_of(attributes.get("alias"))):
                key += (alias,)
            if key in self.blocks and (overrides(path) or block.type == "variable"):
                block = _overridden(self.blocks[key][0], block)
            self.blocks[key] = block, path

    def _read_values(self, path: str) -> None:
        body = self._parsed(path, partial(values_in, path))
        if body is not None:
            found = body.attributes.items()
            self.values.update({name: (expression, path) for name, expression in found})

    def _parsed(self, path: str, parse_text: Callable[[str], Body]) -> Body | None:
        text = self.shared.text(path)
        if text is None:
            self.shared.broken[path] = "not a file that can be read"
            return None
        try:
            return parse_text(text)
        except MistakenError as mistake:
            self.shared.broken[path] = str(mistake)
            return None if self.shared.is_whole else _recovered(path, text)

    def of_type(self, type_: str) -> Iterator[tuple[Key, Block, str]]:
        """The blocks of a type, with their keys and paths."""
        for key, (block, path) in list(self.blocks.items()):
            if key[0] == type_:
                yield key, block, path

    def folder_of(self, source: Value) -> str | None:
        """The folder of a local module; None for any other source, or one that is not there."""
        if not isinstance(source, str) or not source.startswith(("./", "../", ROOT)):
            return None
        folder = self.shared.path_of(source, self.folder)
        if folder is None or folder in self.chain or len(self.chain) > MAX_MODULE_DEPTH:
            return None
        return folder if self.shared.is_folder(folder) else None

    @property
    def root(self) -> Module:
        """The module that calls this one, directly or not, and is called by none."""
        return self.call.caller.root if self.call else self

    def provider(self, name: str) -> str:
        """The name of a provider as the root module has it."""
        if self.call is None:
            return name
        return self.call.caller.provider(self.call.providers.get(name, name))


def _recovered(path: str, text: str) -> Body | None:
    """The blocks of a file that have no mistake; None if the rest still has one without them."""
    found = None if path.endswith(".json") else recovered(Source(path, text))
    try:
        return parse(found.file.source.text) if found else None
    except MistakenError:
        return None


def values_in(path: str, text: str) -> Body:
    """The values that a file gives variables.

    Raises:
        MistakenError: it cannot be read.
    """
    return parse_json_values(text) if path.endswith(".json") else parse(text)


def arguments_of(block: Block) -> dict[str, Expression]:
    """The arguments of a call of a module that become values of its variables."""
    return {
        name: expression
        for name, expression in block.body.attributes.items()
        if name not in _NOT_ARGUMENTS
    }


def _overridden(block: Block, override: Block) -> Block:
    """A block with what another one overrides.

    https://developer.hashicorp.com/terraform/language/files/override
    """
    attributes = {**block.body.attributes, **override.body.attributes}
    replaced = {inner.type for inner in override.body.blocks}
    kept = [inner for inner in block.body.blocks if inner.type not in replaced]
    return block._replace(body=Body(attributes, [*kept, *override.body.blocks]))


def reference_of(expression: Expression | None) -> str:
    """An address as an expression has it, such as `aws_iam_role.app["x"]`; "" for any other."""
    if expression is None:
        return ""
    parts = expression.parts
    if expression.kind == "name":
        return str(parts[0])
    if expression.kind == "attribute":
        return f"{reference_of(parts[0])}.{parts[1]}"
    if expression.kind == "index" and parts[1].kind == "literal":
        return f"{reference_of(parts[0])}[{parts[1].parts[0]}]"
    return str(parts[0]) if expression.kind == "literal" else ""


def providers_of(block: Block) -> dict[str, str]:
    """The providers that a call of a module gives it, by their names there."""
    given = block.body.attributes.get("providers")
    if given is None or given.kind != "object":
        return {}
    return {reference_of(key): reference_of(value) for key, value in given.parts}


def undefined(name: str, *details: Value) -> Unknown:
    """What a module that was read completely does not have: Terraform refuses it."""
    return Unknown("undefined", name, *details)
