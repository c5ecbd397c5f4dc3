"""Many files: the same output however many processes lint, and what happens when these fail."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ACTIONS = ["s3:Get*", "s3:GetObject", "iam:PassRole", "ec2:*", "ec2:DescribeInstances", "nope:X"]
COUNT = 40

needs_posix = pytest.mark.skipif(os.name == "nt", reason="signals are not like that on Windows")


def policy(number: int) -> str:
    statement = {"Effect": "Allow", "Action": ACTIONS[: 1 + number % 6], "Resource": "*"}
    document = {"Version": "2012-10-17", "Statement": [{"Sid": f"S{number}", **statement}]}
    return json.dumps(document, indent=1 + number % 3)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of policies, pages with policies, and files that are neither."""
    folder = tmp_path_factory.mktemp("files")
    for number in range(COUNT):
        place = folder / f"folder-{number % 7}"
        place.mkdir(exist_ok=True)
        (place / f"policy-{number}.json").write_text(policy(number), encoding="utf-8")
        (place / f"other-{number}.json").write_text("{}", encoding="utf-8")
    page = f"# Page\n\n```json\n{policy(3)}\n```\n\n```json\n{{}}\n```\n"
    (folder / "page.md").write_text(page, encoding="utf-8")
    (folder / "broken.json").write_text(policy(2).replace("]", ""), encoding="utf-8")
    (folder / "é.json").write_bytes(policy(2).encode("utf-16"))
    return folder


def start(
    *arguments: str, cwd: Path, path: str = "", prefix: tuple[str, ...] = ()
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": f"{path}{os.pathsep}{ROOT}", "NO_COLOR": "1"}
    return subprocess.Popen(
        [*prefix, sys.executable, "-m", "multitool_lint", *arguments],
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )


def run(*arguments: str, cwd: Path, path: str = "") -> tuple[int, str, str]:
    process = start(*arguments, "--no-cache", cwd=cwd, path=path)
    out, err = process.communicate()
    return process.returncode, out.decode(), err.decode()


@pytest.mark.parametrize("format_", ["text", "json", "access-analyzer"])
@pytest.mark.slow
def test_the_output_is_the_same_with_any_number_of_processes(files: Path, format_: str) -> None:
    one = run(".", f"--format={format_}", "--jobs=1", cwd=files)
    assert one[0] == 2
    assert "é.json: encoded in UTF-16" in one[2]
    for jobs in ("2", "3"):
        assert run(".", f"--format={format_}", f"--jobs={jobs}", cwd=files) == one
    assert run(".", f"--format={format_}", cwd=files) == one


@pytest.mark.parametrize("jobs", ["0", "-1", "two", ""])
def test_a_number_of_processes_is_one(jobs: str, files: Path) -> None:
    code, _, err = run(".", f"--jobs={jobs}", cwd=files)
    assert code == 2
    assert f'--jobs: "{jobs}" is not a number of processes' in err


# What every process of a run does when it starts, with the fault of a test in it.
FAULT = """
import os, signal, sys, time
import multitool_lint.linter.batches as batches
judge = batches.lint_with_settings

def faulty(source, settings):
    if '"S7"' in source.text or '"S23"' in source.text:
        {fault}
    return judge(source, settings)

batches.lint_with_settings = faulty
"""


def with_fault(folder: Path, fault: str) -> str:
    (folder / "sitecustomize.py").write_text(FAULT.format(fault=fault), encoding="utf-8")
    return str(folder)


@pytest.mark.slow
def test_an_error_in_a_process_is_that_of_its_file(files: Path, tmp_path: Path) -> None:
    path = with_fault(tmp_path, 'raise ZeroDivisionError("a fault")')
    code, out, err = run(".", "--jobs=2", cwd=files, path=path)
    assert code == 2
    for number in (7, 23):
        name = f"error: folder-{number % 7}/policy-{number}.json: "
        assert f"{name}internal error: ZeroDivisionError: a fault\n" in err
    assert err.count("internal error") == 2
    healthy = run(".", "--jobs=1", cwd=files)[1]
    lines = [line for line in healthy.splitlines() if ".json:" in line or "page.md:" in line]
    kept = [line for line in lines if "policy-7.json" not in line and "policy-23.json" not in line]
    assert [line for line in out.splitlines() if line in lines] == kept
    assert "Not checked: 3 files with an error;" in out


@pytest.mark.slow
@needs_posix
def test_a_process_that_is_killed_costs_its_file_only(files: Path, tmp_path: Path) -> None:
    path = with_fault(tmp_path, "os.kill(os.getpid(), signal.SIGKILL)")
    code, out, err = run(".", "--jobs=2", cwd=files, path=path)
    assert code == 2
    error = "internal error: the process that linted it was ended, perhaps for want of memory"
    assert f"error: folder-0/policy-7.json: {error}\n" in err
    assert f"error: folder-2/policy-23.json: {error}\n" in err
    assert err.count(error) == 2
    assert f" of {COUNT - 2 + 2} files" in out


@pytest.mark.slow
@needs_posix
def test_where_the_system_gives_no_processes_there_is_one(files: Path, tmp_path: Path) -> None:
    expected = run(".", "--jobs=1", cwd=files)
    refusing = 'def refuse():\n    raise BlockingIOError(11, "try again")\nos.fork = refuse\n'
    (tmp_path / "sitecustomize.py").write_text(f"import os\n{refusing}", encoding="utf-8")
    assert run(".", "--jobs=2", cwd=files, path=str(tmp_path)) == expected


def processes_of(parent: int) -> list[int]:
    listed = subprocess.run(
        ["ps", "-e", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True
    )
    rows = (line.split() for line in listed.stdout.splitlines())
    return [int(pid) for pid, above, state in rows if int(above) == parent and state[0] != "Z"]


def wait_for_workers(process: subprocess.Popen[bytes]) -> list[int]:
    deadline = time.monotonic() + 30
    while not (workers := processes_of(process.pid)):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    time.sleep(0.3)
    return workers


def are_gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 10
    while any(Path(f"/proc/{pid}").exists() for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks at processes in /proc")
class TestEndings:
    def test_an_interrupt_is_quick_and_quiet(self, files: Path, tmp_path: Path) -> None:
        path = with_fault(tmp_path, "time.sleep(60)")
        # As a terminal does: to all processes of the group.
        process = start(".", "--jobs=2", "--no-cache", cwd=files, path=path, prefix=("setsid",))
        workers = wait_for_workers(process)
        started = time.monotonic()
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate()
        assert process.returncode == 130
        assert time.monotonic() - started < 10
        assert b"Traceback" not in err + out
        assert are_gone(workers)

    def test_processes_do_not_outlive_a_run_that_is_killed(
        self, files: Path, tmp_path: Path
    ) -> None:
        path = with_fault(tmp_path, "time.sleep(60)")
        process = start(".", "--jobs=2", "--no-cache", cwd=files, path=path)
        workers = wait_for_workers(process)
        process.kill()
        process.communicate()
        assert are_gone(workers)

    def test_a_reader_that_goes_away_ends_the_run(self, files: Path) -> None:
        with start(".", "--jobs=2", "--no-cache", cwd=files) as process:
            assert process.stdout
            assert process.stderr
            process.stdout.close()
            assert b"Traceback" not in process.stderr.read()
        assert process.returncode == 2
