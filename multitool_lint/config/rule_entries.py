"""Reads the rules that a configuration writes: the entries of `[[rules]]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeVar

from multitool_lint.config.extra_rules import ExtraRule, page, taken
from multitool_lint.config.values import LONGEST, check_severity, check_type, read_table
from multitool_lint.diagnostics.rule import ALL_TYPES, Rule, Severity
from multitool_lint.diagnostics.suggestion import suggestion
from multitool_lint.org_rules import WRITTEN, Forbid, Limit, Matcher, RequireDeny
from multitool_lint.org_rules.plugins import ID
from multitool_lint.syntax.path_patterns import glob

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from multitool_lint.config.extra_rules import Line, Tell
    from multitool_lint.config.toml_lines import Place

    Said = dict[str, Any]

T = TypeVar("T")

KEYS = ("id", "message", "severity", "types", "paths", "forbid", "unless", "require")
FORBID_KEYS = ("actions", "resources", "principals", "conditions", "written")
UNLESS_KEYS = ("resources", "principals", "conditions")
REQUIRE_KEYS = ("deny", "resources", "conditions")

_NAMES = {
    "resources": re.compile(r"(arn:|[*?]).*", re.DOTALL),
    "principals": re.compile(r"arn:.*|\d{12}|[0-9a-f]{64}|.*[.*?].*", re.DOTALL),
}
_FORMS = {
    "resources": "no ARN: write one such as arn:aws:s3:::prod-*",
    "principals": "no principal: write an account id, an ARN, or a service such as "
    "ec2.amazonaws.com",
}
"""What can be a resource or a principal, and how it is told of what cannot."""

_GRANTING = ("identity", "resource", "trust")
"""The types of policies that grant something: what the others allow is a bound."""

_REFERENCE = r"https://[^\s<>\"')]*[^\s<>\"').,;:]"


class RuleReader:
    """Reads the entries; where something is wrong, that is told and the rule left out.

    `path` is that of the configuration, as messages have it.
    """

    def __init__(self, path: str, tell: Tell, line: Line) -> None:
        self._path = path
        self._told = tell
        self._line = line
        self._wrong = False
        self._actions_said: list[tuple[str, str]] = []
        self._keys_said: list[tuple[str, str]] = []

    def rules(self, value: object, others: set[str]) -> Iterator[ExtraRule]:
        """The rules of a list of tables; others have those ids."""
        if not isinstance(value, list):
            self._told(("rules",), "rules must be a list of tables: [[rules]]")
            return
        for index, entry in enumerate(value):
            place: Place = ("rules", index)
            self._wrong = False
            self._actions_said, self._keys_said = [], []
            found = self._rule(self._table(entry, place, KEYS), place, others)
            if found and not self._wrong:
                yield found

    def _tell(self, place: Place, message: str) -> None:
        self._wrong = True
        self._told(place, message)

    def _rule(self, entry: Said, place: Place, others: set[str]) -> ExtraRule | None:
        if self._wrong and not entry:
            return None
        id_ = self._id(entry, place, others)
        message = self._message(entry, place)
        severities = list(self._checked(entry, "severity", place, check_severity, one=True))
        types = [type_.value for type_ in self._checked(entry, "types", place, check_type)]
        paths = tuple(self._checked(entry, "paths", place, glob))
        check = self._check(entry, place, message)
        if check is None:
            return None
        if isinstance(check, RequireDeny) and not (types or paths):
            self._tell(place, "require needs types or paths: the policies that are to deny it")
        where = self._where(place)
        rule = Rule(
            id=id_,
            summary=message,
            severity=severities[0] if severities else Severity.ERROR,
            types=tuple(types) or (_GRANTING if isinstance(check, Forbid) else ALL_TYPES),
            fix=None,
            default=True,
            since="",
            access_analyzer=(),
            parliament=(),
            references=tuple(re.findall(_REFERENCE, message)),
            origin=where,
            text=page(id_, message, entry, where),
            check=check,
        )
        return ExtraRule(
            rule, paths, tuple(self._actions_said), tuple(self._keys_said), self._line(place)
        )

    def _id(self, entry: Said, place: Place, others: set[str]) -> str:
        id_ = entry.get("id")
        if not isinstance(id_, str) or not re.fullmatch(ID, id_) or len(id_) > LONGEST:
            shown = f'; "{id_}" is none' if id_ else ""
            self._tell((*place, "id"), f"a rule needs an id such as no-public-bucket{shown}")
            return ""
        if why := taken(id_, others):
            self._tell((*place, "id"), f"{why}; choose another id")
        others.add(id_)
        return id_

    def _message(self, entry: Said, place: Place) -> str:
        message = entry.get("message")
        words = message.split() if isinstance(message, str) else ()
        if not words:
            self._tell((*place, "message"), "a rule needs a message that says what to do instead")
        return " ".join(words)

    def _check(self, entry: Said, place: Place, message: str) -> Forbid | RequireDeny | None:
        if ("forbid" in entry) == ("require" in entry):
            self._tell(place, "a rule needs either forbid or require")
            return None
        if "require" in entry:
            if "unless" in entry:
                self._tell((*place, "unless"), "unless goes with forbid")
            denied = self._denied(entry["require"], (*place, "require"))
            return RequireDeny(message, tuple(denied))
        granted = self._granted(entry["forbid"], (*place, "forbid"))
        limits = tuple(self._limits(entry.get("unless", []), (*place, "unless")))
        if not (any(granted) or limits or self._wrong):
            self._tell((*place, "forbid"), "forbid = {} is about any grant, and needs an unless")
        return Forbid(message, granted, limits)

    def _granted(self, value: object, place: Place) -> Matcher:
        said = self._table(value, place, FORBID_KEYS)
        written = self._values(said, "written", place)
        for form in written:
            if form not in WRITTEN:
                hint = suggestion(form[:LONGEST], WRITTEN) or f"; there are {', '.join(WRITTEN)}"
                self._tell((*place, "written"), f'unknown "{form}" in written{hint}')
        return Matcher(
            self._actions(said, "actions", place),
            self._named(said, "resources", place),
            self._named(said, "principals", place),
            self._conditions(said, place),
            written,
        )

    def _limits(self, value: object, place: Place) -> Iterator[Limit]:
        for at, item in _one_or_more(value, place):
            said = self._table(item, at, UNLESS_KEYS)
            if item == {}:
                self._tell(at, f"unless needs one of {', '.join(UNLESS_KEYS)}")
            yield Limit(
                self._named(said, "resources", at),
                self._named(said, "principals", at),
                self._conditions(said, at),
            )

    def _denied(self, value: object, place: Place) -> Iterator[Matcher]:
        if value == []:
            value = {}
        for at, item in _one_or_more(value, place):
            said = self._table(item, at, REQUIRE_KEYS)
            if isinstance(item, dict) and "deny" not in item:
                self._tell(at, "require needs deny: the actions that are to be denied")
            yield Matcher(
                self._actions(said, "deny", at),
                self._named(said, "resources", at),
                conditions=self._conditions(said, at),
            )

    def _actions(self, said: Said, key: str, place: Place) -> tuple[str, ...]:
        actions = self._values(said, key, place)
        for index, action in enumerate(actions):
            if action != "*":
                self._actions_said.append((action, self._where((*place, key, index))))
        return actions

    def _named(self, said: Said, key: str, place: Place) -> tuple[str, ...]:
        """The resources or principals of a rule, which never matches what is neither."""
        texts = self._values(said, key, place)
        for index, text in enumerate(texts):
            if not _NAMES[key].fullmatch(text):
                self._tell((*place, key, index), f'"{text[:LONGEST]}" is {_FORMS[key]}')
        return texts

    def _conditions(self, said: Said, place: Place) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The condition keys, each with its values, which may be numbers and booleans too."""
        if "conditions" not in said:
            return ()
        place, value = (*place, "conditions"), said["conditions"]
        if not isinstance(value, dict) or not value:
            example = '{ "aws:PrincipalOrgID" = "o-example" }'
            self._tell(place, f"conditions must be a table of keys and values: {example}")
            return ()
        found = []
        for key, condition in value.items():
            values = condition if isinstance(condition, list) else [condition]
            if not values or not all(isinstance(item, str | int | float) for item in values):
                self._tell((*place, key), f"{key} must have a string or a list of strings")
                continue
            self._keys_said.append((key, self._where((*place, key))))
            texts = (str(item).lower() if isinstance(item, bool) else str(item) for item in values)
            found.append((key, tuple(texts)))
        return tuple(found)

    def _where(self, place: Place) -> str:
        line = self._line(place)
        return self._path if line is None else f"{self._path}:{line}"

    def _table(self, value: object, place: Place, keys: tuple[str, ...]) -> Said:
        return read_table(value, place, keys, self._tell)

    def _values(self, said: Said, key: str, place: Place) -> tuple[str, ...]:
        """The strings of a key, of which one need not be in a list."""
        if key not in said:
            return ()
        value = said[key]
        texts = value if isinstance(value, list) else [value]
        if texts and all(isinstance(text, str) and text for text in texts):
            return tuple(texts)
        self._tell((*place, key), f"{key} must be a string or a list of strings")
        return ()

    def _checked(
        self,
        said: Said,
        key: str,
        place: Place,
        check: Callable[[str], T],
        *,
        one: bool = False,
    ) -> Iterator[T]:
        """What a check makes of each of the strings of a key, or of the one that it has."""
        if one and not isinstance(said.get(key, ""), str):
            self._tell((*place, key), f"{key} must be a string")
            return
        for value in self._values(said, key, place):
            try:
                yield check(value)
            except ValueError as error:
                self._tell((*place, key), str(error))


def _one_or_more(value: object, place: Place) -> Iterator[tuple[Place, object]]:
    """The tables of a list, or the one that stands for a list of one, each with its place."""
    if not isinstance(value, list):
        yield place, value
        return
    for index, item in enumerate(value):
        yield (*place, index), item
