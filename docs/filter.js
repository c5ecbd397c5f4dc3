// Adds filters to the table of rules. Without JavaScript the table lists all rules.
(() => {
  const table = document.querySelector(".rules table");
  if (!table) return;
  const rows = [...table.tBodies[0].rows];
  const filters = [
    { name: "topic", column: 5 },
    { name: "severity", column: 2 },
    { name: "fix", column: 3, empty: "none" },
    { name: "type", label: "policy type", column: 4, any: "all" },
  ];
  const address = new URL(location.href);
  const valuesOf = (row, { column, empty }) => {
    const text = row.cells[column].textContent.trim();
    return text ? text.split(", ") : [empty];
  };

  const form = document.createElement("form");
  form.className = "rule-filter";
  for (const filter of filters) {
    const label = form.appendChild(document.createElement("label"));
    filter.select = document.createElement("select");
    filter.select.name = filter.name;
    filter.select.add(new Option("any", ""));
    const values = new Set(rows.flatMap((row) => valuesOf(row, filter)));
    values.delete(filter.any);
    for (const value of [...values].sort()) filter.select.add(new Option(value, value));
    const asked = address.searchParams.get(filter.name);
    filter.select.value = values.has(asked) ? asked : "";
    label.append(`${filter.label || filter.name} `, filter.select);
  }
  const count = form.appendChild(document.createElement("output"));

  const update = () => {
    for (const { name, select } of filters) {
      if (select.value) address.searchParams.set(name, select.value);
      else address.searchParams.delete(name);
    }
    history.replaceState(null, "", address);
    for (const row of rows) {
      row.hidden = !filters.every((filter) => {
        const values = valuesOf(row, filter);
        const { value } = filter.select;
        return !value || values.includes(value) || values.includes(filter.any);
      });
    }
    count.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rules`;
  };
  form.addEventListener("change", update);
  form.addEventListener("submit", (event) => event.preventDefault());
  document.querySelector(".rules").before(form);
  update();
})();
