"""From a source to the policies in it, one module a format."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.formats import json as json_
from multitool_lint.formats import recognize
from multitool_lint.formats.endings import (
    CODE_BLOCK_ENDINGS,
    JSON_ENDINGS,
    LINES_ENDINGS,
    NOT_JSON_ENDINGS,
    TEMPLATE_ENDINGS,
    format_name,
)
from multitool_lint.formats.extract import Attachment, Extractor
from multitool_lint.formats.other_files import PROGRAM_ENDINGS, has_policy
from multitool_lint.formats.policy_texts import is_json
from multitool_lint.formats.quick_tests import (
    may_be_code_with_policies,
    may_be_template,
    may_be_terraform_policies,
    may_be_yaml_policies,
    may_have_references,
    may_name_policies,
)
from multitool_lint.formats.recognize import (
    MARKDOWN_ENDINGS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
    YAML_ENDINGS,
    seems_to_have_policy,
)
from multitool_lint.formats.result import (
    YAML,
    YAML_SYNTAX_RULE,
    Problem,
    ReadResult,
    Skipped,
    collect,
    not_read,
)
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.decoded_text import DecodedText, Step
from multitool_lint.syntax.escapes import unescaped
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.source import Span, is_pointer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.syntax.source import Source

__all__ = [
    "Problem",
    "ReadResult",
    "Skipped",
    "is_code",
    "is_output",
    "is_script",
    "is_template",
    "is_terraform",
    "is_yaml",
    "read_source",
]

_OF_IDENTITIES = (PolicyType.IDENTITY, PolicyType.BOUNDARY)
_FENCE = lazy_pattern(r"^(?:```|~~~)", re.MULTILINE)
"""The fence of a block in documentation: only an indented line of YAML can begin so."""
_SECTION = lazy_pattern(r"\[{1,2}[A-Za-z_][^\]\[{}\"\n]*\]{1,2}[ \t\r]*\n")
"""The name of a section in INI or TOML, which no JSON begins with."""
_ONLY_JSON = lazy_pattern(r"""(?:"(?:[^"\\\n]|\\.)*+"|[\s{}\[\],:\d.+-]++|true|false|null)*+""")


def read_source(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
    parameters: tuple[tuple[str, str], ...] = (),
) -> ReadResult:
    """Find the policies of a source, whose path decides the format: JSON where it says nothing.

    `type` and `resource_type` are those of policies for which the file does not specify them,
    `parameters` what another template gives to this one.
    """
    if is_pointer(source.text):
        whole = Span(0, len(source.text))
        return ReadResult(skipped=(not_read(whole, Reason.IN_LFS, " ".join(source.text.split())),))
    extractor = Extractor(source, Attachment(type, resource_type), parameters=parameters)
    is_text_template = source.path.lower().endswith(TEMPLATE_ENDINGS)
    if is_text_template and "$${" in source.text:
        from multitool_lint.formats.templates import read_unescaped

        found = read_unescaped(extractor, lambda inner: _read(inner.source, inner))
    else:
        found = _read(source, extractor)
    if _may_be_template(source, found):
        from multitool_lint.formats.templates import read_cases

        def read(case: Source) -> ReadResult:
            return _read(case, extractor._replace(source=case))

        found = read_cases(source, read, found, of_terraform=is_terraform(source))
    if found.problems and is_text_template and not _has_only_json(source.text):
        found = _of_unread_template(found, source.text)
    if may_have_references(source.text):
        found = _with_references(source, found)
    if _may_be_together(found) or (found.format == YAML and may_name_policies(source.text)):
        from multitool_lint.formats.identities import identities_of

        found = found._replace(identities=tuple(identities_of(extractor, found)))
    unread = list(_unread_statements(found))
    return found._replace(skipped=(*found.skipped, *unread)) if unread else found


def _has_only_json(text: str) -> bool:
    """Whether a template changes at most parts of strings: a mistake is one of the file then."""
    return control_tag(text) is None and _ONLY_JSON.fullmatch(text) is not None


def _with_references(source: Source, found: ReadResult) -> ReadResult:
    from multitool_lint.formats.read_references import references_in
    from multitool_lint.formats.tree_references import TooManyError

    try:
        return found._replace(references=references_in(source))
    except TooManyError as error:
        problem = Problem(Span(0, len(source.text)), str(error), YAML_SYNTAX_RULE)
        return found._replace(problems=(*found.problems, problem))


def _may_be_together(found: ReadResult) -> bool:
    """Whether an identity may have several policies, those of AWS included, or assume roles."""
    count = len(found.references) + len(found.normalized)
    if count > 1:
        count -= sum(entry.policy.type not in _OF_IDENTITIES for entry in found.normalized)
    return count > 1 or (count == 1 and any(map(_trusts_an_account, found.normalized)))


def _trusts_an_account(entry: Embedded | NormalizedPolicy) -> bool:
    return entry.policy.type is PolicyType.TRUST and '"AWS"' in entry.policy.source.text


def _of_unread_template(found: ReadResult, text: str) -> ReadResult:
    """What is found in a template: what is not in its format need not be a mistake of the file.

    One that cannot become JSON, and has no word of a policy, is a text of another kind.
    """
    if text.lstrip()[:1].isalpha() and not may_be_code_with_policies(text):
        return found._replace(problems=())
    skipped = (
        not_read(problem.span, Reason.BROKEN_TEMPLATE, found.format, problem.sentence)
        for problem in found.problems
    )
    return found._replace(problems=(), skipped=(*found.skipped, *skipped))


def _may_be_template(source: Source, found: ReadResult) -> bool:
    """Whether tags of a template may be why a part of a source could not be read."""
    if not (found.problems or any(skipped.unread for skipped in found.skipped)):
        return False
    if is_terraform(source):
        return "%{" in source.text
    name = source.path.lower()
    is_code = name.endswith((*CODE_BLOCK_ENDINGS, *PROGRAM_ENDINGS))
    return name.endswith(TEMPLATE_ENDINGS) or (not is_code and control_tag(source.text) is not None)


def _unread_statements(found: ReadResult) -> Iterator[Skipped]:
    """The statements of the policies that are filled in elsewhere, but for those already listed."""
    seen = {skipped.span for skipped in found.skipped}
    for policy in found.policies:
        yield from recognize.unresolved_statements(policy.root)
    for written in found.normalized:
        for skipped in recognize.unresolved_statements(written.policy.root):
            span = written.to_file(skipped.span)
            if span not in seen:
                seen.add(span)
                yield skipped._replace(span=span)


def _read(source: Source, extractor: Extractor) -> ReadResult:
    if _is_expression(source):
        from multitool_lint.formats import embedded_texts

        whole = Span(0, len(source.text))
        text = DecodedText(source.text, (Step([0], [0]),))
        return collect(embedded_texts.in_expression(extractor, text, whole), "Terraform")
    if _is_markdown(source):
        from multitool_lint.formats import markdown

        return markdown.read_source(extractor)
    if is_code(source):
        from multitool_lint.formats import code

        return code.read_source(extractor)
    if is_terraform(source):
        from multitool_lint.formats import terraform

        return terraform.read_source(extractor)
    return _read_data(source, extractor)


def _read_data(source: Source, extractor: Extractor) -> ReadResult:
    if format_name(source.path).endswith(LINES_ENDINGS):
        from multitool_lint.formats import json_lines

        return json_lines.read_source(extractor)
    if is_yaml(source):
        from multitool_lint.formats import yaml as yaml_

        found = yaml_.read_source(extractor)
        is_guess = bool(found.problems) and not format_name(source.path).endswith(YAML_ENDINGS)
        return (is_guess and json_.read_notes(extractor, certain=True)) or found
    found = json_.read_source(extractor)
    if not found.problems:
        return found
    return json_.read_notes(extractor) or json_.read_after(extractor, found)


def is_output(source: Source) -> bool:
    """Whether a source is what AWS or Terraform printed, with policies in it."""
    name = format_name(source.path)
    if name.endswith(CODE_BLOCK_ENDINGS) or is_yaml(source) or is_terraform(source):
        return False
    return json_.is_output(source.text)


def is_terraform(source: Source) -> bool:
    """Whether a source is a configuration of Terraform, in its language or as JSON.

    By its name, or where that says nothing, by its text: as in a copy `main.tf.bak`.
    """
    name = format_name(source.path)
    if name.endswith((*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)):
        return True
    if name.endswith((*JSON_ENDINGS, *NOT_JSON_ENDINGS, *PROGRAM_ENDINGS)):
        return False
    if not may_be_terraform_policies(source.text):
        return False
    from multitool_lint.formats.code_blocks import begins_as_terraform  # few texts come here

    return begins_as_terraform(source.text)


def is_yaml(source: Source) -> bool:
    """Whether a source is read as YAML: by its name, or where that says nothing, by its text."""
    name = format_name(source.path)
    if name.endswith((".json", *CODE_BLOCK_ENDINGS, *PROGRAM_ENDINGS)) or is_terraform(source):
        return False
    text = source.text.lstrip("\ufeff \t\r\n")
    if text.startswith(("{", "[")):
        return name.endswith((*YAML_ENDINGS, ".template")) and not is_json(text)
    if name.endswith(YAML_ENDINGS):
        return True
    if not may_be_yaml_policies(text) or _FENCE.search(text):
        return False
    # With quotes and a value it is JSON, say in a text in prose.
    keys = r"""^ *(?:(?:Statement|Resources) *:|["'](?:Statement|Resources)["'] *:[ \r]*$)"""
    if re.search(keys, unescaped(text), re.MULTILINE):
        return True
    from multitool_lint.formats.code_blocks import begins_as_yaml  # few texts come here

    # With tabs it is a Makefile, say.
    return begins_as_yaml(text) and "\n\t" not in text and seems_to_have_policy(text)


def is_template(source: Source) -> bool:
    """Whether a source is, or should be, a template of CloudFormation."""
    return not (_is_markdown(source) or is_terraform(source)) and may_be_template(source.text)


def _is_markdown(source: Source) -> bool:
    return format_name(source.path).endswith(MARKDOWN_ENDINGS)


def is_code(source: Source) -> bool:
    """Whether a source is read as documentation, a script or a program.

    By its name, or where that says nothing, by its text: as in a template for user data.
    """
    name = format_name(source.path)
    if name.endswith(CODE_BLOCK_ENDINGS) or is_script(source) or _is_program(source):
        return True
    if is_terraform(source):
        return False
    if name.endswith((*JSON_ENDINGS, *TERRAFORM_ENDINGS, *YAML_ENDINGS)):
        return False
    text = source.text.lstrip("\ufeff \t\r\n")
    begins_as_json = text.startswith(("{", "[", '"')) and not _SECTION.match(text)
    is_other = not (begins_as_json or is_yaml(source))
    return is_other and may_be_code_with_policies(text) and has_policy(text)


def _is_expression(source: Source) -> bool:
    """Whether a template is one expression of Terraform's language."""
    if not (source.path.lower().endswith(TEMPLATE_ENDINGS) and "encode(" in source.text):
        return False
    from multitool_lint.formats import embedded_texts  # few files come here

    return embedded_texts.is_expression(source.text)


def _is_program(source: Source) -> bool:
    """Whether a file whose name is that of a program is one, and not JSON."""
    name = format_name(source.path)
    return name.endswith(PROGRAM_ENDINGS) and not source.text.startswith(("{", "["))


def is_script(source: Source) -> bool:
    """Whether a template whose name does not say its format has a script, as for user data."""
    name = format_name(source.path)
    return name != source.path.lower() and source.text.lstrip().startswith("#!")
