"""The versions of AWS's managed policies that arguments name: NAME, an ARN, and either with @vN."""

from __future__ import annotations

import re
from typing import NamedTuple

from multitool_lint.aws.catalog.catalog import Catalog
from multitool_lint.aws.catalog.managed_policies import (
    ManagedPolicy,
    ManagedVersion,
    managed_policies,
    versions,
)

_NAME = re.compile(
    r"(?:arn:[a-z-]+:iam::aws:policy/)?(?:[\w+=,.@-]+/)*(?P<name>[\w+=,.@-]+?)(?:@v(?P<number>\d{1,6}))?"
)


class NamedPolicy(NamedTuple):
    """A managed policy, its known versions, and the one that is named: the newest without @vN.

    `version` is None if that is not known.
    """

    policy: ManagedPolicy
    versions: tuple[ManagedVersion, ...]
    version: ManagedVersion | None


def short_name(text: str) -> str:
    """The name in an argument, without a path and a version; "" if it cannot be one."""
    match = _NAME.fullmatch(text)
    return match["name"] if match else ""


def named_policy(text: str, catalog: Catalog) -> NamedPolicy | None:
    """The managed policy that an argument names; None if there has never been one."""
    match = _NAME.fullmatch(text)
    policy = managed_policies(catalog).get(match["name"]) if match else None
    if match is None or policy is None:
        return None
    known = versions(catalog, policy.name)
    number = int(match["number"] or policy.version)
    found = next((version for version in known if version.number == number), None)
    return NamedPolicy(policy, known, found)
