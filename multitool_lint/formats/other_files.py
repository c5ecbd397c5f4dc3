"""Which files and folders have policies whose names do not say so, and which have none."""

from __future__ import annotations

import os
import re

from multitool_lint.limits import MAX_SNIFFED_BYTES


def _endings(words: str) -> tuple[str, ...]:
    return tuple(f".{word}" for word in words.split())


PROGRAM_ENDINGS = _endings(
    "py pyi js jsx mjs cjs ts tsx mts cts go java kt kts scala groovy cs fs vb rb php rs swift pl "
    "pm lua ex exs erl clj dart c cc cpp h hpp r jl sql rego sentinel jsonnet libsonnet cue dhall "
    "k nix bicep star bzl"
)
"""Programs, whose policies are listed as not read."""

_NOT_OPENED = _endings(
    "png jpg jpeg gif ico webp bmp tiff svg pdf ps eps psd woff woff2 ttf otf eot mp3 mp4 mov avi "
    "webm wav ogg zip gz tgz bz2 xz zst tar 7z rar jar war whl egg rpm deb apk dmg iso exe dll so "
    "dylib a o obj lib class pyc pyo wasm node bin dat db sqlite sqlite3 parquet avro orc npy pkl "
    "pickle h5 onnx pt pb css scss sass less map lock sum log po pot mo "
    "out tfplan pem crt key gpg sig"
)
"""What is not written by hand or has no policies, and is not opened to see."""

_OF_TOOLS = frozenset(
    _endings(
        "git hg svn bzr jj terraform terragrunt-cache terragrunt-stack venv virtualenv env tox nox "
        "eggs direnv idea vs history npm yarn pnpm-store pnp nvm node_modules next nuxt output "
        "svelte-kit angular turbo nx vercel netlify serverless aws-sam cdk.staging gradle m2 ivy2 "
        "bundle gem cargo rustup stack dub ipynb_checkpoints jupyter local Trash vagrant dart_tool "
        "build target coverage nyc_output docusaurus"
    )
)
"""Folders that tools make, for themselves or of what is elsewhere."""
_OF_PACKAGES = frozenset({"node_modules", "site-packages"})
"""Folders into which package managers install what others wrote."""

_CONSTRUCTS = (b"PolicyStatement", b"olicyDocument", b"olicy_document", b"add-permission")
"""What any other file with a policy has one of, if it has no effect of a statement."""
_OWN_REPORT = b"IAM policy report</title>"
"""What pages have that this program wrote."""

_DIFF = rb"^\+\+\+ [^\n]*\n@@ -[0-9]"
"""What a file has that changes others, which are elsewhere."""

_HEAD = 2**15
_BLANK = 64


def may_be_other(path: str, name: str) -> bool:
    """Whether a file of another name than those of the formats has, or seems to have, a policy.

    One without an ending, or named as a policy, also if it only begins as JSON does.
    """
    lower = name.lower()
    if lower.endswith(_NOT_OPENED):
        return False
    data = _head(path)
    if "." not in name or lower.endswith("policy"):
        begin = data[:_BLANK].removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
        if begin == b"{":
            return True
    if not _has_words(data) or _OWN_REPORT in data or re.search(_DIFF, data, re.MULTILINE):
        return False
    return has_policy(data.decode("latin-1"))


def may_be_json(name: str) -> bool:
    """Whether a file of another name than those of the formats is opened to see if it is JSON."""
    return not name.lower().endswith((*_NOT_OPENED, *PROGRAM_ENDINGS))


def _head(path: str) -> bytes:
    """The first bytes of a file; none of one that is binary, or cannot be read."""
    try:
        file = os.open(path, os.O_RDONLY)  # for each of many files
        try:
            data = os.read(file, _HEAD)
            if len(data) == _HEAD and b"\0" not in data:
                data += os.read(file, MAX_SNIFFED_BYTES)
        finally:
            os.close(file)
    except OSError:
        return b""  # it is not certain that it concerns us
    return b"" if b"\0" in data else data


def _has_words(data: bytes) -> bool:
    has_effect = b"Effect" in data and (b"Allow" in data or b"Deny" in data)
    return has_effect or any(word in data for word in _CONSTRUCTS)


def has_policy(text: str) -> bool:
    """Whether a text of any format has, or seems to have, a policy."""
    from multitool_lint.formats import code_blocks, quick_tests  # few files come here

    text = text.replace('""', '"')  # as in CSV
    return code_blocks.seems_to_have_policy(text) or quick_tests.may_add_permission(text)


def is_passed_over(folder: str) -> bool:
    """Whether files are not looked for in a folder of a name: it has what a tool put there."""
    is_hidden = folder.startswith(".") and folder.strip(".") != ""
    return folder in _OF_PACKAGES or (
        is_hidden and (folder in _OF_TOOLS or folder.endswith("cache"))
    )
