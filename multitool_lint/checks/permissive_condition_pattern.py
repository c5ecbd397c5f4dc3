"""Condition patterns that match more accounts, organizations or sessions than are meant."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.policy_variables import replaced, variables
from multitool_lint.diagnostics.finding import Context, Finding
from multitool_lint.diagnostics.rule import Severity
from multitool_lint.policy.document import Policy, Statement

EXACT_KEYS = frozenset(
    {
        "aws:principalaccount",
        "aws:principalorgid",
        "aws:resourceaccount",
        "aws:resourceorgid",
        "aws:sourceaccount",
        "aws:sourceorgid",
        "aws:sourcevpc",
        "aws:sourcevpce",
        "aws:vpceaccount",
        "aws:vpceorgid",
    }
)
"""Keys of identifiers whose parts mean nothing, so that only the whole one says who is meant.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

PREFIXED_KEYS = frozenset({"token.actions.githubusercontent.com:sub"})
"""Keys of names with a hierarchy: enough of it has to stand before what may be anything."""

PREFIX_AT_LEAST = 6
_USER_ID = "aws:userid"
_WILDCARD, _VARIABLE = "WILDCARD_USAGE_TOO_PERMISSIVE", "VARIABLE_USAGE_TOO_PERMISSIVE"
_WRITE_EQUALS = "a variable that is the whole value needs no pattern; compare with StringEquals"
# A character that no value has stands for a variable.
_MARK = "\0"


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every value of such a key with a wildcard or a variable where it opens the statement."""
    for statement, condition in policy.conditions:
        key = condition.lower_key
        if key not in EXACT_KEYS and key not in PREFIXED_KEYS and key != _USER_ID:
            continue
        if not _widens(statement, condition.comparison):
            continue
        for node, text in condition.texts:
            for code, advice in _looseness(key, condition.key.key, text):
                harmless = code == _VARIABLE and _is_whole_id(text)
                yield context.finding(
                    node,
                    f'"{text}": {_WRITE_EQUALS if harmless else advice}',
                    issue_code=code,
                    severity=Severity.SUGGESTION if harmless else None,
                )


def _is_whole_id(text: str) -> bool:
    """Whether a value is no more than a variable that AWS itself fills with one whole id."""
    found = variables(text)
    return (
        len(found) == 1
        and found[0].key.lower() in EXACT_KEYS
        and found[0].defect is None
        and (found[0].start, found[0].end) == (0, len(text))
    )


def _widens(statement: Statement, operator: Operator) -> bool:
    """Whether what a pattern matches is allowed, or left out of what is denied."""
    if operator.family != "String" or not operator.accepts_wildcards:
        return False
    return statement.effect == ("Deny" if operator.negated else "Allow")


def _looseness(key: str, name: str, text: str) -> Iterator[tuple[str, str]]:
    pattern = replaced(text, lambda variable: "$" if variable.escaped else _MARK)
    for code, signs, noun in ((_WILDCARD, "*?", "wildcard"), (_VARIABLE, _MARK, "variable")):
        places = [place for place, sign in enumerate(pattern) if sign in signs]
        if not places:
            continue
        if key in EXACT_KEYS:
            yield code, f"a {noun} in {name} lets others in; write the whole value"
        elif key == _USER_ID and _is_partial(pattern, places):
            advice = 'write the whole id, and a wildcard only behind the colon: "AROAEXAMPLEID:*"'
            yield code, f"a {noun} in the id of {name} lets others in; {advice}"
        elif key in PREFIXED_KEYS and any(
            _run_before(pattern, place) < PREFIX_AT_LEAST for place in places
        ):
            short = f"fewer than {PREFIX_AT_LEAST} characters stand right before a {noun} of {name}"
            yield code, f'{short}; write more of the name, as in "repo:my-org/my-repo:*"'


def _is_partial(pattern: str, places: list[int]) -> bool:
    """Whether a part of the id before the colon is open, or there is no colon to end it."""
    head, colon, _ = pattern.partition(":")
    if not colon:
        return True
    return len(head) > 1 and any(place < len(head) for place in places)


def _run_before(pattern: str, place: int) -> int:
    run = 0
    while run < place and pattern[place - run - 1] not in f"*?{_MARK}":
        run += 1
    return run
