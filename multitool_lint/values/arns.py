"""The ARNs of resources whose names are known: as a text, or by a reference, they are the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import chain

from multitool_lint.syntax.terms import Text, Unknown, Value, identity
from multitool_lint.syntax.texts import joined

PARTITION = "aws"
"""The partition that an ARN is in where nothing says another one."""
_PREFIX = "arn:"
_ENDS = re.compile(r"[/:]|$")

REFERENCE = ""
"""Under this, the reference to the ARN of a resource, where it is not to the attribute `arn`."""
Names = Mapping[str, Value]
"""What the attributes of a resource are that are its ARN, or the name that this is made of."""
_ACCOUNT = re.compile(r"\.aws_organizations_account\.")
_FIELD = re.compile(r"\$\{(\w+)\}")


def filled_in(format_: str, part: Callable[[str], Value]) -> Value:
    """The ARN of a format, of the usual partition, with the parts for its other fields."""
    pieces: list[str] = _FIELD.split(format_)
    return joined(
        PARTITION if piece == "Partition" else part(piece) if number % 2 else piece
        for number, piece in enumerate(pieces)
    )


def is_partition(part: Value) -> bool:
    """Whether a part of a text is the partition of the account."""
    if not isinstance(part, Unknown):
        return False
    name = (part.operator, *part.arguments[:1])
    return name in (("own:aws_partition", "partition"), ("own", "AWS::Partition"))


def is_account(part: Value) -> bool:
    """Whether a part of a text is the ID of an account: that of the deployment, or one it makes."""
    if not isinstance(part, Unknown):
        return False
    if part.operator == "get" and isinstance(part.arguments[0], Unknown):
        made, attribute = part.arguments[0], part.arguments[1]
        is_made = made.operator == "resource" and _ACCOUNT.search(f".{made.arguments[0]}")
        return bool(is_made) and attribute == "id"
    name = (part.operator, *part.arguments[:1])
    return name in (("own:aws_caller_identity", "account_id"), ("own", "AWS::AccountId"))


def of_partition(value: Text) -> Value:
    """An ARN of the account's partition as one of the usual partition.

    AWS refuses the ARNs of other partitions, so that all of a policy are of the account's.
    """
    before, part, *rest = (*value.parts, "", "")
    is_arn = isinstance(before, str) and before.endswith(_PREFIX) and is_partition(part)
    return joined([before, PARTITION, *rest]) if is_arn else value


class KnownArns:
    """The resources that some deployments know by the same name, by their addresses.

    Those that are `renamed` have the names of all of these deployments.
    """

    def __init__(
        self, *deployments: Mapping[str, Names], renamed: Iterable[Mapping[str, Names]] = ()
    ) -> None:
        found: dict[object, Names] = {}
        others = set()
        for deployment in deployments:
            for address, named in deployment.items():
                if identity(found.setdefault(address, named)["arn"]) != identity(named["arn"]):
                    others.add(address)
        self._known = {address: one for address, one in found.items() if address not in others}
        self._resources: dict[str, Value] = {}
        for known, one in chain(self._known.items(), *(names.items() for names in renamed)):
            reference = one.get(REFERENCE) or Unknown("get", Unknown("resource", known), "arn")
            self._resources.setdefault(identity(one["arn"]), reference)

    def as_written(self, value: Value) -> Value:
        """A value with the known names and ARNs of resources in the place of references to them."""
        if isinstance(value, Mapping):
            return {key: self.as_written(item) for key, item in value.items()}
        if isinstance(value, list):
            return [*map(self.as_written, value)]
        if isinstance(value, Text):
            return joined(map(self._written, value.parts))
        return self._written(value) if isinstance(value, Unknown) else value

    def by_reference(self, value: Value) -> Value:
        """A text that begins with a known ARN as one that begins with the reference to it."""
        if not self._resources or not isinstance(value, (str, Text, Unknown)):
            return value
        parts = value.parts if isinstance(value, Text) else (value,)
        written = joined(map(self._written, parts))
        found: Sequence[Value] = written.parts if isinstance(written, Text) else [written]
        if not (isinstance(found[0], str) and found[0].startswith(_PREFIX)):
            return value
        for number, part in enumerate(found):
            text = part if isinstance(part, str) else ""
            for end in _ENDS.finditer(text) if text else ():
                arn = joined([*found[:number], text[: end.start()]])
                if reference := self._resources.get(identity(arn)):
                    return joined([reference, text[end.start() :], *found[number + 1 :]])
        return self._resources.get(identity(written), value)

    def _written(self, part: Value) -> Value:
        """A part of a text as it is written without references."""
        if not isinstance(part, Unknown):
            return part
        if is_partition(part):
            return PARTITION
        resource, attribute = part.arguments if part.operator == "get" else (None, None)
        if not isinstance(resource, Unknown) or resource.operator != "resource":
            return part
        return self._known.get(resource.arguments[0], {}).get(str(attribute), part)
