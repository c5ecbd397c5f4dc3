"""Commands of the AWS CLI that add one statement to a policy, as `aws lambda add-permission` does.

https://docs.aws.amazon.com/cli/latest/reference/lambda/add-permission.html
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from multitool_lint.formats.cloudformation.policies import from_object
from multitool_lint.formats.permissions import permissions
from multitool_lint.formats.result import Skipped
from multitool_lint.formats.shell import GAP, words
from multitool_lint.syntax.source import Span
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, as_list

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from multitool_lint.formats.extract import Extractor, Found

    Options = Mapping[str, Sequence[tuple[str, Span]]]
    """The values of each option; of one without a value, its own place."""

INCOMPLETE: Final = "a command without the action and the principal of its statement"

_POLICY = "policy"
"""An option with a whole policy, which is read where it is written."""

_LISTS = frozenset({"aws-account-id", "aws-account-ids", "action-name", "actions"})
_ELSEWHERE = ("file://", "fileb://")


def policies(extractor: Extractor) -> Iterator[Found]:
    """The policies of the statements that the commands of a text add."""
    text = extractor.source.text
    at = 0
    while match := _commands().search(text, at):
        command = " ".join(re.split(GAP, match[1]))
        rest = list(words(text, match.end(), at))
        at = rest[-1][1].end if rest else match.end()
        options = _options(rest)
        may_have_options = options or any("$" in text[slice(*span)] for _, span in rest)
        if not may_have_options or _POLICY in options or _is_comment(text, match.start()):
            continue
        permission = permissions()[command]
        values = _values(options, permission.properties)
        root = permission.policy(match.span(), values, lambda node: node.string)
        statement = as_list(root.get("Statement"))[0]
        if statement.get("Action") and statement.get("Principal"):
            yield from from_object(extractor, permission.candidate(root, command), root)
        else:
            yield Skipped(Span(*match.span()), INCOMPLETE, unread=True)


@lru_cache(maxsize=1)
def _commands() -> re.Pattern[str]:
    names = "|".join(name.replace(" ", GAP) for name in permissions() if " " in name)
    return re.compile(rf"(?<![\w./-])({names})(?![\w-])")


def _is_comment(text: str, start: int) -> bool:
    return text[text.rfind("\n", 0, start) + 1 : start].lstrip().startswith("#")


def _options(rest: Sequence[tuple[str, Span]]) -> Options:
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
            if dot and outer == name:
                values[property_] = Node(span, fields.get(inner, UNKNOWN), "")
        nodes = [
            Node(span, UNKNOWN if text.startswith(_ELSEWHERE) else text, "") for text, span in given
        ]
        values[name] = nodes[0]
        if name in _LISTS and nodes[1:]:
            values[name] = Node(Span(nodes[0].span.start, nodes[-1].span.end), Array(nodes), "")
    return values
