"""The names of files that an expression may read, by local values with literal alternatives."""

from __future__ import annotations

import re
from itertools import islice, product
from typing import TYPE_CHECKING

from multitool_lint.formats.terraform.alternatives import alternatives
from multitool_lint.formats.terraform.callers import given_files, name_from_module
from multitool_lint.formats.terraform.origins import file_name
from multitool_lint.limits import MAX_LOCAL_REFERENCES, MAX_NAMED_FILES
from multitool_lint.syntax.hcl.tree import HclFile, called, significant

if TYPE_CHECKING:
    from tree_sitter import Node as Syntax

    from multitool_lint.formats.terraform.module import ModuleFolder

_STRING = re.compile(r'"([^"\\]*)"')
_LOCAL = re.compile(r"local\.([\w-]+)")
_VARIABLE = re.compile(r"var\.([\w-]+)")
_PART = re.compile(r"\$\{\s*local\.([\w-]+)\s*\}")
_READING = ("file", "templatefile")


def file_names(file: HclFile, module: ModuleFolder, syntax: Syntax) -> list[str]:
    """The names of the files of which an expression has the content of one; none if not known.

    What is not known of a name is a part of it.
    """
    name = file_name(file, module, syntax)
    if name is not None:
        return _Locals(module).filled_in(name)
    parts = significant(syntax)
    if [part.type for part in parts] != ["function_call"]:
        return []
    function, arguments = called(file, parts[0])
    if function not in _READING or not arguments:
        return []
    if variable := _VARIABLE.fullmatch(file.text(arguments[0])):
        return given_files(file.source, variable[1]) or []
    texts = _Locals(module).texts(file, arguments[0]) or ()
    return [name_from_module(file.source, text) for text in texts]


class _Locals:
    """What local values of a module may be that are texts; each is asked for once."""

    def __init__(self, module: ModuleFolder) -> None:
        self._module = module
        self._known: dict[str, list[str] | None] = {}

    def texts(self, file: HclFile, value: Syntax) -> list[str] | None:
        """What a text may be; None if it is neither literals nor local values that are."""
        found: list[str] = []
        for part, _, _ in islice(alternatives(file, value), MAX_NAMED_FILES):
            text = file.text(part)
            if literal := _STRING.fullmatch(text):
                found += self.filled_in(literal[1])
            elif (reference := _LOCAL.fullmatch(text)) and (named := self._named(reference[1])):
                found += named
            else:
                return None
        return found[:MAX_NAMED_FILES]

    def filled_in(self, text: str) -> list[str]:
        """A text with what local values in it may be; those that are not known stay."""
        filled = [text]
        for name in dict.fromkeys(_PART.findall(text)):
            values = self._named(name)
            written = re.compile(rf"\$\{{\s*local\.{name}\s*\}}")
            if values is not None:
                pairs = islice(product(filled, values), MAX_NAMED_FILES)
                filled = [value.join(written.split(before)) for before, value in pairs]
        return filled

    def _named(self, name: str) -> list[str] | None:
        if name not in self._known:
            self._known[name] = None  # what refers to itself is not known
            local = self._module.local(name)
            if local and len(self._known) <= MAX_LOCAL_REFERENCES:
                self._known[name] = self.texts(local.file, local.value)
        return self._known[name]
