"""Policies in JSON: a policy, a template, what a command printed, or a document with some in it."""

from __future__ import annotations

import json

from multitool_lint.formats import policy_texts, quick_tests, recognize
from multitool_lint.formats.found import FoundPolicy
from multitool_lint.formats.result import (
    TEMPLATE,
    Problem,
    ReadResult,
    Skipped,
    collect,
    not_policy,
    not_read,
)
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.reasons import Reason
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import Node

TYPE_CHECKING = False
if TYPE_CHECKING:
    from multitool_lint.formats.extract import Extractor

FORMAT = "JSON"

_NOTES = (".txt", ".text")
"""The endings of files in which text for people may follow JSON."""

_PROSE = lazy_pattern(
    r"\s*+(?=\w)(?:[^\s\"{}\[\]]++[ \t]++){2}[^\n{}\[\]]*+\n|\s*+\w++:[ \t\r]*+\n\s*\n"
)
"""The first line of a text that is notes for people, and not JSON."""


def read_source(extractor: Extractor) -> ReadResult:
    """Find the policies of a JSON text."""
    text = extractor.source.text
    root: Node | None = None
    if quick_tests.may_be_json_template(text):
        from multitool_lint.formats.cloudformation.template import Template, is_template

        try:
            root = fast.read(text, literal=True)
        except MistakeError as mistake:
            if _is_of_aws(unescaped(text)):
                skipped = policy_texts.skipped_template(text, unread=True)
                problem = Problem(mistake.span, mistake.message, help=mistake.help)
                return collect([skipped or problem], TEMPLATE)
        else:
            if is_template(root):
                return collect(Template(extractor, root).policies(), TEMPLATE)
    if is_output(text):
        return _read_output(extractor)
    if root is None or recognize.is_policy(root) or root.get("Statement") is not None:
        found = policy_texts.parse(text)
    else:
        found = not_policy(Span(0, len(text)), recognize.why_not(root))
    if isinstance(found, Problem) and recognize.may_be_of_others(text):
        found = policy_texts.perhaps(found)
    if isinstance(found, Node):
        response = recognize.is_response(found) and _document(extractor, root)
        return response or ReadResult(
            (FoundPolicy.of_json(extractor.policy(found)),), format=FORMAT
        )
    open_ = isinstance(found, Skipped) and found.why.reason is Reason.FILLED_IN
    may_nest = quick_tests.may_nest_policies(text) or _is_of_aws(text)
    nested = isinstance(found, Skipped) and not open_ and may_nest
    return (nested and _document(extractor, root)) or collect([found], FORMAT)


def _read_output(extractor: Extractor) -> ReadResult:
    """Read what AWS or Terraform printed."""
    from multitool_lint.formats.aws_cli import reader as aws_cli
    from multitool_lint.formats.terraform import plan, planned_policies

    if plan.is_output(extractor.source.text):
        return planned_policies.read_source(extractor)
    return aws_cli.read_source(extractor)


def begins_with_sentence(text: str) -> bool:
    """Whether a text begins as notes for people do, with a sentence."""
    return text.lstrip()[:1].isupper() and _PROSE.match(text) is not None


def read_notes(extractor: Extractor, *, certain: bool = False) -> ReadResult | None:
    """Read the policies of a text in prose, whatever its name is; None if it has none.

    `certain` if it is not in another format in any case, however it begins.
    """
    from multitool_lint.formats.code import read_blocks  # it reads blocks of JSON by this module
    from multitool_lint.formats.code_blocks import CodeBlock
    from multitool_lint.syntax.decoded_text import DecodedText, DecodingStep

    text = extractor.source.text
    is_note = extractor.source.path.lower().endswith(_NOTES) and _end_of_document(text) > 0
    if not (certain or is_note or _PROSE.match(text)):
        return None
    whole = Span(0, len(text))
    block = CodeBlock(DecodedText(text, (DecodingStep([0], [0]),)), whole, "sh")
    found = read_blocks(extractor._replace(prose=True), [block], FORMAT)
    has_policy = bool(found.policies) and not found.problems
    return found if has_policy else None


def read_after(extractor: Extractor, found: ReadResult) -> ReadResult:
    """What is found in a JSON text, with the policies of what follows its document."""
    from multitool_lint.formats.code import read_blocks  # it reads blocks of JSON by this module
    from multitool_lint.formats.code_blocks import CodeBlock
    from multitool_lint.syntax.decoded_text import Decoder

    text = extractor.source.text
    start = _end_of_document(text)
    if not (0 < start < len(text) and recognize.seems_to_have_policy(text[start:])):
        return found
    block = CodeBlock(Decoder(text, start, len(text)).decoded(), Span(start, len(text)), "sh")
    rest = read_blocks(extractor._replace(prose=True), [block], FORMAT)
    policies = (*found.policies, *(entry for entry in rest.policies if not entry.is_json))
    return found._replace(policies=policies, skipped=(*found.skipped, *rest.skipped))


def _end_of_document(text: str) -> int:
    """Where the first document of a JSON text ends; 0 if that is not certain."""
    start = len(text) - len(text.lstrip("\ufeff \t\r\n"))
    try:
        return json.JSONDecoder().raw_decode(text, start)[1]
    except (ValueError, RecursionError):
        return 0


def _is_of_aws(text: str) -> bool:
    """Whether a text seems to be a template of CloudFormation, or to have resources of one."""
    return '"AWS::' in text and '"Properties"' in text


def is_output(text: str) -> bool:
    """Whether a JSON text is what AWS or Terraform printed, and not a policy itself."""
    if recognize.begins_as_policy(text):
        return False
    may_have_policies = quick_tests.may_be_policy(text) or quick_tests.PERMISSION in text
    if not (may_have_policies or quick_tests.may_be_plan(text)):
        return False
    from multitool_lint.formats.aws_cli import reader as aws_cli
    from multitool_lint.formats.terraform import plan

    return plan.is_output(text) or aws_cli.is_output(text)


def _document(extractor: Extractor, root: Node | None) -> ReadResult | None:
    """Read the policies of a document of any kind; None if it has none."""
    from multitool_lint.formats.nested import Search

    text = extractor.source.text
    try:
        root = root or fast.read(text, literal=True)
    except MistakeError as mistake:
        rendered = policy_texts.skipped_template(text, unread=True)
        if rendered or not recognize.seems_to_have_policy(text):
            return None
        skipped = not_read(mistake.span, Reason.BROKEN_DOCUMENT, str(mistake))
        return ReadResult(skipped=(skipped,), format=FORMAT)
    search = Search(extractor)
    found = list(search.policies(root))
    return collect(found, search.format or FORMAT) if found else None
