// The list below the chart: articles with highlighted sentences or single mentions, facets and pages.
import { nameOf } from "./state.js";

const FACETS = { outlet: "Outlet", language: "Language", month: "Date", theme: "Theme" };
const FIRST = 8; // values of a facet that show before "more"

/** Return the sentences of mentions, each once, with their matches highlighted in the colours of their series. */
const sentencesOf = (snippets, language, keys) => {
  const sentences = new Map();
  for (const { before, match, after, series } of snippets) {
    const text = `${before}${match}${after}`;
    if (!sentences.has(text)) sentences.set(text, []);
    if (match) sentences.get(text).push({ start: before.length, end: before.length + match.length, at: keys.indexOf(series) });
  }
  return [...sentences].map(([text, marks]) => {
    const parts = [];
    let shown = 0;
    for (const { start, end, at } of marks.sort((one, two) => one.start - two.start || two.end - one.end)) {
      if (start < shown) continue; // inside a longer match
      const mark = make("mark", {}, text.slice(start, end));
      if (at >= 0) mark.style.borderBottomColor = colourOf(at);
      parts.push(text.slice(shown, start), mark);
      shown = end;
    }
    return make("blockquote", { lang: language || "" }, ...parts, text.slice(shown));
  });
};

/** Return a line with the English of the themes, formulations and people in the snippets of an article, each once. */
const glossOf = (snippets) => {
  const lines = new Set(snippets.flatMap(({ gloss }) => gloss || []).map(({ words, english, kind }) =>
    `${words} – ${english}${kind === "theme" ? " (theme)" : ""}`));
  return lines.size ? make("p", { className: "gloss", lang: "en" }, `In English: ${[...lines].join("; ")}`) : null;
};

const whereOf = (row) => make("p", { className: "where" }, [row.outlet_name || row.outlet_id, formatDay(row.published_on),
  nameOf("language", row.language || "")].filter(Boolean).join(" · "));

/** Return a mention's snippet, divided at its match. Positions count characters, not UTF-16 units. */
const divide = ({ snippet, match, match_end: end, series, gloss }) => {
  const start = end - [...match.replace(/\s+/g, " ")].length;
  const [before, marked, after] = [[0, start], [start, end], [end]].map((part) => [...snippet].slice(...part).join(""));
  return { before, match: marked, after, series, gloss };
};

/** Show a page of articles, or of mentions as articles with one sentence each. */
export const showArticles = (place, rows, keys) => {
  const items = rows.map((row) => ({ row, snippets: row.snippets || (row.snippet ? [divide(row)] : []) }));
  place.replaceChildren(...items.map(({ row, snippets }) => make("li", {},
    whereOf(row),
    make("h3", { lang: row.language || "" }, link(row.headline || row.title || row.url || row.article_id, row.url)),
    ...sentencesOf(snippets, row.language, keys),
    glossOf(snippets),
    row.english_url ? make("p", { className: "where" }, link("The publisher's English version", row.english_url)) : null,
    ...(row.events || []).filter(({ title }) => !row.title?.endsWith(title)).map((event) => make("p", { className: "where" }, "Reports: ",
      event.title || "untitled event")))));
};

/** Show the values of each facet with their counts; ``choose(name, id)`` toggles one. */
export const showFacets = (place, facets, chosen, choose) => {
  const isOpen = matchMedia("(min-width: 48rem)").matches;
  const before = Object.fromEntries([...place.querySelectorAll("details")].map((details) => [details.dataset.facet,
    details.open]));
  const parts = Object.entries(FACETS).filter(([name]) => facets?.[name]?.length).map(([name, title]) => {
    const items = facets[name].map(({ id, label, count }, at) => {
      const button = makeButton("", () => choose(name, id), { "aria-pressed": String(chosen(name, id)) });
      button.append(make("span", {}, nameOf(name, id, label)), " ", make("small", {}, count.toLocaleString("en")));
      return make("li", { hidden: at >= FIRST }, button);
    });
    const list = make("ul", { className: "plain" }, ...items);
    const more = items.length > FIRST ? makeButton(`${items.length - FIRST} more`, (self) => {
      items.forEach((item) => { item.hidden = false; });
      self.remove();
    }, { className: "quiet" }) : null;
    return make("details", { open: before[name] ?? isOpen, "data-facet": name }, make("summary", {}, title), list, more);
  });
  place.replaceChildren(...parts);
};

/** Show the buttons of a pager; ``turn(page)`` opens a page. */
export const showPager = (place, page, last, turn) => {
  const button = (text, to, isUsable) => makeButton(text, () => turn(to), { disabled: !isUsable });
  place.hidden = last <= 1;
  place.replaceChildren(button("← Previous", page - 1, page > 1),
    make("span", {}, `Page ${page.toLocaleString("en")} of ${last.toLocaleString("en")}`), button("Next →", page + 1,
      page < last));
};
