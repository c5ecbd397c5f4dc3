"""What decides what the policies of a Terraform file grant, and is not in them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats.attachments import (
    is_attachment,
    is_override,
    is_owner,
    links_of,
    overridden,
    presence,
    references,
)
from multitool_lint.formats.terraform.alternatives import members_of
from multitool_lint.formats.terraform.attributes import holders
from multitool_lint.formats.terraform.body import MERGED, OVERRIDES
from multitool_lint.formats.terraform.module import DATA, attributes_in
from multitool_lint.limits import MAX_BLOCK_DEPTH
from multitool_lint.policy.policy_set import RESTRICTED, Facts, Link
from multitool_lint.syntax.hcl.tree import File, significant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.hcl.tree import Block
    from multitool_lint.syntax.source import Source

_SID = re.compile(r"^[^\S\n]*+sid\s*=.*$", re.MULTILINE)
_TERRAGRUNT = "module.terragrunt"
"""What the call of a module is named that Terragrunt makes."""
_REPEATS = ("for_each", "count")


def facts_of(source: Source) -> Facts:
    """Read the facts of a file."""
    file = File(source)
    definitions: dict[str, str] = {}
    links: dict[str, Link] = {}
    owners = set()
    there = dict(_there(file))
    if source.path.lower().endswith(".tfvars"):
        values = file.attributes(file.root)
        definitions = {f"var.{value.name}": _text(file, value.value) for value in values}
    elif source.path.lower().endswith(".hcl"):
        definitions = dict(_inputs(file))
    for block in file.blocks():
        for name, text in _definitions(file, block):
            definitions[name] = f"{definitions[name]}, {text}" if name in definitions else text
        if block.type == "data" and block.labels[:1] == (DATA,):
            links.update(_merged(file, block))
            if is_override(source.path):
                address = ".".join(("data", *block.labels))
                links.update(overridden(DATA, address, _values(file, block)))
        elif block.type == "resource" and len(block.labels) > 1:
            type_, address = block.labels[0], ".".join(block.labels)
            texts = _values(file, block)
            links.update(links_of(type_, address, texts))
            every = {path: _text(file, value) for path, value in attributes_in(file, block.body)}
            links.update(references(address, holders().get(type_, ()), every))
            if is_override(source.path):
                links.update(overridden(type_, address, texts))
            elif is_owner(type_):
                owners.add(address)
    return Facts(definitions, links, frozenset(owners), there)


def _there(file: File) -> Iterator[tuple[str, Mapping[str, bool]]]:
    """The resources and data sources that are not always there, and when they are."""
    for block in file.blocks():
        if block.type in ("data", "resource") and (condition := presence(_values(file, block))):
            kind = ("data",) if block.type == "data" else ()
            yield ".".join((*kind, *block.labels)), condition


def _inputs(file: File) -> Iterator[tuple[str, str]]:
    """What Terragrunt passes to the module of a file, as arguments of a call."""
    for attribute in file.attributes(file.root):
        if attribute.name == "inputs":
            value = significant(attribute.value)[0]
            objects = significant(value) if value.type == "collection_value" else [value]
            members = list(members_of(file, objects[0]))
            for name, given in members or [(attribute.name, attribute.value)]:
                yield f"{_TERRAGRUNT}.{name}", _text(file, given)
    for block in file.blocks():
        if block.type == "terraform":
            for attribute in file.attributes(block.body):
                yield f"{_TERRAGRUNT}.{attribute.name}", _text(file, attribute.value)


def _definitions(file: File, block: Block) -> Iterator[tuple[str, str]]:
    """What the names in expressions mean."""
    name = ".".join(block.labels)
    values = _values(file, block)
    if block.type == "variable":
        rules = [inner for inner in file.blocks(block.body) if inner.type == "validation"]
        texts = [values.get("default", ""), *(_text(file, rule.syntax) for rule in rules)]
        yield f"var.{name}", RESTRICTED.join(texts)
    elif block.type == "locals":
        for key, text in values.items():
            yield f"local.{key}", text
    elif block.type == "output":
        yield f"output.{name}", values.get("value", "")
    elif block.type == "module" or (block.type == "data" and block.labels[:1] != (DATA,)):
        yield f"{block.type}.{name}", _text(file, block.syntax)
        if block.type == "module":
            yield from ((f"module.{name}.{key}", text) for key, text in values.items())
    if block.type in ("resource", "data", "module"):
        for key in _REPEATS:
            if key in values:
                yield ("each" if key == "for_each" else "count"), values[key]
        yield from _iterators(file, block.body, 0)


def _iterators(file: File, body: Syntax | None, depth: int) -> Iterator[tuple[str, str]]:
    """The values of dynamic blocks, by the name that their content has for them."""
    for block in file.blocks(body) if body is not None and depth < MAX_BLOCK_DEPTH else ():
        if block.type == "dynamic" and block.labels:
            attributes = file.attributes(block.body)
            values = {attribute.name: _text(file, attribute.value) for attribute in attributes}
            yield values.get("iterator", block.labels[0]), values.get("for_each", "")
        yield from _iterators(file, block.body, depth + 1)


def _merged(file: File, block: Block) -> Iterator[tuple[str, Link]]:
    address = ".".join(("data", *block.labels))
    for attribute in file.attributes(block.body):
        if attribute.name in MERGED:
            text = _text(file, attribute.value)
            if attribute.name in OVERRIDES:
                # A statement is overridden by one with the same Sid.
                text += ", ".join(_SID.findall(file.source.text))
            yield f"{address}.{attribute.name}", Link(text, address)


def _values(file: File, block: Block) -> dict[str, str]:
    attaches = block.type == "resource" and is_attachment(block.labels[0])
    values: dict[str, str] = {}
    for path, value in attributes_in(file, block.body):
        if "." not in path or attaches:
            text = _text(file, value)
            values[path] = f"{values[path]}, {text}" if path in values else text
    return values


def _text(file: File, syntax: Syntax) -> str:
    return " ".join(file.text(syntax).split())
