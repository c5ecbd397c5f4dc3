"""How AWS decides a request by policies, written from its documentation and nothing else.

The package under test is not imported: what it claims about access is compared with what this
module decides.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from support.condition_values import agrees

Document = Mapping[str, Any]
Kind = Literal["identity", "resource", "trust", "scp"]
Decision = Literal["Allow", "Deny", "None"]
"""`Deny` is an explicit one, `None` the implicit one: no statement matches."""


@dataclass(frozen=True)
class Request:
    """A request: a principal wants an action on a resource; keys of the context in lower case."""

    action: str
    resource: str
    principal: tuple[str, str] = ("AWS", "arn:aws:iam::111122223333:user/ada")
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Reading:
    """What the documentation leaves open.

    `unreadable` says whether a condition value that is not of the type of its operator matches a
    value of the request, by the operator in lower case without "Not"; `by_field` whether a wildcard
    ends at the colon after its field of an ARN; `any_if_exists` whether ForAnyValue with IfExists
    holds where the key is absent.
    """

    unreadable: Callable[[str, str, str], bool] = lambda _operator, _value, _actual: False
    by_field: bool = False
    any_if_exists: bool = True


PLAIN = Reading()
_FIELDS = 6
"""The fields of an ARN."""


def is_allowed(
    request: Request,
    *,
    identity: Iterable[Document] = (),
    resource: Document | None = None,
    trust: Document | None = None,
    scps: Iterable[Document] = (),
) -> bool:
    """Whether the policies of one account allow a request together."""
    granting = [decide(policy, request) for policy in identity]
    if resource is not None:
        granting.append(decide(resource, request, "resource"))
    needed = [decide(policy, request, "scp") for policy in scps]
    if trust is not None:
        needed.append(decide(trust, request, "trust"))
    if "Deny" in granting or any(decision != "Allow" for decision in needed):
        return False
    return "Allow" in granting or trust is not None


def decide(
    policy: Document, request: Request, kind: Kind = "identity", reading: Reading = PLAIN
) -> Decision:
    """What one policy says about a request."""
    evaluation = _Evaluation(policy.get("Version") == "2012-10-17", request, kind, reading)
    effects = {
        statement["Effect"]
        for statement in _listed(policy["Statement"])
        if evaluation.matches(statement)
    }
    return "Deny" if "Deny" in effects else "Allow" if "Allow" in effects else "None"


def _listed(value: Any) -> list[Any]:  # noqa: ANN401 - JSON as it comes
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Evaluation:
    """A request and the statements of one policy."""

    def __init__(self, has_variables: bool, request: Request, kind: Kind, reading: Reading) -> None:  # noqa: FBT001 - private
        self._has_variables = has_variables
        self._request = request
        self._kind = kind
        self._reading = reading

    def matches(self, statement: Document) -> bool:
        """Whether a statement applies to the request: every element of it does."""
        return (
            self._element(statement, "Action", self._is_action)
            and self._element(statement, "Resource", self._is_resource)
            and self._is_for_principal(statement)
            and all(
                self._holds(operator, key, [_text(value) for value in _listed(values)])
                for operator, keys in statement.get("Condition", {}).items()
                for key, values in keys.items()
            )
        )

    def _element(self, statement: Document, name: str, agrees: Callable[[str], bool]) -> bool:
        if f"Not{name}" in statement:
            return not any(map(agrees, _listed(statement[f"Not{name}"])))
        # A trust policy, or one of a repository, is about the resource that it belongs to.
        return name not in statement or any(map(agrees, _listed(statement[name])))

    def _is_action(self, pattern: str) -> bool:
        return _glob(pattern.lower(), self._request.action.lower())

    def _is_resource(self, pattern: str) -> bool:
        if pattern == "*":
            return True
        resolved = self._resolved(pattern)
        if resolved is None:
            return False
        if resolved.startswith("execute-api:/"):
            # AWS: in the policy of an API, what comes before the stage is that of the API.
            resolved = f"arn:aws:execute-api:*:*:*{resolved.partition(':')[2]}"
        fields = resolved.split(":", 5)
        if self._kind in ("identity", "scp") and fields[0] == "arn":
            # AWS: fields that are left out at the end count as `*`.
            fields += ["*"] * (_FIELDS - len(fields))
        if self._reading.by_field:
            return _by_field(fields, self._request.resource)
        return _glob(":".join(fields), self._request.resource)

    def _is_for_principal(self, statement: Document) -> bool:
        if "NotPrincipal" in statement:
            return not self._is_principal(statement["NotPrincipal"])
        return "Principal" not in statement or self._is_principal(statement["Principal"])

    def _is_principal(self, element: Any) -> bool:  # noqa: ANN401 - JSON as it comes
        if isinstance(element, str):
            return element == "*"
        kind, name = self._request.principal
        if "*" in _listed(element.get("AWS", [])):
            return True
        names = {name}
        if kind == "AWS":
            partition, account, path = (*name.split(":", 5)[1::3], name.split(":", 5)[5])
            names |= {account, f"arn:{partition}:iam::{account}:root"}
            if path.startswith("assumed-role/"):
                names.add(f"arn:{partition}:iam::{account}:role/{path.split('/')[1]}")
        return not names.isdisjoint(_listed(element.get(kind, [])))

    def _holds(self, operator: str, key: str, values: list[str]) -> bool:
        """Whether a condition holds: one operator on one key."""
        qualifier, _, name = operator.lower().rpartition(":")
        base = name.removesuffix("ifexists")
        found = self._request.context.get(key.lower())
        actual = [found] if isinstance(found, str) else found
        if base == "null":
            if qualifier:
                return qualifier == "forallvalues"
            return any(self._is_null(value, is_absent=actual is None) for value in values)
        negated = "not" in base
        if actual is None:
            if base != name:
                return qualifier != "foranyvalue" or self._reading.any_if_exists
            return qualifier == "forallvalues" if qualifier else negated
        answers = [
            negated != any(self._agrees(base.replace("not", ""), value, text) for value in values)
            for text in actual
        ]
        if qualifier:
            return all(answers) if qualifier == "forallvalues" else any(answers)
        # A key with several values needs a qualifier.
        return len(answers) == 1 and answers[0]

    def _is_null(self, value: str, *, is_absent: bool) -> bool:
        if value.lower() in ("true", "false"):
            return is_absent == (value.lower() == "true")
        return self._reading.unreadable("null", value, str(is_absent))

    def _agrees(self, base: str, value: str, actual: str) -> bool:
        """Whether a value of a policy agrees with one of the request, apart from negation."""
        if base.startswith("string"):
            resolved = self._resolved(value)
            return resolved is not None and _is_text(base, resolved, actual)
        if base.startswith("arn"):
            resolved = self._resolved(value)
            if resolved is None or resolved == "*":
                return resolved is not None
            fields = resolved.split(":", 5)
            found = _by_field(fields, actual) if len(fields) == _FIELDS else None
        else:
            found = agrees(base, value, actual)
        return self._reading.unreadable(base, value, actual) if found is None else found

    def _resolved(self, text: str) -> str | None:
        """A text with its variables replaced; None if one has no value, for it matches nothing."""
        if not self._has_variables:
            return text
        missing = False

        def value(match: re.Match[str]) -> str:
            nonlocal missing
            name, default = match["name"].strip().lower(), match["default"]
            if name in _ESCAPED:
                return _ESCAPED[name]
            found = self._request.context.get(name, default)
            missing |= not isinstance(found, str)
            return str(found).translate(_MARKS)

        resolved = _VARIABLE.sub(value, text)
        return None if missing else resolved


_VARIABLE = re.compile(r"\$\{(?P<name>[^},]*)(?:,\s*'(?P<default>[^']*)'\s*)?\}")
_MARKS = {ord("*"): "\ue000", ord("?"): "\ue001", ord(":"): "\ue002"}
"""What the value of a variable has in the place of characters that mean something in a pattern."""

_ESCAPED = {"*": "\ue000", "?": "\ue001", "$": "$"}


def _literal(text: str) -> str:
    for character, mark in _MARKS.items():
        text = text.replace(mark, chr(character))
    return text


def _is_text(base: str, pattern: str, actual: str) -> bool:
    if base == "stringlike":
        return _glob(pattern, actual)
    if base.endswith("ignorecase"):
        return _literal(pattern).lower() == actual.lower()
    return _literal(pattern) == actual


def _glob(pattern: str, text: str) -> bool:
    if "*" not in pattern and "?" not in pattern:
        return _literal(pattern) == text
    return _regex(pattern).fullmatch(text) is not None


@lru_cache(maxsize=4096)
def _regex(pattern: str) -> re.Pattern[str]:
    parts = re.split(r"([*?])", re.sub(r"\*+", "*", pattern))
    wildcards = {"*": ".*", "?": "."}
    regex = "".join(wildcards.get(part) or re.escape(_literal(part)) for part in parts)
    return re.compile(regex, re.DOTALL)


def _by_field(patterns: list[str], arn: str) -> bool:
    fields = arn.split(":", 5)
    return len(fields) == len(patterns) and all(map(_glob, patterns, fields))
