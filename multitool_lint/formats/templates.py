"""Policies in text templates with tags such as `%{ if x }`: the policy of each case is read."""

from __future__ import annotations

import json
import re
from itertools import islice
from typing import TYPE_CHECKING

from multitool_lint.formats.block_reader import BlockReader
from multitool_lint.formats.cloudformation.tagged_resources import without_harmless_parts
from multitool_lint.formats.code_blocks import CodeBlock
from multitool_lint.formats.found import IN_A_TEMPLATE, FoundPolicy
from multitool_lint.formats.kinds import is_yaml
from multitool_lint.formats.result import Comment, Problem, ReadResult, Skipped, collect, not_read
from multitool_lint.limits import MAX_CONDITION_CASES
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import DecodedText, Decoder, DecodingStep
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.template_tags import OF_TERRAFORM, OPENERS, TaggedTemplate, TemplateCase

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from multitool_lint.formats.extract import Extractor

_ESCAPE = re.compile(r"\$\$\{|%%\{")
_COMMENT = re.compile(r"^[ \t]*+(?:#|//).*", re.MULTILINE)


def read_cases(
    source: Source, read: Callable[[Source], ReadResult], found: ReadResult, *, of_terraform: bool
) -> ReadResult:
    """What is found in the cases of a template; what was `found` in its text if that is nothing.

    A policy that was found there is kept as it is, and may be changed in the file.
    """
    text = _COMMENT.sub(_without_tags, source.text) if of_terraform else source.text
    if not of_terraform and is_yaml(source):
        text = without_harmless_parts(text)
    try:
        template = TaggedTemplate(text, OF_TERRAFORM if of_terraform else OPENERS)
    except ValueError:
        return found
    cases = list(islice(template.cases(), MAX_CONDITION_CASES + 1))
    is_without = not of_terraform and text != source.text
    cases = cases or ([TemplateCase(text, {})] if is_without else [])
    reader = _Reader(source, found)
    for case in cases[:MAX_CONDITION_CASES]:
        reader.add(read(source.with_text(case.text)), case)
    if len(cases) > MAX_CONDITION_CASES:
        whole = Span(0, len(source.text))
        reader.skipped[not_read(whole, Reason.TOO_MANY_CASES)] = None
    is_read = not reader.skipped and (
        is_without or (not found.policies and bool(cases) and all(_is_json(c.text) for c in cases))
    )
    return reader.result() if reader.policies or is_read else found


def read_unescaped(extractor: Extractor, read: Callable[[Extractor], ReadResult]) -> ReadResult:
    """What is found in a template of Terraform, where `$${` means `${`."""
    text = extractor.source.text
    decoder = Decoder(text, 0, len(text))
    decoder.sub(_ESCAPE, lambda escape: escape[0][1:], len(text))
    decoded = decoder.decoded()
    block = CodeBlock(decoded, Span(0, len(text)), unchanged=IN_A_TEMPLATE)
    names: list[str] = []

    def read_named(inner: Extractor) -> ReadResult:
        found = read(inner)
        names.append(found.format)
        return found

    items = BlockReader(extractor, block).read_as_file(decoded, read_named)
    return collect((item for item in items if not isinstance(item, Comment)), names[0])


def _is_json(text: str) -> bool:
    """Whether a text is JSON as it is: what fills in a template are parts of its strings."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _without_tags(comment: re.Match[str]) -> str:
    """A comment of Terraform's language, in which a tag is none."""
    return comment[0].replace("%{", "%[")


class _Reader:
    """Joins what is found in the cases of a template."""

    def __init__(self, source: Source, found: ReadResult) -> None:
        self._source = source
        self._found = found
        written = (policy for policy in found.policies if not policy.is_json)
        self._known = {_key(policy): policy for policy in written}
        self.policies: dict[tuple[str | None, str], FoundPolicy] = {}
        self._there: dict[tuple[str | None, str], list[Mapping[str, bool]]] = {}
        self.skipped: dict[Skipped, None] = {}

    def add(self, found: ReadResult, case: TemplateCase) -> None:
        """Add what is found in a case."""
        for item in (
            *found.policies,
            *found.skipped,
            *found.problems,
            *found.stream,
        ):
            if isinstance(item, Skipped):
                if item.unread or item.file:
                    self.skipped[item] = None
            elif isinstance(item, Problem):
                if item.is_read:  # as far as it is known: something else fills in the file
                    continue
                details = found.format, item.sentence
                self.skipped[not_read(item.span, Reason.BROKEN_CASE, *details)] = None
            elif _may_be_in(case, item):
                policy = self._in_file(item, case)
                key = _key(policy)
                is_case = any(name == key[0] for name, _ in self.policies)
                known = self._known.get(key) or policy._replace(case=is_case)
                self.policies.setdefault(key, known)
                self._there.setdefault(key, []).append(case.conditions)

    def _in_file(self, item: FoundPolicy, case: TemplateCase) -> FoundPolicy:
        """A policy of a case, in which everything is at its place in the file."""
        text = DecodedText(case.text, (DecodingStep([0], [0]),))
        origin = item.origin.within(self._source, text, IN_A_TEMPLATE, None)
        return item._replace(origin=origin, part="branch")

    def result(self) -> ReadResult:
        """All that was found."""
        policies = [
            policy if key in self._known else policy._replace(cases=tuple(self._there[key]))
            for key, policy in self.policies.items()
        ]
        return self._found._replace(
            policies=tuple(sorted(policies, key=lambda policy: policy.merged)),
            problems=(),
            skipped=tuple(self.skipped),
        )


def _may_be_in(case: TemplateCase, policy: FoundPolicy) -> bool:
    """Whether the conditions of what is filled in can hold in a case, which may have the same."""
    given = case.conditions
    return not policy.cases or any(
        all(given.get(name, holds) is holds for name, holds in conditions.items())
        for conditions in policy.cases
    )


def _key(policy: FoundPolicy) -> tuple[str | None, str]:
    """The name of a policy, and its text without white space, which tags become."""
    return policy.policy.name, "".join(policy.policy.source.text.split())
