// The tabs that show another text of the policy: what fixes make of it, and what tightening does.
import { unifiedMergeView } from "@codemirror/merge";
import { EditorState } from "@codemirror/state";
import { EditorView, lineNumbers } from "@codemirror/view";
import { looks } from "./editor.mjs";
import { button, element, prose } from "./elements.mjs";

/** The answers to a form of options: those that are chosen, as the functions of the library take them. */
export function options(form) {
  const chosen = {};
  for (const { name, type, checked, value } of form.elements) {
    if (type === "checkbox") chosen[name] = checked;
    else if (value.trim()) chosen[name] = value.trim().split(/[\s,]+/);
  }
  return chosen;
}

/** A text as changes of another one, with a button that applies them. */
export function changes(before, { text, applied = [], notes = [], problems = [] }, format, apply) {
  const said = [
    ...problems.map((words) => element("p", prose(words), { className: "problem" })),
    ...[...applied, ...notes].map((words) => element("li", prose(words))),
  ];
  const list = said.some(({ tagName }) => tagName === "LI") ? element("ul", said) : said;
  if (text === before) return [element("p", "Nothing to change."), list].flat();
  const diff = element("div", [], { className: "diff" });
  const extensions = [lineNumbers(), EditorState.readOnly.of(true), EditorView.editable.of(false)];
  const merge = { original: before, mergeControls: false, collapseUnchanged: { margin: 2, minSize: 5 } };
  new EditorView({
    parent: diff,
    doc: text,
    extensions: [...extensions, looks(format), unifiedMergeView(merge)],
  });
  return [element("p", button("Apply these changes", apply)), list, diff].flat();
}
