// The page: an editor, tabs with answers about its text, examples, and links that carry a policy.
import { comparison, decisions } from "./answers.mjs";
import { changes, options } from "./changes.mjs";
import { ask } from "./client.mjs";
import { EarlierEditor, PolicyEditor } from "./editor.mjs";
import { element, one } from "./elements.mjs";
import { findings } from "./findings.mjs";
import { grants } from "./grants.mjs";
import { decoded, encoded } from "./share.mjs";
import { tabs } from "./tabs.mjs";

const controls = one(".controls");
const { example, format, kind, share } = controls.elements;
const [status, message] = [one(".status"), one(".message")];
const name = () => `policy.${format.value}`;
const about = () => [name(), kind.value];
const editor = new PolicyEditor(one(".editor"), { about, changed: update });
const earlier = new EarlierEditor(one(".earlier"), () => open === "compare" && update());
let open = "findings";
let asked = 0;

/** What each tab but the first asks, and how it shows the answer. */
const TABS = {
  fix: (text) => rewritten("fix", text),
  tighten: (text) => rewritten("tighten", text),
  grants: async (text) => grants(await ask("grants", name(), text, kind.value), editor),
  compare: async (text) => {
    const sides = [earlier.text, text].map((side) => [name(), side]);
    return comparison(await ask("compare", ...sides, kind.value));
  },
  can: async (text) => {
    const { action, resource, principal, context } = one("#can form").elements;
    if (!action.value.trim()) return [element("p", "Type an action, such as s3:GetObject.")];
    const question = {
      ...{ action: action.value.trim(), resource: resource.value.trim(), principal: principal.value.trim() },
      context: context.value.split("\n").map((line) => line.trim()).filter(Boolean),
    };
    return decisions(await ask("can", name(), text, kind.value, question), editor);
  },
};

async function rewritten(what, text) {
  const chosen = options(one(`#${what} form`));
  const result = await ask(what, name(), text, kind.value, chosen);
  return changes(text, result, format.value, () => {
    editor.replace(result.text);
    one(`#${what}`).focus(); // the button goes
    message.textContent = "The changes are applied; undo works in the editor.";
  });
}

/** Lint the text, and ask what the open tab shows; a later question makes an answer old. */
async function update() {
  asked += 1;
  const [text, number, tab] = [editor.text, asked, open];
  const isOld = () => number !== asked;
  if (!text.trim()) {
    status.textContent = "There is no policy.";
    one(`#${tab} .answer`).replaceChildren();
    return editor.show([], new Set());
  }
  try {
    const found = await ask("lint", name(), text, kind.value);
    if (isOld()) return;
    const fixable = found.findings.filter(({ fixes }) => fixes.length);
    editor.show(found.diagnostics, new Set(fixable.map(({ rule }) => rule)));
    status.textContent = found.summary;
    const content = tab === "findings" ? findings(found, editor) : await TABS[tab](text);
    if (!isOld()) one(`#${tab} .answer`).replaceChildren(...content);
  } catch (error) {
    if (isOld()) return;
    status.textContent = error.message.startsWith("The linter failed") ? "Nothing was checked." : "";
    one(`#${tab} .answer`).replaceChildren(element("p", error.message, { className: "problem" }));
  }
}

const choose = tabs(one("[role=tablist]"), (tab) => {
  open = tab;
  update();
});

/** The format of a text that somebody pastes. */
function formatOf(text) {
  if (/^\s*[{[]/.test(text)) return "json";
  if (/^\s*(data|locals|module|output|provider|resource|terraform|variable)\b[^:=\n]*\{/m.test(text)) return "tf";
  return /^(#+ |```)/m.test(text) && !/^\w+:/.test(text) ? "md" : "yaml";
}

function setFormat(value) {
  format.value = value;
  editor.setFormat(format.value);
  earlier.setFormat(format.value);
}

function setKind(value) {
  if (![...kind.options].some((option) => option.value === value)) kind.add(new Option(value, value));
  kind.value = value;
}

/** Show a policy that is not what the editor had: an example, or what a link carries. */
function load({ text, old = text, format: written, kind: said = "", tab }) {
  setFormat(written in { json: 1, yaml: 1, tf: 1, md: 1 } ? written : formatOf(text));
  setKind(said);
  earlier.text = old;
  editor.replace(text);
  choose(tab ?? open);
}

editor.view.dom.addEventListener("paste", (event) => {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  const { main } = editor.view.state.selection;
  if (!text.trim() || main.from > 0 || main.to < editor.view.state.doc.length) return;
  setFormat(formatOf(text));
  earlier.text = text;
}, { capture: true });

controls.addEventListener("submit", (event) => event.preventDefault());
format.addEventListener("change", () => (setFormat(format.value), update()));
kind.addEventListener("change", update);
for (const form of document.querySelectorAll("[role=tabpanel] form")) {
  form.addEventListener("submit", (event) => (event.preventDefault(), update()));
  if (!form.matches(".question")) form.addEventListener("change", update);
}
one("[name=keep]").addEventListener("click", () => {
  earlier.text = editor.text;
  update();
});

share.addEventListener("click", async () => {
  const state = { text: editor.text, format: format.value, kind: kind.value, tab: open };
  if (open === "compare") state.old = earlier.text;
  const address = new URL(await encoded(state), location.href);
  history.replaceState(null, "", address);
  try {
    await navigator.clipboard.writeText(address.href);
    message.textContent = "The link is copied.";
  } catch {
    message.textContent = "The link is in the address bar.";
  }
});

async function examples() {
  const groups = await (await fetch("examples.json")).json();
  for (const { group, examples: all } of groups) {
    const made = element("optgroup", all.map((entry) => new Option(entry.name, entry.name)), { label: group });
    example.append(made);
  }
  const known = new Map(groups.flatMap(({ examples: all }) => all).map((entry) => [entry.name, entry]));
  example.addEventListener("change", () => example.value && load(known.get(example.value)));
  return groups[0].examples[0];
}

async function fromLink() {
  const state = await decoded(location.hash);
  if (state) load(state);
  else if (location.hash) message.textContent = "The link carries no policy that can be read.";
  return Boolean(state);
}

if (/Mac/.test(navigator.platform)) one(".mod").textContent = "Cmd";
window.addEventListener("hashchange", fromLink);
const first = await examples();
if (!(await fromLink())) {
  load(first);
  example.value = first.name;
}
// The service worker keeps what has been loaded by then.
ask("version")
  .then((version) => (one(".version").textContent = version))
  .then(() => navigator.serviceWorker?.register("offline.js"))
  .catch(() => {});
