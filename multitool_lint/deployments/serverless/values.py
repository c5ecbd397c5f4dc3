"""What the values of a service of the Serverless Framework come to.

https://www.serverless.com/framework/docs/guides/variables
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from multitool_lint.aws.arn_references import REF
from multitool_lint.deployments.cloudformation.logic import equal
from multitool_lint.deployments.cloudformation.values import Output, Values
from multitool_lint.deployments.serverless.expressions import (
    Address,
    Variable,
    address_of,
    parts_of,
    sources_of,
)
from multitool_lint.deployments.serverless.files import Files
from multitool_lint.deployments.serverless.lookups import MISSING, otherwise, pick, step
from multitool_lint.limits import MAX_SELF_STEPS, MAX_TREE_DEPTH
from multitool_lint.syntax.choices import choice
from multitool_lint.syntax.terms import Text, Unknown, Value, is_known
from multitool_lint.syntax.texts import joined
from multitool_lint.values.steps import Step, after

if TYPE_CHECKING:
    from multitool_lint.syntax.tree import Node
    from multitool_lint.values.reading import Reading

_REFERENCE = re.compile(r"(?:#\{\s*([A-Za-z][\w:]*)(?:\.([\w.]+))?|\$\{\s*(AWS::\w+))\s*\}")
"""A reference of the template: of plugins, which make `Fn::Sub` of it, or to a pseudo parameter."""
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")
_WORDS: Mapping[str, Value] = {"true": True, "false": False, "null": None}
_NUMBER = re.compile(r"-?\d+")
_DECRYPTED = "~true"
_NAME = ["service", "name"]
_STAGE = ["provider", "stage"]
_OF_AWS: Mapping[Value, str] = {"accountId": "AWS::AccountId", "region": "AWS::Region"}
"""The pseudo parameters that are what the framework asks of AWS: it deploys the stack there."""
_STAGES = (("sls", "stage"), ("opt", "stage"))


class ServerlessService:
    """A service: its configuration, and the files that its variables name.

    `used` are the paths of keys of the configuration that variables have asked for. `code` is how
    the code of a program is written that is a variable.
    """

    def __init__(
        self, root: Node, path: str, text: str, reading: Reading, code: Mapping[str, str]
    ) -> None:
        self.root = root
        self.text = text
        self.reading = reading
        self.code = code
        self.files = Files(path, reading)
        self.used: set[tuple[str, ...]] = set()
        self.memo: dict[tuple[str, str], Value] = {}


class ServiceValues(Values):
    """The values of a service, and of the template that is a part of it."""

    def __init__(
        self,
        service: ServerlessService,
        template: Node,
        output: Output,
        given: Mapping[str, Value] | None = None,
        prefix: str = "",
    ) -> None:
        super().__init__(template, service.text, service.reading, output, given, prefix)
        self._service = service
        self._memo = service.memo
        self._depth = 0

    def value(self, node: Node, depth: int = 0) -> Value:
        """What a value comes to, with its variables; None for AWS::NoValue.

        Raises:
            TooMuchError: it takes more work than any real one.
        """
        found = node.string
        return super().value(node, depth) if found is None else self.text(found)

    def written(self, _: Node) -> str:
        """What identifies a value that is not understood: all that may be around it."""
        return "\n".join([self._service.text, *self._service.files.texts.values()])

    def pieces(self, template: str, given: Mapping[str, Node], depth: int) -> Iterator[Value]:
        """The parts of a text in which names are replaced, after its variables are."""
        value = self.text(template)
        for part in value.parts if isinstance(value, Text) else [value]:
            if isinstance(part, str):
                yield from super().pieces(part, given, depth)
            else:
                yield part

    def text(self, text: str) -> Value:
        """What a text comes to."""
        if "{" not in text:
            return text
        self._depth += 1
        try:
            if self._depth > MAX_TREE_DEPTH:
                return Unknown("nested", text)
            found: list[Value] = []
            for part in parts_of(text):
                if isinstance(part, Variable):
                    found.append(self._variable(part.body))
                else:
                    found += self._references(part)
            return joined_or_whole(found)
        finally:
            self._depth -= 1

    def _references(self, text: str) -> Iterator[Value]:
        """A text without variables, with what its references to the template come to."""
        end = 0
        for match in _REFERENCE.finditer(text):
            if match.start() > end:
                yield text[end : match.start()]
            yield self.reference(match[1] or match[3], match[2] or REF)
            end = match.end()
        if end < len(text):
            yield text[end:]

    def _variable(self, body: str) -> Value:
        """The value of the first source that has one; where that is not known, of one of them."""
        self._reading.spend()
        values = []
        for source in sources_of(body):
            values.append(self._of_source(source))
            if not isinstance(values[-1], Unknown):
                break
        found: Value = MISSING
        for value in reversed(values):
            found = otherwise(value, found)
        if found is MISSING:
            return Unknown("undefined", body, shown=body)
        if isinstance(found, Unknown):  # it is shown as it is written
            written = self._service.code.get(body.partition(":")[2], body)
            return Unknown(found.operator, *found.arguments, shown=written, origin=found.origin)
        return found

    def _of_source(self, source: str) -> Value:
        quoted = _QUOTED.fullmatch(source)
        if quoted:
            return self.text(quoted[1] or quoted[2] or "")
        if source in _WORDS:
            return _WORDS[source]
        if _NUMBER.fullmatch(source):
            return int(source)
        # A text about access is one that is not encrypted.
        asked = self.text(source.removesuffix(_DECRYPTED))
        address = address_of(asked)
        if address is None:
            return Unknown("variable", asked, shown=source)
        return self._at_address(address, source)

    def _at_address(self, address: Address, source: str) -> Value:
        if address.type == "self":
            return self._own(address.keys)
        if address.type == "file":
            return self._file(address)
        if address.type == "param":
            return self._parameter(address.key, source)
        if address.type == "aws" and address.key in _OF_AWS:
            return self.reference(_OF_AWS[address.key])
        if (address.type, address.key) in _STAGES:
            return self._stage(is_option=address.type == "opt")
        code = self._service.code.get(str(address.key))
        given = address.given if code is None else code
        return Unknown(address.type, given, address.key, shown=code or source)

    def _own(self, keys: Sequence[Value]) -> Value:
        """What is at a path of the configuration."""
        service = self._service.root.get(_NAME[0])
        if keys == _NAME and service is not None and service.string is not None:
            keys = keys[:1]  # version 2 takes the name of a service for an object with it
        value = self._at(self._service.root, keys, is_own=True)
        if value is MISSING and keys == _STAGE:
            return self._stage(is_option=False)
        return value

    def _stage(self, *, is_option: bool) -> Value:
        option = Unknown("opt", "", "stage", shown="opt:stage")
        if is_option:
            return option
        own = self._at(self._service.root, _STAGE, is_own=True)
        return otherwise(option, "dev" if own is MISSING else own)

    def _parameter(self, name: Value, source: str) -> Value:
        """The value of a parameter of a stage, which the stage decides; others are not here."""
        params = self._service.root.get("params")
        found: Value = Unknown("param", name, shown=source)
        stages = sorted(params.fields() if params else (), key=lambda stage: stage.key != "default")
        for stage in stages:
            value = pick(self._once_of(stage.value), [name])
            if value is MISSING:
                continue
            is_it = (
                True if stage.key == "default" else equal(self._stage(is_option=False), stage.key)
            )
            found = choice(is_it, value, found)
        return found

    def _at(self, root: Node, keys: Sequence[Value], *, is_own: bool = False) -> Value:
        """What is at a path of a document."""
        node = root
        for number, key in enumerate(keys):
            child = step(node, key) if isinstance(key, str) else None
            if child is None:
                is_there = not isinstance(key, str) or node.string is not None
                return pick(self._once_of(node), keys[number:]) if is_there else MISSING
            node = child
        if is_own:
            self._service.used.add(tuple(map(str, keys)))
        return self._once_of(node)

    def _once_of(self, node: Node) -> Value:
        return self._once(("node", str(id(node))), lambda: self.value(node))

    def _file(self, address: Address) -> Value:
        """What is in a file; where its name is not known, in each that it may be."""
        found: Value = MISSING
        for name, path in self._service.files.named(address.given):
            value = self._in_file(path, address.keys)
            is_it = True if name == address.given else equal(address.given, name)
            if value is not MISSING:
                found = choice(is_it, value, found)
        if found is MISSING and not is_known(address.given):
            return Unknown("file", address.given, *address.keys)
        return found

    def _in_file(self, path: str, keys: Sequence[Value]) -> Value:
        found = self._service.files.read(path, keys)
        if found is None:
            return MISSING
        if isinstance(found, Unknown):
            return after(found, [*map(Step, keys)])
        return found if isinstance(found, str) else self._at(found, keys)

    def node(self, node: Node) -> Node:
        """The node that a variable as a whole refers to; the same one where that is not known."""
        for _ in range(MAX_SELF_STEPS):
            parts = [*parts_of(node.string)] if node.string else []
            only = parts[0] if len(parts) == 1 else None
            sources = sources_of(only.body) if isinstance(only, Variable) else []
            address = address_of(self.text(sources[0])) if len(sources) == 1 else None
            found = self._node_at(address) if address else None
            if found is None:
                break
            node = found
        return node

    def _node_at(self, address: Address) -> Node | None:
        found: Node | str | Unknown | None = None
        if address.type == "self":
            found = self._service.root
            self._service.used.add(tuple(map(str, address.keys)))
        elif address.type == "file" and isinstance(address.given, str):
            for _, path in self._service.files.named(address.given):
                found = self._service.files.read(path, address.keys)
        for key in address.keys:
            if isinstance(found, (str, Unknown)) or found is None or not isinstance(key, str):
                return None
            found = step(found, key)
        return None if isinstance(found, (str, Unknown)) else found


def joined_or_whole(parts: Sequence[Value]) -> Value:
    """The text of some parts; a single one of any kind is itself."""
    return parts[0] if len(parts) == 1 else joined(parts)
