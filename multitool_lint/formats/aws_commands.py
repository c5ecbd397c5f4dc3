"""Commands of the AWS CLI that add one statement to a policy, as `aws lambda add-permission` does.

https://docs.aws.amazon.com/cli/latest/reference/lambda/add-permission.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from multitool_lint.formats.cloudformation.policies import from_object
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import not_read
from multitool_lint.formats.script_assignments import is_comment
from multitool_lint.formats.shell import GAP, words
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


@lru_cache(maxsize=2)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = "|".join(name.replace(" ", GAP) for name in names)
    return re.compile(rf"(?<![\w./-])({alternatives})(?![\w-])")


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
