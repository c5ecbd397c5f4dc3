"""The finding types of parliament that our rules answer, and those about which it is asked."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from multitool_lint.diagnostics.rule import rules

AUDITORS = frozenset(
    {
        "CREDENTIALS_EXPOSURE",
        "NOTPRINCIPAL_WITH_ALLOW",
        "NOTRESOURCE_WITH_ALLOW",
        "PERMISSIONS_MANAGEMENT_ACTIONS",
        "PRIVILEGE_ESCALATION",
        "SENSITIVE_ACCESS",
        "SINGLE_VALUE_CONDITION_TOO_PERMISSIVE",
    }
)
"""Those of parliament's community auditors, which are not asked about our findings.

They import the installed parliament with its 10 MB of data, and take seconds for `Action: "*"`.
"""

USUAL = frozenset({"MALFORMED", "UNKNOWN_ACTION", "UNKNOWN_PREFIX"})
"""Those about which it is asked in every run: few policies have them, and it is good at them."""

NO_REASON = frozenset({"RESOURCE_STAR", "RESOURCE_EFFECTIVELY_STAR"})
"""Those for which alone it is not asked: most policies have them, and it always agrees."""


@cache
def answered(*, every: bool) -> Mapping[str, frozenset[str]]:
    """The finding types that a rule answers, by its id: every one, or the usual ones."""
    types = {id_: frozenset(rule.parliament) - AUDITORS for id_, rule in rules().items()}
    if not every:
        types = {id_: found & USUAL for id_, found in types.items()}
    return {id_: found for id_, found in types.items() if found}
