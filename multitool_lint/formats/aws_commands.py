"""Commands of the AWS CLI that add one statement to a policy, as `aws lambda add-permission` does.

And those that decide which policies there are, and whom they apply to.

https://docs.aws.amazon.com/cli/latest/reference/lambda/add-permission.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple

from multitool_lint.formats.cloudformation.policies import from_object
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import Skipped
from multitool_lint.formats.shell import GAP, words
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, as_list

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multitool_lint.formats.extract import Extractor, Found

    Options = Mapping[str, Sequence[tuple[str, Span]]]
    """The values of each option; of one without a value, its own place."""

INCOMPLETE: Final = "a command without the action and the principal of its statement"

_POLICY = "policy"
"""An option with a whole policy, which is read where it is written."""

_ATTACHING: Final = (
    "iam (?:attach|detach|put|delete)-(?:role|user|group)-policy",
    "iam (?:put|delete)-(?:role|user)-permissions-boundary",
    "iam (?:add-user-to|remove-user-from)-group",
    "iam (?:create|delete)-policy(?:-version)?",
    "iam (?:set-default-policy-version|create-role|create-user|update-assume-role-policy)",
    "organizations (?:attach|create|delete|detach|update|disable)-(?:resource-)?policy(?:-type)?",
    r"sso-admin [a-z-]*(?:polic|boundary|assignment)[a-z-]*",
    "[a-z0-9-]+ (?:delete|put|set)-[a-z-]*policy",
    "[a-z0-9-]+ remove-permission",
)
"""Commands of the AWS CLI that change which policies there are, or whom they apply to.

https://docs.aws.amazon.com/cli/latest/reference/iam/
"""
_ATTACHING_WORDS: Final = (
    "-polic",
    "-boundary",
    "-group",
    "-role",
    "-user",
    "-assignment",
    "-permission",
)

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
            yield Skipped(span, INCOMPLETE, unread=True)


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


def attaching(text: str) -> Iterator[str]:
    """The commands in a text that attach policies, change or remove them, without the policies."""
    if not any(word in text for word in _ATTACHING_WORDS):
        return
    for name, span, rest in commands_in(text, _ATTACHING):
        given = [word for word, _ in rest if not word.lstrip().startswith(("{", "["))]
        if any(word.startswith("-") for word in given) and not is_comment(text, span.start):
            yield " ".join((name, *given))


@lru_cache(maxsize=4)
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
