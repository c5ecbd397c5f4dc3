// The tabs that compare, and that answer whether a request is allowed.
import { element, prose } from "./elements.mjs";

/** What `diff` prints: each line that is indented belongs to the one above it. */
export function comparison({ text, summary }) {
  const lines = text.split("\n").filter((line) => line.trim());
  return [
    ...summary.split("\n").filter(Boolean).map((line) => element("p", element("strong", line))),
    ...lines.map((line) => {
      const depth = Math.min(3, (line.length - line.trimStart().length) / 2);
      const words = line.trim();
      const name = /^(adds|grants)/.test(words) ? "more" : /^removes/.test(words) ? "less" : "";
      return element("p", prose(words), { className: `depth${depth} ${name}` });
    }),
  ];
}

/** The answers of `can`, one for each policy. */
export function decisions({ answer, problem }, editor) {
  const said = problem ? [element("p", problem.trim(), { className: "problem" })] : [];
  if (!answer) return said;
  const unread = answer.unread.map(({ why }) => element("p", `Not read: ${why}`, { className: "problem" }));
  return [
    ...said,
    ...unread,
    ...answer.policies.map(({ name, answer: word, why, missing, statements }) =>
      element("section", [
        element("h3", [name ? `${name}: ` : "", element("span", word, { className: `badge ${word}` })]),
        element("p", prose(why)),
        missing.length ? element("p", `Unknown: ${missing.map(String).join(", ")}`) : [],
        element("ul", statements.map((one) => element("li", statement(one, editor)))),
      ]),
    ),
  ];
}

function statement({ place, effect, sid }, editor) {
  const [line, column] = place.split(":").slice(-2).map(Number);
  const go = element("button", `line ${line}`, { type: "button", className: "place" });
  go.addEventListener("click", () => editor.select([line - 1, column - 1, line - 1, column - 1]));
  return [go, ` ${effect}${sid ? ` "${sid}"` : ""}`];
}
