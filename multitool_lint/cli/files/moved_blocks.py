"""What has moved from one page of documentation to another: nobody has it who had not."""

from __future__ import annotations

import contextlib
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from multitool_lint.cli.files.git import GitError
from multitool_lint.cli.files.version import AbsentError, UnreadableVersionError, Version
from multitool_lint.deployments.attachments import AttachmentDeployment
from multitool_lint.deployments.owner import EXAMPLE
from multitool_lint.diffs.files import FileVersion
from multitool_lint.formats.canonical import canonical
from multitool_lint.formats.endings import PAGE_ENDINGS, format_name
from multitool_lint.policy.policy_set import PolicySet
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.deployments.owner import Owner
    from multitool_lint.linter.settings import FileSettings
    from multitool_lint.policy.policy_set import ConditionalPolicy

_AFTER_OTHERS = 1_000
"""What a number is above of what comes from another page."""


class MovedBlocks:
    """The policies and commands that pages of some paths had, and have not any more."""

    def __init__(
        self,
        versions: Versions,
        paths: Iterable[str],
        settings: Callable[[str], FileSettings],
    ) -> None:
        self._versions = versions
        self._paths = [*filter(self.may_have, paths)]
        self._settings = settings

    @staticmethod
    def may_have(path: str) -> bool:
        """Whether a file is a page for people."""
        return format_name(path).endswith(PAGE_ENDINGS)

    @cached_property
    def _gone(self) -> tuple[dict[str, list[ConditionalPolicy]], Counter[tuple[str, str]]]:
        policies: dict[str, list[ConditionalPolicy]] = {}
        commands: Counter[tuple[str, str]] = Counter()
        for path in self._paths:
            before, after = self._sides(path)
            left = Counter(map(_text, after.policies.policies))
            for member in before.policies.policies:
                if left[_text(member)] > 0:
                    left[_text(member)] -= 1
                else:
                    policies.setdefault(_text(member), []).append(member)
            commands.update(_commands(before).keys() - _commands(after).keys())
        return policies, commands

    def _sides(self, path: str) -> Iterator[FileVersion]:
        with contextlib.suppress(GitError, UnreadableVersionError):
            yield self._version(self._versions.before(path))
            yield self._version(Version(path, self._versions.sides.new))
            return
        yield from [FileVersion(PolicySet(path))] * 2

    def _version(self, which: Version) -> FileVersion:
        found = FileVersion(PolicySet(which.path))
        with contextlib.suppress(AbsentError):
            found = found._replace(attached=self._versions.attached(which))
            policies = self._versions.policies(which, self._settings(which.path))
            found = found._replace(policies=policies)
        return found

    def before(self, before: FileVersion, after: FileVersion) -> FileVersion:
        """What a page was, with what has moved there from other pages."""
        had = Counter(map(_text, before.policies.policies))
        fresh = Counter(map(_text, after.policies.policies)) - had
        new = _commands(after).items() - _commands(before).items()
        if not (fresh or new):
            return before
        policies, commands = self._gone
        found: list[ConditionalPolicy] = []
        for text, number in fresh.items():
            for _ in range(min(number, len(policies.get(text, ())))):
                member = policies[text].pop()
                name = f"policy {_AFTER_OTHERS + len(found)}"
                policy = member.policy.with_root(member.policy.root, name=name)
                found.append(member._replace(policy=policy))
        attached = before.attached or AttachmentDeployment(Source(after.policies.path, ""))
        for key, owner in new:
            if commands[key] > 0:
                commands[key] -= 1
                attached.owners.setdefault(owner.address, owner)
        made = before.policies._replace(policies=(*before.policies.policies, *found))
        return before._replace(policies=made, attached=attached)


def _text(member: ConditionalPolicy) -> str:
    return canonical(member.policy.root)


def _commands(version: FileVersion) -> dict[tuple[str, str], Owner]:
    """The commands of a page, by what they are and are given."""
    owners = version.attached.owners.values() if version.attached else ()
    return {
        (owner.address, str(owner.facts.get("given"))): owner
        for owner in owners
        if owner.kind == EXAMPLE
    }
