// Downloads: data files from the server, images of the drawn charts, and a line of Python and of R; the table of the figures.

/** Fill the part "Download". ``query`` and ``listQuery`` are query strings of the chart and of the list below it. */
export const showFiles = (place, { query, listQuery, describe }) => {
  const { title, citation, notice, release } = describe();
  const label = labelOfNotice(notice);
  const remark = label ? `  # ${label}` : "";
  const stem = stemOf("tidings", label.toLowerCase(), title.slice(0, 80), release);
  const data = (label, path, format, parameters) => make("a", { className: "button",
    href: `/api/${path}?${parameters}&format=${format}`, download: `${stem}-${path}.${format}` }, label);
  const url = `${location.origin}/api/series?${query}&format=csv`;
  const line = (language, code) => make("div", { className: "code-line" },
    make("pre", { tabIndex: 0 }, make("code", {}, code)),
    make("button", { type: "button", className: "copy" }, `Copy ${language}`));
  place.replaceChildren(
    make("p", {}, "Figures of the chart"),
    data("CSV", "series", "csv", query), data("XLSX", "series", "xlsx", query),
    ...imageButtons(stem, describe),
    make("p", {}, "All mentions behind the list below"),
    data("Mentions (CSV)", "mentions", "csv", listQuery), data("Mentions (XLSX)", "mentions", "xlsx", listQuery),
    data("Articles (CSV)", "articles", "csv", listQuery),
    make("p", {}, "In a notebook, while ", make("code", {}, "tidings explore"), " runs"),
    line("Python", `import pandas as pd; figures = pd.read_csv("${url}")${remark}`),
    line("R", `figures <- read.csv("${url}", fileEncoding = "UTF-8-BOM")${remark}`),
    make("p", {}, "Cite as: ", make("cite", {}, citation)),
  );
};

/** Return a table with one row per period and one column per series. */
export const periodTable = ({ periods, series, by, value }) => {
  const columnsOf = (first, low, last) => [first, ...(value === "share" ? [low] : []), last];
  const heads = series.flatMap(({ label }) => columnsOf(label, "95% interval", "Of all").map((text) => [text, "n"]));
  const lines = periods.toReversed().map(({ start, end, isOpen, isGap, rows }) => [
    [formatPeriod(start, end, by), isOpen && " not over yet", isGap && " no covered day"]
      .filter(Boolean).map((text, at) => (at ? make("small", {}, text) : text)),
    ...series.flatMap((_item, at) => (rows[at]?.value == null ? columnsOf("–", "", "")
      : columnsOf(formatValue(rows[at].value, value), formatRange(rows[at], value), formatCounts(rows[at]))))]);
  return tableOf([["Period", "day"], ...heads], lines, true);
};
