"""Build the playground of the documentation: Pyodide, the linter, and the page.

    python scripts/playground.py

Pyodide, the parser of HCL and the editor come from npm, by the lock file in playground/; the linter
is that of this checkout, and its dependencies are the pure modules of those installed here. Nothing
else is asked for, neither now nor by the page. The result is build/playground, from where `mkdocs`
takes it.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import time
import zipfile
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

import playground_examples
import playground_protocol

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Files = dict[str, bytes]

ROOT = Path(__file__).parent.parent
PARTS = ROOT / "playground"
PACKAGES = PARTS / "node_modules"
OUTPUT = ROOT / "build" / "playground"
CACHE = Path(os.environ.get("PLAYGROUND_CACHE") or ROOT / "build" / "playground-cache")
"""Compiled modules of earlier builds, by what they are compiled of."""
DAYS_KEPT = 14

DISTRIBUTIONS = {
    "attrs": ("",),
    "jsonschema": ("",),
    "jsonschema-specifications": ("",),
    "markdown-it-py": ("",),
    "mdurl": ("",),
    "policy-sentry": ("policy_sentry/__init__.py", "policy_sentry/shared/data/access-level-"),
    "pygls": ("pygls/__init__.py", "pygls/uris.py"),
    "pyyaml": ("yaml/",),
    "referencing": ("",),
}
"""What the linter needs for what the page offers, each with how the paths of its files begin."""
UNUSED = (
    *("multitool_lint/aws/catalog/update/", "multitool_lint/needed/"),
    *("/benchmarks/", "/tests/", "/testing/", "_deployed.tsv", "jsonschema/cli.py"),
)
"""Parts of paths of files that the page has no use for."""
ENCODINGS = (
    *("__init__", "aliases", "ascii", "cp437", "idna", "latin_1", "punycode"),
    *("raw_unicode_", "unicode_escape", "utf_"),
)
CORE = ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide-lock.json")
UNAVAILABLE = 69
"""The exit code if npm cannot install what the lock file lists, as without a network."""
GRAMMAR = PACKAGES / "@tree-sitter-grammars/tree-sitter-hcl/tree-sitter-hcl.wasm"
WEB_PARSER = PACKAGES / "web-tree-sitter/web-tree-sitter.wasm"


def main() -> None:
    """Build everything that has changed."""
    argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    ).parse_args()
    for folder in (OUTPUT, CACHE):
        folder.mkdir(parents=True, exist_ok=True)
    install()
    for path in (*(PACKAGES / "pyodide" / name for name in CORE), GRAMMAR, WEB_PARSER):
        shutil.copyfile(path, OUTPUT / path.name)
    build_python()
    build_page()
    sizes = {path.name: compressed_size(path) for path in sorted(OUTPUT.iterdir())}
    for name, size in sizes.items():
        print(f"{size:>9,} {name}")
    print(f"{sum(sizes.values()):>9,} bytes in all, compressed")


def install() -> None:
    """Install the packages of npm that the lock file lists, if they are not there.

    No program of theirs runs for that.
    """
    lock = (PARTS / "package-lock.json").read_bytes()
    installed = PACKAGES / ".installed"
    if installed.exists() and installed.read_bytes() == lock:
        return
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--prefer-offline"]
    command += ["--fetch-retries=1", "--fetch-retry-mintimeout=1000"]
    if subprocess.run(command, cwd=PARTS, check=False).returncode:
        sys.exit(UNAVAILABLE)
    installed.write_bytes(lock)


def build_python() -> None:
    """Write the archives of the linter and of Python's standard library, compiled."""
    site, standard = dict(site_files()), dict(standard_files())
    compile_missing({key(*file): file for file in (*site.items(), *standard.items())})
    (OUTPUT / "linter.bin").write_bytes(archive(compiled(site)))
    with zipfile.ZipFile(OUTPUT / "python_stdlib.zip", "w") as file:
        for path, content in compiled(standard).items():
            file.writestr(zipfile.ZipInfo(path), content, zipfile.ZIP_DEFLATED, 9)


def site_files() -> Iterator[tuple[str, bytes]]:
    """All modules besides those of Python, and the files that they read."""
    for folder, target in (("multitool_lint", ""), ("rules", "multitool_lint/")):
        for path in sorted((ROOT / folder).rglob("*")):
            name = f"{target}{path.relative_to(ROOT)}"
            if path.is_file() and is_used(name) and path.suffix != ".md":
                yield name, path.read_bytes()
    for distribution, starts in DISTRIBUTIONS.items():
        for file in metadata.files(distribution) or ():
            name = file.as_posix()
            if name.startswith(starts) and not name.startswith("..") and is_used(name):
                yield name, file.read_binary()
    for path in sorted((PARTS / "python").rglob("*.py")):
        yield path.name, path.read_bytes()
    yield "lsprotocol/__init__.py", b""
    yield "lsprotocol/types.py", playground_protocol.types_module().encode()


def is_used(path: str) -> bool:
    """Whether a file is one of a module that a browser can import, or read by one."""
    if "__pycache__" in path or ".dist-info/" in path or path.endswith((".so", ".pyd", ".pyi")):
        return False
    return not any(part in path for part in UNUSED)


def standard_files() -> Iterator[tuple[str, bytes]]:
    """The modules of Python's standard library but those that nothing here imports."""
    unused = (PARTS / "unused.txt").read_text("utf-8").split()
    with zipfile.ZipFile(PACKAGES / "pyodide" / "python_stdlib.zip") as file:
        for path in file.namelist():
            package, _, name = path.partition("/")
            if package.removesuffix(".py") in unused or not path.endswith(".py"):
                continue
            if package != "encodings" or name.startswith(ENCODINGS):
                yield path, file.read(path)


@cache
def compiler() -> str:
    """By what the program that compiles, and its Python, are known again."""
    lock = (PACKAGES / "pyodide" / "pyodide-lock.json").read_bytes()
    return digest((PARTS / "compile.mjs").read_bytes() + lock)


def key(path: str, content: bytes) -> str:
    """By what a compiled module is known again."""
    return digest(f"{compiler()}{path}\0".encode() + content)


def compile_missing(files: Mapping[str, tuple[str, bytes]]) -> None:
    """Compile the modules of files by their keys, as far as none of an earlier build is there."""
    missing = {}
    for name, (path, content) in files.items():
        if not path.endswith(".py"):
            continue
        kept = CACHE / f"{name}.pyc"
        if kept.exists():
            kept.touch()
        else:
            (CACHE / f"{name}.py").write_bytes(content)
            missing[name] = path
    oldest = time.time() - DAYS_KEPT * 24 * 60 * 60
    for kept in CACHE.glob("*.pyc"):
        if kept.stat().st_mtime < oldest:
            kept.unlink()
    (CACHE / "missing.json").write_text(json.dumps(missing), "utf-8")
    if missing:
        subprocess.run(["node", PARTS / "compile.mjs", CACHE], check=True)  # noqa: S607 # by its name


def compiled(files: Files) -> Files:
    """The modules compiled, under the names of compiled ones, and the other files as they are."""
    return {
        **{path: content for path, content in files.items() if not path.endswith(".py")},
        **{
            f"{path}c": (CACHE / f"{key(path, content)}.pyc").read_bytes()
            for path, content in files.items()
            if path.endswith(".py")
        },
    }


def archive(files: Mapping[str, bytes]) -> bytes:
    """An archive that is the same for the same files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(buffer.getvalue(), 9, mtime=0)


def build_page() -> None:
    """Bundle the page, its worker, and the service worker with the list of all files."""
    options = ["--bundle", "--format=esm", "--minify", "--charset=utf8", "--log-level=warning"]
    options += ["--external:./pyodide.mjs", "--external:module", "--external:fs/promises"]
    subprocess.run(
        [
            *(str(PACKAGES / ".bin" / "esbuild"), *options),
            *("--out-extension:.js=.mjs", f"--outdir={OUTPUT}"),
            *("page.mjs", "worker.mjs", "page.css"),
        ],
        cwd=PARTS / "page",
        check=True,
    )
    shutil.copyfile(PARTS / "page" / "index.html", OUTPUT / "index.html")
    listed = json.dumps(playground_examples.examples(), ensure_ascii=False)
    (OUTPUT / "examples.json").write_text(listed, "utf-8")
    service = (PARTS / "page" / "offline.js").read_text("utf-8")
    (OUTPUT / "offline.js").unlink(missing_ok=True)
    files = {path.name: digest(path.read_bytes()) for path in sorted(OUTPUT.iterdir())}
    listed = json.dumps({"version": digest(repr(files).encode())[:16], "files": list(files)})
    (OUTPUT / "offline.js").write_text(f"const BUILT = {listed};\n{service}", "utf-8")


def digest(content: bytes) -> str:
    """By what the content is known again."""
    return hashlib.sha256(content).hexdigest()


def compressed_size(path: Path) -> int:
    """The size in bytes that a web server sends."""
    is_packed = path.suffix in (".bin", ".zip")
    return path.stat().st_size if is_packed else len(gzip.compress(path.read_bytes(), 9))


if __name__ == "__main__":
    main()
