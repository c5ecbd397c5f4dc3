"""Whether commands that decide about access give it to somebody, or take it away."""

from __future__ import annotations

import re

from multitool_lint.formats.attaching_commands import ATTACHING
from multitool_lint.formats.sharing_commands import SHARING
from multitool_lint.lazy_pattern import lazy_pattern

_BLOCKING = "put-public-access-block"
_BLOCKS = [
    lazy_pattern(rf"\b{name}\W+true\b", re.IGNORECASE)
    for name in (
        "BlockPublicAcls",
        "IgnorePublicAcls",
        "BlockPublicPolicy",
        "RestrictPublicBuckets",
    )
]
"""What a command blocks that blocks all of it."""
_LIMITING = lazy_pattern(
    r"(?i)(?<![a-z])(?:delete|detach|disable|remove|revoke|unregister)-|den[yi]|bound|guardrail|scp\b"
    r"|public-?access-?block|organizations|ownership-controls|--acl[ =](?!['\"]?public)"
)
"""What a command has that may take access away from somebody."""
_GIVING = lazy_pattern(
    r"(?<!\S)(?:create-(?:access-(?:key|entry)|grant|iamserviceaccount|login-profile"
    r"|pod-identity-association|policy|role|service-specific-credential|user)|iamserviceaccount"
    r"|associate-access-policy|admin-add-user-to-group|upload-ssh-public-key"
    r"|(?:batch-)?grant-permissions)(?!\S)|--acl[ =]['\"]?public"
)
"""What only gives access: without it, nobody has more."""


def only_limits(command: str) -> bool:
    """Whether a command gives nobody access: it blocks all that is public."""
    return all(pattern.search(command) for pattern in _BLOCKS) and not any(
        found[0] != _BLOCKING for found in ATTACHING.finditer(command)
    )


def may_limit(command: str) -> bool:
    """Whether a command may take access away, by the words of what it is given."""
    return _LIMITING.search(command) is not None


def only_shares(command: str) -> bool:
    """Whether a command takes no access away: without it, others have less."""
    gives = _GIVING.search(command) is not None and not may_limit(command)
    return command.startswith(SHARING) or gives
