// multitool-lint in Pyodide: the same for the worker of the page and for the tests in node.

/** The files of an archive: what `tar` writes, compressed by `gzip`. */
async function* filesOf(archive) {
  const stream = new Blob([archive]).stream().pipeThrough(new DecompressionStream("gzip"));
  const data = new Uint8Array(await new Response(stream).arrayBuffer());
  const text = (start, length) => new TextDecoder().decode(data.subarray(start, start + length)).replace(/\0.*$/s, "");
  for (let at = 0; data[at]; ) {
    const [name, size, prefix] = [text(at, 100), parseInt(text(at + 124, 12), 8), text(at + 345, 155)];
    yield [prefix ? `${prefix}/${name}` : name, data.subarray(at + 512, at + 512 + size)];
    at += 512 * (1 + Math.ceil(size / 512));
  }
}

/**
 * Start Python with the linter.
 *
 * `loadPyodide` is Pyodide's function, `options` its options, `modules` a promise of the archive with
 * all modules, and `hcl` a promise of a parser of HCL. Returns a function that asks
 * `multitool_playground.py` something, and returns the answer: `answer`, or a `problem`.
 */
export async function startLinter({ loadPyodide, options, modules, hcl }) {
  const python = await loadPyodide(options);
  const root = python.runPython("import sys; sys.path[-1]");
  const made = new Set([root]);
  const folder = (path) => {
    if (made.has(path)) return;
    folder(path.slice(0, path.lastIndexOf("/")));
    made.add(path);
    python.FS.mkdir(path);
  };
  for await (const [name, content] of filesOf(await modules)) {
    const path = `${root}/${name}`;
    folder(path.slice(0, path.lastIndexOf("/")));
    python.FS.writeFile(path, content, { canOwn: true });
  }
  python.registerJsModule("hcl_parser", await hcl);
  const { ask } = python.pyimport("multitool_playground");
  return (...question) => JSON.parse(ask(JSON.stringify(question)));
}
