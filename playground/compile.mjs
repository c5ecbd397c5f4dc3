// Compiles modules by the Python of the browser, whose bytecode no other Python writes.
import { loadPyodide } from "pyodide";

const python = await loadPyodide();
python.FS.mkdir("/work");
python.FS.mount(python.FS.filesystems.NODEFS, { root: process.argv[2] }, "/work");
python.runPython(`
import importlib.util, json, marshal, warnings
from pathlib import Path

UNCHECKED = 1  # no look at a source, which is not there


def stripped(code):
    """Without the lines of instructions, a third of what is downloaded, which nobody reads there.

    What is left says of up to eight instructions at a time that their line is not known.
    """
    full, rest = divmod(len(code.co_code) // 2, 8)
    table = b"\\xff" * full + (bytes([0xF8 + rest - 1]) if rest else b"")
    constants = (stripped(one) if hasattr(one, "co_code") else one for one in code.co_consts)
    return code.replace(co_linetable=table, co_consts=tuple(constants))


warnings.simplefilter("ignore")  # of dependencies
work = Path("/work")
start = importlib.util.MAGIC_NUMBER + UNCHECKED.to_bytes(4, "little") + bytes(8)
for key, path in json.loads((work / "missing.json").read_text()).items():
    source = work / f"{key}.py"
    code = compile(source.read_bytes(), path, "exec", dont_inherit=True, optimize=2)
    (work / f"{key}.pyc").write_bytes(start + marshal.dumps(stripped(code)))
    source.unlink()
`);
