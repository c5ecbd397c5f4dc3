"""Which resource or identity a value means."""

from __future__ import annotations

from multitool_lint.syntax.terms import Rest, Unknown, Value
from multitool_lint.syntax.texts import joined

_SAME_NAMES = frozenset(
    {"arn", "bucket", "id", "name", "unique_id", "url", "0", "Arn", "PolicyArn", "Ref"}
)
_WRAPPERS = frozenset({"coalesce", "item", "one", "text", "try"})


def whom(value: Value) -> Value:
    """The resource that a value means, whichever of its names is used."""
    while True:
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        elif isinstance(value, Rest):
            value = value.item
        elif isinstance(value, Unknown) and (_is_name(value) or _is_wrapper(value)):
            value = value.arguments[0]
        elif (arn := _last_of(value)) is not None:
            value = arn
        else:
            return value


_NAME_IN_ARN = (("select", "1"), ("split", "/"), ("select", "5"), ("split", ":"))
"""How the CDK takes the name of a role from its ARN."""


def _last_of(value: Value) -> Value:
    """The ARN of which a value is the name; None for any other value."""
    for step in _NAME_IN_ARN:
        if not (isinstance(value, Unknown) and (value.operator, value.arguments[0]) == step):
            return None
        value = value.arguments[1]
    return value


def _is_name(value: Unknown) -> bool:
    return (
        value.operator == "get"
        and str(value.arguments[1]) in _SAME_NAMES
        and isinstance(value.arguments[0], Unknown)
    )


def _is_wrapper(value: Unknown) -> bool:
    return value.operator in _WRAPPERS and bool(value.arguments)


def address_of(value: Value) -> str:
    """The address of the resource that a value means; "" if the deployment does not make it."""
    found = whom(value)
    if isinstance(found, Unknown) and found.operator == "resource":
        return str(found.arguments[0])
    return ""


def with_path(path: Value, name: Value) -> Value:
    """The name of a policy after its path, unless it is none, or refers to the policy."""
    return name if name is None or address_of(name) else joined([path or "/", name])


def kind_named_by(argument: str) -> str:
    """What an argument names, such as a role for `role`, `Role` and `role_name`."""
    return argument.lower().removesuffix("name").removesuffix("_")


def kind_of_type(type_: str) -> str:
    """The last word of a type, such as `bucket` for `aws_s3_bucket` and `AWS::S3::Bucket`."""
    return type_.replace(":", "_").rpartition("_")[2].lower()
