"""A file or a managed policy that is to be one policy, and policies of an organization by level."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.cli.files.version import UnreadableVersionError, Version
from multitool_lint.config import ConfigError
from multitool_lint.policy.policy_type import PolicyType

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from multitool_lint.cli.files.versions import Versions
    from multitool_lint.cli.options.settings import Settings
    from multitool_lint.policy.evaluation.decision import Levels
    from multitool_lint.policy.policy_set import PolicySet

    Read = Callable[[str], PolicySet]

FULL_ACCESS = "FullAWSAccess"
"""The name of the SCP that AWS attaches to everything of an organization, which is in no file."""

_FULL_ACCESS = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)
_NAMES = {
    PolicyType.SCP: "a service control policy",
    PolicyType.RCP: "a resource control policy",
}


def one_policy(
    which: Version, type_: PolicyType | None, versions: Versions, settings: Settings
) -> PolicySet:
    """The policy of a file, as of a type, in each case of a template.

    Raises:
        ConfigError: it cannot be read, or the file has several.
    """
    of_file = settings.of(which.path)
    try:
        found = versions.policies(which, of_file._replace(type=type_ or of_file.type))
    except UnreadableVersionError as error:
        raise ConfigError(str(error)) from error
    members = found.policies
    are_cases = all(member.cases for member in members)
    if len(members) > 1 and not (are_cases and len({one.policy.name for one in members}) == 1):
        hint = "expected one" if type_ else "name an identity of the file"
        raise ConfigError(f"{which}: {len(members)} policies; {hint}")
    return found


def control_policies(levels: Iterable[Sequence[str]], type_: PolicyType, read: Read) -> Levels:
    """The control policies of the levels of an organization, which are named.

    Raises:
        ConfigError: one cannot be read or is something else, or a level allows nothing. AWS's own
            SCP, which nobody has as a file, was forgotten then.
    """
    return tuple(tuple(_level(names, type_, read)) for names in levels)


def _level(names: Sequence[str], type_: PolicyType, read: Read) -> Iterator[PolicySet]:
    may_allow = type_ is PolicyType.RCP
    for name in names:
        is_own = type_ is PolicyType.SCP and name == FULL_ACCESS
        found = _full_access() if is_own else read(name)
        if any(member.policy.type is not type_ for member in found.policies):
            raise ConfigError(f"{name}: expected {_NAMES[type_]}")
        may_allow = may_allow or _may_allow(found)
        yield found
    if not may_allow:
        raise ConfigError(
            f"{', '.join(names)}: a level with no other service control policies allows nothing; "
            f"name {FULL_ACCESS} as well if it is attached there"
        )


def _may_allow(found: PolicySet) -> bool:
    statements = (one for member in found.policies for one in member.policy.statements)
    return bool(found.unknown) or any(statement.effect != "Deny" for statement in statements)


def _full_access() -> PolicySet:
    from multitool_lint.formats.policies import policies_of  # few questions have levels
    from multitool_lint.syntax.source import Source

    source = Source(FULL_ACCESS, _FULL_ACCESS)
    return policies_of(source, type=PolicyType.SCP)
