// Parses HCL by tree-sitter, and returns a tree as numbers: the module tree_sitter.py reads them.
import { Language, Parser } from "web-tree-sitter";

const [NAMED, MISSING, ERROR] = [1, 2, 4];

/** The parser, given where the two WebAssembly files are: `core` an address, `grammar` its bytes. */
export async function hclParser(core, grammar) {
  await Parser.init({ locateFile: () => core });
  const language = await Language.load(grammar);
  const parser = new Parser().setLanguage(language);
  return { parse: (data) => parse(parser, data.toJs ? data.toJs() : data) };
}

function parse(parser, data) {
  const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(data);
  const tree = parser.parse(text);
  const byteOf = offsets(text, data.length);
  const kinds = new Map();
  const numbers = [];
  const cursor = tree.walk();
  const visit = () => {
    const kind = cursor.nodeType;
    if (!kinds.has(kind)) kinds.set(kind, kinds.size);
    const flags =
      (cursor.nodeIsNamed ? NAMED : 0) | (cursor.nodeIsMissing ? MISSING : 0) | (kind === "ERROR" ? ERROR : 0);
    numbers.push(kinds.get(kind), flags, byteOf(cursor.startIndex), byteOf(cursor.endIndex), 0);
    return numbers.length - 1;
  };
  const parents = [];
  let current = visit();
  for (;;) {
    if (cursor.gotoFirstChild()) {
      parents.push(current);
    } else {
      while (!cursor.gotoNextSibling()) {
        if (!cursor.gotoParent()) {
          cursor.delete();
          tree.delete();
          return { kinds: [...kinds.keys()], numbers: Int32Array.from(numbers) };
        }
        parents.pop();
      }
    }
    numbers[parents.at(-1)] += 1;
    current = visit();
  }
}

/** From an offset in UTF-16, which the parser counts, to one in UTF-8. */
function offsets(text, bytes) {
  if (text.length === bytes) return (offset) => offset;
  const starts = new Int32Array(text.length + 1);
  let byte = 0;
  for (let index = 0; index < text.length; index += 1) {
    starts[index] = byte;
    const unit = text.charCodeAt(index);
    const isPart = unit >= 0xd800 && unit < 0xe000; // half of a character of four bytes
    byte += unit < 0x80 ? 1 : unit < 0x800 || isPart ? 2 : 3;
  }
  starts[text.length] = byte;
  return (offset) => starts[offset];
}
