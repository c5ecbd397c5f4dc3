// The linter in a worker, so that the page stays usable while it works.
import { loadPyodide } from "./pyodide.mjs";
import { hclParser } from "./hcl.mjs";
import { startLinter } from "./linter.mjs";

const address = (name) => new URL(name, import.meta.url).href;

async function bytes(name) {
  const answer = await fetch(address(name));
  if (!answer.ok) throw new Error(`${name}: ${answer.status}`);
  return new Uint8Array(await answer.arrayBuffer());
}

const linter = startLinter({
  loadPyodide,
  options: { indexURL: address("./"), lockFileURL: address("pyodide-lock.json") },
  modules: bytes("linter.bin"),
  hcl: bytes("tree-sitter-hcl.wasm").then((grammar) => hclParser(address("web-tree-sitter.wasm"), grammar)),
});

self.addEventListener("message", async ({ data: { id, question } }) => {
  try {
    self.postMessage({ id, ...(await linter)(...question) });
  } catch (error) {
    self.postMessage({ id, failure: String(error?.message ?? error) });
  }
});
