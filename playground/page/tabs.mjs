// Tabs as the ARIA practices describe them: arrows move between them, Tab goes on to their panel.

/** Make tabs of buttons with `aria-controls`; `chosen` is called with the id of the panel. */
export function tabs(list, chosen) {
  const all = [...list.querySelectorAll("[role=tab]")];
  const choose = (tab) => {
    for (const other of all) {
      const is = other === tab;
      other.setAttribute("aria-selected", is);
      other.tabIndex = is ? 0 : -1;
      document.getElementById(other.getAttribute("aria-controls")).hidden = !is;
    }
    chosen(tab.getAttribute("aria-controls"));
  };
  list.addEventListener("click", ({ target }) => all.includes(target) && choose(target));
  list.addEventListener("keydown", (event) => {
    const at = all.indexOf(document.activeElement);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: all.length - 1 }[event.key];
    if (at < 0 || to === undefined) return;
    const tab = all.at(to % all.length);
    tab.focus();
    choose(tab);
    event.preventDefault();
  });
  return (id) => choose(all.find((tab) => tab.getAttribute("aria-controls") === id) ?? all[0]);
}
