"""What AWS says of a request that it denied, and what files say of the same request.

AWS: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html
https://docs.aws.amazon.com/STS/latest/APIReference/API_DecodeAuthorizationMessage.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.ask.can import CanAnswer, Question, answer
from multitool_lint.policy.evaluation.asked_request import ANY
from multitool_lint.policy.evaluation.callers import Caller, caller
from multitool_lint.policy.evaluation.decision import Decision, RequestDecision, decide_alone
from multitool_lint.policy.evaluation.statements import PolicyKind

if TYPE_CHECKING:
    from multitool_lint.ask.deployed import Deployed
    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.policy.policy_set import PolicySet

_KINDS = {
    "identity-based": PolicyKind.IDENTITY,
    "resource-based": PolicyKind.RESOURCE,
    "role trust": PolicyKind.RESOURCE,
    "permissions boundary": PolicyKind.BOUNDARY,
    "session": PolicyKind.SESSION,
    "service control": PolicyKind.SCP,
    "resource control": PolicyKind.RCP,
    "vpc endpoint": PolicyKind.ENDPOINT,
}
_MESSAGE = re.compile(
    r"User: *(?P<user>\S+) +is +not +authorized +to +perform: *(?P<action>[\w-]+:\w+)"
    r'(?: +on +resource: *"?(?P<resource>[^\s"]+)"?)?'
    r"(?P<because> +(?:because|with) +[^\r\n]*)?",
    re.IGNORECASE,
)
_TYPE = re.compile("|".join(map(re.escape, _KINDS)), re.IGNORECASE)
_POLICY = re.compile(r"arn:[\w-]+:(?:iam|organizations):[^\s,]*policy/[^\s,]*[^\s,.]")
_ENDS = re.compile(r"[.,]+$")
_OUTER = ("DecodedMessage", "decodedMessage")


class Denial(NamedTuple):
    """A request that AWS denied, as far as it says what it was about.

    The `kind` is that of the policies that do not allow it, or of one that denies it explicitly;
    None if AWS does not say which. `policy` is the ARN of that one, "" if it is not said.
    """

    principal: str
    action: str
    resource: str
    kind: PolicyKind | None = None
    is_explicit: bool | None = None
    policy: str = ""
    context: Mapping[str, Values] = {}


def denial_in(text: str) -> Denial | None:
    """The denial in an error of AWS, or in a message that it has decoded; None if there is none."""
    decoded = _json(text)
    denial = _of_message(decoded) if decoded else None
    if denial:
        return denial
    found = _MESSAGE.search(" ".join(text.split()))
    if found is None:
        return None
    because = found["because"] or ""
    type_, policy = _TYPE.search(because), _POLICY.search(because)
    is_explicit = "explicit deny" in because.lower()
    return Denial(
        _ENDS.sub("", found["user"]),
        found["action"],
        _ENDS.sub("", found["resource"] or ANY),
        _KINDS[type_[0].lower()] if type_ else None,
        is_explicit if because else None,
        policy[0] if policy else "",
    )


def _json(text: str) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
        for key in _OUTER:
            if isinstance(value, dict) and isinstance(value.get(key), str):
                value = json.loads(value[key])
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _of_message(decoded: Mapping[str, Any]) -> Denial | None:
    """The denial in a decoded message."""
    context = decoded.get("context")
    if not isinstance(context, dict):
        return None
    principal, action = context.get("principal"), context.get("action")
    arn = principal.get("arn") if isinstance(principal, dict) else None
    if not (isinstance(arn, str) and isinstance(action, str) and ":" in action):
        return None
    resource = context.get("resource")
    explicit = decoded.get("explicitDeny")
    return Denial(
        arn,
        action,
        resource if isinstance(resource, str) and resource else ANY,
        is_explicit=explicit if isinstance(explicit, bool) else None,
        context=dict(_items(context.get("conditions"), _of_condition)),
    )


def _items(listed: object, read: Any) -> Iterator[Any]:  # noqa: ANN401  # of any JSON
    items = listed.get("items") if isinstance(listed, dict) else None
    for item in items if isinstance(items, list) else ():
        if isinstance(item, dict) and (found := read(item)) is not None:
            yield found


def _of_condition(item: Mapping[str, Any]) -> tuple[str, Values] | None:
    key = item.get("key")
    values = tuple(_items(item.get("values"), lambda value: value.get("value")))
    return (key.lower(), tuple(map(str, values))) if isinstance(key, str) else None


class Explanation(NamedTuple):
    """What files say of a request that AWS denied.

    `answer` is about the identity that made it, if it is one of them. `control` has the decisions
    of control policies and endpoint policies that do not let the request through, each by itself.
    """

    denial: Denial
    answer: CanAnswer | None
    control: tuple[RequestDecision, ...]

    @property
    def is_denied(self) -> bool:
        """Whether the files deny the request, too."""
        decisions = [*self.control, *((self.answer.decision,) if self.answer else ())]
        kinds = (Decision.EXPLICITLY_DENIED, Decision.IMPLICITLY_DENIED)
        return any(found.decision in kinds for found in decisions)


def explanation(denial: Denial, deployed: Deployed, catalog: Catalog) -> Explanation:
    """What files say of a request that AWS denied."""
    question = Question(denial.action, denial.resource, denial.context, catalog)
    identities = deployed.called(denial.principal)
    found = answer(identities[0], question, deployed) if len(identities) == 1 else None
    asked = found.asked if found else question.asked_of(_caller(denial.principal))
    control = []
    for policies in deployed.control_policies:
        decided = decide_alone(asked, policies) if policies.policies else None
        # One that only denies is attached next to another one that allows everything.
        is_open = decided and (
            decided.decision is Decision.ALLOWED
            or (decided.decision is Decision.IMPLICITLY_DENIED and not _allows(policies))
        )
        control += [] if decided is None or is_open else [decided]
    return Explanation(denial, found, tuple(control))


def _allows(found: PolicySet) -> bool:
    statements = (statement for one in found.policies for statement in one.policy.statements)
    return any(statement.effect != "Deny" for statement in statements)


def _caller(principal: str) -> Caller | None:
    try:
        return caller(principal)
    except ValueError:
        return None
