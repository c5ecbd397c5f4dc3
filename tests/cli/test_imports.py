"""The folder that a run starts in may be a stranger's: no module is imported from it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.planted_modules import plant

ROOT = Path(__file__).parents[2]
POLICY = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}'
)
# As the console script, whose first entry of the path is its own folder.
SCRIPT = """\
import sys
from multitool_lint.cli import program

if __name__ == "__main__":
    program()
"""
# What a process does when it starts: with two threads, no process is forked.
SPAWNING = "import threading\nthreading.active_count = lambda: 2\n"
KILLED = """
import os
import multitool_lint.linter.batches as batches
judge = batches.lint_with_settings

def faulty(source, settings):
    if source.path.endswith("7.json"):
        os._exit(9)
    if os.environ.get("PYTHONSAFEPATH") is not None:
        raise LookupError("the variable is left")
    return judge(source, settings)

batches.lint_with_settings = faulty
"""


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    return tmp_path / "imported"


@pytest.fixture
def checkout(tmp_path: Path, marker: Path) -> Path:
    folder = tmp_path / "checkout"
    folder.mkdir()
    plant(folder, marker)
    for number in range(40):
        (folder / f"p{number}.json").write_text(POLICY, encoding="utf-8")
    return folder


def run(
    *arguments: str | Path, cwd: Path, path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if "PYTHON" not in name}
    folders = [str(folder) for folder in (path, ROOT) if folder]
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": os.pathsep.join(folders), "NO_COLOR": "1"},
        check=False,
    )


def script(tmp_path: Path) -> Path:
    """A program in a folder of its own, as an installation makes it."""
    path = tmp_path / "bin" / "multitool-lint"
    path.parent.mkdir()
    path.write_text(SCRIPT, encoding="utf-8")
    return path


def imported(marker: Path) -> set[str]:
    return set(marker.read_text(encoding="utf-8").split()) if marker.exists() else set()


def test_python_m_imports_no_more_from_there_than_python_itself(
    checkout: Path, marker: Path, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "empty" / "__init__.py").touch()
    (tmp_path / "empty" / "__main__.py").touch()
    assert run("-m", "empty", cwd=checkout, path=tmp_path).returncode == 0
    unavoidable = imported(marker)
    marker.unlink(missing_ok=True)
    done = run("-m", "multitool_lint", "p1.json", cwd=checkout)
    assert (done.returncode, done.stderr) == (1, "")
    assert imported(marker) <= unavoidable


@pytest.mark.parametrize("option", ["-P", "-I"])
def test_an_option_of_python_leaves_nothing_to_import(
    checkout: Path, marker: Path, option: str
) -> None:
    done = run(option, "-m", "multitool_lint", "p1.json", cwd=checkout)
    # With -I, PYTHONPATH counts for nothing: the package is then an installed one.
    assert done.returncode == 1, done
    assert not imported(marker)


def test_a_checkout_of_this_project_runs_in_its_own_folder() -> None:
    done = run("-S", "-m", "multitool_lint", "--help", cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_console_script_and_its_processes_import_nothing(
    checkout: Path, marker: Path, tmp_path: Path, jobs: str
) -> None:
    (tmp_path / "sitecustomize.py").write_text(SPAWNING, encoding="utf-8")
    done = run(script(tmp_path), f"--jobs={jobs}", "--no-cache", ".", cwd=checkout, path=tmp_path)
    assert (done.returncode, done.stderr) == (1, "")
    assert " of 40 files" in done.stdout
    assert not imported(marker)


@pytest.mark.slow
def test_a_process_that_takes_the_place_of_a_killed_one_imports_nothing(
    checkout: Path, marker: Path, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(KILLED, encoding="utf-8")
    done = run(script(tmp_path), "--jobs=2", "--no-cache", ".", cwd=checkout, path=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("the process that linted it was ended") == 4
    assert "the variable is left" not in done.stderr
    assert " of 36 files" in done.stdout
    assert not imported(marker)


def test_without_an_environment_and_a_safe_path_there_is_one_process(
    checkout: Path, marker: Path, tmp_path: Path
) -> None:
    program = script(tmp_path)
    text = f"import sys\nsys.path[:0] = [{str(tmp_path)!r}, {str(ROOT)!r}]\nimport spawning\n"
    program.write_text(text + SCRIPT, encoding="utf-8")
    (tmp_path / "spawning.py").write_text(SPAWNING, encoding="utf-8")
    done = run("-E", program, "--jobs=2", "--no-cache", ".", cwd=checkout)
    assert (done.returncode, done.stderr) == (1, "")
    assert " of 40 files" in done.stdout
    assert not imported(marker)
