"use strict"; // for all scripts of charts, which form one file
// Build elements. Texts of strangers become text nodes, never markup, and only http links are followed.

const byId = (id) => document.getElementById(id);

/** Return the JSON of a response. Throws an error with the sentence of the server, or a TypeError without one. */
const request = async (url, options) => {
  const response = await fetch(url, options);
  const body = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(body.error || `The server answered with status ${response.status}.`);
  return body;
};

/** Return an HTML element with properties (``data-`` and ``aria-`` names become attributes) and children. */
const make = (name, properties = {}, ...children) => {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (value == null) continue;
    if (/^(data|aria)-|^role$|^scope$/.test(key)) element.setAttribute(key, value); else element[key] = value;
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

const setAttributes = (element, attributes) => {
  for (const [key, value] of Object.entries(attributes)) if (value != null) element.setAttribute(key, value);
};

/** Return an SVG element with attributes and children. */
const draw = (name, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  setAttributes(element, attributes);
  element.append(...children.filter((child) => child != null));
  return element;
};

/** Return a table from its heads ([text, class]) and the cells of its lines; ``isNamed`` makes the first ones heads. */
const tableOf = (heads, lines, isNamed) => {
  const cellOf = (cell, at) => make(isNamed && at === 0 ? "th" : "td",
    { className: heads[at][1], scope: isNamed && at === 0 ? "row" : null }, ...[cell].flat());
  return make("table", {}, make("thead", {}, make("tr", {},
    ...heads.map(([text, kind]) => make("th", { scope: "col", className: kind }, text)))),
  make("tbody", {}, ...lines.map((cells) => make("tr", {}, ...cells.map(cellOf)))));
};

const makeButton = (label, act, properties = {}) => {
  const button = make("button", { type: "button", ...properties }, label);
  button.addEventListener("click", () => act(button));
  return button;
};

/** Return a link that opens the source in a new tab, or the plain text if its URL is not a web address. */
const link = (text, url) => {
  let isSafe = false;
  try {
    isSafe = Boolean(url) && ["http:", "https:"].includes(new URL(url, location.href).protocol);
  } catch { /* an invalid URL */ }
  return isSafe ? make("a", { href: url, target: "_blank", rel: "noreferrer noopener" }, text) : make("span", {}, text);
};

/** Copy a text and say so on the button for two seconds; without a clipboard, select the text of ``shown``. */
const copy = async (button, text, shown) => {
  const label = button.textContent;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = "Copied";
  } catch {
    if (shown) getSelection().selectAllChildren(shown);
    button.textContent = shown ? "Selected: copy with Ctrl+C" : "Copy the address of this page";
  }
  setTimeout(() => { button.textContent = label; }, 2000);
};

document.addEventListener("click", ({ target }) => {
  const code = target.matches("button.copy") && target.previousElementSibling.querySelector("code");
  if (code) copy(target, code.textContent, code);
});

/** Save a file from the page. */
const save = (name, content, type) => {
  const anchor = make("a", { href: URL.createObjectURL(new Blob([content], { type })), download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
};

/** Return a file name without an ending: the texts that are not empty, with dashes between words. */
const stemOf = (...texts) =>
  texts.join(" ").normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 140);
