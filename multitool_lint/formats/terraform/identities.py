"""The users, groups and roles of a file of Terraform, with the policies that apply to each.

What has a policy is found by references in the file: to the resource, or by its name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import product
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.attachments import NUMBERS, presence
from multitool_lint.formats.endings import format_name
from multitool_lint.formats.identities import InOrder, under
from multitool_lint.formats.recognize import TERRAFORM_JSON_ENDINGS
from multitool_lint.formats.terraform.module import attributes_in
from multitool_lint.limits import MAX_IDENTITY_CONDITIONS
from multitool_lint.policy.identities import AppliedPolicy, Identity, IdentityKind
from multitool_lint.syntax.hcl.tree import File
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.formats.result import ReadResult
    from multitool_lint.syntax.hcl.tree import Block
    from multitool_lint.syntax.source import Source

    Entry = Embedded | NormalizedPolicy

_KINDS = {f"aws_iam_{kind.value}": kind for kind in IdentityKind}
_MANAGED = "aws_iam_policy"
_INLINE = {f"{type_}_policy": kind.value for type_, kind in _KINDS.items()}
"""The argument with the owner, by the type of a resource that is an inline policy."""
_ATTACHED = {
    **{f"{type_}_policy_attachment": (kind.value,) for type_, kind in _KINDS.items()},
    "aws_iam_policy_attachment": ("roles", "users", "groups"),
}
"""The arguments with those who get a managed policy."""

_RESOURCE = re.compile(
    r"(?<![\w.-])(aws_iam_(?:role|user|group|policy))\.([\w-]+)(?:\[([^\]]*)\])?"
)
_DEFINITION = re.compile(r"(?<![\w.-])(data\.aws_iam_policy(?:_document)?|local)\.([\w-]+)")
_LITERAL = re.compile(r'"[^"$]*"|[1-9]\d*')
_EACH = re.compile(r"\b(?:each|count)\.")


def identities(source: Source, found: ReadResult) -> Iterator[Identity]:
    """The identities of a file, with the policies that were found in it."""
    if not format_name(source.path).endswith(TERRAFORM_JSON_ENDINGS):
        yield from _File(File(source), found).identities()


class _Resource(NamedTuple):
    """A resource with its arguments, in the order of the text, and when it is there."""

    type: str
    address: str
    block: Block
    arguments: Sequence[tuple[str, Syntax]]
    given: Mapping[str, bool]

    def values(self, *names: str) -> Iterator[Syntax]:
        """The values of some arguments."""
        return (value for name, value in self.arguments if name in names)


class _Owned(NamedTuple):
    """A policy of an identity; of one of several instances if it has a key."""

    key: str
    applied: AppliedPolicy


class _File:
    """A file, and what was found in it."""

    def __init__(self, file: File, found: ReadResult) -> None:
        self._file = file
        self._policies = InOrder(
            (entry.to_file(entry.policy.root.span), entry)
            for entry in found.cases
            if not entry.policy.merged_by_sid
        )
        self._references = InOrder((reference.span, reference) for reference in found.references)
        self._definitions: dict[str, Span] = {}
        self._resources: dict[str, _Resource] = {}
        for block in file.blocks():
            if block.type == "locals":
                for attribute in file.attributes(block.body):
                    self._definitions[f"local.{attribute.name}"] = file.span(attribute.value)
            elif block.type == "data":
                self._definitions[".".join(("data", *block.labels))] = file.span(block.syntax)
            elif block.type == "resource" and len(block.labels) > 1:
                self._add(block)

    def _add(self, block: Block) -> None:
        type_, address = block.labels[0], ".".join(block.labels)
        if type_ in _KINDS or type_ in _INLINE or type_ in _ATTACHED or type_ == _MANAGED:
            arguments = [*attributes_in(self._file, block.body)]
            texts = {name: self._text(value) for name, value in arguments if name in NUMBERS}
            given = presence(texts) or {}
            self._resources[address] = _Resource(type_, address, block, arguments, given)

    def identities(self) -> Iterator[Identity]:
        """All identities of the file, each instance of which something is known."""
        owned: dict[str, list[_Owned]] = {}
        by_name: dict[tuple[str, str], str] = {}
        owners = [resource for resource in self._resources.values() if resource.type in _KINDS]
        for owner in owners:
            owned[owner.address] = [_Owned("", applied) for applied in self._own(owner)]
            for value in owner.values("name"):
                by_name[owner.type, self._text(value)] = owner.address
        for resource in self._resources.values():
            for names, policies in self._given_to_others(resource):
                for address, index in self._owners(resource, names, by_name):
                    owned.get(address, []).extend(_Owned(index, applied) for applied in policies)
        for owner in owners:
            found = owned[owner.address]
            for key in sorted({policy.key for policy in found} - {""}) or [""]:
                policies = [policy.applied for policy in found if policy.key in ("", key)]
                yield self._identity(owner, key, policies)

    def _identity(self, owner: _Resource, key: str, policies: Sequence[AppliedPolicy]) -> Identity:
        boundaries = [
            boundary
            for value in owner.values("permissions_boundary")
            for boundary in self._managed(owner, value)
        ]
        trust = (
            entry.policy
            for value in owner.values("assume_role_policy")
            for entry in self._documents(value)
        )
        cases = [case for applied in (*policies, *boundaries) for case in applied.cases]
        return Identity(
            f"{owner.address}[{key}]" if key else owner.address,
            _KINDS[owner.type],
            tuple(policies),
            tuple(boundaries),
            next(iter(trust), None),
            cases=_cases({name for case in cases for name in case}, owner.given),
        )

    def _own(self, owner: _Resource) -> Iterator[AppliedPolicy]:
        """The policies that the arguments of an identity have, or name."""
        names = [*owner.values("inline_policy.name")]
        for value in owner.values("inline_policy.policy"):
            block = value.parent.parent if value.parent else None
            name = next((name for name in names if block and _is_in(name, block)), None)
            yield from self._inline(owner, value, name)
        for value in owner.values("managed_policy_arns"):
            yield from self._managed(owner, value)

    def _given_to_others(
        self, resource: _Resource
    ) -> Iterator[tuple[tuple[str, ...], list[AppliedPolicy]]]:
        """The policies of a resource, and the arguments that say whose they are."""
        if resource.type in _INLINE:
            name = next(resource.values("name"), None)
            for value in resource.values("policy"):
                policies = [*self._inline(resource, value, name)]
                yield (_INLINE[resource.type],), policies
        elif resource.type in _ATTACHED:
            for value in resource.values("policy_arn"):
                yield _ATTACHED[resource.type], [*self._managed(resource, value)]

    def _owners(
        self, resource: _Resource, names: tuple[str, ...], by_name: Mapping[tuple[str, str], str]
    ) -> Iterator[tuple[str, str]]:
        """The addresses of the identities that arguments refer to, each with a key."""
        for name in names:
            for value in resource.values(name):
                text = self._text(value)
                found = {match.group() for match in _RESOURCE.finditer(text)}
                if "?" in text and len(found) > 1:
                    continue  # one of several
                for match in _RESOURCE.finditer(text):
                    key = match[3] or ""
                    yield f"{match[1]}.{match[2]}", key if _LITERAL.fullmatch(key) else ""
                type_ = f"aws_iam_{name.removesuffix('s')}"
                if not found and (type_, text) in by_name:
                    yield by_name[type_, text], ""

    def _inline(
        self, resource: _Resource, value: Syntax, name: Syntax | None
    ) -> Iterator[AppliedPolicy]:
        text = self._text(name) if name else ""
        for applied in self._alternatives(value):
            named = applied._replace(
                inline=True,
                name="" if _EACH.search(text) else text.strip('"'),
                name_span=self._file.span(name) if name else None,
            )
            yield from under(named, resource.given)

    def _alternatives(self, value: Syntax) -> Iterator[AppliedPolicy]:
        """The policies that an expression may come to, of which no two apply at once.

        A condition of its own distinguishes them, next to those that are known.
        """
        found = [*self._documents(value)]
        for number, entry in enumerate(found):
            chosen = {
                f"{value.start_byte}/{bit}": bool(number >> bit & 1)
                for bit in range((len(found) - 1).bit_length())
            }
            yield from under(AppliedPolicy(entry.policy, cases=entry.cases), chosen)

    def _documents(self, value: Syntax) -> Iterator[Entry]:
        """The policies in an expression, and in what it refers to."""
        waiting, seen = [self._file.span(value)], set[Span]()
        while waiting:
            span = waiting.pop()
            if span in seen:
                continue
            seen.add(span)
            yield from self._policies.within(span)
            waiting += self._definitions_in(span)

    def _definitions_in(self, span: Span) -> Iterator[Span]:
        """Where the data sources and local values are that a part of the file refers to."""
        for match in _DEFINITION.finditer(self._file.source.text, *span):
            if (found := self._definitions.get(match.group())) is not None:
                yield found

    def _managed(self, resource: _Resource, value: Syntax) -> Iterator[AppliedPolicy]:
        """The managed policies that an expression refers to, or that its block repeats it for.

        It is one of which nothing is known if there are none.
        """
        values = [value]
        if _EACH.search(self._text(value)):
            values += resource.values("for_each")
        spans = [self._file.span(part) for part in values]
        found = [policy for span in spans for policy in self._managed_in(span)]
        for applied in found or [AppliedPolicy()]:
            yield from under(applied, resource.given)

    def _managed_in(self, span: Span) -> Iterator[AppliedPolicy]:
        for match in _RESOURCE.finditer(self._file.source.text, *span):
            policy = self._resources.get(f"{match[1]}.{match[2]}")
            for value in policy.values("policy") if policy else ():
                for applied in self._alternatives(value):
                    yield from under(applied, policy.given if policy else {})
        for place in (span, *self._definitions_in(span)):
            for reference in self._references.within(place):
                yield AppliedPolicy(reference=reference)

    def _text(self, value: Syntax) -> str:
        return " ".join(self._file.text(value).split())


def _is_in(part: Syntax, around: Syntax) -> bool:
    return around.start_byte <= part.start_byte and part.end_byte <= around.end_byte


def _cases(names: set[str], given: Mapping[str, bool]) -> tuple[Mapping[str, bool], ...]:
    """The cases of some conditions; of too many, none in which something depends on them."""
    free = sorted(names - given.keys())
    if len(free) > MAX_IDENTITY_CONDITIONS:
        return ({},)
    return tuple(
        {**given, **dict(zip(free, values, strict=True))}
        for values in product((True, False), repeat=len(free))
    )
