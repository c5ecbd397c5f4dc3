"""The container image of a release."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import release

ROOT = Path(__file__).parent.parent
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
BUILDER = next((name for name in ("docker", "podman") if shutil.which(name)), None)
IMAGE = "multitool-lint:test"
BASE = re.findall("^FROM (.+?)(?: AS .*)?$", CONTAINERFILE, re.MULTILINE)[0]


def test_it_is_pinned_and_has_no_rights() -> None:
    assert re.fullmatch(r"docker.io/library/python:3\.\d+\.\d+-slim-\w+@sha256:[0-9a-f]{64}", BASE)
    assert set(re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)) == {BASE, "python"}
    assert re.search(r"^USER [1-9]\d*:[1-9]\d*$", CONTAINERFILE, re.MULTILINE)


def test_it_lints_what_is_mounted(tmp_path: Path) -> None:
    if BUILDER is None:
        pytest.skip("needs docker or podman")
    if subprocess.run([BUILDER, "pull", BASE], check=False).returncode:
        pytest.skip("needs the base image")
    assert release.main(["build", str(tmp_path / "release")]) == 0
    build = [BUILDER, "build", "--file", str(ROOT / "Containerfile"), "--tag", IMAGE]
    subprocess.run([*build, str(tmp_path / "release")], check=True)
    volume = f"{ROOT / 'fixtures'}:/src:ro"
    done = subprocess.run(
        [BUILDER, "run", "--rm", "--network", "none", "--volume", volume, IMAGE],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "multitool.json" in done.stdout
