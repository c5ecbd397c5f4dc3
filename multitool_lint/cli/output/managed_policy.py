"""What is said of a managed policy of AWS besides its document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from multitool_lint.aws.access_levels import STRENGTH
from multitool_lint.aws.catalog.managed_policies import REMOVED
from multitool_lint.diagnostics.finding import counted, enumerate_briefly
from multitool_lint.policy.access import allowed
from multitool_lint.policy.changes import by_service
from multitool_lint.policy.document import Policy
from multitool_lint.policy.policy_type import PolicyType
from multitool_lint.syntax.json import fast
from multitool_lint.syntax.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from multitool_lint.aws.action_set import ActionSet
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.cli.files.managed_versions import NamedPolicy


def described(found: NamedPolicy) -> Iterator[str]:
    """The ARN, the version, which others there are, and whether AWS has removed the policy."""
    policy, version = found.policy, found.version
    if policy.version:
        yield policy.arn
    if version:
        newest = " (newest)" if version == found.versions[0] else ""
        dated = f" of {version.date}" if version.date else ""
        yield f"version v{version.number}{dated}{newest}"
    elif not found.versions:
        yield f"no document of {policy.name} is known"
    else:
        yield f"no such version of {policy.name} is known"
    others = [
        f"v{known.number} ({known.date})" if known.date else f"v{known.number}"
        for known in found.versions
        if known != version
    ]
    if others:
        yield f"other versions: {enumerate_briefly(others)}"
    if policy.removed:
        yield "AWS has removed this policy" + (
            "" if policy.removed == REMOVED else f"; it was gone by {policy.removed}"
        )


def allowed_actions(found: NamedPolicy, catalog: Catalog) -> Iterator[str]:
    """How many actions a policy allows by access level, and how to see more of it."""
    policy, version = found.policy, found.version
    if version is None:
        return
    allowed = allowed_by(version.document, catalog)
    counts: dict[str, int] = {}
    for _, levels in by_service(allowed, catalog):
        for level, names in levels.items():
            counts[level] = counts.get(level, 0) + len(names)
    services = counted(len(allowed.prefixes), "service")
    yield f"allows {sum(counts.values()):,} actions of {services}:"
    yield from (f"  {level}: {counts[level]:,}" for level in STRENGTH if level in counts)
    yield ""
    yield f"the actions: multitool-lint query {policy.name}"
    yield f"the document: multitool-lint show {policy.name}"


def allowed_by(document: str, catalog: Catalog) -> ActionSet:
    """The actions that a document allows on some resource, under some condition."""
    root = fast.read(document, literal=True)
    return allowed(Policy(Source("", document), root, PolicyType.IDENTITY), catalog)
