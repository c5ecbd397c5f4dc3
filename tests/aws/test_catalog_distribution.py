"""The catalog as a distribution of its own: built, installed, and chosen by its date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from zipfile import ZipFile

import pytest

from multitool_lint.aws.catalog.catalog import bundled
from multitool_lint.aws.catalog.locate import FORMAT, copies, other_formats
from multitool_lint.aws.catalog.tables import BUNDLED, CatalogError
from multitool_lint.cli import main
from multitool_lint.cli.options import catalog as catalogs
from multitool_lint.cli.run.outcomes import FEW

ROOT = Path(__file__).parents[2]
PACKAGE = "multitool_lint_catalog"
DATA = f"{PACKAGE}/data-{FORMAT}"
OLDER, NEWER, NEWEST = "2020-01-01", "2099-01-01", "2099-02-02"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT / "catalog", check=True, capture_output=True)
    [wheel] = folder.iterdir()
    return wheel


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture
def site(unpacked: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which the distribution is installed, and nothing else that counts."""
    folder = tmp_path / "site"
    shutil.copytree(unpacked, folder)
    monkeypatch.setattr(catalogs, "site_folders", lambda: [str(folder)])
    for variable in ("XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.setenv(variable, str(tmp_path / "data"))
    return folder


def set_date(site: Path, date: str) -> None:
    sources = site / DATA / "sources.tsv"
    text = sources.read_text(encoding="utf-8")
    sources.write_text(text.replace(bundled().date, date), encoding="utf-8")


def test_the_wheel_has_the_files_of_the_package_and_their_date(wheel: Path) -> None:
    year, month, day = map(int, bundled().date.split("-"))
    assert wheel.name == f"{PACKAGE}-{year}.{month}.{day}-py3-none-any.whl"
    with ZipFile(wheel) as archive:
        names = [name for name in archive.namelist() if name.startswith(f"{DATA}/")]
        for name in names:
            assert archive.read(name) == Path(BUNDLED, name.removeprefix(f"{DATA}/")).read_bytes()
        assert f"{PACKAGE}/LICENSE" in archive.namelist()
    assert len(names) == sum(path.is_file() for path in Path(BUNDLED).rglob("*"))


@pytest.mark.parametrize(
    ("date", "origin"), [(NEWER, "installed"), (OLDER, "package"), (None, "package")]
)
def test_the_newest_counts(
    site: Path, capsys: pytest.CaptureFixture[str], date: str | None, origin: str
) -> None:
    if date:
        set_date(site, date)
    assert main(["catalog", "--format", "json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["origin"] == origin
    assert facts["path"] == (BUNDLED if origin == "package" else f"{site}/{DATA}")
    assert {copy["origin"] for copy in facts["copies"]} == {"package", "installed"}


def test_the_command_says_why(site: Path, capsys: pytest.CaptureFixture[str]) -> None:
    set_date(site, NEWER)
    assert main(["catalog"]) == 0
    used, why = capsys.readouterr().out.splitlines()[:2]
    assert used == f"catalog of {NEWER}, in multitool-lint-catalog: {site}/{DATA}"
    others = f"{bundled().date}, in the package"
    assert why == f"used because it is the newest; other copies: {others}"
    assert main(["catalog", "--catalog=bundled"]) == 0
    assert "used because it is chosen" in capsys.readouterr().out


def test_an_update_counts_if_it_is_newer_than_what_is_installed(site: Path) -> None:
    set_date(site, NEWER)
    updates = Path(catalogs.updates() or "")
    shutil.copytree(BUNDLED, updates / f"{NEWEST}T000000Z-00000000")
    shutil.copytree(BUNDLED, updates / f"{OLDER}T000000Z-00000000")
    assert [copy.origin for copy in copies(str(updates), [str(site)])] == [
        "update",
        "installed",
        "package",
    ]
    assert catalogs.newest().directory.startswith(str(updates))
    shutil.rmtree(updates / f"{NEWEST}T000000Z-00000000")
    assert catalogs.newest().directory == f"{site}/{DATA}"


def test_a_damaged_update_gives_way_to_what_is_installed(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_date(site, NEWER)
    Path(catalogs.updates() or "", f"{NEWEST}T000000Z-00000000").mkdir(parents=True)
    assert catalogs.newest().directory == f"{site}/{DATA}"
    assert "the catalog in multitool-lint-catalog is used" in capsys.readouterr().err


def test_a_kept_report_is_of_the_catalog_in_use(
    site: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    service, index = site / DATA / "services" / "sq.tsv", site / DATA / "index.tsv"
    others, head, text = service.read_text(encoding="utf-8").partition("sqs\t")
    added = others + head + text.replace("[actions]\n", "[actions]\nAAA\tR\n")
    count = text.partition("[actions]\n")[2].partition("[retired]")[0].count("\n")
    rows = index.read_text(encoding="utf-8").replace(f"sqs\t{count}\t", f"sqs\t{count + 1}\t")
    service.write_text(added, encoding="utf-8")
    index.write_text(rows, encoding="utf-8")
    statement = {"Effect": "Deny", "Action": "sqs:AAA", "Resource": "*"}
    policies = tmp_path / "policies"
    policies.mkdir()
    text = json.dumps({"Version": "2012-10-17", "Statement": statement})
    for number in range(FEW + 1):
        (policies / f"{number}.json").write_text(text, encoding="utf-8")
    found = []
    for date in (bundled().date, NEWER, NEWER, OLDER):
        sources = Path(BUNDLED, "sources.tsv").read_text(encoding="utf-8")
        text = sources.replace(bundled().date, date)
        (site / DATA / "sources.tsv").write_text(text, encoding="utf-8")
        found.append(main(["check", str(policies), "--select=unknown-action"]))
    assert (tmp_path / "cache").exists()
    assert found == [1, 0, 0, 1]
    assert "sqs:AAA" in capsys.readouterr().out


@pytest.mark.parametrize("damaged", ["sources.tsv", "index.tsv", "services/s3.tsv"])
def test_a_damaged_one_that_is_newest_ends_the_run(
    site: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, damaged: str
) -> None:
    set_date(site, NEWER)
    (site / DATA / damaged).unlink()
    path = tmp_path / "policy.json"
    path.write_text('{"Version": "2012-10-17", "Statement": []}', encoding="utf-8")
    for command in (["check", str(path)], ["--version"], ["catalog"], ["catalog", "update"]):
        assert main(command) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith(f"error: {site}/{DATA}")
        assert err.endswith("; install multitool-lint-catalog again\n")
    assert main(["check", str(path), "--catalog=bundled"]) == 1
    with pytest.raises(CatalogError):
        catalogs.newest()


def test_another_format_is_noted_and_not_used(
    site: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    set_date(site, NEWER)
    (site / DATA).rename(site / PACKAGE / f"data-{FORMAT + 1}")
    assert list(other_formats([str(site)])) == [f"{site}/{PACKAGE}"]
    assert main(["--version"]) == 0
    out, err = capsys.readouterr()
    assert f"(catalog of {bundled().date})" in out
    assert err.startswith(f"note: {site}/{PACKAGE} is not used: ")
    shutil.rmtree(site / PACKAGE / f"data-{FORMAT + 1}")
    assert main(["--version"]) == 0
    assert capsys.readouterr().err == ""


def version(python: Path | str, folder: Path) -> str:
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    result = subprocess.run(
        [str(python), "-m", "multitool_lint", "--version"],
        cwd=folder,
        env=environment,
        check=True,
        capture_output=True,
        encoding="utf-8",
    )
    assert result.stderr == ""
    return result.stdout


def test_a_folder_that_is_linted_brings_no_catalog(unpacked: Path, tmp_path: Path) -> None:
    shutil.copytree(unpacked / PACKAGE, tmp_path / PACKAGE)
    (tmp_path / PACKAGE / "__init__.py").write_text("raise SystemExit(3)\n", encoding="utf-8")
    set_date(tmp_path, NEWER)
    assert f"(catalog of {bundled().date})" in version(sys.executable, tmp_path)


def test_an_environment_with_the_distribution(unpacked: Path, tmp_path: Path) -> None:
    venv.create(tmp_path / "venv", with_pip=False)
    scheme = {"base": str(tmp_path / "venv"), "platbase": str(tmp_path / "venv")}
    site = Path(sysconfig.get_path("purelib", "venv", scheme))
    paths = [
        ROOT,
        *(path for path in sys.path if path.endswith(("site-packages", "dist-packages"))),
    ]
    (site / "here.pth").write_text("\n".join(map(str, paths)), encoding="utf-8")
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    assert f"(catalog of {bundled().date})" in version(python, tmp_path)
    shutil.copytree(unpacked / PACKAGE, site / PACKAGE)
    set_date(site, NEWER)
    assert f"(catalog of {NEWER})" in version(python, tmp_path)
    shutil.rmtree(site / PACKAGE)
    assert f"(catalog of {bundled().date})" in version(python, tmp_path)
