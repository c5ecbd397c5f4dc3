// The page playground.md: gives the text to the worker, and shows the report.
const form = document.querySelector(".playground");
const [text, type, button] = [form.elements.policy, form.elements.type, form.elements.lint];
const [status, results, version] = ["status", "results", "version"].map((name) =>
  document.querySelector(`.playground-${name}`),
);
let worker;

/** Ask the worker; where it fails, the next question gets a new one. */
function ask(...question) {
  worker ??= new Worker(new URL("worker.mjs", import.meta.url), { type: "module" });
  return new Promise((resolve, reject) => {
    const fail = (reason) => {
      worker.terminate();
      worker = undefined;
      reject(new Error(reason));
    };
    worker.onerror = (event) => fail(event.message || "the linter cannot be loaded");
    worker.onmessage = ({ data }) => ("error" in data ? fail(data.error) : resolve(data.result));
    worker.postMessage(question);
  });
}

function element(name, content, properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat());
  return made;
}

/** A button that selects a span of the text; the linter counts characters, the browser UTF-16. */
function place({ start, end }, characters) {
  const index = (offset) => characters.slice(0, offset).join("").length;
  const label = `line ${start.line}, column ${start.column}`;
  const go = element("button", label, { type: "button", title: "Select it in the policy" });
  go.addEventListener("click", () => {
    text.focus();
    text.setSelectionRange(index(start.offset), index(end.offset));
    const height = text.scrollHeight / text.value.split("\n").length;
    text.scrollTop = (start.line - 3) * height;
  });
  return go;
}

/** A text of the linter, in which code is in backticks. */
function prose(words) {
  return words.split("`").map((part, index) => (index % 2 ? element("code", part) : part));
}

function item(finding, characters) {
  const { rule, severity, title, notes, help, fixes } = finding;
  const details = [
    title,
    ...notes.map((note) => `Note: ${note}`),
    ...(help ? [`Help: ${help}`] : []),
    ...fixes.map((fix) => `Fix (${fix.safety}): ${fix.title}`),
  ];
  const link = element("a", rule, { href: `rules/${rule}.html` });
  const head = [element("strong", severity), " ", link, " ", place(finding, characters)];
  return element("li", [head, ...details.map(prose)].map((parts) => element("p", parts)));
}

/** What was not read or not resolved, each a sentence. */
function unchecked({ errors, unread, unresolved }) {
  return [
    ...errors.map(({ message }) => `Could not be checked: ${message}`),
    ...unread.map(({ line, reason }) => `Line ${line}: policy not read: ${reason}`),
    ...unresolved.map(({ line, element: name }) => `Line ${line}: the ${name} is not resolved`),
  ];
}

function show({ code, summary, report }, asked) {
  status.textContent = `${summary}${code === 2 ? " Not everything could be checked." : ""}`;
  const notes = report.notes.map((note) => ({ ...note, severity: "note" }));
  const characters = [...asked];
  const items = [...report.findings, ...notes].map((finding) => item(finding, characters));
  const missing = unchecked(report.summary).map((sentence) => element("p", sentence));
  results.replaceChildren(...missing, element("ol", items));
  if (report.summary.fixable) results.append(fixer(asked));
}

function fixer(asked) {
  const apply = element("button", "Apply the safe fixes", { type: "button" });
  apply.addEventListener("click", () =>
    run(async () => {
      const fixed = await ask("fix", asked, type.value);
      if (text.value === asked) text.value = fixed;
      show(await ask("lint", text.value, type.value), text.value);
      text.focus();
    }),
  );
  return apply;
}

/** Do something with the linter while nothing else can be asked. */
async function run(work) {
  if (button.disabled) return;
  button.disabled = true;
  status.textContent = worker ? "Checking…" : "Loading the linter, about 11 MB the first time…";
  results.replaceChildren();
  try {
    await work();
    version.textContent ||= await ask("version");
  } catch (error) {
    status.textContent = `Nothing was checked. The linter failed: ${error.message}`;
  }
  button.disabled = false;
}

const lint = () =>
  run(async () => {
    const asked = text.value;
    show(await ask("lint", asked, type.value), asked);
  });

form.addEventListener("submit", (event) => {
  event.preventDefault();
  lint();
});
text.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) lint();
});
text.addEventListener("input", () => {
  if (results.firstChild) status.textContent = "The policy has changed since it was checked.";
});
button.disabled = false;
