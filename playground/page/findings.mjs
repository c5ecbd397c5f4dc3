// The tab with the findings.
import { button, element, prose } from "./elements.mjs";

/** The findings of an answer to `lint`; `editor` is where their places are. */
export function findings({ findings: found, notes, unread }, editor) {
  const all = [...found, ...notes.map((note) => ({ ...note, severity: "note" }))];
  return [
    ...unread.map((sentence) => element("p", `Not checked: ${sentence}`, { className: "problem" })),
    element("ol", all.map((finding) => item(finding, editor)), { className: "findings" }),
  ];
}

function item(finding, editor) {
  const { rule, severity, title, notes, help, fixes, range } = finding;
  const place = `line ${range[0] + 1}`;
  const rules = element("a", rule, { href: `../rules/${rule}.html`, target: "_blank" });
  const head = [
    element("span", severity, { className: `badge ${severity}` }),
    rules,
    button(place, () => editor.select(range), { className: "place" }),
  ];
  if (fixes.length) {
    const label = `Fixes of ${rule} in ${place}`;
    const show = button("Fixes…", () => (editor.select(range), editor.showActions()));
    show.setAttribute("aria-label", label);
    head.push(show);
  }
  const more = [...notes.map((note) => ["note", note]), ...(help ? [["help", help]] : [])];
  return element("li", [
    element("p", head, { className: "head" }),
    element("p", prose(title), { className: "title" }),
    ...more.map(([name, words]) => element("p", [element("b", name), " ", prose(words)])),
  ]);
}
