"""The names in the expressions of templates, and which of them mean something else now."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from multitool_lint.policy.compare.expressions import canonical
from multitool_lint.syntax.placeholders import split_expressions

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from multitool_lint.policy.policy_set import ConditionalPolicy

# One that is not closed goes to the end, so that no other is looked for in it.
_PLACEHOLDER = re.compile(r"\{\{.*?(?:\}\}|\Z)|\$\{[^}]*+(?:\}|\Z)", re.DOTALL)
OF_SELF = "self:"
OF_ALL = ".*"
"""What names of the Serverless Framework begin with, and those of objects end with."""
_PATH = re.compile(rf"(?<![\w-]){OF_SELF}([\w-]+(?:\.[\w-]+)*)(?=\s*[}},])")
# A file that is named is known by its name, which is the end of a text in quotes.
_NAME = re.compile(
    r"(?<![\w.-])[\w.-]++(?=\\?\")|\b(?:data\.[\w-]+\.[\w-]+|(?:var|local|module)\.[\w-]+|[\w-]+)"
)


def changed_names(old: Mapping[str, str], new: Mapping[str, str]) -> frozenset[str]:
    """The names whose definition has changed, or that of a name in it."""
    changed = {name for name in old.keys() & new.keys() if not _is_same(old[name], new[name])}
    changed |= old.keys() ^ new.keys()
    return with_users(changed, ((user, names_in_text(text)) for user, text in new.items()))


def _is_same(old: str, new: str) -> bool:
    """Whether a definition means the same."""
    return new == old or canonical(old) == canonical(new)


def names_in_text(text: str) -> list[str]:
    """The names in an expression; a path of the Serverless Framework is one for each step."""
    if OF_SELF not in text:
        return _NAME.findall(text)
    found = _NAME.findall(_PATH.sub("", text))
    for path in _PATH.findall(text):
        steps = path.split(".")
        found += [OF_SELF + ".".join(steps[: end + 1]) for end in range(len(steps))]
        found.append(f"{OF_SELF}{path}{OF_ALL}")
    return found


def with_users(names: Iterable[str], uses: Iterable[tuple[str, Iterable[str]]]) -> frozenset[str]:
    """Some names, and those that use one of them, directly or through others.

    `uses` has a name with the names in its definition; a name may be in it several times.
    """
    users: dict[str, list[str]] = {}
    for user, used in uses:
        for name in used:
            users.setdefault(name, []).append(user)
    found = set(names)
    waiting = list(found)
    while waiting:
        new = set(users.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return frozenset(found)


def names_in(members: Sequence[ConditionalPolicy]) -> set[str]:
    """The names in the expressions of policies, and in their conditions."""
    texts = [part for m in members for part in _open_parts(m.policy.source.text)]
    conditions = {name for m in members for case in m.cases for name in case}
    # A condition of Terraform is an expression of other names.
    texts += (text for text in conditions if not _NAME.fullmatch(text.strip("\0")))
    return {name for text in texts for name in names_in_text(text)}


def _open_parts(text: str) -> Iterator[str]:
    """The expressions and placeholders of a policy, as they are written."""
    for part, is_expression in split_expressions(text):
        if is_expression:
            yield part
        else:
            yield from _PLACEHOLDER.findall(part)
