// multitool-lint in Pyodide, in a worker, so that the page stays usable while it works.
import { loadPyodide } from "./pyodide/pyodide.mjs";

const PROGRAM = `
from pathlib import Path

from multitool_lint.cli import main

REPORT = Path("report.json")


def write(name, text):
    path = Path(name)
    path.write_text(text, "utf-8", "surrogatepass")  # the linter reports what is not UTF-8
    return path


def lint(name, text, *options):
    write(name, text)
    REPORT.unlink(missing_ok=True)
    outputs = ["--format=lines", f"--output=json={REPORT}"]
    code = main(["check", "--no-cache", *outputs, *options, name])
    return code, REPORT.read_text("utf-8")


def fix(name, text, *options):
    path = write(name, text)
    main(["fix", *options, name])
    return path.read_text("utf-8")
`;
const TERRAFORM = /^\s*(data|locals|module|output|provider|resource|terraform|variable)\b[^:=\n]*\{/m;

/** The name of a file with this text, from which the linter knows the format. */
function nameOf(text) {
  if (/^\s*[{[]/.test(text)) return "policy.json";
  return TERRAFORM.test(text) ? "policy.tf" : "policy.yaml";
}

/** The functions that the page asks for. */
async function load() {
  let lastLine;
  const failures = [];
  const python = await loadPyodide({
    stdout: (line) => (lastLine = line),
    stderr: () => {}, // what is there is in the report, too
  });
  await python.loadPackage("multitool-lint", {
    messageCallback: () => {},
    errorCallback: (message) => failures.push(message),
  });
  if (failures.length) throw new Error(failures.join("; "));
  const program = python.toPy({});
  python.runPython(PROGRAM, { globals: program });
  program.get("main")(["version"]);
  const version = lastLine;
  const options = (type) => (type ? ["--type", type] : []);
  return {
    version: () => version,
    lint(text, type) {
      const [code, report] = program.get("lint")(nameOf(text), text, ...options(type));
      return { code, summary: lastLine, report: JSON.parse(report) };
    },
    fix: (text, type) => program.get("fix")(nameOf(text), text, ...options(type)),
  };
}

const linter = load();

self.addEventListener("message", async ({ data: [name, ...values] }) => {
  try {
    self.postMessage({ result: (await linter)[name](...values) });
  } catch (error) {
    self.postMessage({ error: String(error) });
  }
});
