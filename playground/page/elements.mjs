// Elements of the page, and the texts of the linter in them.

export const one = (selector, within = document) => within.querySelector(selector);

/** An element with properties, and with texts and elements in it. */
export function element(name, content = [], properties = {}) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[content].flat(Infinity));
  return made;
}

/** A text of the linter, in which code is in backticks, and addresses become links. */
export function prose(words) {
  return words.split(/(`[^`]*`|https:\/\/[^\s()]+)/).map((part) => {
    if (part.startsWith("`")) return element("code", part.slice(1, -1));
    if (!part.startsWith("https:")) return part;
    return element("a", part, { href: part, target: "_blank", rel: "noreferrer" });
  });
}

export function button(label, action, properties = {}) {
  const made = element("button", label, { type: "button", ...properties });
  made.addEventListener("click", action);
  return made;
}

/** Show a dialog, which the key Escape and a click beside it close. */
export function showDialog(title, content) {
  const dialog = one("dialog");
  one("h2", dialog).textContent = title;
  one(".content", dialog).replaceChildren(...[content].flat());
  dialog.onclick = ({ target }) => target === dialog && dialog.close();
  dialog.showModal();
  return dialog;
}

/** HTML that the linter has made of Markdown, in which there is no other HTML. */
export function rendered(html) {
  const made = element("div", [], { className: "description", innerHTML: html });
  for (const link of made.querySelectorAll("a")) {
    Object.assign(link, { target: "_blank", rel: "noreferrer" });
  }
  return made;
}
