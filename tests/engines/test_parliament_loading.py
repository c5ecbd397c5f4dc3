"""The copy of parliament that the engine imports for itself."""

import subprocess
import sys
from pathlib import Path

import pytest

from multitool_lint.engines.parliament import loading as parliament_import


def python(code: str) -> str:
    command = [sys.executable, "-W", "error", "-c", code]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_the_import_needs_neither_setuptools_nor_yaml_nor_data() -> None:
    output = python(
        "import sys\n"
        "sys.modules['pkg_resources'] = sys.modules['yaml'] = None\n"
        "from multitool_lint.engines.parliament.loading import load\n"
        "parliament = load()\n"
        "assert parliament is load()\n"
        "assert parliament.Policy.__module__ in sys.modules\n"
        "assert parliament.definition == []\n"
        "print([name for name in sys.modules if name.startswith('parliament')])"
    )
    assert output == "[]\n"


def test_the_import_gives_no_warning_when_parliament_is_compiled(tmp_path: Path) -> None:
    code = (
        f"import sys; sys.pycache_prefix = {str(tmp_path)!r}\n"
        "from multitool_lint.engines.parliament.loading import load\n"
        "print(load().Policy(None).findings)"
    )
    assert python(code) == "[]\n"


def test_a_parliament_next_to_ours_keeps_its_functions() -> None:
    code = (
        "import sys, types, warnings; warnings.simplefilter('ignore')\n"
        "import importlib.util, os\n"
        "folder = os.path.dirname(importlib.util.find_spec('parliament').origin)\n"
        "stand_in = types.SimpleNamespace(resource_filename=lambda _, name: f'{folder}/{name}')\n"
        "sys.modules['pkg_resources'] = stand_in\n"
        "import parliament.statement\n"
        "before = dict(vars(parliament.statement))\n"
        "from multitool_lint import lint\n"
        "action = {'Effect': 'Allow', 'Action': 's3:GetObjekt', 'Resource': '*'}\n"
        "assert [each.confirmed_by for each in lint({'Version': '2012-10-17', 'Statement': action})"
        "] == [('parliament',)]\n"
        "assert dict(vars(parliament.statement)) == before\n"
        "print(len(parliament.expand_action('s3:GetObject')), sys.modules['pkg_resources'] is "
        "stand_in)"
    )
    assert python(code) == "1 True\n"


def test_parliament_is_imported_only_if_there_is_a_finding_to_confirm() -> None:
    code = (
        "import sys\n"
        "from multitool_lint import lint\n"
        "policy = {'Effect': 'Allow', 'Action': 's3:GetObject', 'Resource': 'arn:aws:s3:::a/*'}\n"
        "lint({'Version': '2012-10-17', 'Statement': policy})\n"
        "print([name for name in sys.modules if 'parliament' in name and 'engines' not in name])"
    )
    assert python(code) == "[]\n"


def test_it_is_imported_once() -> None:
    assert parliament_import.load() == parliament_import.load.__wrapped__()


def test_a_missing_parliament_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    monkeypatch.setattr(parliament_import, "_NAME", "_another_parliament")
    with pytest.raises(ModuleNotFoundError, match="No module named 'parliament'"):
        parliament_import.load.__wrapped__()


def test_a_broken_parliament_leaves_no_module(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    package = tmp_path / "parliament"
    package.mkdir()
    (package / "__init__.py").write_text("from . import policy\n1 / 0\n", encoding="utf-8")
    (package / "policy.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    for name in [name for name in sys.modules if name.partition(".")[0] == "parliament"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(parliament_import, "_NAME", "_broken_parliament")
    with pytest.raises(ZeroDivisionError):
        parliament_import.load.__wrapped__()
    assert not [name for name in sys.modules if name.startswith("_broken_parliament")]
