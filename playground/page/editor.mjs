// The editor of the policy: CodeMirror with what the language server answers.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { json } from "@codemirror/lang-json";
import { markdown } from "@codemirror/lang-markdown";
import { yaml } from "@codemirror/lang-yaml";
import { HighlightStyle, bracketMatching, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, lintKeymap, setDiagnostics } from "@codemirror/lint";
import { highlightSelectionMatches, searchKeymap } from "@codemirror/search";
import { Compartment, EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, hoverTooltip, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";
import { ask } from "./client.mjs";
import { button, element, rendered, showDialog } from "./elements.mjs";
import { hcl } from "./hcl_mode.mjs";

const LANGUAGES = { json, yaml, md: markdown, tf: () => hcl };
const SEVERITIES = ["", "error", "warning", "info", "hint"];

const colours = HighlightStyle.define([
  { tag: tags.propertyName, class: "c-key" },
  { tag: [tags.string, tags.special(tags.string)], class: "c-string" },
  { tag: [tags.number, tags.bool, tags.null, tags.atom, tags.keyword], class: "c-word" },
  { tag: [tags.comment, tags.meta], class: "c-comment" },
  { tag: tags.heading, class: "c-heading" },
]);

/** What every editor of the page has. */
export const looks = (format) => [
  EditorView.lineWrapping,
  syntaxHighlighting(colours),
  LANGUAGES[format](),
];

/** The offset of a line and a column, as the language server counts them. */
function offset(doc, line, column) {
  if (line >= doc.lines) return doc.length;
  const { from, to } = doc.line(line + 1);
  return Math.min(from + column, to);
}

export function span(doc, [line, column, endLine, endColumn]) {
  return { from: offset(doc, line, column), to: offset(doc, endLine, endColumn) };
}

const range = ({ start, end }) => [start.line, start.character, end.line, end.character];

/**
 * The editor. `about` returns the name of the file and the kind of policy that the page has chosen,
 * `changed` is called some time after a change.
 */
export class PolicyEditor {
  constructor(parent, { about, changed }) {
    this.about = about;
    this.language = new Compartment();
    this.view = new EditorView({
      parent,
      state: EditorState.create({ extensions: this.extensions(changed) }),
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  extensions(changed) {
    let waiting;
    return [
      [lineNumbers(), lintGutter(), history(), drawSelection(), highlightActiveLine()],
      [bracketMatching(), closeBrackets(), highlightSelectionMatches(), indentUnit.of("  ")],
      this.language.of(looks("json")),
      autocompletion({ override: [(context) => this.completions(context)] }),
      hoverTooltip((view, at) => this.tooltip(at)),
      EditorView.contentAttributes.of({ "aria-label": "Policy" }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        clearTimeout(waiting);
        waiting = setTimeout(changed, 100);
      }),
      keymap.of([
        { key: "Mod-.", run: () => this.showActions() },
        { key: "F1", run: () => this.showDescription() },
        ...[closeBracketsKeymap, defaultKeymap, searchKeymap, historyKeymap].flat(),
        ...[completionKeymap, lintKeymap].flat(),
      ]),
    ];
  }

  setFormat(format) {
    this.view.dispatch({ effects: this.language.reconfigure(looks(format)) });
  }

  replace(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  /** Show diagnostics, of a text that is still that of the editor; rules that are `fixable` with fixes. */
  show(diagnostics, fixable) {
    const { state } = this.view;
    const fixes = { name: "Fixes…", apply: (view, from) => this.showActions(from) };
    const found = diagnostics.map(({ range: place, severity, message, code, unnecessary }) => ({
      ...span(state.doc, place),
      severity: SEVERITIES[severity],
      message: `${message} [${code}]`,
      markClass: unnecessary ? "unnecessary" : undefined,
      actions: fixable.has(code) ? [fixes] : [],
    }));
    this.view.dispatch(setDiagnostics(state, found));
  }

  select(place) {
    const { from, to } = span(this.view.state.doc, place);
    this.view.dispatch({
      selection: { anchor: from, head: to },
      effects: EditorView.scrollIntoView(from, { y: "center" }),
    });
    this.view.focus();
  }

  async completions(context) {
    const written = context.matchBefore(/[\w:*./${}-]+|"/);
    if (!context.explicit && !written) return null;
    const [name] = this.about();
    const { items } = await ask("complete", name, context.state.doc.toString(), context.pos);
    const first = items[0]?.text_edit.range;
    if (!first) return null;
    const { from, to } = span(context.state.doc, range(first));
    const options = items
      .toSorted((a, b) => (a.sort_text < b.sort_text ? -1 : 1))
      .map((item) => ({
        label: item.label,
        detail: item.detail ?? undefined,
        apply: item.text_edit.new_text,
        info: async () => rendered(await ask("describe", item)),
      }));
    return { from, to, options, filter: false };
  }

  async described(at) {
    const [name, kind] = this.about();
    return ask("hover", name, this.text, kind, at);
  }

  async tooltip(at) {
    const found = await this.described(at);
    if (!found) return null;
    const place = found.range && span(this.view.state.doc, range(found.range));
    return {
      pos: place?.from ?? at,
      end: place?.to,
      create: () => ({ dom: element("div", rendered(found.html), { className: "hover" }) }),
    };
  }

  showDescription() {
    this.described(this.view.state.selection.main.head).then((found) => {
      showDialog("Description", found ? rendered(found.html) : "Nothing is known about this place.");
    });
    return true;
  }

  /** Offer what can be done at the cursor, or at an offset. */
  showActions(at) {
    const { from, to } = at === undefined ? this.view.state.selection.main : { from: at, to: at };
    const [name, kind] = this.about();
    const text = this.text;
    ask("actions", name, text, kind, from, to).then((actions) => {
      const items = actions.map((action) => element("li", this.item(action, text)));
      const content = items.length ? element("ul", items) : "There is no fix at this place.";
      showDialog("Fixes", content);
    });
    return true;
  }

  item({ title, disabled, edit }, text) {
    const label = `${title[0].toUpperCase()}${title.slice(1)}`;
    if (!edit) return [label, element("p", `Not offered: ${disabled?.reason ?? ""}`)];
    return button(label, ({ target }) => {
      target.closest("dialog").close();
      if (this.text !== text) return;
      const { doc } = this.view.state;
      const edits = edit.document_changes.flatMap((change) => change.edits ?? []);
      const changes = edits.map((one) => ({ ...span(doc, range(one.range)), insert: one.new_text }));
      this.view.dispatch({ changes });
      this.view.focus();
    });
  }
}

/** The editor of an earlier version, which is compared and not linted. */
export class EarlierEditor {
  constructor(parent, changed) {
    this.language = new Compartment();
    this.view = new EditorView({
      parent,
      extensions: [
        [lineNumbers(), history(), this.language.of(looks("json"))],
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.contentAttributes.of({ "aria-label": "Earlier version" }),
        EditorView.updateListener.of((update) => update.docChanged && changed()),
      ],
    });
  }

  get text() {
    return this.view.state.doc.toString();
  }

  set text(text) {
    this.view.dispatch({ changes: { from: 0, to: this.view.state.doc.length, insert: text } });
  }

  setFormat(format) {
    this.view.dispatch({ effects: this.language.reconfigure(looks(format)) });
  }
}
