"""Policies in the configuration of Terraform and OpenTofu, in its language or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats.endings import format_name
from multitool_lint.formats.quick_tests import may_be_terraform_policies
from multitool_lint.formats.result import Problem, ReadResult, Skipped, collect, not_policy
from multitool_lint.limits import MAX_HCL_CHARACTERS
from multitool_lint.reasons import Reason
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from multitool_lint.formats.extract import Extractor

FORMAT = "Terraform"


def read_source(extractor: Extractor) -> ReadResult:
    """Read the policies of a file, each named by its address."""
    source = extractor.source
    if format_name(source.path).endswith(".json"):
        return read_json(extractor)
    otherwise = not_policy(Span(0, len(source.text)), Reason.NO_BLOCK)
    if not may_be_terraform_policies(source.text):
        return collect([otherwise], FORMAT)
    from multitool_lint.formats.terraform import blocks, comments, mistakes, module, texts
    from multitool_lint.syntax.hcl import recovery, tree

    if len(source.text) > MAX_HCL_CHARACTERS:
        title = f"The file has more than {MAX_HCL_CHARACTERS:,} characters"
        problem = Problem(otherwise.span, title, mistakes.SYNTAX_RULE, "split the file")
        return collect([problem], FORMAT)
    file = tree.HclFile(source)
    problems: list[Problem | Skipped] = []
    broken: tuple[tree.HclFile, ...] = ()
    if file.root.has_error:
        rest = recovery.recovered(source) or recovery.Recovered(file)
        problems = list(mistakes.mistakes(file, rest))
        if problems and (tag := mistakes.template_tag(file)):
            problems = [tag]
        file, broken = rest
    found = [*problems, *blocks.policies(extractor, file, module.ModuleFolder(file, broken))]
    return collect(
        [*found, *texts.policies(extractor, file, found)],
        FORMAT,
        otherwise=otherwise,
        comments=comments.comments(file),
    )


def read_json(extractor: Extractor) -> ReadResult:
    """Read the policies of a configuration that is written as JSON."""
    from multitool_lint.formats.terraform import tf_json

    otherwise = not_policy(Span(0, len(extractor.source.text)), Reason.NO_BLOCK)
    return collect(tf_json.policies(extractor), FORMAT, otherwise=otherwise)
