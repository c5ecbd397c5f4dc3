"""The access of templates of CloudFormation and SAM in two versions, for `diff`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli.commands.diff_modules import compared, not_compared
from multitool_lint.cli.files.version import MANAGED, AbsentError
from multitool_lint.deployments.cloudformation.access import TemplateDeployment
from multitool_lint.deployments.cloudformation.resources import roots_of
from multitool_lint.deployments.reading import TooMuchError

if TYPE_CHECKING:
    from multitool_lint.cli.commands.diff_modules import Asked
    from multitool_lint.cli.files.version import Version
    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.cli.output.compared import Compared


def compared_templates(
    versions: Versions, old: Version, new: Version, asked: Asked
) -> list[Compared] | None:
    """How two versions of a template differ; None if one of them is something else.

    Raises:
        GitError: git cannot answer.
        UnreadableVersionError: one of them cannot be read.
    """
    sides = [_text(versions, which) for which in (old, new)]
    if not any(sides):
        return None
    for which, text in zip((old, new), sides, strict=True):
        if text is not None and not roots_of(which.path, text):
            return None
    try:
        before, after = (
            TemplateDeployment(*versions.tree(which)) if text is not None else None
            for which, text in zip((old, new), sides, strict=True)
        )
        return list(compared((old, new), before, after, asked))
    except (TooMuchError, RecursionError) as error:
        return [not_compared((old, new), new.path, str(error), asked.catalog)]


def _text(versions: Versions, which: Version) -> str | None:
    """The text of a version; None for a file that is not there."""
    if which.path == "-" or which.revision == MANAGED:
        return ""
    try:
        return versions.source(which).text
    except AbsentError:
        return None
