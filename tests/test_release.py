"""The steps of a release that need no account."""

import hashlib
import re
from pathlib import Path
from zipfile import ZipFile

import pytest
import release
from support.git_repository import commit, new_repository, write

CHANGELOG = """# Changelog

## Unreleased

- soon

## 0.2.0 - 2026-01-02

### Added

- a thing, see ## here

## 0.1.0

- first
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "multitool_lint").mkdir()
    (tmp_path / "multitool_lint/_version.py").write_text('__version__ = "0.2.0"\n', "utf-8")
    (tmp_path / "CHANGELOG.md").write_text(CHANGELOG, "utf-8")
    return tmp_path


def test_the_notes_are_the_section_of_the_version(root: Path) -> None:
    assert release.notes("v0.2.0", root) == "### Added\n\n- a thing, see ## here\n"
    assert release.notes(None, root) == "- soon\n"
    assert release.section(CHANGELOG, "0.1.0") == "- first\n"


def test_the_commit_of_a_release_can_be_rehearsed(root: Path) -> None:
    released = CHANGELOG.replace("## Unreleased\n\n- soon\n\n", "")
    (root / "CHANGELOG.md").write_text(released, "utf-8")
    assert release.notes(None, root) == release.notes("v0.2.0", root)


def test_only_what_is_committed_is_released(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(release.ReleaseError, match="git status: "):
        release.check_committed(tmp_path)
    repository = new_repository(tmp_path, monkeypatch)
    commit(a_md="a\n")
    release.check_committed(repository)
    write("b.md")
    with pytest.raises(release.ReleaseError, match=r"not committed:\n\?\? b\.md$"):
        release.check_committed(repository)
    commit(a_md="b\n")
    write("a.md")
    with pytest.raises(release.ReleaseError, match=r"not committed:\n M a\.md$"):
        release.check_committed(repository)


def test_the_documentation_names_the_version() -> None:
    tag = f"v{release.version()}"
    pages = [release.ROOT / "README.md", *(release.ROOT / "docs").glob("*.md")]
    named = [
        (page.name, found)
        for page in pages
        for found in re.findall(r"(?:rev: |multitool-lint@)(v[\w.]+)", page.read_text("utf-8"))
    ]
    assert len(named) > 3
    assert [(name, found) for name, found in named if found != tag] == []


@pytest.mark.parametrize("tag", ["0.2.0", "v0.1.0", "v0.2.0rc1", "v0.2", ""])
def test_a_tag_that_is_not_the_version_is_an_error(tag: str, root: Path) -> None:
    with pytest.raises(release.ReleaseError, match=r'is not "v0\.2\.0"'):
        release.notes(tag, root)


@pytest.mark.parametrize(
    ("changelog", "message"),
    [
        ("## 0x2x0\n\n- other\n", "expected one section"),
        ("## 0.2.0\n\n## 0.1.0\n\n- first\n", "is empty"),
        ("## 0.2.0\n\n- a\n\n## 0.2.0\n\n- b\n", "expected one section"),
        ("### 0.2.0\n\n- a\n", "expected one section"),
    ],
)
def test_a_changelog_without_the_version_is_an_error(
    changelog: str, message: str, root: Path
) -> None:
    (root / "CHANGELOG.md").write_text(changelog, "utf-8")
    with pytest.raises(release.ReleaseError, match=message):
        release.notes("v0.2.0", root)


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("rehearsal") / "release"
    assert release.main(["build", str(folder)]) == 0
    return folder


@pytest.mark.slow
def test_the_readme_of_a_package_has_no_relative_links(rehearsal: Path) -> None:
    [wheel] = (rehearsal / "dist").glob("*.whl")
    with ZipFile(wheel) as archive:
        [metadata] = [name for name in archive.namelist() if name.endswith("/METADATA")]
        text = archive.read(metadata).decode()
    links = re.findall(r"\]\(([^)]*)\)", text)
    assert len(links) > 10
    assert not [link for link in links if not link.startswith("https://")]


@pytest.mark.slow
def test_a_rehearsal_builds_what_would_be_published(rehearsal: Path, tmp_path: Path) -> None:
    assert (rehearsal / "notes.md").read_text("utf-8").startswith("### ")
    lines = [line.split() for line in (rehearsal / "SHA256SUMS").read_text("utf-8").splitlines()]
    files = {path.name: path.read_bytes() for path in (rehearsal / "dist").iterdir()}
    digests = {name: hashlib.sha256(data).hexdigest() for name, data in files.items()}
    assert digests == {name: digest for digest, name in lines}
    again = release.build(tmp_path / "again")
    assert release.sums(again) == (rehearsal / "SHA256SUMS").read_text("utf-8")


def test_distributions_of_another_version_are_an_error(rehearsal: Path, tmp_path: Path) -> None:
    paths = sorted((rehearsal / "dist").iterdir())
    with pytest.raises(release.ReleaseError, match="expected"):
        release.check(paths, "9.9.9")
    number = release.version()
    renamed = [tmp_path / path.name.replace(f"-{number}", "-9.9.9") for path in paths]
    for path, other in zip(paths, renamed, strict=True):
        other.write_bytes(path.read_bytes())
    with pytest.raises(release.ReleaseError, match=f"Version is {number}, not 9.9.9"):
        release.check(renamed, "9.9.9")


def test_a_step_that_fails_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release.main(["sbom", str(tmp_path / "python"), str(tmp_path)]) == 1
    assert "error: " in capsys.readouterr().err


def test_a_folder_that_exists_is_an_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert release.main(["build", str(tmp_path)]) == 1
    assert "exists" in capsys.readouterr().err
