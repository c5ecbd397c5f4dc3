"""Condition patterns that match more accounts, organizations or sessions than intended."""

from __future__ import annotations

from collections.abc import Iterator

from multitool_lint.aws.condition_operators import Operator
from multitool_lint.aws.policy_variables import replaced, variables
from multitool_lint.diagnostics.finding import Context, Finding, quoted
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.document import Condition, Policy, Statement

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
"""Keys of identifiers whose parts have no meaning: only a whole one identifies an owner.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/access-analyzer-reference-policy-checks.html
"""

PREFIXED_KEYS = frozenset({"token.actions.githubusercontent.com:sub"})
"""Keys of names with a hierarchy: enough characters must precede a wildcard."""

PREFIX_AT_LEAST = 6
_USER_ID = "aws:userid"
_RANDOM = (
    "these identifiers are assigned at random, so the start of one does not identify its owner",
)
_SINCE_OTHER = "AWS counts the characters since the wildcard or variable before it"
_WILDCARD, _VARIABLE = "WILDCARD_USAGE_TOO_PERMISSIVE", "VARIABLE_USAGE_TOO_PERMISSIVE"
# A character that no value has marks a variable.
_MARK = "\0"


class _Looseness(NamedTuple):
    """What is too permissive about a value: the code, the title, notes, and what to do."""

    code: str
    title: str
    help: str
    notes: tuple[str, ...] = ()


def check(policy: Policy, context: Context) -> Iterator[Finding]:
    """Every value of such a key with a wildcard or a variable that allows more requests."""
    for statement, condition in policy.conditions:
        key = condition.lower_key
        if key not in EXACT_KEYS and key not in PREFIXED_KEYS and key != _USER_ID:
            continue
        if not _widens(statement, condition.comparison) or _is_narrowed(statement, condition):
            continue
        for node, text in condition.texts:
            for looseness in _looseness(key, condition.key.key, text):
                if looseness.code == _VARIABLE and _is_whole_id(text):
                    continue
                yield context.finding(
                    node,
                    looseness.title,
                    label="too permissive",
                    notes=looseness.notes,
                    help=looseness.help,
                    issue_code=looseness.code,
                )


def _is_whole_id(text: str) -> bool:
    """Whether a value is only a variable that AWS replaces with one whole identifier."""
    found = variables(text)
    return (
        len(found) == 1
        and found[0].key.lower() in EXACT_KEYS
        and found[0].defect is None
        and (found[0].start, found[0].end) == (0, len(text))
    )


def _widens(statement: Statement, operator: Operator) -> bool:
    """Whether a statement allows what a pattern matches, or excludes it from a Deny."""
    if operator.family != "String" or not operator.accepts_wildcards:
        return False
    return statement.effect == ("Deny" if operator.negated else "Allow")


def _is_narrowed(statement: Statement, condition: Condition) -> bool:
    """Whether an Allow has another condition on the key that is not too permissive itself."""
    return statement.allows and any(
        other is not condition
        and other.lower_key == condition.lower_key
        and _restricts(other)
        and not any(any(_looseness(other.lower_key, "", text)) for text in other.names)
        for other in statement.conditions
    )


def _restricts(condition: Condition) -> bool:
    operator = condition.comparison
    return operator.family == "String" and not operator.negated and not operator.if_exists


def _looseness(key: str, name: str, text: str) -> Iterator[_Looseness]:
    pattern = replaced(text, lambda variable: "$" if variable.escaped else _MARK)
    for code, signs, noun in ((_WILDCARD, "*?", "wildcard"), (_VARIABLE, _MARK, "variable")):
        places = [place for place, sign in enumerate(pattern) if sign in signs]
        if not places:
            continue
        if key in EXACT_KEYS:
            yield _Looseness(
                code,
                f"The {noun} in {quoted(text)} allows other values of `{name}`",
                "specify the whole value",
                _RANDOM if code == _WILDCARD else (),
            )
        elif key == _USER_ID and _is_partial(pattern, places):
            yield _Looseness(
                code,
                f"The {noun} in {quoted(text)} allows other users or roles",
                'specify the whole id, with a wildcard only after the colon: "AROAEXAMPLEID:*"',
                (f"only the id before the colon of {name} identifies the user or role",),
            )
        elif key in PREFIXED_KEYS:
            short = [place for place in places if _run_before(pattern, place) < PREFIX_AT_LEAST]
            if short:
                is_prefix = short[0] < PREFIX_AT_LEAST
                note = f"a short prefix in {name} matches the repositories of others"
                yield _Looseness(
                    code,
                    f"Fewer than {PREFIX_AT_LEAST} characters precede a {noun} in {quoted(text)}",
                    'specify more of the name, such as "repo:my-org/my-repo:*"',
                    (note if is_prefix else _SINCE_OTHER,),
                )


def _is_partial(pattern: str, places: list[int]) -> bool:
    """Whether a pattern leaves a part of the id before the colon open, or has no colon."""
    head, colon, _ = pattern.partition(":")
    if not colon:
        return True
    return len(head) > 1 and any(place < len(head) for place in places)


def _run_before(pattern: str, place: int) -> int:
    run = 0
    while run < place and pattern[place - run - 1] not in f"*?{_MARK}":
        run += 1
    return run
