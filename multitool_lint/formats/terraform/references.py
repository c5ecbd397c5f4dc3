"""References to managed policies in the configuration of Terraform, plans and states."""

from __future__ import annotations

import re
from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.formats.policy_references import attaches_policies, of_arn, of_name, use_of
from multitool_lint.formats.quick_tests import may_attach_in_commands
from multitool_lint.formats.terraform import plan
from multitool_lint.formats.terraform.siblings import siblings
from multitool_lint.limits import MAX_BLOCK_DEPTH
from multitool_lint.policy.managed_references import PolicyReference, ReferenceUse
from multitool_lint.syntax.hcl import strings
from multitool_lint.syntax.hcl.tree import HclFile, SyntaxBlock, significant
from multitool_lint.syntax.json.skim import SkimmingWalk
from multitool_lint.syntax.placeholders import of_expression

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tree_sitter import Node as Syntax

    from multitool_lint.syntax.decoded_text import DecodedText

_DOCUMENT = "aws_iam_policy_document"
_POLICY = "aws_iam_policy"
_NAME = re.compile(
    rf"\b(data\.{_POLICY}\.[\w-]++|local\.[\w-]++"
    r"|(?<!lookup\()var\.[\w-]++(?!\[(?!\d|\*|\"|each\.|count\.)))"
    r"(?:\.([A-Za-z_][\w-]*)|\[\"([^\"]+)\"\])?"
)
"""A data source, local or variable, and its member; no variable of which others choose one."""
_LOOP = re.compile(r"\beach\.")
_DOCUMENTS = "policy"
"""The attribute with the document of a policy, in which a policy may be named in a condition."""
_TEXTS = frozenset({"string_lit", "quoted_template", "heredoc_template"})

Keys = tuple[str, ...]


class FileReferences:
    """Finds the references of a file, and the texts in which commands may have some."""

    def __init__(self, file: HclFile) -> None:
        self._file = file
        self._scripts: list[Syntax] = []

    def scripts(self) -> Iterator[DecodedText]:
        """The texts in which commands may have references, once these are found."""
        for string in self._scripts:
            yield strings.text_of(
                self._file, string, lambda part: of_expression(self._file.text(part))
            )

    def all(self) -> Iterator[PolicyReference]:
        """The references of the file."""
        for attribute in self._file.attributes(self._file.root):  # inputs, values of variables
            yield from self._values(attribute.value, (attribute.name,))
        for block in self._file.blocks():
            kind, *more = block.labels or ("",)
            if block.type == "data" and kind == _POLICY:
                yield from self._data_source(block, "".join(more))
            elif not (block.type == "data" and kind == _DOCUMENT):
                yield from self._block(block, kind)

    def _block(self, block: SyntaxBlock, kind: str) -> Iterator[PolicyReference]:
        attaches = _attaches(block)
        around = (kind,) if block.type == "resource" else ()
        owner = ".".join((block.type, *block.labels))
        for keys, value in _attributes(self._file, block.body, around):
            for found in self._values(value, keys):
                use = found.use if attaches else ReferenceUse.NAMED
                steps = tuple(found.owner.split("/"))
                if block.type == "locals" and self._uses("local", steps):
                    use = ReferenceUse.ATTACHED
                assumed = keys[0] == "default" and block.type == "variable"
                if assumed and self._uses("var", (kind, *steps[1:])):
                    # The keys of a default say of a policy in it that it is a boundary.
                    is_named = found.use is ReferenceUse.NAMED
                    use = ReferenceUse.ATTACHED if is_named else found.use
                yield found._replace(owner=f"{owner}/{found.owner}", use=use, assumed=assumed)

    def _data_source(self, block: SyntaxBlock, label: str) -> Iterator[PolicyReference]:
        """The policy that a data source looks up by its ARN, or by a name that may be another's."""
        use = (
            ReferenceUse.ATTACHED if self._uses(f"data.{_POLICY}", (label,)) else ReferenceUse.NAMED
        )
        for attribute in self._file.attributes(block.body):
            if attribute.name == "arn":
                for found in self._values(attribute.value, ("arn",)):
                    yield found._replace(use=use, owner=f"data.{_POLICY}.{label}")
            elif attribute.name == "name":
                span = self._file.span(attribute.value)
                text = self._file.text(attribute.value).strip('"')
                if named := of_name(span, text, use, f"data.{_POLICY}.{label}"):
                    yield named._replace(may_be_own=True)

    def _uses(self, of: str, path: Keys) -> bool:
        """Whether something attaches a value or a member of it, which a path of names leads to."""
        members = self._used.get(f"{of}.{path[0]}", set())
        return bool(members) and (len(path) == 1 or not members.isdisjoint(("", path[1])))

    @cached_property
    def _used(self) -> Mapping[str, set[str]]:
        """What something attaches, in any file of the folder, by itself or by locals.

        Each has its members that are attached; the name "" means all of them.
        """
        files = (self._file, *siblings(self._file.source))
        blocks = [(file, block) for file in files for block in file.blocks()]
        waiting = [
            text for file, block in blocks if _attaches(block) for text in _attached(file, block)
        ]
        by_locals = {
            f"local.{attribute.name}": file.text(attribute.value)
            for file, block in blocks
            if block.type == "locals"
            for attribute in file.attributes(block.body)
        }
        used: dict[str, set[str]] = {}
        while waiting:
            for match in _NAME.finditer(waiting.pop()):
                waiting.append(by_locals.pop(match[1], ""))
                used.setdefault(match[1], set()).add(match[2] or match[3] or "")
        return used

    def _values(self, value: Syntax, keys: Keys) -> Iterator[PolicyReference]:
        """The references in an expression."""
        waiting = [(value, keys, True)]  # no recursion: a hostile file is nested deeply
        while waiting:
            part, keys, certain = waiting.pop()
            if part.type in _TEXTS:
                text = self._file.text(part)
                if found := of_arn(self._file.span(part), text[1:-1], keys):
                    yield found._replace(certain=certain)
                    continue
                if may_attach_in_commands(text):
                    self._scripts.append(part)
                    continue
            inner = significant(part)
            if part.type == "object_elem" and len(inner) > 1:
                keys = (*keys, self._file.text(inner[0]).strip('"'))
                inner = inner[1:]
            certain = certain and part.type not in ("conditional", "for_expr")
            waiting += [(child, keys, certain) for child in reversed(inner)]


def _attaches(block: SyntaxBlock) -> bool:
    """Whether it attaches the policies that its attributes name."""
    is_resource = block.type == "resource" and bool(block.labels)
    return block.type == "module" or (is_resource and attaches_policies(block.labels[0]))


def _attached(file: HclFile, block: SyntaxBlock) -> Iterator[str]:
    """The expressions of what a block attaches, and of what it does so for each of."""
    given = {
        keys: file.text(value) for keys, value in _attributes(file, block.body, block.labels[:1])
    }
    found = [
        text
        for keys, text in given.items()
        if use_of(keys) is ReferenceUse.ATTACHED and keys[-1] != _DOCUMENTS
    ]
    yield from found
    if any(map(_LOOP.search, found)):
        yield given.get((*block.labels[:1], "for_each"), "")


def _attributes(file: HclFile, body: Syntax | None, keys: Keys) -> Iterator[tuple[Keys, Syntax]]:
    """The attributes in a body and in its blocks, with the keys that lead to them."""
    for attribute in file.attributes(body):
        yield (*keys, attribute.name), attribute.value
    for block in file.blocks(body) if body is not None and len(keys) < MAX_BLOCK_DEPTH else ():
        yield from _attributes(file, block.body, (*keys, block.type, *block.labels))


def of_plan(text: str) -> Iterator[PolicyReference]:
    """The references in a plan or a state, in which each resource has its values once."""
    for resource in plan.resources_in(text):
        attaches = attaches_policies(resource.type)
        if resource.values < 0:
            continue
        for path, span in plan.scalars_in(text, resource.values):
            if text.find(":policy/", span.start, span.end) < 0:
                continue
            walk = SkimmingWalk(text)
            walk.at = span.start
            value = walk.skim()
            keys = (resource.type, *re.findall(r"[\w-]+", path))
            if isinstance(value, str) and path != ".id" and (found := of_arn(span, value, keys)):
                use = found.use if attaches else ReferenceUse.NAMED
                yield found._replace(owner=f"{resource.address}{path}", use=use)
