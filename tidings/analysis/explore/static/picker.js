// A field with suggestions (the WAI-ARIA pattern "editable combobox with list autocomplete").
import { KINDS, nameOf, splitKey } from "./state.js";

const PAUSE = 120; // milliseconds after the last key before a request

/** Put a picker into ``place``. ``find(text)`` resolves to choices, ``pick(key, label, period)`` receives the chosen one. */
export const addPicker = (place, { id, label, hint, withWords, find, pick }) => {
  const list = make("ul", { id: `${id}-list`, role: "listbox", "aria-label": label, hidden: true });
  const field = make("input", {
    id, type: "search", placeholder: hint, autocomplete: "off", spellcheck: false, role: "combobox", "aria-label": label,
    "aria-expanded": "false", "aria-controls": list.id, "aria-autocomplete": "list",
  });
  let options = [];
  let active = -1;
  let searches = 0;
  let shownFor = null;
  let timer;
  const close = () => { searches += 1; clearTimeout(timer); list.hidden = true; activate(-1); field.setAttribute("aria-expanded",
    "false"); };
  const activate = (at) => {
    active = at;
    options.forEach(({ item }, place) => item.setAttribute("aria-selected", String(place === at)));
    if (at >= 0) { field.setAttribute("aria-activedescendant", options[at].item.id);
      options[at].item.scrollIntoView({ block: "nearest" }); }
    else field.removeAttribute("aria-activedescendant");
  };
  const choose = (at) => {
    const { key, label: name, period } = options[at];
    field.value = "";
    close();
    pick(key, name, period);
  };
  const show = (choices, text) => {
    const words = text.trim().split("|").map((word) => word.trim()).filter(Boolean).join("|");
    const all = choices.map((choice) => ({ ...choice, label: nameOf(choice.kind, splitKey(choice.key)[1], choice.label) }));
    const isSame = ({ key, label: name }) => [name, splitKey(key)[1]].some((part) => part.toLowerCase() === text.trim().toLowerCase());
    all.sort((a, b) => isSame(b) - isSame(a)); // Enter takes the first, and "official" means the publisher type of this name.
    if (withWords && words) all.push({ key: `words:${words}`, label: `Count ${nameOf("words", words)}`, kind: "words" });
    shownFor = text;
    options = all.map((choice, at) => {
      const more = [KINDS[choice.kind] || choice.kind, choice.language_note, choice.count == null ? ""
        : choice.count.toLocaleString("en")].filter(Boolean).join(" · ");
      const item = make("li", { id: `${id}-${at}`, role: "option" }, make("span", {}, choice.label), " ",
        make("small", {}, more));
      item.addEventListener("pointerdown", (event) => { event.preventDefault(); choose(at); });
      return { ...choice, item };
    });
    list.replaceChildren(...options.map(({ item }) => item));
    list.hidden = options.length === 0;
    field.setAttribute("aria-expanded", String(options.length > 0));
    activate(text && options.length ? 0 : -1);
  };
  const search = async () => {
    const now = ++searches;
    const text = field.value;
    let choices = [];
    try { choices = await find(text.trim()); } catch { /* The typed words can still be counted. */ }
    if (now === searches && document.activeElement === field) show(choices, text);
  };
  field.addEventListener("click", () => { if (list.hidden) search(); });
  field.addEventListener("input", () => { searches += 1; clearTimeout(timer); timer = setTimeout(search, PAUSE); });
  field.addEventListener("blur", close);
  field.addEventListener("keydown", async (event) => {
    if (event.isComposing || event.keyCode === 229) return; // Enter and arrows belong to the input method (Chinese, Japanese).
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (list.hidden) await search();
      else activate((active + (key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if (key === "Enter") {
      event.preventDefault();
      if (field.value.trim() && (list.hidden || shownFor !== field.value)) { clearTimeout(timer); await search(); }
      if (active >= 0) choose(active);
    } else if (key === "Escape") {
      event.preventDefault();
      if (list.hidden) field.value = ""; else close();
    }
  });
  place.append(field, list);
  return field;
};
