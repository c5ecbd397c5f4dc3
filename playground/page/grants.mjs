// The tab with what the policies grant: the tables of the HTML report.
import { button, element } from "./elements.mjs";

const counted = (number, noun) => `${number} ${noun}${number === 1 ? "" : "s"}`;

export function grants({ levels, policies }, editor) {
  if (!policies.length) return [element("p", "No policy was read.")];
  return policies.map((policy) => described(policy, levels, editor));
}

function described(policy, levels, editor) {
  const { name, kind, resource_type: of, first, last, full, rows, abilities, ways } = policy;
  const title = `${name ? `${name}: ` : ""}${kind}${of ? ` of ${of}` : ""}`;
  const lines = (numbers) => numbers.map((line) => [" ", place(line, editor)]);
  return element("section", [
    element("h2", [title, " ", element("small", `lines ${first} to ${last}`)]),
    full && !rows.length ? [element("p", "Every action on every resource, under no condition.", { className: "problem" })] : [],
    abilities.length ? element("h3", "What the policy can do") : [],
    abilities.map((ability) => [
      element("h4", ability.title),
      element("p", [ability.why, ": ", "line", lines(ability.lines.slice(0, 12))]),
      ability.actions.map(([label, names]) => element("p", [element("b", label), " ", names])),
    ]),
    ways.length ? element("h3", "Escalation paths") : [],
    element("ul", ways.map((way) => element("li", [path(way), ` ${way.gain}`, steps(way, lines)]))),
    rows.length ? [element("h3", "Statements"), statements(policy, editor)] : [],
    policy.counted.map((part) => matrix(part, levels, lines)),
  ]);
}

function path({ id, url }) {
  return element("a", id, { href: url, target: "_blank", rel: "noreferrer" });
}

function steps({ steps: all, needs_target: target }, lines) {
  const items = all.map(({ action, line, conditional }) =>
    element("li", [element("code", action), lines([line]), conditional ? " with conditions" : ""]),
  );
  return [target ? " (needs a target)" : "", element("ol", items)];
}

function place(line, editor) {
  const at = [line - 1, 0, line - 1, 0];
  return button(`${line}`, () => editor.select(at), { className: "place", title: `Go to line ${line}` });
}

function table(label, heads, rows) {
  const head = element("tr", heads.map((text) => element("th", text, { scope: "col" })));
  const made = element("table", [element("thead", head), element("tbody", rows)]);
  const region = element("div", made, { className: "wide", tabIndex: 0, role: "region" });
  region.setAttribute("aria-label", label);
  return region;
}

function statements({ rows, with_principals: withWho }, editor) {
  const list = (texts) => element("td", texts.map((text) => element("div", text)));
  return table(
    "Statements",
    ["Line", "Effect", ...(withWho ? ["Who"] : []), "Actions", "Resources", "Conditions"],
    rows.map(({ line, effect, who, open_to: open, what, resources, conditions }) =>
      element("tr", [
        element("td", place(line, editor)),
        element("td", effect),
        withWho ? list([...(open ? [open] : []), ...who]) : [],
        [what, resources, conditions].map(list),
      ]),
    ),
  );
}

function matrix({ title, matrix: found, notes }, levels, lines) {
  const head = element("h3", title);
  const said = notes.map(([line, why]) => element("p", ["Line", lines([line]), `: ${why}`]));
  if (!found) return [head, element("p", "No action of the catalog."), said];
  const cell = ({ number, total, by_resource: resource, by_condition: condition }) => {
    const limits = [resource && `${resource} by resource`, condition && `${condition} by condition`];
    const limited = limits.filter(Boolean).join(", ");
    const text = total ? `${number} of ${total}` : "–";
    const share = number === 0 ? 0 : number === total ? 4 : 1 + Math.floor((3 * number) / total);
    const small = limited ? element("small", limited) : [];
    return element("td", [text, small], { className: `share${share}` });
  };
  const rows = found.rows.flatMap((row) => {
    const names = row.groups.map(({ level, label, names: all }) =>
      element("p", [element("b", `${level}, ${label}`), ` ${all.join(", ")}`]),
    );
    const details = element("details", [element("summary", counted(row.number, "action")), ...names]);
    const service = element("th", [element("code", row.prefix), ` ${row.name}`], { scope: "row" });
    return [
      element("tr", [service, ...row.cells.map(cell)]),
      element("tr", element("td", details, { colSpan: levels.length + 1 }), { className: "names" }),
    ];
  });
  const whole = found.whole.length ? element("p", `Everything of ${found.whole.join(", ")}.`) : [];
  const sum = `${counted(found.number, "action")} of ${counted(found.services, "service")}, by access level.`;
  return [head, element("p", sum), table(title, ["Service", ...levels], rows), whole, said];
}
