"""From a source to the policies in it, one module a format."""

from __future__ import annotations

from multitool_lint.formats import json as json_
from multitool_lint.formats import recognize
from multitool_lint.formats.endings import (
    CODE_BLOCK_ENDINGS,
    LINES_ENDINGS,
    TEMPLATE_ENDINGS,
    format_name,
)
from multitool_lint.formats.extract import Attachment, Extractor
from multitool_lint.formats.kinds import (
    is_code,
    is_expression,
    is_markdown,
    is_output,
    is_script,
    is_template,
    is_terraform,
    is_yaml,
)
from multitool_lint.formats.other_files import PROGRAM_ENDINGS
from multitool_lint.formats.quick_tests import (
    may_be_code_with_policies,
    may_have_references,
    may_name_policies,
)
from multitool_lint.formats.recognize import (
    YAML_ENDINGS,
)
from multitool_lint.formats.result import (
    YAML,
    YAML_SYNTAX_RULE,
    Problem,
    ReadResult,
    Skipped,
    collect,
    not_policy,
    not_read,
)
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.reasons import Reason
from multitool_lint.syntax.placeholders import control_tag
from multitool_lint.syntax.source import Source, Span, is_pointer

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.formats.found import FoundPolicy

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
_ONLY_JSON = lazy_pattern(r"""(?:"(?:[^"\\\n]|\\.)*+"|[\s{}\[\],:\d.+-]++|true|false|null)*+""")

_INSERTED = lazy_pattern(r"(?:^|[{\[,])\s*\$\{|(?:^|[{\[,:])\s*(?:%\{|\{\{|\{%|<%)")
"""The beginning of members or items that are filled in."""


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
    """Whether an identity may have several policies, those of AWS included, or assume roles.

    What one policy allows with IAM may depend on the kind of its identities, too.
    """
    policies = [entry for entry in found.policies if not (entry.is_json or entry.merged)]
    count = len(found.references) + len(policies)
    if count > 1:
        count -= sum(entry.policy.type not in _OF_IDENTITIES for entry in policies)
    return count > 1 or (
        count == 1 and any(_trusts_others(entry) or _is_about_iam(entry) for entry in policies)
    )


def _trusts_others(entry: FoundPolicy) -> bool:
    """Whether it trusts principals of an account, or the users of an application."""
    from multitool_lint.aws.identity_providers import POOLS  # saves start-up

    text = entry.policy.source.text
    return entry.policy.type is PolicyType.TRUST and ('"AWS"' in text or POOLS in text)


def _is_about_iam(entry: FoundPolicy) -> bool:
    return entry.policy.type in _OF_IDENTITIES and "iam:" in entry.policy.source.text.lower()


def _of_unread_template(found: ReadResult, text: str) -> ReadResult:
    """What is found in a template: what is not in its format need not be a mistake of the file.

    One that cannot become a policy as it has no word of one, nor members from elsewhere, is a text
    of another kind.
    """
    is_whole = control_tag(text) is None and _INSERTED.search(text) is None
    if not may_be_code_with_policies(text) and (text.lstrip()[:1].isalpha() or is_whole):
        other = not_policy(Span(0, len(text)), Reason.NO_STATEMENT)
        return found._replace(problems=(), skipped=(*found.skipped, other))
    skipped = (
        not_read(problem.span, Reason.BROKEN_TEMPLATE, found.format, problem.sentence)
        for problem in found.problems
        if not problem.is_read  # as far as it is known: something else fills in the file
    )
    return found._replace(problems=(), skipped=(*found.skipped, *skipped))


def _has_unread_problems(found: ReadResult) -> bool:
    return not all(problem.is_read for problem in found.problems)


def _may_be_template(source: Source, found: ReadResult) -> bool:
    """Whether tags of a template may be why a part of a source could not be read."""
    if not (_has_unread_problems(found) or any(skipped.unread for skipped in found.skipped)):
        return False
    if is_terraform(source):
        return "%{" in source.text
    name = source.path.lower()
    is_code = name.endswith((*CODE_BLOCK_ENDINGS, *PROGRAM_ENDINGS))
    return name.endswith(TEMPLATE_ENDINGS) or (not is_code and control_tag(source.text) is not None)


def _unread_statements(found: ReadResult) -> Iterator[Skipped]:
    """The statements of the policies that are filled in elsewhere, but for those already listed."""
    seen = {skipped.span for skipped in found.skipped}
    for entry in found.policies:
        for skipped in () if entry.merged else recognize.unresolved_statements(entry.policy.root):
            span = entry.to_file(skipped.span)
            if span not in seen:
                seen.add(span)
                yield skipped._replace(span=span)


def _read(source: Source, extractor: Extractor) -> ReadResult:
    if is_expression(source):
        from multitool_lint.formats import embedded_texts
        from multitool_lint.syntax.decoded_text import DecodedText, DecodingStep

        whole = Span(0, len(source.text))
        text = DecodedText(source.text, (DecodingStep([0], [0]),))
        return collect(embedded_texts.in_expression(extractor, text, whole), "Terraform")
    if is_markdown(source):
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
    if not _has_unread_problems(found):
        return found
    return json_.read_notes(extractor) or json_.read_after(extractor, found)
