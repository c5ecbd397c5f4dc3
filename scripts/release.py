"""The steps of a release that need no account.

    python scripts/release.py build [--tag vVERSION] DIR
    python scripts/release.py sbom PYTHON DIR

`build` checks that the tag is the version, that CHANGELOG.md has a section for it and that all is
committed, and writes notes.md, dist/ with the source distribution and the wheel, and SHA256SUMS.
Without a tag it is a rehearsal: the section is "Unreleased" if there is one, and files may be
uncommitted. `sbom` lists what is installed for that Python, an environment with the wheel alone, in
sbom.cdx.json (CycloneDX).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
import tarfile
import zipfile
from email.parser import BytesParser
from pathlib import Path

ROOT = Path(__file__).parent.parent
NAME = "multitool-lint"
UNRELEASED = "Unreleased"
_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)


class ReleaseError(Exception):
    """What is in the way of a release."""


def version(root: Path = ROOT) -> str:
    """The version in the source."""
    text = (root / "multitool_lint/_version.py").read_text(encoding="utf-8")
    match = _VERSION.search(text)
    if match is None:
        raise ReleaseError("multitool_lint/_version.py: no version")
    return match[1]


def section(changelog: str, title: str) -> str:
    """The text of a section of the changelog, whose heading may be followed by a date."""
    heading = _heading(title)
    if len(re.findall(heading, changelog, re.MULTILINE)) != 1:
        raise ReleaseError(f'CHANGELOG.md: expected one section "## {title}"')
    text = re.split(heading, changelog, flags=re.MULTILINE)[1]
    body = re.split(r"^## ", text, maxsplit=1, flags=re.MULTILINE)[0].strip()
    if not body:
        raise ReleaseError(f'CHANGELOG.md: the section "## {title}" is empty')
    return body + "\n"


def _heading(title: str) -> str:
    return rf"^## \[?{re.escape(title)}\]?(?: - \d{{4}}-\d\d-\d\d)?$"


def notes(tag: str | None, root: Path = ROOT) -> str:
    """The notes of the release with a tag, or of a rehearsal without one."""
    number = version(root)
    if tag is not None and tag != f"v{number}":
        raise ReleaseError(f'the tag "{tag}" is not "v{number}", the version in the source')
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    # The commit of a release has no "Unreleased" any more.
    rehearses = tag is None and re.search(_heading(UNRELEASED), changelog, re.MULTILINE)
    return section(changelog, UNRELEASED if rehearses else number)


def check_committed(root: Path = ROOT) -> None:
    """See that what is built is what the tag names: a build includes files unknown to git."""
    status = _git(root, "status", "--porcelain")
    if status.returncode:
        raise ReleaseError(f"git status: {status.stderr.strip()}")
    if status.stdout:
        raise ReleaseError(f"not committed:\n{status.stdout.rstrip()}")


def build(folder: Path, root: Path = ROOT) -> list[Path]:
    """Build the source distribution and the wheel, with the time of the last commit."""
    environment = {"SOURCE_DATE_EPOCH": _time(root), **os.environ}
    command = [sys.executable, "-m", "hatchling", "build", "--directory", str(folder.resolve())]
    subprocess.run(command, cwd=root, env=environment, check=True, stdout=subprocess.DEVNULL)
    return sorted(folder.iterdir())


def check(paths: list[Path], number: str) -> None:
    """See that the distributions are those of the version, with all that an index asks for."""
    stem = f"{NAME.replace('-', '_')}-{number}"
    expected = [f"{stem}-py3-none-any.whl", f"{stem}.tar.gz"]
    if [path.name for path in paths] != expected:
        raise ReleaseError(f"expected {expected}, built {[path.name for path in paths]}")
    for path in paths:
        metadata = BytesParser().parsebytes(_metadata(path))
        wanted = {"Name": NAME, "Version": number, "Description-Content-Type": "text/markdown"}
        for key, value in wanted.items():
            if metadata[key] != value:
                raise ReleaseError(f"{path.name}: {key} is {metadata[key]}, not {value}")
        if not str(metadata.get_payload()).strip():
            raise ReleaseError(f"{path.name}: no description")


def sums(paths: list[Path]) -> str:
    """The digests of files, as `sha256sum --check` reads them."""
    digests = [(hashlib.sha256(path.read_bytes()).hexdigest(), path.name) for path in paths]
    return "".join(f"{digest}  {name}\n" for digest, name in digests)


def sbom(python: str, target: Path, root: Path = ROOT) -> None:
    """Write what is installed for a Python to a file, in CycloneDX."""
    program = [sys.executable, "-m", "cyclonedx_py", "environment", "--output-reproducible"]
    options = ["--pyproject", str(root / "pyproject.toml"), "--mc-type", "application"]
    command = [*program, *options, "--output-file", str(target.resolve()), python]
    subprocess.run(command, env={"SOURCE_DATE_EPOCH": _time(root), **os.environ}, check=True)
    document = json.loads(target.read_text(encoding="utf-8"))
    # Names are as their distributions spell them; a purl has them in one way.
    names = {component["purl"].partition("@")[0] for component in document["components"]}
    if not names >= {f"pkg:pypi/{name}" for name in ("jsonschema", "parliament", "policy-sentry")}:
        raise ReleaseError(f"{python}: the dependencies of {NAME} are not installed")
    # pyproject.toml has none: it is in the source.
    document["metadata"]["component"]["version"] = version(root)
    target.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def _time(root: Path) -> str:
    """The time of the last commit; that of 1980, the first of a ZIP file, without git."""
    return _git(root, "log", "-1", "--format=%ct").stdout.strip() or "315532800"


def _git(root: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = ["git", *words]  # the one that is installed
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def _metadata(path: Path) -> bytes:
    """The core metadata of a distribution."""
    if path.suffix == ".whl":
        with zipfile.ZipFile(path) as wheel:
            name = next(name for name in wheel.namelist() if name.endswith(".dist-info/METADATA"))
            return wheel.read(name)
    with tarfile.open(path) as archive:
        file = archive.extractfile(f"{path.name.removesuffix('.tar.gz')}/PKG-INFO")
        if file is None:
            raise ReleaseError(f"{path.name}: no metadata")
        return file.read()


def _build(tag: str | None, folder: Path) -> None:
    text = notes(tag)
    if tag is not None:
        check_committed()
    if folder.exists():
        raise ReleaseError(f"{folder} exists; a release is built in a new folder")
    paths = build(folder / "dist")
    check(paths, version())
    (folder / "notes.md").write_text(text, encoding="utf-8")
    (folder / "SHA256SUMS").write_text(sums(paths), encoding="utf-8")


def main(argv: list[str] | None = None) -> int:
    """Do the steps of a command."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build")
    building.add_argument("--tag")
    listing = commands.add_parser("sbom")
    listing.add_argument("python")
    for command in (building, listing):
        command.add_argument("folder", type=Path)
    arguments = parser.parse_args(argv)
    folder: Path = arguments.folder
    try:
        if arguments.command == "sbom":
            sbom(arguments.python, folder / "sbom.cdx.json")
        else:
            _build(arguments.tag, folder)
    except ReleaseError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except subprocess.CalledProcessError as error:  # has printed why
        print(f"error: {shlex.join(error.cmd)}: exit code {error.returncode}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
