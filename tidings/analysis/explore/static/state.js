// The page's state, which its URL contains completely, and the words and numbers that describe it.

export const KINDS = {
  theme: "Theme", area: "Area", phrase: "Phrase", outlet: "Outlet", language: "Language", publisher_type: "Publisher type",
  country: "Country", speaker: "Speaker", comparison: "Comparison", words: "Words",
};
export const FILTERS = ["outlet", "language", "publisher_type", "country", "theme"];
const DEFAULTS = { from: "", to: "", by: "week", measure: "about", unit: "articles", value: "share", confidence: "0", layout: "one", at: "",
  with: "", list: "articles", page: "1" };
export const ONLY_HERE = ["layout", "at", "with", "list", "page", "in"];
export const MOST_SERIES = 5;

/** Return the state that a query string encodes. ``in`` contains facets as ``outlet:id``; ``at`` and
 * ``with`` a chosen period and one to compare with it as ``day_day``. */
export const readState = (search) => {
  const query = new URLSearchParams(search);
  const state = { series: query.getAll("s"), in: query.getAll("in") };
  for (const name of FILTERS) state[name] = query.getAll(name);
  for (const [name, value] of Object.entries(DEFAULTS)) state[name] = query.get(name) || value;
  return state;
};

/** Return the query string of a state; values that equal the default are left out. */
export const writeState = (state, isForServer = false) => {
  const query = new URLSearchParams();
  for (const key of state.series) query.append("s", key);
  for (const name of FILTERS) for (const id of state[name]) query.append(name, id);
  for (const [name, value] of Object.entries(DEFAULTS)) {
    if (state[name] !== value && !(isForServer && ONLY_HERE.includes(name))) query.set(name, state[name]);
  }
  if (!isForServer) for (const facet of state.in) query.append("in", facet);
  return query.toString().replaceAll("%3A", ":").replaceAll("%7C", "|");
};

/** Return the query string of the list below the chart: the chart's state within the chosen period and facets. */
export const writeListState = (state) => {
  const within = { ...state };
  if (state.at) [within.from, within.to] = state.at.split("_");
  for (const [name, id] of state.in.map(splitKey)) if (FILTERS.includes(name)) within[name] = [id];
  const query = new URLSearchParams(writeState(within, true));
  if (state.page !== "1") query.set("page", state.page);
  return query.toString();
};

/** Return the query string of the change between the two chosen periods, of which the later one is the present. */
export const writeChangeState = (state) => {
  const [before, now] = [state.at, state.with].sort();
  const [from, to] = before.split("_");
  return `${writeListState({ ...state, at: now, page: "1" })}&previous_from=${from}&previous_to=${to}`;
};

/** Return the query string of the events of the chosen period, in the outlets and languages of the list. */
export const writeEventState = (state) => {
  const query = new URLSearchParams(writeListState({ ...state, page: "1" }));
  for (const name of ["s", "theme", "by", "value", "unit", "confidence"]) query.delete(name);
  return query.toString();
};

/** Return kind and identifier of a key such as ``words:a:b``. */
export const splitKey = (key) => { const at = key.indexOf(":"); return [key.slice(0, at), key.slice(at + 1)]; };

/** Return the label of a language or country code, or the label that the server gave. */
export const nameOf = (kind, id, label) => {
  if (kind === "words" && /(^|[\s(（])(AND|OR|NOT|NEAR\/?\d*|[Ww]\/\d+)([\s(（]|$)/.test(id)) return id;
  if (kind === "words") return `“${id.replaceAll("|", "” or “")}”`;
  if (kind === "month") return MONTH.format(asTime(`${id.slice(0, 7)}-01`));
  if (label && label !== id) return label;
  try {
    if (kind === "language") return new Intl.DisplayNames("en", { type: "language" }).of(id);
    if (kind === "country") return new Intl.DisplayNames("en", { type: "region" }).of(id.toUpperCase());
  } catch { return id; }
  return id.replaceAll("_", " ");
};

const clauseOf = (kind, measure) => {
  if (kind === "theme" || kind === "area") return measure === "about" ? "about" : "that mention";
  if (kind === "speaker") return "that quote";
  return FILTERS.includes(kind) ? "from" : "that contain";
};
/** Return a filter as it appears in a title, such as "official outlets". */
export const describeFilter = (kind, label) => (kind === "publisher_type" ? `${label.toLowerCase()} outlets` : kind === "country"
  ? `outlets of ${label}` : label);

/** Return in words what a chart counts. */
export const describeValue = ({ series, measure, unit, value, by, confidence }) => {
  const own = series.filter((key) => !key.startsWith("comparison:"));
  const clauses = [...new Set(own.map((key) => clauseOf(splitKey(key)[0], measure)))];
  const each = own.length > 1 ? "each series" : own[0]?.startsWith("speaker:") ? "them" : "it";
  const what = own.length ? `${unit} ${clauses.length === 1 ? clauses[0] : "of"} ${each}` : "articles of another source";
  const base = own.length === series.length ? "mean of these days" : "mean from the first to the last period that all know";
  const words = { share: `Share of ${what}`, count: `Number of ${what}`, index: `Share of ${what}, as an index (100 = ${base})` };
  const only = confidence === "0" ? "" : `, texts right with a probability of at least ${Math.round(100 * confidence)} %`;
  return `${words[value]}, by ${by}${only}`;
};
