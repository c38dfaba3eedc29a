// The page: reads the state from the URL, requests figures and articles, and shows them.
import { showArticles, showFacets, showPager } from "./articles.js";
import { periodTable, showFiles } from "./files.js";
import { addPicker } from "./picker.js";
import { drawCharts } from "./series_charts.js";
import { FILTERS, KINDS, MOST_SERIES, ONLY_HERE, describeFilter, describeValue, nameOf, readState, splitKey, writeChangeState,
  writeEventState, writeListState, writeState } from "./state.js";

const SLOW = 250; // milliseconds after which the page says that it counts
const FEWEST = 10; // articles of a period that is not over, for a share
let state = readState(location.search);
let figures = null; // the last response of /api/series with the charts drawn from it
let shownQuery = null;
let drawnLayout = null;
let running = new AbortController();
const labels = new Map();

const get = async (path, query, signal) => {
  const body = await request(`/api/${path}?${query}`, { signal });
  byId("notice").firstChild.textContent = body.release.notice || "";
  byId("notice").hidden = !body.release.notice;
  return body;
};
const labelOf = (key) => labels.get(key) || nameOf(...splitKey(key));
const list = (texts) => (texts.length < 2 ? texts.join("") : `${texts.slice(0, -1).join(", ")} and ${texts.at(-1)}`);
const say = (text) => { byId("status").textContent = text; };

/** Change the state, the URL and the page. A new question starts at page 1 and forgets the chosen period. */
const go = (changes, how = "pushState") => {
  const isNewQuestion = !Object.keys(changes).every((name) => ONLY_HERE.includes(name));
  state = { ...state, ...(isNewQuestion ? { at: "", in: [] } : {}), ...(isNewQuestion || "at" in changes ? { with: "" } : {}),
    ...("page" in changes ? {} : { page: "1" }), ...changes };
  history[how](null, "", `?${writeState(state)}`);
  show();
};
addEventListener("popstate", () => { state = readState(location.search); show(); });

// ---- choices
const choicesOf = async (text) => {
  const choices = (await get("choices", new URLSearchParams({ q: text }))).choices.filter(({ kind }) => kind !== "words");
  for (const { key, label } of choices) if (label) labels.set(key, nameOf(...splitKey(key), label));
  return choices;
};
const remember = (key, label) => { if (!key.startsWith("words:")) labels.set(key, label); };
const seriesPicker = addPicker(byId("add-series"), {
  id: "series-field", label: "Add a theme, outlet, speaker or any words", hint: "Add a theme, outlet, speaker, 词语, any words …",
    withWords: true,
  find: async (text) => (await choicesOf(text)).filter(({ key }) => !state.series.includes(key)),
  pick: (key, label, period) => {
    remember(key, label);
    if (state.series.includes(key)) return;
    // Other sources count other articles, so their level says nothing: show the development of both.
    go({ series: [...state.series, key], ...(period ? { value: "index", ...(period === "day" ? {} : { by: period }) } : {}) });
  },
});
addPicker(byId("add-filter"), {
  id: "filter-field", label: "Count only articles of an outlet, language, publisher type or country",
    hint: "outlet, language, publisher type …",
  find: async (text) => (await choicesOf(text))
    .filter(({ key, kind }) => FILTERS.includes(kind) && !state[kind].includes(splitKey(key)[1]))
    .sort((a, b) => FILTERS.indexOf(a.kind) - FILTERS.indexOf(b.kind)),
  pick: (key, label) => { const [kind, id] = splitKey(key); remember(key, label); go({ [kind]: [...state[kind], id] }); },
});

const chip = (key, text, kind, remove, { at, back }) => {
  return make("li", { "data-key": key }, at == null ? null : swatchOf(at), make("span", {}, text),
    make("small", {}, kind), makeButton("×", () => { remove(); byId(back).focus({ preventScroll: true }); },
      { "aria-label": `Remove ${text}` }));
};
const showControls = () => {
  byId("series").replaceChildren(...state.series.map((key, at) => chip(key, labelOf(key), KINDS[splitKey(key)[0]] || "",
    () => go({ series: state.series.filter((other) => other !== key) }), { at, back: "series-field" })));
  seriesPicker.disabled = state.series.length >= MOST_SERIES;
  seriesPicker.placeholder = seriesPicker.disabled ? "Five series at most: remove one to add another"
    : "Add a theme, outlet, speaker, 词语, any words …";
  byId("filters").replaceChildren(...FILTERS.flatMap((kind) => state[kind].map((id) => chip(`${kind}:${id}`,
    labelOf(`${kind}:${id}`), KINDS[kind], () => go({ [kind]: state[kind].filter((other) => other !== id) }),
      { back: "filter-field" }))));
  const fields = byId("controls").elements;
  for (const name of ["by", "value", "unit", "measure", "confidence", "layout"]) fields[name].value = state[name];
  fields.measure.disabled = !state.series.some((key) => /^(theme|area):/.test(key));
  const days = figures?.days || ["", ""];
  [fields.from.value, fields.to.value] = [state.from || days[0], state.to || days[1]];
  byId("all-days").disabled = !state.from && !state.to;
};
byId("controls").addEventListener("change", ({ target }) => { if (target.type !== "date" || target.value > "1900")
  go({ [target.name]: target.value }); });
byId("controls").addEventListener("submit", (event) => event.preventDefault());
byId("all-days").addEventListener("click", () => go({ from: "", to: "" }));

// ---- the chart
const describe = () => {
  const only = FILTERS.flatMap((kind) => state[kind].map((id) => describeFilter(kind, labelOf(`${kind}:${id}`))));
  const { charts: { charts, events }, release, series } = figures;
  const title = list(series.map(({ label }) => label)) + (only.length ? `, only ${list(only)}` : "");
  const subtitle = `${describeValue(state)}, ${formatPeriod(...figures.days)}`;
  const notice = release.notice || "";
  const cited = series.filter((item) => item.citation).map((item) => `Comparison ${item.label}: ${item.citation} `);
  const source = `${notice ? `${labelOfNotice(notice)}. ` : ""}${cited.join("")}Source: Tidings, release ${
    release.release_id} (${String(release.released_at).slice(0, 10)}), word list ${release.lexicon_version}, code ${
    release.code_version}.`;
  return { title, subtitle, charts, notice, source, citation: figures.citation, release: release.release_id,
    texts: [[notice, 13, 700, "var(--lost)"], [title, 20, 600, "var(--ink)"], [subtitle, 12, 400, "var(--muted)"]],
    legend: [...series.map(({ label }, at) => ({ mark: swatchOf(at), text: label })), ...legendOf(byId("legend"))],
    events: events.map((event) => `${event.number}. ${event.isProblem ? event.title
      : `${formatDay(event.day)}: ${event.title || "Untitled event"}${riseOf(event)}`}`),
    notes: [[source, 10.5, 400, "var(--muted)"]],
  };
};
const riseOf = (event) => (event.share_of_rise == null ? ""
  : `: ${formatValue(event.share_of_rise, "share", 1)} of the rise of ${event.series}, ${
    formatPeriod(event.rise.start_on, event.rise.end_on)}`);
const showLegend = () => {
  const { charts: { periods }, series } = figures;
  const has = (test) => periods.some(test);
  const note = (name, text) => make("li", {}, name === "" ? null : swatchOf(name), text);
  byId("names").replaceChildren(...(series.length > 1 && !byId("chart").querySelector("text[font-weight='600'], h2")
    ? series.map(({ label }, at) => note(at, label)) : []));
  byId("legend").replaceChildren(
    ...(state.value === "share" ? [note("band", state.layout === "one" && series.length > 2
      ? "Band: 95% interval of the series at the pointer" : "Band: 95% interval")] : []),
    ...(has(({ isOpen }) => isOpen) ? [note("hollow", "Dashed, hollow: not over yet")] : []),
    ...(has(({ isGap }) => isGap) ? [note("hatched", "Hatched: no covered day")] : []),
    ...(series.some((item) => item.isDashed)
      ? [note("comparison", "Long dashes: comparison from another source, without the filters")] : []),
    ...series.filter((item) => item.language_note).map((item) => note("", `${item.label}: ${item.language_note}`)),
  );
};
const showAgreement = () => {
  byId("agreement").replaceChildren(...(figures.agreement || []).map(({ series, text, warning }) => make("li", {},
    make("b", {}, series.map((key) => labelOf(key)).join(" and ")), `. ${text} `, warning ? make("em", {}, warning) : "")));
};
const showEvents = () => {
  byId("events").replaceChildren(...figures.charts.events.map((event) => {
    return make("li", { value: event.number }, ...(event.isProblem ? [event.title] : [make("time", { dateTime: event.day }, formatDay(event.day)), " ",
      link(event.title || "Untitled event", event.url), make("small", {}, riseOf(event)), " ",
      makeButton("Articles of that day", () => pick(event.day, event.day))]));
  }));
};
/** Choose a period for the list below, or as the second of two to compare. */
const pick = (start, end, isSecond) => {
  const at = `${start}_${end}`;
  if (isSecond && state.at && (end < state.at.slice(0, 10) || start > state.at.slice(11))) go({ with: at });
  else go({ at: state.at === at ? "" : at });
};
const drawFigure = () => {
  if (!figures) return;
  figures.charts = drawCharts(byId("chart"), figures, state, { pick });
  showLegend();
  showAgreement();
  showEvents();
  const { title, subtitle, source } = describe();
  byId("title").textContent = title;
  byId("subtitle").textContent = subtitle;
  byId("source").textContent = source;
  document.title = `${title} · Explore · Tidings`;
  byId("table").querySelector(".scroll").replaceChildren(periodTable({ periods: figures.charts.periods, series: figures.series,
    by: state.by, value: state.value }));
  byId("sql").querySelector("pre code").textContent = figures.sql;
  const cell = (text) => `"${text.replaceAll('"', '""')}"`;
  if (byId("save-form").elements.name) {
    byId("save-form").elements.name.value = title;
    byId("save-done").textContent = "";
  }
  byId("save").querySelector("pre code").textContent = [stemOf(title.toLowerCase()).slice(0, 40) || "question", cell(title), cell(`?${writeState(state, true)}`)].join(",");
  byId("release").replaceChildren("Tidings, release ", make("b", {}, figures.release.release_id),
    figures.release.notice ? ` (${labelOfNotice(figures.release.notice).toLowerCase()})` : "", ".");
};
const showFigure = (body) => {
  figures = body;
  if (state.value !== "count") for (const item of body.series)
    item.rows = item.rows.filter((row, at) => at === 0 || !row.is_open || row.total >= FEWEST);
  for (const item of body.series) { item.label = item.kind === "words" ? item.label : nameOf(item.kind, item.id, item.label); labels.set(item.key, item.label); }
  const rows = body.series.flatMap((item) => item.rows);
  if (!rows.length) throw new Error("There are no days in this range. Choose other days.");
  const days = rows.flatMap((row) => [row.period_start_on, row.period_end_on]).sort();
  figures.days = [state.from || days[0], state.to || days.at(-1)];
  showControls();
  drawFigure();
};

// ---- the list
const toggleFacet = (name, id) => {
  if (name === "month") { const [year, month] = id.split("-").map(Number); pick(`${id.slice(0, 7)}-01`,
    new Date(Date.UTC(year, month, 0)).toISOString().slice(0, 10)); return; }
  const key = `${name}:${id}`;
  go({ in: state.in.includes(key) ? state.in.filter((other) => other !== key)
    : [...state.in.filter((other) => splitKey(other)[0] !== name), key] });
};
const isChosen = (name, id) => (name === "month" ? state.at.startsWith(`${id.slice(0, 7)}-01_`) && state.at.slice(11, 18) ===
  id.slice(0, 7) : state.in.includes(`${name}:${id}`));
const showList = (body, facets, events) => {
  for (const [kind, values] of Object.entries(facets)) for (const { id, label } of values) labels.set(`${kind}:${id}`,
    nameOf(kind, id, label));
  const isMentions = state.list === "mentions";
  const rows = body.articles || body.mentions || [];
  showArticles(byId("articles"), rows, state.series);
  showFacets(byId("facets"), facets, isChosen, toggleFacet);
  showPager(byId("pager"), Number(state.page), body.page_count || 1, (page) => { go({ page: String(page) });
    byId("behind-title").scrollIntoView(); });
  const period = state.at ? formatPeriod(...state.at.split("_")) : "";
  byId("behind-title").textContent = `${isMentions ? "Mentions" : "Articles"}${period ? ` of ${period}` : " behind it"}`;
  const found = countOf(isMentions ? body.mention_count : body.article_count, isMentions ? "mention" : "article");
  byId("count").textContent = rows.length
    ? `${body.is_count_exact === false ? "At least " : ""}${found}, newest first.${period ? "" : " Click on a point of the chart for the articles of its days."}`
    : "No article fits. Remove a choice above, or choose other days.";
  byId("picked").hidden = !period;
  const [from, to] = state.at.split("_");
  byId("picked").replaceChildren(makeButton(`${period}: ${found} ↓`, () => byId("behind-title").scrollIntoView(), { className: "quiet" }),
    from === to ? "" : makeButton("Zoom in", () => go({ from, to }), { className: "quiet" }),
    state.with ? "" : " Drag over a second period, or Shift-click on it, to compare the two.");
  byId("chosen").replaceChildren(...(state.at ? [chip("at", period, "Days", () => go({ at: "" }), { back: "behind-title" })]
    : []), ...state.in.map((key) => chip(key, labelOf(key), KINDS[splitKey(key)[0]] || "", () => toggleFacet(...splitKey(key)),
      { back: "behind-title" })));
  for (const button of document.querySelectorAll("[data-list]")) button.setAttribute("aria-pressed",
    String(button.dataset.list === state.list));
  byId("happened").hidden = !events?.length;
  byId("happened").replaceChildren(make("li", {}, make("b", {}, "Most reported on these days, on any subject")), ...(events || []).slice(0,
    5).map((event) => {
    const { day, title } = inDays(event.days, from || state.from, to || state.to);
    const url = [event.title, event.title_en].includes(title) ? event.url : null;
    return make("li", {}, make("time", { dateTime: day }, formatDay(day)), " ", link(title || "Untitled event", url),
      make("small", {}, [` ${countOf(event.report_count, "report")} in ${countOf(event.outlet_count, "outlet")}`,
        ...firstOf(event.speakers || [])].join(", ")), " ", daysOf(event.days));
  }));
  byId("behind").hidden = false;
};
for (const button of document.querySelectorAll("[data-list]")) button.addEventListener("click",
  () => go({ list: button.dataset.list }));

const firstOf = (names) => (names.length > 4 ? [...names.slice(0, 3), `${names.length - 3} more speakers`] : names);
/** Return the day with most reports among those of an event from one day to another. */
const inDays = (days, from, to) => days.filter(({ day }) => from <= day && day <= to)
  .reduce((best, day) => (day.report_count > best.report_count ? day : best));
const daysOf = (days) => (days.length < 2 ? null : make("details", {}, make("summary", {}, countOf(days.length, "day")),
  make("ul", { className: "plain" }, ...days.map((found) => make("li", {}, make("small", {}, `${formatDay(found.day)}, ${
    countOf(found.report_count, "report")}: `), found.title || "Untitled")))));

const showChange = (body) => {
  byId("change").hidden = !body;
  byId("change").replaceChildren(...(body ? [...body.changes.map(({ text }) => make("p", { className: "summary" }, text)),
    body.changes.length ? "" : make("p", {}, "Only articles can be compared, not series of other sources."),
    makeButton("End the comparison", () => go({ with: "" }), { className: "quiet" }),
    make("details", {}, make("summary", {}, "SQL of this comparison"), make("pre", { tabIndex: 0 }, make("code", {}, body.sql)))] : []));
};

// ---- loading
const showProblem = (error) => {
  const again = makeButton("Try again", () => { shownQuery = null; show(); });
  const text = error instanceof TypeError ? "The server does not answer. Is tidings explore still running?" : error.message;
  byId("problem").replaceChildren(make("p", {}, text), again, " ", make("a", { href: "/" }, "Start over"));
  byId("problem").hidden = false;
  byId("figure").hidden = !figures;
};
const show = async () => {
  running.abort();
  running = new AbortController();
  const { signal } = running;
  const slow = setTimeout(() => { byId("figure").setAttribute("aria-busy", "true"); say("Counting…"); }, SLOW);
  byId("problem").hidden = true;
  showControls();
  try {
    if (!state.series.length) { showEmpty(); return; }
    const query = writeState(state, true);
    const isNew = query !== shownQuery;
    byId("figure").hidden = byId("chart").hidden = byId("more").hidden = false;
    if (isNew) { showFigure(await get("series", query, signal)); shownQuery = query; drawnLayout = state.layout; }
    else if (drawnLayout !== state.layout) { drawFigure(); drawnLayout = state.layout; }
    else figures.charts.select(state.at, state.with);
    const listQuery = writeListState({ ...state, page: "1" });
    showFiles(byId("download").querySelector(".buttons"), { query, listQuery, describe });
    // The list waits for the chart: both would compete for the processor, and the chart is the first answer.
    const facets = get("articles", listQuery, signal);
    const listed = state.list === "mentions" || state.page !== "1" ? get(state.list === "mentions" ? "mentions" : "articles",
      writeListState(state), signal) : facets;
    const events = state.at || (state.from && state.from === state.to) ? get("events", writeEventState(state), signal)
      .catch(() => null) : null;
    for (const promise of [facets, listed]) promise.catch(() => {});
    showList(await listed, (await facets).facets, (await events)?.events);
    showChange(state.with ? await get("change", writeChangeState(state), signal) : null);
    say(`${state.with ? byId("change").querySelector("p").textContent : ""}${isNew ? `Chart of ${describe().title}, ${countOf(figures.charts.periods.length, "period")}. ${figures.charts.events.filter(({ isProblem }) => isProblem).map(({ title }) => title).join(" ")} ` : ""}${byId("count").textContent}`);
    document.body.dataset.shown = writeState(state);
  } catch (error) {
    if (error.name !== "AbortError") { shownQuery = null; showProblem(error); }
  } finally {
    clearTimeout(slow);
    if (!signal.aborted) byId("figure").setAttribute("aria-busy", "false");
  }
};
const showEmpty = () => {
  byId("title").textContent = "Choose what to count";
  byId("subtitle").textContent = "Add a theme, an outlet, a speaker or any words in the field above.";
  byId("chart").hidden = byId("more").hidden = byId("behind").hidden = true;
  for (const id of ["names", "legend", "events", "source"]) byId(id).replaceChildren();
  shownQuery = null;
};

// ---- saved questions
const showSaved = async (method = "GET", values = null) => {
  const { saved, refusal } = await request("/saved", { method, body: values && JSON.stringify(values),
    headers: { "content-type": "application/json" } });
  byId("saved").hidden = saved.length === 0;
  byId("saved").querySelector("ul").replaceChildren(...saved.map(({ question_id, name, url, is_own }) => make("li", {},
    make("a", { href: url }, name), is_own && !refusal ? makeButton("×", () => {
      if (confirm(`Delete the saved question “${name}”?`)) changeSaved("DELETE", { question_id });
    }, { "aria-label": `Delete ${name}` }) : null)));
  byId("save-form").replaceChildren(...(refusal ? [refusal] : byId("save-form").children));
};
const changeSaved = (method, values) => showSaved(method, values).then(() => {
  say(method === "POST" ? `Saved: ${values.name}` : "Deleted.");
  byId("save-done").textContent = method === "POST" ? `Saved as “${values.name}”: see Saved questions above.` : "";
  byId("saved").open = true;
}, (error) => alert(error.message));
byId("save-form").addEventListener("submit", (event) => {
  event.preventDefault();
  changeSaved("POST", { name: event.target.elements.name.value, query: `?${writeState(state, true)}` });
});

// ---- buttons, sizes and the first visit
byId("share").addEventListener("click", () => copy(byId("share"), location.href));
const wide = matchMedia("(min-width: 40.01rem)"); // Narrow screens fold the options, so that the chart is near the top.
byId("options").open = wide.matches;
wide.addEventListener("change", () => { byId("options").open = wide.matches; });
let width = innerWidth;
addEventListener("resize", () => { if (innerWidth !== width && !byId("chart").hidden) { width = innerWidth; drawFigure(); } });

const showExamples = (choices) => {
  const of = (kind) => choices.filter((choice) => choice.kind === kind);
  const [first, second] = of("theme"), phrase = of("phrase").find(({ label }) => label?.length > 3);
  const types = of("publisher_type"), languages = of("language");
  const type = types.find(({ key }) => key.endsWith(":official")) ?? types[0];
  const name = ({ key, label }) => nameOf(...splitKey(key), label);
  const empty = readState("");
  const examples = [
    first && second && [`${name(first)} against ${name(second)}, as an index`, { series: [first.key, second.key],
      value: "index" }],
    first && type && [`${name(first)}, only ${describeFilter("publisher_type", name(type))}`, { series: [first.key],
      publisher_type: [splitKey(type.key)[1]] }],
    phrase && [`The words ${nameOf("words", name(phrase))}, each day`, { series: [`words:${name(phrase)}`], by: "day" }],
    languages.length > 1 && [`${list(languages.slice(0, 3).map(name))} side by side`,
      { series: languages.slice(0, 3).map(({ key }) => key), layout: "multiples" }],
  ].filter(Boolean).slice(0, 3);
  byId("examples").hidden = examples.length === 0;
  byId("examples").replaceChildren("For example: ", ...examples.map(([text, changes]) =>
    make("a", { href: `?${writeState({ ...empty, ...changes })}` }, text)));
};
const start = async () => {
  if (state.series.length) { show(); return; }
  try {
    const choices = await choicesOf("");
    const themes = choices.filter(({ kind }) => kind === "theme");
    showExamples(choices);
    const series = (themes.length ? themes : choices).slice(0, 3).map(({ key }) => key);
    if (series.length) go({ series }, "replaceState"); else show();
  } catch (error) { showProblem(error); }
};
start();
showSaved().catch(() => {});
