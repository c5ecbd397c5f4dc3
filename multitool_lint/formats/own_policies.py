"""The policies and identities that the commands of a script create, and name in other commands.

The name of what a script makes gives nobody access: what a policy is made from does.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from types import MappingProxyType

from multitool_lint.formats.script_assignments import assigned, given, hash_of, line_around
from multitool_lint.lazy_pattern import lazy_pattern
from multitool_lint.limits import MAX_OWN_POLICIES

_CREATING = lazy_pattern(r"(?<![\w-])create-policy(?![\w-])")
_VALUE = r"(?:[ \t]+|=)(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s\"']+)"
_NAME = lazy_pattern(rf"[ \t]*--policy-name{_VALUE}")
_DOCUMENT = lazy_pattern(rf"--policy-document{_VALUE}")
_ARN = lazy_pattern(
    r"""(?P<option>--(?:attach-)?policy-arns?(?:[ \t]+|=))"""
    r"""(?P<value>"[^"\n]*"|'[^'\n]*'|<[^<>\n]*>|[^\s"'<>]+(?:<[^<>\n]*>[^\s"'<>]*)*)"""
    r"""|(?P<arn>arn:[^\s"']*:policy/[^\s"',)]*)"""
)
_NAMED_IDENTITY = lazy_pattern(rf"--(?P<kind>role|user|group)-name{_VALUE}")
_MADE_IDENTITY = lazy_pattern(r"(?<!\S)create-(role|user|group)(?![\w-])")
_HERE = "[the {} created here]"
_RESULT = lazy_pattern(r"^(?:export[ \t]+)?(\w+)=[\"']?(?:\$\(|`)\s*")
_END_OF_RESULT = lazy_pattern(r"\s*(?:\)|`)[\"']?$")
_OF_AWS = ":aws:policy/"
_NAMED = r"[\w+=,.@-]"
"""What a name may have: without it on either side, a name is the whole one."""
_SHOWN = "[created from {}]"


@lru_cache(maxsize=16)
def own_policies(text: str) -> Mapping[str, str]:
    """What a text creates: what its policies are made from, by their names and variables.

    Policies in the commands themselves have no other name, so that there must be only one of them.
    """
    found: dict[str, str] = {}
    inline: dict[str, str] = {}
    for number, match in enumerate(_CREATING.finditer(text)):
        if number >= MAX_OWN_POLICIES:
            return MappingProxyType({})
        command = " ".join(text[slice(*line_around(text, match.start()))].split())
        name, document = _NAME.search(command), _DOCUMENT.search(command)
        if name is None:
            continue
        made_from = plain_value(document["value"]) if document else ""
        names = [plain_value(name["value"])]
        result = _RESULT.match(command)
        if result and len(assigned(text).get(result[1], ())) == 1:
            names.append(f"${result[1]}")
        of = found if made_from.startswith(("file:", "$")) else inline
        of.update(dict.fromkeys(names, _SHOWN.format(made_from if of is found else "a document")))
    if len({name for name in inline if not name.startswith("$")}) == 1:
        found = {**inline, **found}
    return MappingProxyType({**found, **_own_identities(text)})


def _own_identities(text: str) -> dict[str, str]:
    """The role, user and group that a text creates, where it creates one of a kind."""
    made: dict[str, set[str]] = {}
    for match in islice(_MADE_IDENTITY.finditer(text), MAX_OWN_POLICIES):
        command = " ".join(text[slice(*line_around(text, match.start()))].split())
        for name in _NAMED_IDENTITY.finditer(command):
            made.setdefault(name["kind"], set()).add(plain_value(name["value"]))
    return {
        f"{kind} {names.pop()}": _HERE.format(kind)
        for kind, names in made.items()
        if len(names) == 1
    }


def by_origin(command: str, own: Mapping[str, str]) -> str:
    """A command with what its own policies are made from in the place of their names and ARNs."""
    if not own:
        return command
    if _CREATING.search(command):
        command = _NAME.sub("", _END_OF_RESULT.sub("", _RESULT.sub("", command)))
    command = _NAMED_IDENTITY.sub(lambda found: _identity(found, own), command)
    return _ARN.sub(lambda found: _of_origin(found, own), command)


def _identity(found: re.Match[str], own: Mapping[str, str]) -> str:
    made = own.get(f"{found['kind']} {plain_value(found['value'])}")
    return f"--{found['kind']}-name {made}" if made else found[0]


def _of_origin(found: re.Match[str], own: Mapping[str, str]) -> str:
    value = found["value"] or found["arn"]
    if _OF_AWS in value:
        return found[0]
    made_from = {own[name] for name in own if " " not in name and _pattern(name).search(value)}
    return f"{found['option'] or ''}{made_from.pop()}" if len(made_from) == 1 else found[0]


@lru_cache(maxsize=64)
def _pattern(name: str) -> re.Pattern[str]:
    variable = name.removeprefix("$") if name.startswith("$") else ""
    word = rf"\$(?:{variable}|\{{{variable}\}})" if variable else re.escape(name)
    return re.compile(rf"(?<!{_NAMED}){word}(?!{_NAMED})")


def plain_value(value: str) -> str:
    """A value without quotes, and a variable without braces."""
    return re.sub(r"\$\{(\w+)\}", r"$\1", value.strip("\"'"))


def values_of(
    text: str, names: frozenset[str], own: Mapping[str, str] = MappingProxyType({})
) -> str:
    """What a text gives some variables and files, as a hash; nothing if it does not."""
    lines = given(text, names).splitlines() if names else ()
    return hash_of("\n".join(by_origin(line, own) for line in lines)) if lines else ""
