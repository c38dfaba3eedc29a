// The sheet: show an article or a phrase, choose its themes with keys or clicks, and save the decision. All texts are inserted as text.
"use strict";
(async () => {
  const say = (text) => { byId("status").textContent = text; };
  const send = (path, options) => request(path, options).catch((error) => say(error instanceof TypeError
    ? "The server does not respond. Run the command again. All saved decisions are stored." : `Error: ${error.message}`));

  const { coder, kind, themes, count } = await send("themes");
  const isCoding = kind === "codings";
  const words = isCoding
    ? { item: "Article", done: "coded", all: "All articles are coded", choose: "Choose a theme, “No theme” or “Round-up”, or skip the article." }
    : { item: "Phrase", done: "decided", all: "All phrases have a decision", choose: "Choose a theme, or reject, postpone or skip the phrase." };
  document.body.dataset.kind = kind;
  byId("coder").textContent = coder;
  if (!isCoding) {
    document.title = "Review of phrases – Tidings";
    byId("kind").textContent = "Review of phrases";
    byId("question").textContent = "Theme of this phrase";
    byId("save").textContent = "Accept";
  }

  // ---- the list of themes
  const list = byId("options"), filter = byId("filter");
  const items = [];
  let chosen = new Map(); // role by item
  let best = null; // the item that Enter chooses
  const add = (parent, { theme_id: id, cap_code: code, label_en: name, label_zh: zh, label_de: de, definition }, area, roles = isCoding ? ["main", "side"] : ["choose"]) => {
    const item = { id, name, area, definition, number: area ? "" : String(code ?? ""), roles };
    item.names = [id.replaceAll("_", " "), name, zh, de].filter(Boolean).map((text) => text.toLowerCase());
    item.buttons = roles.map((role) => makeButton(role, () => choose(item, role), { "aria-label": `${role}: ${name}` }));
    const texts = make("div", {}, make("b", { textContent: name }), " ", make("span", { className: "zh", lang: "zh", textContent: zh ?? "" }));
    if (definition) texts.append(make("p", { className: "note", textContent: definition }));
    item.row = make("div", { className: "row" }, make("span", { className: "number", textContent: item.number }), texts, make("span", { className: "pick" }, ...item.buttons));
    item.place = make("li", {}, item.row);
    parent.append(item.place);
    items.push(item);
    return item;
  };
  const none = isCoding && add(list, { theme_id: "none", cap_code: 0, label_en: "No theme", definition: "The article is about no area of policy." }, null, ["choose"]);
  const themeOf = new Map(themes.filter((theme) => !theme.parent_id).map((theme) => [theme.theme_id, add(list, theme)]));
  for (let left = themes.filter((theme) => theme.parent_id), count = -1; left.length !== count;) { // a theme after its parent
    count = left.length;
    left = left.filter((theme) => {
      const parent = themeOf.get(theme.parent_id);
      if (!parent) return true;
      const area = parent.area ?? parent;
      area.below ??= area.place.appendChild(make("details", {}, make("summary"), make("ul")));
      themeOf.set(theme.theme_id, add(area.below.lastChild, theme, area));
      area.below.firstChild.textContent = `Themes below ${area.name} (${area.below.lastChild.childElementCount})`;
      return false;
    });
  }
  const roundUp = isCoding && add(list, { theme_id: "round_up", cap_code: 99, label_en: "Round-up of many items", definition: "Any theme may be right." }, null, ["choose"]);

  // ---- filter
  const rank = ({ number, area, names, definition }, typed) => {
    const tests = [
      () => names.includes(typed),
      () => names.some((name) => name.startsWith(typed)),
      () => names.some((name) => name.includes(` ${typed}`)),
      () => names.some((name) => name.includes(typed)),
      () => definition?.toLowerCase().includes(typed),
    ];
    return (/^\d+$/.test(typed) ? [() => number === typed, () => area?.number === typed] : tests).findIndex((test) => test());
  };
  const search = () => {
    const typed = filter.value.trim().toLowerCase();
    const found = items.map((item) => [item, rank(item, typed)]).filter(([, place]) => place >= 0);
    best = typed && found.length ? found.reduce((first, next) => (next[1] < first[1] ? next : first))[0] : null;
    const shown = new Set(found.flatMap(([item]) => [item, item.area]));
    for (const item of items) {
      item.place.hidden = Boolean(typed) && !shown.has(item);
      item.row.classList.toggle("best", item === best);
      if (item.below) item.below.open = Boolean(typed);
    }
    best?.row.scrollIntoView({ block: "nearest" });
    say(!typed ? "" : best ? `First match: ${best.name}` : "No theme matches.");
  };
  filter.addEventListener("input", search);
  filter.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" && !(event.key === "Enter" && filter.value.trim())) return;
    event.preventDefault();
    const item = event.key === "Enter" ? best : null;
    if (event.key === "Enter" && !item) return;
    filter.value = "";
    search();
    if (item) choose(item, item.roles.at(event.shiftKey ? -1 : 0));
  });

  // ---- choices
  const label = (item) => (chosen.get(item) === "choose" ? item.name : `${chosen.get(item)}: ${item.name}`);
  const show = () => {
    for (const item of items) item.buttons.forEach((button, place) => { button.ariaPressed = String(chosen.get(item) === item.roles[place]); });
    byId("chosen").replaceChildren(...[...chosen.keys()].map((item) => make("li", {}, makeButton(`${label(item)} ×`,
      () => { choose(item, chosen.get(item)); filter.focus(); }, { "aria-label": `Remove ${label(item)}` }))));
  };
  const choose = (item, role) => {
    const isNew = chosen.get(item) !== role;
    if (item === none || !isCoding) chosen.clear(); else chosen.delete(none);
    if (isNew) chosen.set(item, role); else chosen.delete(item);
    show();
    say(isNew ? `Chosen: ${label(item)}` : `Removed: ${item.name}`);
  };

  // ---- articles
  let article = null;
  const suggest = (id) => makeButton(themeOf.get(id).name, () => choose(themeOf.get(id), "choose"));
  const mark = (text, phrase) => { // every second part is the phrase
    const parts = text.split(new RegExp(`(${phrase.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")})`, "giu"));
    return parts.map((part, place) => (place % 2 ? make("mark", {}, part) : part));
  };
  const open = (next) => {
    if (next === undefined) return;
    article = next;
    chosen = new Map(Object.entries(next?.roles ?? {}).filter(([id]) => themeOf.has(id)).map(([id, role]) => [themeOf.get(id), role]));
    if (next?.is_any) chosen.set(roundUp, "choose");
    else if (next?.roles && !chosen.size) chosen.set(none, "choose");
    filter.value = "";
    search();
    show();
    list.scrollTop = 0;
    byId("where").textContent = next?.where.join(" · ") ?? "";
    byId("title").textContent = next ? next.title || "Without title" : words.all;
    byId("text").textContent = next?.body ?? "Close this page, and finish the command with Ctrl-C. Back shows the last one again.";
    byId("suggested").replaceChildren();
    if (!isCoding && next) {
      byId("text").replaceChildren(...mark(next.body, next.title));
      const known = next.suggested.filter((id) => themeOf.has(id)).map(suggest);
      byId("suggested").append(...(known.length ? ["Suggested: ", ...known] : ["No suggested theme"]));
      byId("new").open = false;
      byId("new-id").value = byId("new-label").value = "";
    }
    byId("title").lang = byId("text").lang = next ? next.language : "en";
    byId("count").textContent = next ? `${next.coded_count} of ${count} ${words.done}` : `All ${words.done}`;
    byId("progress").max = count || 1;
    byId("progress").value = next ? next.coded_count : count || 1;
    for (const button of document.querySelectorAll(".bar button")) button.disabled = !next;
    byId("back").disabled = next?.place === 0;
    const made = next?.roles ? ", already coded" : next?.verdict ? `, ${next.verdict}` : "";
    say(next ? `${words.item} ${next.place + 1} of ${count}${made}` : `${words.all}.`);
    scrollTo(0, 0);
    // On a phone, focus on the field would open the keyboard over the text.
    (matchMedia("(pointer: fine)").matches ? filter : byId("title")).focus({ preventScroll: true });
  };
  const answer = (verdict) => {
    if (isCoding) return { roles: Object.fromEntries([...chosen].filter(([, role]) => role !== "choose").map(([item, role]) => [item.id, role])), is_any: chosen.has(roundUp) };
    return { verdict, theme: [...chosen.keys()][0]?.id, new_id: byId("new-id").value, new_label: byId("new-label").value };
  };
  const save = async (verdict) => {
    if (!article || byId("save").disabled) return;
    if (verdict === "accepted" && !chosen.size) { say(words.choose); return; }
    const buttons = [...document.querySelectorAll(".bar button")], usable = buttons.filter(({ disabled }) => !disabled);
    for (const button of buttons) button.disabled = true; // a second Enter does not save twice
    say("Saving …");
    const next = await send(`article?place=${article.place}`, { method: "POST", body: JSON.stringify(answer(verdict)) });
    for (const button of usable) button.disabled = false;
    open(next);
  };
  byId("form").addEventListener("submit", (event) => { event.preventDefault(); save("accepted"); });
  for (const button of document.querySelectorAll(".bar button[value]")) button.addEventListener("click", () => save(button.value));
  byId("skip").addEventListener("click", async () => open(await send(`article?after=${article.place}`)));
  byId("back").addEventListener("click", async () => open(await send(`article?place=${article ? article.place - 1 : count - 1}`)));
  open(await send("article"));
})();
