"""Policies in the configuration of Terraform and OpenTofu, in its language or as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.formats import recognize as shape
from multitool_lint.formats.detect import may_hold_policies
from multitool_lint.formats.result import Loaded, Problem, Skipped
from multitool_lint.syntax.source import Span

if TYPE_CHECKING:
    from multitool_lint.formats.normalized import NormalizedPolicy
    from multitool_lint.policy.document import PolicyType
    from multitool_lint.syntax.source import Source

NO_POLICY = "no block or attribute with a policy"


def load(
    source: Source,
    *,
    type: PolicyType | None = None,
    resource_type: str | None = None,
) -> Loaded:
    """Read the policies of a file, each named by its address.

    `type` and `resource_type` hold where the file does not tell what a policy is attached to.
    """
    if source.path.lower().endswith(".json"):
        from multitool_lint.formats.terraform import tf_json as terraform_json

        return terraform_json.load(source, type=type, resource_type=resource_type)
    whole = Span(0, len(source.text))
    if not may_hold_policies(source.path, source.text):
        return Loaded(skipped=(Skipped(whole, NO_POLICY),))
    from multitool_lint.formats.terraform import blocks, comments, module
    from multitool_lint.formats.terraform import normalized as written
    from multitool_lint.syntax.hcl import tree as syntax

    if len(source.text) > syntax.LENGTH_AT_MOST:
        reason = f"more than {syntax.LENGTH_AT_MOST:,} characters of Terraform"
        return Loaded(problems=(Problem(whole, reason, blocks.SYNTAX_RULE),))
    file = syntax.File(source)
    policies: list[NormalizedPolicy] = []
    problems: list[Problem] = []
    skipped: list[Skipped] = []
    for found in blocks.policies(file, module.Module(file)):
        if isinstance(found, Problem):
            problems.append(found)
        elif isinstance(found, Skipped):
            skipped.append(found)
        else:
            attached = found.resource_type
            certain = found.type
            if certain is None:
                attached = attached or resource_type
                certain = type or shape.type_of(found.root, attached)
            policies.append(written.write(source, found, certain, attached))
    if not (policies or problems or skipped):
        skipped.append(Skipped(whole, NO_POLICY))
    return Loaded(
        problems=tuple(problems),
        skipped=tuple(skipped),
        comments=tuple(comments.comments(file)),
        written=tuple(policies),
    )
