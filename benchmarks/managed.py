"""Lint the AWS managed policies in this process with one library; print what it took."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def main() -> None:
    """Arguments: the library, the file with the policies' texts, and how many to step over."""
    library, path, step = sys.argv[1:]
    sys.path.remove(str(Path(__file__).parent))  # parliament.py there is the benchmark
    texts = json.loads(Path(path).read_text(encoding="utf-8"))[:: int(step)]
    lint = LIBRARIES[library]()
    started, started_cpu = time.perf_counter(), time.process_time()
    crashes = sum(not _survives(lint, text) for text in texts)
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - started_cpu
    print(
        json.dumps(
            {
                "policies per second": len(texts) / seconds,
                "policies per CPU second": len(texts) / cpu_seconds,
                "peak MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
                "crashes": crashes,
            }
        )
    )


def _survives(lint: Callable[[str], bool], text: str) -> bool:
    try:
        return lint(text)
    except Exception:  # noqa: BLE001 - a crash is what is counted
        return False


def _multitool_lint() -> Callable[[str], bool]:
    from multitool_lint import lint

    return lambda text: all(
        finding.rule != "internal-error" for finding in lint(text, select=["ALL"])
    )


def _installed_parliament() -> Any:  # noqa: ANN401 - it has no types
    warnings.simplefilter("ignore")  # pkg_resources warns that it is about to go
    return importlib.import_module("parliament")


def _parliament() -> Callable[[str], bool]:
    analyze = _installed_parliament().analyze_policy_string
    return lambda text: analyze(text) is not None


def _parliament_with_auditors() -> Callable[[str], bool]:
    analyze = _installed_parliament().analyze_policy_string
    return lambda text: analyze(text, include_community_auditors=True) is not None


LIBRARIES = {
    "multitool-lint": _multitool_lint,
    "parliament": _parliament,
    "parliament with auditors": _parliament_with_auditors,
}

if __name__ == "__main__":
    main()
