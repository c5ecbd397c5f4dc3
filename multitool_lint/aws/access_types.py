"""What resources are for access: the tables of their types, of CloudFormation and Terraform."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from multitool_lint.aws.catalog.tables import Rows, bundled_table
from multitool_lint.aws.patterns import matches
from multitool_lint.aws.role_targets import role_attributes
from multitool_lint.named_tuple import NamedTuple

CLOUD_CONTROL = "awscc_"
"""What the types of the provider AWS Cloud Control begin with."""


_NOT = "!"
RUNS = "runs"
"""What the use of a type is that runs with a role: another role is other access for it."""


class Use(NamedTuple):
    """What a resource type is for access: whom it is about, and where it has a policy.

    It is nothing where one of the arguments of `unless` has one of the values after it, or, if its
    name ends with `!`, none of them.
    """

    what: str
    owners: tuple[str, ...]
    policies: tuple[str, ...]
    unless: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def applies_to(self, argument: Callable[[str], object]) -> bool:
        """Whether a resource with some arguments is for access."""
        return not any(
            any(matches(pattern, _as_text(argument(name.rstrip(_NOT)))) for pattern in patterns)
            is not name.endswith(_NOT)
            for name, patterns in self.unless
        )


def _as_text(value: object) -> str:
    """A known text, or a truth value as it is written; of an object, that it is one."""
    if isinstance(value, bool):
        return str(value).lower()
    return value if isinstance(value, str) else "{}" if isinstance(value, dict) else ""


@bundled_table("cloudformation_access.tsv", "terraform_access.tsv")
def _table(rows: Rows) -> dict[str, list[Use]]:
    found: dict[str, list[Use]] = {}
    for row in rows:
        type_, what, owners, policies = [*row, "", ""][:4]
        tests = [owner.partition("=")[::2] for owner in owners.split() if "=" in owner]
        use = Use(
            what,
            tuple(owner for owner in owners.split() if "=" not in owner),
            tuple(policies.split()),
            tuple((name, tuple(values.split(","))) for name, values in tests),
        )
        found.setdefault(type_, []).append(use)
    return found


@lru_cache(maxsize=1024)
def uses_of(type_: str) -> tuple[Use, ...]:
    """What a resource type is for access; nothing if it is not about access."""
    if type_.startswith(CLOUD_CONTROL):
        return tuple(_as_cloud_control(type_.removeprefix(CLOUD_CONTROL).replace("_", "")))
    table = _table()
    found = list(table.get(type_, ()))
    for pattern, uses in table.items():
        if pattern != "*" and pattern.endswith("*") and type_.startswith(pattern[:-1]):
            found += uses
    return (*found, *_running(type_, found))


def _running(type_: str, uses: Sequence[Use]) -> Iterator[Use]:
    """The arguments by which a resource runs with a role, but for those of other uses."""
    named = {name for use in uses for name in use.policies}
    step = "/" if type_.startswith(_OF_AWS) else "."
    paths = (step.join(attribute.path) for attribute in role_attributes().get(type_, ()))
    found = tuple(path for path in paths if any(word in path.lower() for word in _OF_ROLES))
    if not type_.startswith(_OF_AWS):  # what has capitals is in a text, and not an argument
        found = tuple(filter(str.islower, found))
    if found and named.isdisjoint(found) and all(use.what != "access" for use in uses):
        yield Use(RUNS, (), found)


_OF_ROLES = ("role", "profile")
"""What the names of arguments have that name a role or an instance profile."""
_OF_AWS = "AWS::"
_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BY_OTHER_NAMES = frozenset({"inline", "managed", "membership"})
"""What is compared as arguments of types of the provider AWS Cloud Control."""


@bundled_table("cloudformation_policies.tsv")
def _policies(rows: Rows) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for type_, path, *_ in rows:
        found[type_] = (*found.get(type_, ()), path.partition("/")[0])
    return found


def has_access(type_: str) -> bool:
    """Whether a type of CloudFormation is for access, or has a policy."""
    return bool(uses_of(type_)) or type_ in _policies()


def _as_cloud_control(name: str) -> Iterator[Use]:
    """What a type of CloudFormation is for access whose name is written without separators."""
    for type_ in {**_table(), **_policies()}:
        of_cloudformation = type_.removeprefix(_OF_AWS).replace("::", "").lower()
        if type_.startswith(_OF_AWS) and matches(of_cloudformation, name):
            for use in _table().get(type_, ()):
                yield _in_snake_case(use)
            if policies := _policies().get(type_):
                yield _in_snake_case(Use("arguments", (), policies))


def _in_snake_case(use: Use) -> Use:
    def called(path: str) -> str:
        steps, equals, value = path.partition("=")
        return f"{_WORD.sub('_', steps).lower().replace('/', '.')}{equals}{value}"

    owners, policies = (tuple(map(called, names)) for names in (use.owners, use.policies))
    unless = tuple((called(name), values) for name, values in use.unless)
    if use.what in _BY_OTHER_NAMES:
        return Use("arguments", (), (*owners, *policies), unless)
    return Use(use.what, owners, policies, unless)


@lru_cache(maxsize=1024)
def compared(type_: str) -> frozenset[str]:
    """The arguments and blocks of a resource type by which identities have policies.

    They are compared as these.
    """
    giving = [use for use in uses_of(type_) if use.what in ("attachment", "boundary", "inline")]
    names = (name for use in giving for name in (*use.owners, *use.policies))
    return frozenset(name.partition(".")[0] for name in names)


@lru_cache(maxsize=1)
def harmless() -> frozenset[str]:
    """The arguments of any resource that decide nothing about access."""
    return frozenset(name for use in _table()["*"] if use.what == "none" for name in use.policies)


def grants_each(argument: str) -> bool:
    """Whether each item of an argument allows something by itself, and no item denies anything.

    The argument is called as in any template, after the blocks that it is in.
    """
    return _plain(argument.rpartition(".")[2]) in _arguments("each")


def runs_with(type_: str, argument: str) -> bool:
    """Whether an argument is the role that a resource runs with."""
    return any(use.what == RUNS and argument in use.policies for use in uses_of(type_))


def allows_less(argument: str, value: object) -> bool:
    """Whether no other value of an argument allows less."""
    return f"{_plain(argument)}={_as_text(value)}" in _arguments("less")


def limits(argument: str) -> bool:
    """Whether an argument, or the block that it is in, limits what others allow."""
    return _plain(argument.partition("[")[0]) in _arguments("limit")


def _plain(argument: str) -> str:
    return argument.replace("_", "").lower()


@lru_cache(maxsize=8)
def _arguments(what: str) -> frozenset[str]:
    """The arguments that are something in any template."""
    names = (name for use in _table()["*"] if use.what == what for name in use.policies)
    return frozenset(map(_plain, names))
