"""Tests of policies in `*.iamtest.toml` or YAML: what an identity or a policy can and cannot do.

Their JSON Schema is rules/schemas/iamtest.json.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from multitool_lint.aws.arn import defect, is_account_id, matches_all
from multitool_lint.aws.policy_variables import OPENER
from multitool_lint.config.errors import ConfigError, EnoughError, Mistakes
from multitool_lint.config.toml_document import document_of
from multitool_lint.config.toml_value import TomlValue
from multitool_lint.policy.compare.reference import may_act_on
from multitool_lint.policy.evaluation.asked_request import ANY
from multitool_lint.policy.evaluation.callers import Caller, caller
from multitool_lint.policy.evaluation.expectations import Expected
from multitool_lint.policy.forbidden import describe_mistake
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import position_of
from multitool_lint.syntax.tree import UNKNOWN, Array, Node, Object
from multitool_lint.syntax.yaml import parser

if TYPE_CHECKING:
    from collections.abc import Mapping

    from multitool_lint.aws.catalog.catalog import Catalog
    from multitool_lint.config.toml_lines import Place
    from multitool_lint.policy.compare.request import Values
    from multitool_lint.syntax.source import Source

ENDINGS = (".iamtest.toml", ".iamtest.yaml", ".iamtest.yml")
"""How the names of files with tests end."""

_TESTS = "test"
_EITHER = ("policy", "identity")
_ONE_PATH = ("resource-policy", "endpoint")
_PATHS = ("policy", "files", "boundary", "session")
_LEVELS = ("scps", "rcps")
_TEXTS = ("identity", "principal", "account")
COMMON = ("context", *_TEXTS, *_ONE_PATH, *_PATHS, *_LEVELS)
_EXPECTED = tuple(expected.value for expected in Expected)
OWN = ("name", "resource", *_EXPECTED)
_CONTEXT = "a string, number, boolean or a list of these, which is empty for an absent key"


class Subject(NamedTuple):
    """Which policies a test is about, and others that apply, by the paths of their files.

    `scps` and `rcps` list them by level. An identity is one of `files`.
    """

    policy: tuple[str, ...] = ()
    identity: str = ""
    files: tuple[str, ...] = ()
    resource_policy: str = ""
    endpoint: str = ""
    boundary: tuple[str, ...] = ()
    session: tuple[str, ...] = ()
    scps: tuple[tuple[str, ...], ...] = ()
    rcps: tuple[tuple[str, ...], ...] = ()


class ExpectedCase(NamedTuple):
    """What is expected of the actions that a pattern matches, on all resources of another one.

    `location` is the path of the file and the line.
    """

    expected: Expected
    action: str
    resource: str
    location: str


class PolicyTest(NamedTuple):
    """A test: its cases, and what is known of each request.

    `account` is that of the resources, if it is known.
    """

    name: str
    subject: Subject
    cases: tuple[ExpectedCase, ...]
    context: Mapping[str, Values]
    principal: Caller | None
    account: str | None


def read_tests(source: Source, catalog: Catalog) -> tuple[PolicyTest, ...]:
    """The tests of a file.

    Raises:
        ConfigError: it is malformed; the arguments are the mistakes, the first ones of many.
    """
    document, mistakes = _document(source)
    found: list[PolicyTest | None] = []
    with suppress(EnoughError):
        top = TomlValue(document, (), mistakes)
        values = top.table((*COMMON, _TESTS)) if isinstance(document, dict) else {}
        items = values[_TESTS].items("a list of tests") if _TESTS in values else []
        if not (items or mistakes.messages):
            mistakes.add((), "expected a test: a list named test, with can, cannot or may")
        found = [_test(top, item, catalog) for item in items]
    if mistakes.messages:
        raise ConfigError(*dict.fromkeys(mistakes.messages))
    return tuple(test for test in found if test)


def _test(top: TomlValue, item: TomlValue, catalog: Catalog) -> PolicyTest | None:
    own = item.table((*COMMON, *OWN))
    if not isinstance(item.content, dict):
        item.add_wrong_type("a table")
        return None
    reader = _Reader(top, item)
    subject = _subject(reader, item)
    resources = item["resource"].texts() if "resource" in own else (ANY,)
    cases = tuple(
        ExpectedCase(expected, text.content, resource, text.location)
        for expected in Expected
        for text in item[expected.value].strings()
        for resource in resources
        if _is_meaningful(text, resource, catalog)
    )
    if not any(word in own for word in _EXPECTED):
        item.add_mistake("a test needs can, cannot or may")
    for text in item["resource"].strings():
        _check_resource(text)
    names = item["name"].texts() if "name" in own else ()
    principal = reader["principal"].parse(caller)
    account = reader["account"].parse(_account) or (principal and principal.account)
    context = {**_context(top["context"]), **_context(item["context"])}
    name = names[0] if names else f"test {int(item.place[-1]) + 1}"
    return PolicyTest(name, subject, cases, context, principal, account)


class _Reader:
    """The keys of a test, some of which the whole file has.

    A test that is about a policy or an identity is not about another one of the file.
    """

    def __init__(self, top: TomlValue, item: TomlValue) -> None:
        self._top = top
        self._item = item
        self._is_own = any(key in item for key in _EITHER)

    def __getitem__(self, key: str) -> TomlValue:
        """The value of a key: that of the test, or else that of the file."""
        is_own = key in self._item or (self._is_own and key in (*_EITHER, "files"))
        return (self._item if is_own else self._top)[key]


def _subject(values: _Reader, item: TomlValue) -> Subject:
    """Which policies a test is about, and which apply besides."""
    subject = Subject(
        values["policy"].texts(),
        values["identity"].parse(str) or "",
        values["files"].texts(),
        values["resource-policy"].parse(str) or "",
        values["endpoint"].parse(str) or "",
        values["boundary"].texts(),
        values["session"].texts(),
        *(tuple(level.texts() for level in _levels(values[key])) for key in _LEVELS),
    )
    if subject.policy and subject.identity:
        item.add_mistake("a test is about a policy or an identity, not about both")
    if not (subject.policy or subject.identity or subject.resource_policy):
        item.add_mistake("a test needs a policy, an identity or a resource-policy")
    if subject.identity and not subject.files:
        item.add_mistake("an identity needs files, in which it is")
    return subject


def _levels(value: TomlValue) -> list[TomlValue]:
    return value.items("a list of levels, each a path or a list of paths")


def _is_meaningful(text: TomlValue, resource: str, catalog: Catalog) -> bool:
    """Whether there are requests of an action on a resource: a test says nothing without them."""
    action = text.content
    mistake = describe_mistake(action, catalog) if "@" not in action else f'"{action}" has an @'
    known = list(catalog.names(catalog.match(action)))
    if not mistake and known and not any(may_act_on(catalog, name, resource) for name in known):
        mistake = f'no action that "{action}" matches acts on "{resource}"'
    if mistake:
        text.add_mistake(mistake)
    return not mistake


def _check_resource(text: TomlValue) -> None:
    resource = text.content
    if OPENER in resource:
        text.add_mistake(f'"{resource}": variables are not known in tests; use a wildcard')
    elif found := None if matches_all(resource) else defect(resource):
        text.add_mistake(found.message)


def _account(text: str) -> str:
    if not is_account_id(text):
        raise ValueError(f'"{text}" is not an account of 12 digits')
    return text


def _context(value: TomlValue) -> dict[str, Values]:
    """The values of condition keys, by their names in lower case."""
    found: dict[str, Values] = {}
    for key, given in value.table().items():
        items = given.one_or_more()
        if not all(isinstance(item.content, str | bool | int | float) for item in items):
            given.add_wrong_type(_CONTEXT)
        if key.lower() in found:
            given.add_mistake(f'"{key}" is the same key to AWS as another one')
        texts = (item.content for item in items)
        found[key.lower()] = (
            tuple(str(text).lower() if isinstance(text, bool) else str(text) for text in texts)
            or None
        )
    return found


def _document(source: Source) -> tuple[Any, Mistakes]:
    """What a file says, with what finds the lines of that."""
    path = source.path
    if path.endswith(".toml"):
        return document_of(Path(path), source.text), Mistakes(path, (), source.text)
    try:
        documents = parser.parse(source.text).documents
    except MistakeError as error:
        raise ConfigError(f"{position_of(source, error.span)}: {error}") from error
    if len(documents) != 1:
        raise ConfigError(f"{path}: expected one document, not {len(documents)}")
    read = _Yaml(source)
    content = read.content(documents[0], ())
    mistakes = Mistakes(path, (), source.text, read.lines)
    for place, message in read.mistakes:
        mistakes.messages.append(f"{mistakes.location(place)}: {message}")
    return content, mistakes


class _Yaml:
    """Values of YAML as a parser of TOML returns them, with their lines."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self.lines: dict[Place, int] = {}
        self.mistakes: list[tuple[Place, str]] = []

    def content(self, node: Node, place: Place) -> Any:  # noqa: ANN401  # as said above
        """What a node says, at a place."""
        self.lines.setdefault(place, self._source.position(node.span.start)[0])
        value = node.value
        if isinstance(value, Object):
            table: dict[str, Any] = {}
            for member in value:
                inner = (*place, member.key)
                if member.key in table:
                    self.mistakes.append((inner, f'"{member.key}" is there twice'))
                self.lines[inner] = self._source.position(member.key_span.start)[0]
                table[member.key] = self.content(member.value, inner)
            return table
        if isinstance(value, Array):
            return [self.content(item, (*place, at)) for at, item in enumerate(value)]
        if value is None or value is UNKNOWN:
            self.mistakes.append((place, "expected a value"))
        return value
