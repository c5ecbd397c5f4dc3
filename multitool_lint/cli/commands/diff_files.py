"""The access of two versions of a file that is not a deployment, for `diff`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.cli.output.compared import Compared
from multitool_lint.diffs.files import FileVersion, compare
from multitool_lint.policy.changes import Changes, Unknown
from multitool_lint.policy.forbidden import granted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.cli.commands.diff_modules import Asked
    from multitool_lint.cli.files.version import Version


class FileInVersion(NamedTuple):
    """What a version of a file has."""

    version: Version
    file: FileVersion


def compared_files(
    old: FileInVersion, new: FileInVersion, asked: Asked, *, content: str, is_new: bool
) -> Iterator[Compared]:
    """How the access of two versions differs, policy by policy; what `is_new` is not compared."""
    names, before = (old.version, new.version), old.file
    if is_new:
        before = new.file._replace(policies=new.file.policies._replace(unknown=()))
    elsewhere = partial(asked.elsewhere, ())
    policies, unknown = compare(before, new.file, asked.catalog, elsewhere)
    for policy in policies:
        forbidden = granted(policy.policies, asked.forbidden, asked.catalog)
        yield Compared(
            *names,
            policy.name,
            policy.changes,
            tuple(dict.fromkeys(forbidden)),
            asked.catalog,
            is_new=is_new,
            is_partial=bool(unknown),
            content=content,
        )
    if unknown:
        changes = Changes((), (), tuple(unknown))
        yield Compared(*names, None, changes, (), asked.catalog, content=content)


def as_policy(after: FileVersion, before: FileVersion) -> FileVersion:
    """What is left of a file that was a policy as a whole, and may be one of another form now."""
    policies = after.policies
    if policies.policies or not before.policies.is_one_policy:
        return after
    gone = Unknown(policies.path, "it has no policy now")
    return after._replace(policies=policies._replace(unknown=(*policies.unknown, gone)))
