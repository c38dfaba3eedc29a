// The coding sheet: show an article, choose its themes with keys or clicks, and save them. All texts are inserted as text.
"use strict";
(async () => {
  const at = (id) => document.getElementById(id);
  const make = (name, more, ...parts) => {
    const element = Object.assign(document.createElement(name), more);
    element.append(...parts);
    return element;
  };
  const NONE = "none", ROUND_UP = "round-up";
  let article = null;
  let last = -1;
  let chosen = new Map();

  const say = (text) => { at("status").textContent = text; };
  const request = async (path, options) => {
    try {
      const response = await fetch(path, options);
      if (response.ok) return await response.json();
      say(`Not saved: ${await response.text()}`);
    } catch {
      say("The server does not respond. Run `tidings code label` again: all saved labels are stored.");
    }
    return undefined;
  };

  // ---- the list of themes
  const { coder, themes } = await request("themes");
  at("coder").textContent = coder;
  const items = [];
  const add = (parent, item) => {
    const pick = make("span", { className: "pick" });
    for (const role of item.roles) {
      const button = make("button", { type: "button", textContent: role, onclick: () => choose(item, role) });
      button.setAttribute("aria-label", `${role}: ${item.name}`);
      pick.append(button);
    }
    const texts = make("div", {}, make("b", { textContent: item.name }));
    if (item.zh) texts.append(make("span", { className: "zh", lang: "zh", textContent: item.zh }));
    if (item.note) texts.append(make("p", { className: "note", textContent: item.note }));
    item.row = make("div", { className: "row" }, ...(item.area ? [] : [make("span", { className: "number", textContent: item.number })]), texts, pick);
    item.place = make("li", {}, item.row);
    item.buttons = [...pick.children];
    item.names = [item.id.replaceAll("_", " "), item.name, item.zh, item.de].filter(Boolean).map((name) => name.toLowerCase());
    parent.append(item.place);
    items.push(item);
    return item;
  };
  const SPECIAL = [
    { id: NONE, number: "0", name: "No theme", note: "The article is about no area of policy.", roles: ["choose"] },
    { id: ROUND_UP, number: "99", name: "Round-up of many items", note: "Any theme may be right.", roles: ["choose"] },
  ];
  const fromTheme = (theme, area) => ({
    id: theme.theme_id, number: String(theme.number ?? ""), name: theme.label_en, zh: theme.label_zh, de: theme.label_de,
    note: theme.definition, roles: ["main", "side"], area,
  });
  const list = at("options");
  add(list, SPECIAL[0]);
  const areas = new Map();
  for (const theme of themes.filter((other) => !other.parent_id)) areas.set(theme.theme_id, add(list, fromTheme(theme)));
  for (const theme of themes.filter((other) => other.parent_id)) {
    let area = theme;
    for (let steps = 0; area && area.parent_id && steps < 9; steps += 1) area = themes.find((other) => other.theme_id === area.parent_id);
    const top = area && areas.get(area.theme_id);
    if (!top) continue;
    if (!top.details) {
      top.below = make("ul");
      top.details = make("details", {}, make("summary"), top.below);
      top.place.append(top.details);
    }
    add(top.below, fromTheme(theme, top));
    top.details.firstChild.textContent = `Themes below ${top.name} (${top.below.children.length})`;
  }
  add(list, SPECIAL[1]);

  // ---- filter
  const filter = at("filter");
  let best = null;
  const rank = (item, typed) => {
    if (/^\d+$/.test(typed)) return item.number === typed || item.area?.number === typed ? (item.area ? 1 : 0) : 9;
    if (item.names.includes(typed)) return 0;
    if (item.names.some((name) => name.startsWith(typed))) return 1;
    if (item.names.some((name) => name.includes(` ${typed}`))) return 2;
    if (item.names.some((name) => name.includes(typed))) return 3;
    return item.note?.toLowerCase().includes(typed) ? 4 : 9;
  };
  const search = () => {
    const typed = filter.value.trim().toLowerCase();
    const ranks = new Map(items.map((item) => [item, typed ? rank(item, typed) : 0]));
    best = typed ? items.reduce((first, item) => (ranks.get(item) < (first ? ranks.get(first) : 9) ? item : first), null) : null;
    for (const item of items) {
      const below = items.filter((other) => other.area === item);
      const matching = below.filter((other) => ranks.get(other) < 9);
      item.place.hidden = ranks.get(item) === 9 && !matching.length;
      if (item.details) { item.details.hidden = Boolean(typed) && !matching.length; item.details.open = Boolean(typed); }
      item.row.classList.toggle("best", item === best);
    }
    best?.row.scrollIntoView({ block: "nearest" });
    say(!typed ? "" : best ? `First match: ${best.name}` : "No theme matches");
  };
  filter.addEventListener("input", search);
  filter.addEventListener("keydown", (event) => {
    if (event.key === "Escape" || (event.key === "Enter" && filter.value.trim())) {
      event.preventDefault();
      if (event.key === "Enter" && best) choose(best, best.roles[event.shiftKey ? best.roles.length - 1 : 0]);
      if (event.key === "Escape" || best) { filter.value = ""; const text = at("status").textContent; search(); say(event.key === "Enter" ? text : ""); }
    }
  });

  // ---- choices
  const show = () => {
    for (const item of items) item.buttons.forEach((button, n) => button.setAttribute("aria-pressed", String(chosen.get(item.id) === item.roles[n])));
    at("chosen").replaceChildren(...items.filter((item) => chosen.has(item.id)).map((item) => {
      const role = chosen.get(item.id);
      const button = make("button", { type: "button", textContent: `${role === "choose" ? "" : `${role}: `}${item.name} ×`, onclick: () => { choose(item, role); filter.focus(); } });
      button.setAttribute("aria-label", `Remove ${item.name}`);
      return make("li", {}, button);
    }));
  };
  const choose = (item, role) => {
    const isNew = chosen.get(item.id) !== role;
    if (item.id === NONE) chosen.clear();
    chosen.delete(item.id);
    if (isNew) {
      if (item.id !== NONE) chosen.delete(NONE);
      chosen.set(item.id, role);
    }
    show();
    say(`${isNew ? "Chosen" : "Removed"}: ${role === "choose" ? "" : `${role} `}${item.name}`);
  };

  // ---- articles
  const open = (next) => {
    if (next === undefined) return;
    article = next;
    document.body.classList.toggle("done", !next);
    chosen = new Map(Object.entries(next?.roles ?? {}));
    if (next?.is_any) chosen.set(ROUND_UP, "choose");
    if (next?.roles && !chosen.size) chosen.set(NONE, "choose");
    filter.value = "";
    search();
    show();
    for (const area of areas.values()) if (area.details) area.details.open = false;
    list.scrollTop = 0;
    at("title").textContent = next ? next.title || "Without title" : "All articles are coded";
    at("title").lang = at("text").lang = next?.language ?? "en";
    at("text").textContent = next ? next.body : "You can close this page and stop the command. Back shows the last article again.";
    at("where").textContent = next ? [next.outlet, next.published_on || "no date", next.language || "unknown language"].join(" · ") : "";
    for (const id of ["skip", "save"]) at(id).disabled = !next;
    at("back").disabled = next?.place === 0;
    if (next) {
      last = next.count - 1;
      at("count").textContent = `${next.coded_count} of ${next.count} coded`;
      at("progress").max = next.count;
      at("progress").value = next.coded_count;
      say(`Article ${next.place + 1} of ${next.count}${next.roles ? ", coded" : ""}`);
    } else {
      at("count").textContent = "All coded";
      at("progress").value = at("progress").max;
      say("All articles are coded");
    }
    scrollTo(0, 0);
    // On a phone, focus on the field would open the keyboard over the text.
    (matchMedia("(pointer: fine)").matches ? filter : at("title")).focus({ preventScroll: true });
  };
  at("form").addEventListener("submit", async (event) => {
    event.preventDefault();
    if (!article) return;
    if (!chosen.size) { say("Choose a theme, “No theme” or “Round-up”, or skip the article."); return; }
    const roles = Object.fromEntries([...chosen].filter(([id]) => id !== NONE && id !== ROUND_UP));
    const body = JSON.stringify({ roles, is_any: chosen.has(ROUND_UP) });
    at("save").disabled = true;
    const next = await request(`article?place=${article.place}`, { method: "POST", body, headers: { "content-type": "application/json" } });
    at("save").disabled = false;
    open(next);
  });
  at("skip").addEventListener("click", async () => open(await request(`article?after=${article.place}`)));
  at("back").addEventListener("click", async () => open(await request(`article?place=${article ? article.place - 1 : last}`)));
  open(await request("article"));
})();
