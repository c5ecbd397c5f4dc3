"""Commands of the AWS CLI that add one statement to a policy, as `aws lambda add-permission` does.

And those that decide which policies there are, and whom they apply to.

https://docs.aws.amazon.com/cli/latest/reference/lambda/add-permission.html
"""

from __future__ import annotations

import hashlib
import json
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats.cloudformation.policies import from_object
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import not_read
from multitool_lint.formats.shell import GAP, words
from multitool_lint.limits import MAX_COMMAND_CHARACTERS, MAX_NAMING_CHARACTERS
from multitool_lint.reasons import Reason
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, as_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multitool_lint.formats.extract import Extractor, Found

    Options = Mapping[str, Sequence[tuple[str, Span]]]
    """The values of each option; of one without a value, its own place."""


_POLICY = "policy"
"""An option with a whole policy, which is read where it is written."""

_ATTACHING: Final = re.compile(
    r"(?<![\w./-])(?:(?:attach|detach|put|delete)-(?:role|user|group)-policy"
    r"|(?:put|delete)-(?:role|user)-permissions-boundary|(?:add-user-to|remove-user-from)-group"
    r"|(?:create|delete)-policy(?:-version)?|set-default-policy-version|update-assume-role-policy"
    r"|iam[ \t]+create-(?:role|user)|(?:attach|detach|update|disable)-policy(?:-type)?"
    r"|(?:attach|detach|put|delete|create)-[a-z-]*(?:permission-set|account-assignment)"
    r"|(?:put|delete|set)-(?!role|user|group)[a-z0-9-]*policy|remove-permission|iamserviceaccount)"
    r"(?![\w-])"
)
"""Commands of the AWS CLI, and of eksctl, that decide which policies there are, and for whom.

https://docs.aws.amazon.com/cli/latest/reference/iam/
"""
_LINE: Final = re.compile(r"(?:[^\n\\]|\\[^\n]|\\\r?\n|\n(?=[ \t]*--))*+")
"""A line with those that continue it."""
_DOCUMENT_BEGINS: Final = re.compile(r"""['"]\s*[{\[]""")
_DOCUMENT: Final = re.compile(r"""'[^']*+(?:'|$)|"(?:[^"\\]|\\.)*+(?:"|$)""", re.DOTALL)
"""A document between quotes, as far as a command may be long."""
_TRAILING: Final = re.compile(r"\s#[^'\"\n]*$")
_VARIABLE: Final = re.compile(r"\$[{(]*(\w+)")
_ASSIGNED: Final = re.compile(r"(?<!\w)(\w++)['\"]?[ \t]*+(?:[:+]?=|:\s|in\b)")

_FIELDS = re.compile(r"\w+=[^{\[]*")
"""A structure as its fields, and not as JSON or a variable."""
_LISTS = frozenset({"action", "aws-account-id", "aws-account-ids", "action-name", "actions"})
_ELSEWHERE = ("file://", "fileb://")


def policies(extractor: Extractor) -> Iterator[Found]:
    """The policies of the statements that the commands of a text add."""
    text = extractor.source.text
    for name, span, rest in commands_in(text, (name for name in permissions() if " " in name)):
        options = options_of(rest)
        may_have_options = options or any("$" in text[slice(*span)] for _, span in rest)
        if not may_have_options or _POLICY in options or is_comment(text, span.start):
            continue
        permission = permissions()[name]
        values = _values(options, permission.properties)
        root = permission.policy(span, values, lambda node: node.string)
        statement = as_list(root.get("Statement"))[0]
        if statement.get("Action") and statement.get("Principal"):
            yield from from_object(extractor, permission.candidate(root, name), root)
        else:
            yield not_read(span, Reason.INCOMPLETE_COMMAND)


class Command(NamedTuple):
    """A command in a script: its name with that of the service, and the words after it."""

    name: str
    span: Span
    words: Sequence[tuple[str, Span]]


def commands_in(script: str, names: Iterable[str]) -> Iterator[Command]:
    """The commands of some names in a script, also those in comments."""
    pattern = _pattern(tuple(names))
    at = 0
    while match := pattern.search(script, at):
        rest = list(words(script, match.end(), at))
        at = rest[-1][1].end if rest else match.end()
        yield Command(" ".join(re.split(GAP, match[1])), Span(*match.span()), rest)


def attaching(text: str, *, with_policies: bool = False) -> Iterator[tuple[str, str]]:
    """The lines of a text with commands that attach policies, change or remove them.

    Each is without the policy that is written there, and with what its variables are given. Where
    policies in commands are not read, that is `with_policies`, as a hash.
    """
    at = 0
    while match := _ATTACHING.search(text, at):
        written, documents, end = _parts(text, _line(text, match.start()))
        at = max(end, match.end())  # several on one line are one
        is_command = "--" in written or "aws" in written or "$" in written
        if not is_command or is_comment(text, match.start()):
            continue
        words = _TRAILING.sub("", written).split()
        command = " ".join(word for word in words if word != "\\")
        names = frozenset(_VARIABLE.findall(command))
        given = f"{command}; {_given(text, names)}" if names else command
        policy = _hash("\n".join(map(_canonical, documents))) if with_policies and documents else ""
        yield command, f"{given}; {policy}" if policy else given


def _parts(text: str, line: Span) -> tuple[str, list[str], int]:
    """A command without the documents in it, these between their quotes, and where it ends."""
    at, end = line
    written, documents = "", []
    while opening := _DOCUMENT_BEGINS.search(text, at, end):
        document = _DOCUMENT.match(text, opening.start(), opening.start() + MAX_COMMAND_CHARACTERS)
        if document is None:
            break
        documents.append(document[0])
        written += text[at : opening.start()]
        at = document.end()
        if at > end:  # the line continues after a document of several lines
            rest = _LINE.match(text, at, at + MAX_COMMAND_CHARACTERS)
            end = rest.end() if rest else at
    return written + text[at:end], documents, end


def _canonical(document: str) -> str:
    """A document as its JSON, or else its words."""
    inner = document[1:-1]
    try:
        return _as_json(inner)
    except (ValueError, RecursionError):
        pass
    try:  # in a string of JSON, or between quotes of a shell
        return _as_json(str(json.loads(f'"{inner}"', strict=False)))
    except (ValueError, RecursionError):
        pass
    return " ".join(document.split())


def _as_json(text: str) -> str:
    return json.dumps(json.loads(text, strict=False, object_pairs_hook=_members))


def _members(members: list[tuple[str, object]]) -> list[list[object]]:
    """The members of an object in the order of their keys, as JSON that no object is."""
    return [["", *member] for member in sorted(members, key=lambda member: member[0])]


@lru_cache(maxsize=64)
def _given(text: str, names: frozenset[str]) -> str:
    """What gives values to variables of a script, and to those in these values, as a hash."""
    assigned = _assigned(text)
    waiting, found = list(names), dict.fromkeys(names)
    while waiting:
        used = [
            name for line in assigned.get(waiting.pop(), ()) for name in _VARIABLE.findall(line)
        ]
        new = [name for name in dict.fromkeys(used) if name not in found]
        found |= dict.fromkeys(new)
        waiting += new
    all_ = "\n".join(line for name in sorted(found) for line in assigned.get(name, ()))
    return _hash(all_)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _line(text: str, at: int) -> Span:
    """The line around a place, and those that continue it, as far as a command may be long."""
    near = max(at - MAX_NAMING_CHARACTERS, 0)
    start = max(text.rfind("\n", near, at) + 1, near)
    found = _LINE.match(text, start, at + MAX_COMMAND_CHARACTERS)
    return Span(start, found.end() if found else at)


@lru_cache(maxsize=2)
def _assigned(text: str) -> Mapping[str, Sequence[str]]:
    """The lines of a script by the names that are given something there."""
    lines: dict[str, dict[str, None]] = {}
    for found in _ASSIGNED.finditer(text):
        line = text[slice(*_line(text, found.start()))].strip()
        lines.setdefault(found[1], {})[line] = None
    return {name: list(found) for name, found in lines.items()}


@lru_cache(maxsize=2)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(name.replace(" ", GAP) for name in names)
    return re.compile(rf"(?<![\w./-])({alternatives})(?![\w-])")


def is_comment(text: str, start: int) -> bool:
    """Whether a place of a script is in a line that is a comment."""
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("#")


def options_of(rest: Sequence[tuple[str, Span]]) -> Options:
    """The options among the words of a command."""
    found: dict[str, list[tuple[str, Span]]] = {}
    places: dict[str, Span] = {}
    values: list[tuple[str, Span]] = []
    for word, span in rest:
        if not word.startswith("--"):
            values.append((word, span))
            continue
        name, equals, value = word[2:].partition("=")
        of_value = Span(span.start + len(f"--{name}="), span.end)
        values = found[name] = [(value, of_value)] if equals else []
        places[name] = span
    for name, span in places.items():
        if not found[name]:
            del found[name]
            is_on = not name.startswith("no-")
            found[name.removeprefix("no-")] = [(str(is_on).lower(), span)]
    return found


def _values(options: Options, properties: Sequence[str]) -> dict[str, Node]:
    """The values of the properties of a statement; those of a structure are written `A=b,C=d`."""
    values: dict[str, Node] = {}
    for name, given in options.items():
        text, span = given[0]
        fields = dict(item.partition("=")[::2] for item in text.split(","))
        for property_ in properties:
            outer, dot, inner = property_.partition(".")
            if dot and outer == name and (inner in fields or not _FIELDS.fullmatch(text)):
                values[property_] = Node(span, fields.get(inner, UNKNOWN), "")
        nodes = [
            Node(span, UNKNOWN if text.startswith(_ELSEWHERE) else text, "") for text, span in given
        ]
        values[name] = nodes[0]
        if name in _LISTS and nodes[1:]:
            values[name] = Node(Span(nodes[0].span.start, nodes[-1].span.end), Array(nodes), "")
    return values
