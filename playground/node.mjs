// The linter of the built playground in node, for tests and measurements.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { hclParser } from "./page/hcl.mjs";
import { startLinter } from "./page/linter.mjs";

const built = new URL("../build/playground/", import.meta.url);
const path = (name) => fileURLToPath(new URL(name, built));

/** The linter, as the page asks it. */
export async function linter() {
  const { loadPyodide } = await import(new URL("pyodide.mjs", built).href);
  return startLinter({
    loadPyodide,
    options: { indexURL: fileURLToPath(built) },
    modules: readFile(path("linter.bin")),
    hcl: readFile(path("tree-sitter-hcl.wasm")).then((grammar) => hclParser(path("web-tree-sitter.wasm"), grammar)),
  });
}
