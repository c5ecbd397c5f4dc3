"""The type of a policy by the names around it: of its file and folders, its resource, its Id.

A service control policy or a permissions boundary has the shape of an identity policy, so only a
name distinguishes them where nothing attaches the policy. A name that the shape contradicts says
nothing.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from multitool_lint.limits import MAX_PARAGRAPH_CHARACTERS
from multitool_lint.named_tuple import NamedTuple
from multitool_lint.policy.policy_type import ORGANIZATIONS, PolicyType
from multitool_lint.syntax.tree import Node, as_list, texts_of

MANAGED_POLICY = "AWS::IAM::ManagedPolicy"
"""The resource whose policies may be permissions boundaries."""

REFERS_TO_BOUNDARY = "(?i:permissions?_?boundary)"
"""A key whose value refers to a boundary."""

_FOLDERS = 3
"""How many folders around a file have a say: those further up are often names of projects."""

_POLICY = "polic(?:y|ies)"
_TYPES = {
    PolicyType.SCP: rf"scps?|service ?control ?{_POLICY}",
    PolicyType.RCP: rf"rcps?|resource ?control ?{_POLICY}",
    PolicyType.TRUST: rf"trust(?:s|{_POLICY}| ?relationships?)?|assume ?role(?:{_POLICY})?",
    PolicyType.SESSION: rf"session ?{_POLICY}",
    PolicyType.BOUNDARY: r"(?:permissions? ?)?boundar(?:y|ies)",
}
"""What names a type, in words; where several names contradict each other, the first one counts."""

_HANDLED = "manag(?:e|es|er|ers|ing|ement)|deploy[a-z]*|(?:at|de)tach[a-z]*|without"
_OTHERWISE = {
    PolicyType.SCP: _HANDLED,
    PolicyType.RCP: _HANDLED,
    PolicyType.SESSION: rf"{_HANDLED}|ssm|start|console",
    PolicyType.BOUNDARY: rf"{_HANDLED}|with|no|not|must|needs?|set|put|den(?:y|ies)"
    r"|(?:enforc|requir|protect|prevent|delet|remov)[a-z]*|data|network|vpc|trust|perimeter",
}
"""Words next to which a name is about such policies, or about something else."""

_OF_RESOURCE = (
    r"\b(?:api|bus|domain|endpoint|function|gateway|key|queue|registry|repository|table|topic|vault"
    rf"|resource(?: based)?) {_POLICY}$"
)
"""The end of a name, in words, that names the policy of a resource."""

_GENERAL = (
    rf"{_POLICY}|aws|iam|data|documents?|json|main|this|default|managed|local|\d+"
    r"|orgs?|organi[sz]ations?|root|custom|templates?|files?|guardrails?|examples?|samples?"
)
"""Words that say nothing about the type of a policy."""

_ENDPOINT_POLICY = rf"endpoints? {_POLICY}"
_ENDPOINT = rf"vpces?|vpc ?endpoints?|{_ENDPOINT_POLICY}"
"""What names a policy of a VPC endpoint, in words."""

_OTHER_POLICY = (
    r"(?:access point|assume|based|bucket|domain|function|iam|identity|key|queue|repository|role"
    rf"|secret|table|topic|trust|user|vault) {_POLICY}"
)
_THROUGH_ENDPOINT = "from|only|origin|outside|through|verified|via"
"""Words with which a name is about requests through an endpoint, or about other endpoints."""

_NEAR = 4
"""How many words before the name of an endpoint in prose may be about requests through it."""

_TITLE_WORDS = 12
"""How many words a text has at most that is a name or title: in prose, many things are named."""

_OTHERS_IN_TITLE = (
    r"and|or|vs|versus|bypass\w*|compar\w*|need\w*|requir\w*"
    "|permissions?|iam|identity|roles?|users?"
)
"""Words with which the title of a page's part may be about other policies than SCPs."""

_INTRODUCES = "above|below|default|example|following|next|sample|these|this"
"""Words of a sentence that introduce what is shown next to it, as in "the following SCP"."""

_HINTS = ("scp", "rcp", "control", "trust", "assume", "session", "boundar")
"""What a name that names a type contains: a quick no to most names."""

# Patterns are compiled when they are first needed, because few runs need them.
_PART = r"[^/\\.:]+"
_WORD = r"[A-Z]{2,}s(?![a-z])|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+"
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
_RESOURCES = frozenset({"Resource", "NotResource"})


class Around(NamedTuple):
    """The headings above a block of a page, the nearest last, and the text right before it."""

    headings: tuple[str, ...] = ()
    text: str = ""

    def below(self, text: str, level: int = 0) -> Around:
        """What is around a block below a heading of a level, or a paragraph, whose level is 0."""
        if not level:
            return self._replace(text=text)
        above = self.headings[: level - 1]
        return Around((*above, *[""] * (level - 1 - len(above)), text))

    def going_on(self, line: str) -> Around:
        """What is around a block below one more line of the paragraph before it."""
        return self._replace(text=f"{self.text} {line}"[-MAX_PARAGRAPH_CHARACTERS:])


def type_of(
    root: Node, name: str | None, path: str, around_block: Around, *, prose: bool
) -> PolicyType | None:
    """The type that the names around a policy suggest and its shape allows.

    A page in prose about boundaries or session policies also shows policies that they restrict, so
    its own name says nothing about these types.
    """
    id_ = root.get("Id")
    around = of_path(path)
    types = {*suggested([(id_ and id_.string) or "", name or ""]), *around}
    if prose:
        types -= {PolicyType.SESSION, PolicyType.BOUNDARY}.intersection(around)
    types.update(_of_page(around_block, root))
    if not types:
        return None
    statements = [node for node in as_list(root.get("Statement")) if node.fields()]
    if PolicyType.RCP in types and _is_of_resource(path, statements):
        types.remove(PolicyType.RCP)
    return next((type_ for type_ in _TYPES if type_ in types and _fits(type_, statements)), None)


def is_of_endpoint(name: str | None, path: str, around: Around | None = None) -> bool:
    """Whether the names around a policy with principals say that it is one of a VPC endpoint.

    The nearest name that is about policies or endpoints decides.
    """
    titles = re.findall(_PART, name or "")[::-1]
    if around:
        titles += [around.text, *reversed(around.headings)]
    file, *folders = _near(path)
    ours = (folder for folder in folders if "vpc" in folder.lower() or "endpoint" in folder.lower())
    titles += [file, *(folder for folder in ours if _is_general(folder, _ENDPOINT))]
    for title in titles:
        words = _words(title)
        if re.search(rf"\b(?:{_OTHER_POLICY})\b", words):
            return False
        is_title = len(words.split()) <= _TITLE_WORDS
        if found := re.search(rf"\b(?:{_ENDPOINT if is_title else _ENDPOINT_POLICY})\b", words):
            # In prose, what follows is about what the policy allows: "only the user ...".
            near = words if is_title else " ".join(words[: found.start()].split()[-_NEAR:])
            return not re.search(rf"\b(?:{_THROUGH_ENDPOINT})\b", near)
    return False


def names_endpoints(name: str) -> bool:
    """Whether a name of what makes resources says that it makes VPC endpoints."""
    return re.search(rf"\b(?:{_ENDPOINT})\b", _words(name)) is not None


def _of_page(around: Around, root: Node) -> Iterator[PolicyType]:
    """The types of policies that grant nothing which a page names above a block.

    The text right before a block may introduce it, or another policy than those of the headings.
    Headings further up name that of policies which only deny, as the others on a page may be about
    the role that deploys them.
    """
    if introduced := _introduced(around.text):
        yield introduced
        return
    if re.search(rf"\b(?:{_OTHER_POLICY})\b", _words(around.text)):
        return
    nearest, *further = reversed(around.headings or ("",))
    statements = as_list(root.get("Statement"))
    denies = all(texts_of(statement.get("Effect")) == ("Deny",) for statement in statements)
    for title in filter(None, (around.text, nearest, *(further if denies else ()))):
        types = suggested([title])
        is_other = re.search(rf"\b(?:{_OTHERS_IN_TITLE})\b", _words(title)) is not None
        if len(types) == 1 and types[0] in ORGANIZATIONS.values():
            if not is_other:
                yield types[0]
            return
        if is_other and title != around.text:
            return


def _introduced(text: str) -> PolicyType | None:
    """The type of the policy that a sentence introduces, if it is one that grants nothing."""
    types = suggested([text])
    if len(types) != 1 or types[0] not in (*ORGANIZATIONS.values(), PolicyType.BOUNDARY):
        return None
    pattern = rf"\b(?:{_INTRODUCES})(?: \w+){{0,2}} (?:{_TYPES[types[0]]})\b"
    parts = map(_words, re.findall(_PART, text))
    return types[0] if any(re.search(pattern, words) for words in parts) else None


def is_boundary(name: str, path: str = "") -> bool:
    """Whether the name of a managed policy says that it is a permissions boundary.

    Where it says nothing at all, those of its file and folders do.
    """
    is_general = all(map(_is_general, re.findall(_PART, name)))
    return PolicyType.BOUNDARY in (of_path(path) if path and is_general else suggested([name]))


def of_path(path: str) -> tuple[PolicyType, ...]:
    """The types that the names of a file and of the folders around it suggest.

    The name of a folder counts only if it has no other words: it may be that of a whole project.
    """
    name, *folders = _near(path)
    near = [folder for folder in folders if _may_name(folder)]
    return suggested([name, *(folder for folder in near if _is_general(folder, *_TYPES.values()))])


def _near(path: str) -> list[str]:
    """The names of a file and of some folders around it, the nearest first."""
    if path.startswith("<"):
        return [""]
    *folders, name = os.path.abspath(path).split(os.sep)  # noqa: PTH100, PTH206 - Path is slow to import
    # A file in a revision of git is at REVISION:PATH.
    return [name, *(folder.rpartition(":")[2] for folder in folders[: -_FOLDERS - 1 : -1])]


def suggested(names: Iterable[str]) -> tuple[PolicyType, ...]:
    """The types that some names suggest, those first that win over the others."""
    found = {type_ for name in names for type_ in _suggested_by(name)}
    return tuple([type_ for type_ in _TYPES if type_ in found]) if found else ()


@lru_cache(maxsize=256)
def _suggested_by(name: str) -> frozenset[PolicyType]:
    """What one name suggests: many files share the names of their folders."""
    if not _may_name(name):
        return frozenset()
    parts = [_words(part) for part in re.findall(_PART, name)]
    return frozenset(type_ for type_ in _TYPES if any(_names(type_, words) for words in parts))


def _may_name(name: str) -> bool:
    lower = name.lower()
    return any(hint in lower for hint in _HINTS)


def _names(type_: PolicyType, words: str) -> bool:
    otherwise = _OTHERWISE.get(type_)
    return re.search(rf"\b(?:{_TYPES[type_]})\b", words) is not None and not (
        otherwise and re.search(rf"\b(?:{otherwise})\b", words)
    )


def _words(name: str) -> str:
    return " ".join(re.findall(_WORD, name)).lower()


def _is_general(name: str, *others: str) -> bool:
    """Whether a name has only words that say nothing, or are one of some others."""
    words = re.sub(rf"\b(?:{'|'.join(others)})\b", "", _words(name)) if others else _words(name)
    return all(re.fullmatch(_GENERAL, word) for word in words.split())


def _fits(type_: PolicyType, statements: Sequence[Node]) -> bool:
    keys = {member.key for statement in statements for member in statement.fields()}
    if type_ is PolicyType.RCP:
        return all(map(_denies_or_allows_all, statements))
    if type_ is PolicyType.TRUST:
        actions = " ".join(action.lower() for action in _actions(statements))
        is_about_sessions = "sts:" in actions or "assumerole" in actions
        return bool(keys & _PRINCIPALS) and not keys & _RESOURCES and is_about_sessions
    return not keys & _PRINCIPALS


def _is_of_resource(path: str, statements: Sequence[Node]) -> bool:
    """Whether a file, as its name says, has the policy of a resource that RCPs do not reach.

    Such policies are kept next to RCPs, to do for some services what RCPs do for the others.
    """
    words = _words(os.path.basename(path).partition(".")[0])  # noqa: PTH119 - Path is slow to import
    if not re.search(_OF_RESOURCE, words):
        return False
    from multitool_lint.aws.policy_types import rcp_services

    services = {action.lower().partition(":")[0] for action in _actions(statements)}
    return services.isdisjoint(rcp_services())


def _denies_or_allows_all(statement: Node) -> bool:
    """Whether it may be in an RCP, which allows everything by the policy of AWS's only."""
    effect = statement.get("Effect")
    return effect is None or effect.value != "Allow" or list(_actions([statement])) == ["*"]


def _actions(statements: Iterable[Node]) -> Iterator[str]:
    for statement in statements:
        yield from texts_of(statement.get("Action"))
