"""What the playground of the documentation loads: Pyodide, the linter, and what the linter imports.

    python scripts/playground.py build/site/playground/pyodide

Pyodide and the packages that it has are downloaded, and must have the digests below and those of
its lock file. pip builds wheels of the others. The site serves all of it; the lock file that is
written has the digest of each package, which the browser checks.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).parent.parent
NAME = "multitool-lint"
VERSION = "314.0.7"
CORE = {
    "pyodide-lock.json": "5dc2fc119108bc148c7457dc86e7675b5c87e1cafd420b9c34c1eaef7b36c010",
    "pyodide.asm.mjs": "f7cdc8ece80678ceb712f8e65ebe6d3a83203a180c399865f49612a051693635",
    "pyodide.asm.wasm": "cc36e3cab04fdfc9a63ff13eb52eae2b911bf46c025cc7b281f394bd3de1d5e6",
    "pyodide.mjs": "6f1d60f7bf529beb300f0f47983c921d3982363640ba20af0e38efdddbc66109",
    "python_stdlib.zip": "fa1957e5777068fc4f7437f96d860ae2fbe9c19732ba06c84e004ec16dd7dd7a",
}
"""The files of the npm package, with their SHA-256."""
CORE_ADDRESS = f"https://cdn.jsdelivr.net/npm/pyodide@{VERSION}/"
PACKAGES_ADDRESS = f"https://cdn.jsdelivr.net/pyodide/v{VERSION}/full/"
FROM_PYODIDE = ("jsonschema", "pyyaml")
FROM_PYPI = ("parliament", "policy-sentry")
"""What the linter needs for JSON and YAML, by the names in pyproject.toml."""
OF_PARLIAMENT = ("json-cfg", "kwonly-args")


def download(address: str, digest: str) -> bytes:
    """The file at an address, which must have this digest."""
    with urlopen(address, timeout=60) as answer:  # noqa: S310 - one of the addresses above
        content: bytes = answer.read()
    if hashlib.sha256(content).hexdigest() != digest:
        raise ValueError(f"{address} does not have the SHA-256 {digest}")
    return content


def build_wheels(folder: Path) -> list[Path]:
    """Build the wheel of the linter, and get those of what it imports."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    needed = [line for line in project["dependencies"] if line.startswith(FROM_PYPI)]
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir"]
    before = set(folder.iterdir())
    subprocess.run([*command, str(folder), str(ROOT), *needed, *OF_PARLIAMENT], check=True)
    return sorted(set(folder.iterdir()) - before)


def with_dependencies(names: tuple[str, ...], packages: dict[str, Any]) -> dict[str, Any]:
    """The packages of a lock file with these names, and what they depend on."""
    found: dict[str, Any] = {}
    waiting = list(names)
    while waiting:
        name = waiting.pop().replace("_", "-")
        if name not in found:
            found[name] = packages[name]
            waiting += packages[name]["depends"]
    return found


def lock_entry(wheel: Path, depends: list[str]) -> dict[str, Any]:
    """What a lock file says of a pure wheel."""
    name, version, *tags = wheel.stem.split("-")
    if tags[-1] != "any":
        raise ValueError(f"{wheel.name} is not a pure wheel")
    return {
        "name": name.replace("_", "-"),
        "version": version,
        "file_name": wheel.name,
        "install_dir": "site",
        "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
        "package_type": "package",
        "imports": [],
        "depends": depends,
        "unvendored_tests": False,
    }


def main() -> None:
    """Write all files to a new folder."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True)
    for name, digest in CORE.items():
        (folder / name).write_bytes(download(CORE_ADDRESS + name, digest))
    lock = json.loads((folder / "pyodide-lock.json").read_text("utf-8"))
    packages = with_dependencies(FROM_PYODIDE, lock["packages"])
    for package in packages.values():
        content = download(PACKAGES_ADDRESS + package["file_name"], package["sha256"])
        (folder / package["file_name"]).write_bytes(content)
    built = {
        entry["name"]: entry for entry in (lock_entry(wheel, []) for wheel in build_wheels(folder))
    }
    built[NAME]["depends"] = sorted({*packages, *built} - {NAME})
    lock["packages"] = packages | built
    (folder / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")


if __name__ == "__main__":
    main()
