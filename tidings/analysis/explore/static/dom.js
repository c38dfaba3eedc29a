// Build elements. Texts of strangers become text nodes, never markup, and only http links are followed.

/** Return an HTML element with properties (``data-`` and ``aria-`` names become attributes) and children. */
export const make = (name, properties = {}, ...children) => fill(document.createElement(name), properties, children);

/** Return an SVG element with attributes and children. */
export const draw = (name, attributes = {}, ...children) => {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) if (value != null) element.setAttribute(key, value);
  element.append(...children);
  return element;
};

const fill = (element, properties, children) => {
  for (const [key, value] of Object.entries(properties)) {
    if (value == null) continue;
    if (/^(data|aria)-|^role$/.test(key)) element.setAttribute(key, value);
    else element[key] = value;
  }
  element.append(...children.filter((child) => child != null));
  return element;
};

export const byId = (id) => document.getElementById(id);

/** Return a URL that a link may open: http, https or a path of this server; otherwise null. */
export const safeUrl = (url) => {
  try {
    return ["http:", "https:"].includes(new URL(url, location.href).protocol) ? url : null;
  } catch { return null; }
};

/** Return a link that opens the source in a new tab, or the plain text if its URL is not a web address. */
export const link = (text, url) => {
  const href = url && safeUrl(url);
  return href ? make("a", { href, target: "_blank", rel: "noreferrer noopener" }, text) : make("span", {}, text);
};

/** Copy a text and say so on the button for two seconds; without a clipboard, select the text of ``shown``. */
export const copy = async (button, text, shown) => {
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
