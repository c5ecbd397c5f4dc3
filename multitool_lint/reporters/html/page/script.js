"use strict";
(() => {
  const root = document.documentElement;
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const byId = (id) => document.getElementById(id);

  // The theme: what the system says, until the reader chooses.
  const button = byId("theme");
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const tell = () => { button.textContent = isDark() ? "Light theme" : "Dark theme"; };
  const kept = { // a page in a sandbox may keep nothing
    get: () => { try { return localStorage.getItem("multitool-lint-theme"); } catch { return null; } },
    set: (theme) => { try { localStorage.setItem("multitool-lint-theme", theme); } catch { /* as above */ } },
  };
  if (["light", "dark"].includes(kept.get())) root.dataset.theme = kept.get();
  button.hidden = false;
  button.addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    kept.set(root.dataset.theme);
    tell();
  });
  dark.addEventListener("change", tell);
  tell();

  // A link leads to its place even if that is folded.
  const reveal = () => {
    const target = byId(location.hash.slice(1));
    for (let one = target; one; one = one.parentElement) if (one.localName === "details") one.open = true;
    if (target?.closest("summary")) target.closest("details").open = true;
    // What is out of sight has no exact height until it is drawn: go there, and again when it is.
    target?.scrollIntoView();
    requestAnimationFrame(() => requestAnimationFrame(() => target?.scrollIntoView()));
  };
  addEventListener("hashchange", reveal);
  if (location.hash) reveal();

  // Why a rule matters stands once on the page, and is copied to where it is asked for.
  document.addEventListener("toggle", (event) => {
    const details = event.target;
    if (!details.open || !details.classList?.contains("why") || details.dataset.filled) return;
    details.dataset.filled = "yes";
    const prose = byId(`rule-${details.closest(".f").dataset.r}`)?.querySelector(".prose");
    if (prose) details.append(prose.cloneNode(true));
  }, true);

  // Filters.
  const form = byId("filters");
  const words = byId("words");
  const rule = byId("rule");
  const files = all("section.file");
  const entries = all(".files li");
  const findings = all(".f").map((element) => ({ element, file: files.indexOf(element.closest(".file")), text: "" }));
  const marks = new Map();
  for (const mark of all(".s mark[data-f]")) {
    if (!marks.has(mark.dataset.f)) marks.set(mark.dataset.f, []);
    marks.get(mark.dataset.f).push(mark);
  }
  const paths = files.map((file) => file.querySelector("h2").textContent.toLowerCase());
  const filter = () => {
    const picked = new Set(all("input[name=severity]:checked", form).map((box) => box.value));
    const everySeverity = picked.size === all("input[name=severity]", form).length;
    const wanted = words.value.trim().toLowerCase().split(/\s+/).filter(Boolean);
    const filtered = !everySeverity || wanted.length > 0 || Boolean(rule?.value);
    const left = new Array(files.length).fill(0);
    for (const one of findings) {
      const { r, s } = one.element.dataset;
      one.text ||= `${paths[one.file]} ${one.element.textContent.toLowerCase()}`;
      const fits = picked.has(s) && (!rule?.value || r === rule.value) && wanted.every((word) => one.text.includes(word));
      one.element.hidden = !fits;
      for (const mark of marks.get(one.element.id) ?? []) mark.classList.toggle("off", !fits);
      if (fits) left[one.file] += 1;
    }
    files.forEach((file, at) => {
      const named = wanted.length > 0 && wanted.every((word) => paths[at].includes(word)) && everySeverity && !rule?.value;
      file.hidden = entries[at].hidden = filtered && !left[at] && !named;
      // What is found is not left folded.
      if (filtered && left[at]) for (const one of [file.querySelector("details"), file.closest("details.clean")]) if (one) one.open = true;
    });
    for (const one of all("details.clean")) one.hidden = filtered && !all("section.file, li", one).some((part) => !part.hidden);
    for (const list of all("section.found")) list.hidden = filtered;
    const count = left.reduce((sum, one) => sum + one, 0);
    byId("shown").textContent = filtered ? `${count.toLocaleString("en")} of ${findings.length.toLocaleString("en")} findings shown` : "";
  };
  let pending;
  const soon = () => { clearTimeout(pending); pending = setTimeout(filter, 120); };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(filter));
  form.addEventListener("change", filter);
  words.addEventListener("input", soon);
  const setOpen = (open) => { for (const file of files) if (!file.hidden) file.querySelector("details").open = open; };
  byId("unfold").addEventListener("click", () => setOpen(true));
  byId("fold").addEventListener("click", () => setOpen(false));
  filter();
})();
