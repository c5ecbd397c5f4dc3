"""What a configuration of the Serverless Framework has in other files, and what its plugins make.

https://www.serverless.com/framework/docs/guides/variables/file
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from multitool_lint.formats.local_files import is_found, text_of
from multitool_lint.formats.statements import of_aws
from multitool_lint.limits import MAX_REFERENCED_CHARACTERS
from multitool_lint.syntax.json.errors import MistakeError
from multitool_lint.syntax.source import Source, Span
from multitool_lint.syntax.tree import Array, Node, texts_of

_FILE = re.compile(r"\$\{file\(\s*+([^\s():,]++)\s*+\)(?::([\w.-]++))?\}")
STATEMENTS = re.compile(r"(?:.*RoleS|s)tatements|resourcePolicy")
"""Keys with statements."""

SERVICE_PROGRAMS = frozenset(f"serverless.{ending}" for ending in ("cjs", "js", "mjs", "ts"))
"""The names of configurations that are programs: what they make is not known."""

_SELF = re.compile(r"\$\{self:([\w.-]++)\}")

_WEBSITES = {
    "client": ("serverless-finch", "serverless-client-s3"),
    "fullstack": ("fullstack-serverless",),
}
"""The plugins that make a bucket a website, by the key below `custom` that names the bucket.

https://www.serverless.com/plugins/serverless-finch
"""


_ROLE = "provider/iam/role"
_CURRENT_NAMES = {
    "provider/iamRoleStatements": f"{_ROLE}/statements",
    "provider/iamManagedPolicies": f"{_ROLE}/managedPolicies",
    "provider/rolePermissionsBoundary": f"{_ROLE}/permissionsBoundary",
}
"""What the settings of the role of a service are called since version 2.24 of the framework.

https://www.serverless.com/framework/docs/deprecations#grouping-iam-settings-under-provideriam
"""


def current_name(name: str) -> str:
    """The name that a setting has today."""
    return _CURRENT_NAMES.get(name, name)


def website_buckets(root: Node) -> tuple[str, ...]:
    """What names the buckets of which a plugin makes websites."""
    named = root.get("plugins")
    plugins = {*texts_of(named), *texts_of(named.get("modules") if named else None)}
    custom = root.get("custom")
    found: list[str] = []
    for key, makers in _WEBSITES.items():
        options = custom.get(key) if custom and not plugins.isdisjoint(makers) else None
        bucket = options.get("bucketName") if options else None
        if bucket is not None and bucket.string:
            found += [bucket.string, f"${{self:custom.{key}.bucketName}}"]
    return tuple(found)


def template_sections(root: Node) -> Iterator[Node | None]:
    """The resources of the template, or of the parts of it, in a configuration."""
    for part in parts_of_service(root):
        yield part.get("Resources")


def parts_of_service(root: Node) -> tuple[Node, ...]:
    """The template of a service, or the parts of it, in a configuration."""
    resources = root.get("resources")
    return tuple(resources.items() or (resources,)) if resources else ()


def types_in_files(source: Source, names: Iterable[str]) -> dict[str, str]:
    """The types of the resources that files of a service declare, by their logical ids.

    A part of a template is all of it, its resources, or some of these.
    """
    from multitool_lint.syntax.yaml import template

    found: dict[str, str] = {}
    left = MAX_REFERENCED_CHARACTERS
    for name in names:
        text = text_of(source, name) or ""
        left -= len(text)
        try:
            documents = template.parse(text).documents if left >= 0 and "Type" in text else ()
        except MistakeError:
            continue
        sections = [section for root in documents for section in (root, *template_sections(root))]
        sections += [section for root in documents if (section := root.get("Resources"))]
        for section in sections:
            for member in section.fields() if section else ():
                type_ = member.value.get("Type")
                if type_ and "::" in (type_.string or ""):
                    found.setdefault(member.key, type_.string or "")
    return found


class StatementReferences:
    """Resolves the references of statements to files, and to other places of the `root`.

    What is `read_there` are statements below a key of a file, which has them when it is linted.
    """

    def __init__(self, source: Source) -> None:
        self.root: Node | None = None
        self.read_there: dict[Span, str] = {}
        self._source = source
        self._left = MAX_REFERENCED_CHARACTERS

    def resolve(self, node: Node, seen: set[int]) -> tuple[Node, tuple[Span, ...]]:
        """A value, or the items of a list, with what is at the places that they name.

        What is in a file is at the place where that is named, which is returned, too. What is in
        the same document has its own place, and is left out if its id was `seen`: it is read there.
        What cannot be read stays as it is.
        """
        items: list[Node] = []
        files: list[Span] = []
        is_same = True
        for item in node.items() or (node,):
            text = (item.string or "").strip()
            match = _FILE.fullmatch(text)
            value = self._value(*match.groups()) if match else None
            here = _SELF.fullmatch(text)
            named = _at_keys(self.root, here[1]) if here else None
            if value is not None:
                items += _at(item, value)
                files.append(item.span)
                if match and STATEMENTS.fullmatch(match[2] or "") and is_found(match[1]):
                    self.read_there[item.span] = match[1]
            elif named is None or of_aws(named) is None:
                items.append(item)
                continue
            elif id(named) not in seen:
                seen.add(id(named))
                items += named.items() or (named,)
            is_same = False
        return node if is_same else Node(node.span, Array(items), node.pointer), tuple(files)

    def _value(self, name: str, keys: str | None) -> Node | None:
        """The value in a file at the end of a path of keys; None if there is none."""
        from multitool_lint.syntax.yaml import template

        text = text_of(self._source, name) or ""
        self._left -= len(text)
        try:
            documents = template.parse(text).documents if self._left >= 0 else ()
        except MistakeError:
            return None
        return _at_keys(documents[0], keys) if len(documents) == 1 else None


def _at_keys(node: Node | None, keys: str | None) -> Node | None:
    """The value at the end of a path of keys; None if there is none."""
    for key in keys.split(".") if keys else ():
        node = node.get(key) if node else None
    return node


def _at(place: Node, value: Node) -> Iterator[Node]:
    """The items of a value, or the value itself, at the place of another one."""
    moved = value.moved(lambda _: place.span)
    yield from moved.items() or (moved,)
