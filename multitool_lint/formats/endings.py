"""What the names of files say about their format."""

from __future__ import annotations

import os

from multitool_lint.formats.quick_tests import (
    may_be_code_with_policies,
    may_be_json_policies,
    may_be_terraform_policies,
    may_be_yaml_policies,
    may_give_values,
    may_have_defaults,
)
from multitool_lint.formats.recognize import (
    MARKDOWN_ENDINGS,
    TERRAFORM_ENDINGS,
    TERRAFORM_JSON_ENDINGS,
    YAML_ENDINGS,
)
from multitool_lint.limits import MAX_FILE_BYTES
from multitool_lint.syntax.source import is_pointer

ASCIIDOC_ENDINGS = (".adoc", ".asciidoc")
RST_ENDINGS = (".rst",)
PAGE_ENDINGS = (*MARKDOWN_ENDINGS, *ASCIIDOC_ENDINGS, *RST_ENDINGS)
SHELL_ENDINGS = (
    *(".sh", ".bash", ".zsh", ".ksh", ".fish", ".mk"),
    *(".ps1", ".psm1", ".bat", ".cmd"),
)
SNAPSHOT_ENDINGS = (".snap",)
CODE_BLOCK_ENDINGS = (*PAGE_ENDINGS, *SHELL_ENDINGS, *SNAPSHOT_ENDINGS)
"""Documentation, scripts and snapshots, with policies in blocks."""

TEMPLATE_ENDINGS = (
    *(".tpl", ".tftpl", ".tmpl", ".gotmpl"),
    *(".j2", ".jinja", ".jinja2", ".njk", ".erb"),
)
_OF_TERRAFORM = tuple(f"{ending}.template" for ending in TERRAFORM_ENDINGS)
CHART_TEMPLATES = "templates"
"""The folder of the templates in a chart of Helm."""
"""Texts of which a template engine makes files; the ending before it is that of the file."""

LINES_ENDINGS = (".jsonl", ".ndjson")
JSON_ENDINGS = (*(".json", ".template", ".tfstate", ".tfstate.backup", ".ipynb"), *LINES_ENDINGS)
NOT_JSON_ENDINGS = (*CODE_BLOCK_ENDINGS, *TERRAFORM_ENDINGS, *YAML_ENDINGS)
ENDINGS = (*JSON_ENDINGS, *NOT_JSON_ENDINGS, *TEMPLATE_ENDINGS)
"""What the names of the files end in that are checked in a folder."""

COMMON_ENDINGS = (".json", ".template", *MARKDOWN_ENDINGS, *TERRAFORM_ENDINGS, *YAML_ENDINGS)
"""Those of the formats that most policies are in."""
_GIVING = (".tfvars", ".tfvars.json", "terragrunt.hcl")
"""What the names of the files end in that give values to variables of a module."""
_NOT_OF_SCRIPTS = ("AWS::", "${self:", "apiVersion:")
"""What documents have whose variables are not those of a script."""
_TERRAFORM = (*TERRAFORM_ENDINGS, *TERRAFORM_JSON_ENDINGS)


def format_name(path: str) -> str:
    """The name that decides the format of a file: of a template, without the ending of that."""
    name = path.lower()
    return name.rpartition(".")[0] if name.endswith((*TEMPLATE_ENDINGS, *_OF_TERRAFORM)) else name


def may_hold_policies(path: str, text: str) -> bool:
    """Whether a file has to be parsed to know; `text` may be its bytes, each as a character."""
    name = format_name(path)
    if is_pointer(text):
        return True
    if name.endswith(_TERRAFORM):
        gives = name.endswith(_GIVING) and may_give_values(text)
        return gives or may_be_terraform_policies(text) or may_have_defaults(text)
    if name.endswith(YAML_ENDINGS):
        return may_be_yaml_policies(text)
    if name.endswith(CODE_BLOCK_ENDINGS):
        return may_be_code_with_policies(text)
    is_json = name.endswith(JSON_ENDINGS)
    return may_be_json_policies(text) or (not is_json and may_be_code_with_policies(text))


def may_be_script(path: str, text: str) -> bool:
    """Whether a file is a script of a shell, or a document that may have some."""
    name = format_name(path)
    if name.endswith(YAML_ENDINGS):
        return not any(word in text for word in _NOT_OF_SCRIPTS)
    return name.endswith(SHELL_ENDINGS) or not is_candidate(name)


def is_page(path: str) -> bool:
    """Whether a file is documentation or a snapshot, of which only blocks are read."""
    name = format_name(path)
    return name.endswith(CODE_BLOCK_ENDINGS) and not name.endswith(SHELL_ENDINGS)


def is_candidate(name: str) -> bool:
    """Whether the name of a file says that it may have policies."""
    return name.lower().endswith(ENDINGS)


def may_be_code(path: str, name: str) -> bool:
    """Whether a file of one of the other formats has the words of a policy."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123 - for each of many files
            if os.fstat(file.fileno()).st_size > MAX_FILE_BYTES:
                return True
            data = file.readall()
    except OSError:
        return True  # reading it will show
    return may_hold_policies(name, data.replace(b"\0", b"").decode("latin-1"))


def unread_ending(path: str) -> str:
    """The ending of a file that is not read because of it, empty if there is none."""
    name = path.replace("\\", "/").rpartition("/")[2]
    _, dot, ending = name.rpartition(".")
    return f".{ending}" if dot and not is_candidate(name) and format_name(name) else ""
