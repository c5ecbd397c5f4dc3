"""A copy of parliament for our own use: imported in 12 ms instead of 200, without its data.

It is loaded under a private name, from the files of the installed package. A program that uses both
libraries keeps its own parliament with the data that it came with.
"""

from __future__ import annotations

import builtins
import importlib.util
import io
import json
import sys
import threading
import warnings
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import ModuleType, SimpleNamespace
from typing import Any, NamedTuple

_NAME = "_multitool_lint_parliament"
_LOCK = threading.Lock()

_STAND_INS: Mapping[str, object] = {
    # Gone from Python 3.12 and from setuptools 82; where it is left, it takes 90 ms.
    "pkg_resources": SimpleNamespace(resource_filename=lambda _package, name: name),
    # For its configuration: titles and severities, which our rule pages have.
    "yaml": SimpleNamespace(safe_load=json.load),
}


class Parliament(NamedTuple):
    """What we use of it: `definition` is its global list of services, empty when it is loaded."""

    definition: list[dict[str, Any]]
    expand_action: Any
    Policy: Any
    nodes: Any


@lru_cache(maxsize=1)
def load() -> Parliament:
    """Import parliament without its dependencies and without its 10 MB of data.

    Raises:
        ModuleNotFoundError: parliament is not installed.
    """
    with _LOCK, warnings.catch_warnings():
        # Compiled for the first time, its "\\d" are a SyntaxWarning, for some an error.
        warnings.simplefilter("ignore")
        if _NAME not in sys.modules:
            _execute()
        module = sys.modules[_NAME]
        return Parliament(
            module.iam_definition,
            module.expand_action,
            module.Policy,
            module.jsoncfg.config_classes,
        )


def _execute() -> None:
    installed = importlib.util.find_spec("parliament")
    spec = installed and importlib.util.spec_from_file_location(
        _NAME, installed.origin, submodule_search_locations=installed.submodule_search_locations
    )
    if spec is None or spec.loader is None:
        raise ModuleNotFoundError("No module named 'parliament'", name="parliament")
    module = importlib.util.module_from_spec(spec)
    vars(module)["__builtins__"] = {
        **vars(builtins),
        "__import__": _import,
        "open": lambda *_: io.StringIO("[]"),  # no services, no settings
    }
    sys.modules[_NAME] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for name in [name for name in sys.modules if name.partition(".")[0] == _NAME]:
            del sys.modules[name]
        raise


def _import(
    name: str,
    variables: Mapping[str, object] | None = None,
    local: Mapping[str, object] | None = None,
    fromlist: Sequence[str] = (),
    level: int = 0,
) -> ModuleType:
    stand_in: Any = _STAND_INS.get(name)
    return stand_in or builtins.__import__(name, variables, local, fromlist, level)
