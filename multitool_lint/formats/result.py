"""What a loader gives back: policies, and what it could not read or did not have to."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.linter.report import Comment, Skipped

if TYPE_CHECKING:
    from collections.abc import Iterable

    from multitool_lint.formats.normalized import Embedded, NormalizedPolicy
    from multitool_lint.policy.document import Policy
    from multitool_lint.syntax.source import Span

__all__ = ["Comment", "Loaded", "Problem", "Skipped"]

SYNTAX_RULE = "json-syntax-error"
TEMPLATE = "CloudFormation"
YAML_SYNTAX_RULE = "yaml-syntax-error"


class Problem(NamedTuple):
    """Something that could not be read, and the id of the rule that it is a finding of."""

    span: Span
    message: str
    rule: str = SYNTAX_RULE


class Loaded(NamedTuple):
    """What was found in one source.

    `stream` yields more of all that where there may be thousands of policies: read one by one and
    kept by nobody, each with the limits of a source of its own. `written` are policies of a file
    that is not JSON, or not that of one policy. `format` is the name of what it was read as.
    """

    policies: tuple[Policy, ...] = ()
    problems: tuple[Problem, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    stream: Iterable[Embedded | Problem | Skipped] = ()
    comments: tuple[Comment, ...] = ()
    written: tuple[Embedded | NormalizedPolicy, ...] = ()
    format: str = ""
