import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update",
        action="store_true",
        help="rewrite the expected output in rule pages and fixtures",
    )
    parser.addoption(
        "--rule", metavar="ID", help="run the tests of one rule page only, and those of the index"
    )


def pytest_configure() -> None:
    """Keep compiled modules, whatever the environment says, and fail no test for a busy machine.

    Compiling the package anew is more than half of the work of a process that a test starts.
    """
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    settings.register_profile(
        "any-speed", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("any-speed")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """With --rule, only the tests of the rule pages are collected, and with --update the record."""
    names = {"test_rules.py", *(["test_stability.py"] if config.getoption("--update") else ())}
    of_rules = collection_path.is_dir() or collection_path.name in names
    return True if config.getoption("--rule") and not of_rules else None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if rule := config.getoption("--rule"):
        of_page = [item for item in items if item.name.endswith(f"[{rule}]")]
        if not of_page:
            raise pytest.UsageError(f"there is no page rules/{rule}.md")
        every = ("index", "promises")
        items[:] = [*of_page, *(item for item in items if any(word in item.name for word in every))]


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Search for no garbage among the tests: none is there, and it takes a third of the time."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture
def update(request: pytest.FixtureRequest) -> bool:
    return bool(request.config.getoption("--update"))


@pytest.fixture(autouse=True, scope="session")
def _no_updates(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Use the catalog of the package, which is never old, and no cache, whatever the user has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOURCE_DATE_EPOCH", "0")
        for variable in ("XDG_DATA_HOME", "XDG_CACHE_HOME", "LOCALAPPDATA"):
            patch.setenv(variable, str(tmp_path_factory.mktemp("data")))
        yield


@pytest.fixture(scope="session")
def run() -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run the command in the root of the project, as the README and the fixtures show it."""
    root = Path(__file__).parent.parent

    def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "multitool_lint", *arguments],
            cwd=root,
            capture_output=True,
            encoding="utf-8",
            env={**os.environ, "NO_COLOR": "1", "PYTHONUTF8": "1"},
            check=False,
        )

    return run_command
