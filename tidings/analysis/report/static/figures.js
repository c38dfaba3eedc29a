// Draw the charts of the page's figures, and provide their tables and downloads.
const tidingsFigures = JSON.parse(document.getElementById("figures").textContent);
(() => {
  const { release, lexicon, code, notice, root } = document.body.dataset;
  const placeOf = (id) => document.querySelector(`.chart[data-figure="${CSS.escape(id)}"]`);
  const charts = new Map(); // the drawn charts by the ID of their figure

  // ---- rows
  /** The kinds of charts over time: columns of each series (value, lower and upper end of its interval), and height. */
  const TIME_CHARTS = {
    share: { value: "share", height: 240,
      series: [["share", "low", "high"], ["corrected", "corrected_low", "corrected_high"]] },
    index: { value: "index", height: 190, series: [["index"], ["other"]] },
    counts: { value: "count", height: 160, series: [["articles"], ["stories"]], isBars: true },
  };
  const rowsOf = ({ columns, rows }) => rows.map((row) => Object.fromEntries([["label", row[0]],
    ...columns.map(([name], at) => [name, row[at]])]));
  const shownOf = (figure) => figure.columns.map(([name, title, kind], at) => ({ name, title, kind, at }))
    .filter(({ kind }) => kind !== "hidden");
  const isMonth = ({ start, end }) => asTime(end) - asTime(start) > 27 * DAY;
  const periodOf = (row) => formatPeriod(row.start, dayBefore(row.end), isMonth(row) ? "month" : "");

  /** Return a row in words: its period or name, and the known values of its other columns. */
  const describeRow = (figure, row, hasPeriod) => {
    const name = figure.columns[0][0] === "start" ? "" : row.label;
    const skipped = [figure.columns[0][0], ...(hasPeriod ? ["start", "end"] : [])];
    const lines = shownOf(figure).filter(({ name: key }) => !skipped.includes(key) && (row[key] ?? "") !== "")
      .map(({ name: key, title, kind }) => ({ label: title,
        value: kind === "date" ? formatDay(row[key]) : formatValue(row[key], kind) }));
    return { head: [name, hasPeriod ? periodOf(row) : ""].filter(Boolean).join(", "), lines, none: "No value." };
  };

  // ---- charts
  const seriesOf = (figure, rows, { series }) => series
    .filter(([value]) => figure.columns.some(([name]) => name === value))
    .map(([value, low, high], at) => ({ isDashed: at > 0, rows: rows.map((row) => ({
      period_start_on: row.start, period_end_on: dayBefore(row.end), value: row[value], low: row[low], high: row[high],
      is_gap: row.days === 0 || ("share" in row && row.share == null), is_open: row.status === "not over yet" })) }));
  const drawTimes = (figure, rows, width) => {
    const { value, height, isBars, ...kind } = TIME_CHARTS[figure.chart];
    const series = seriesOf(figure, rows, kind), periods = periodsOf(series), { most } = figure.signals;
    const scale = valueScale(valuesOf(series, true), value, { count: most ? 3 : 4, most });
    const problems = problemsOf(figure.problems, periods);
    const events = most ? problems : numberEvents(rows.filter(({ event }) => event).map((row) => ({ day: row.start,
      at: 0, title: row.event, share_of_rise: row.explained, period: periodOf(row) })), problems);
    const chart = drawTimeChart({ series, shown: series.map((_item, at) => at), periods, events,
      scale, width, height: most ? 106 : height + (events.length && 28), by: isMonth(rows[0]) ? "month" : "", isBars });
    return { ...chart, events: events.filter(({ number }) => number).map(({ number, period, title, isProblem,
      share_of_rise: share }) => ({ number, isProblem, text: `${period ? `${period}: ` : ""}${title}${
      share == null ? "" : ` (${formatValue(share, "share")} of the rise)`}` })) };
  };
  const drawFigure = (place) => {
    const id = place.dataset.figure, figure = tidingsFigures[id], rows = rowsOf(figure);
    if (charts.get(id)?.width === place.clientWidth) return;
    if (!rows.length) { place.replaceChildren(make("p", { className: "none" }, "No values.")); return; }
    const isTime = figure.chart in TIME_CHARTS, width = place.clientWidth || 600;
    const chart = isTime ? drawTimes(figure, rows, width) : drawRowChart(figure.chart, rows, width);
    charts.set(id, { ...chart, width: place.clientWidth });
    // A click or Enter opens the row's page.
    const hasPages = rows.some(({ path }) => path);
    const holder = make("div", { className: hasPages ? "plot leads" : "plot" });
    holder.append(chart.svg);
    place.removeAttribute("role");
    place.replaceChildren(holder, ...(chart.events?.length ? [make("ol", { className: "peaks" },
      ...chart.events.map(({ number, text }) => make("li", { value: number }, text)))] : []));
    const hasPeriod = isTime || figure.chart === "cells";
    followPointer({ holders: [holder], charts: [chart], label: place.dataset.alt,
      describe: (at) => describeRow(figure, rows[at], hasPeriod),
      pick: (at) => { if (rows[at].path) location.href = root + rows[at].path; } });
  };
  const titleOf = (place) => place.parentElement.querySelector("h2, h3, h4").textContent.trim();
  const drawAll = () => document.querySelectorAll(".chart[data-figure]").forEach((place) => {
    place.dataset.alt ??= place.getAttribute("aria-label");
    place.removeAttribute("aria-label");
    drawFigure(place);
  });
  for (const item of document.querySelectorAll(".legend [data-swatch]")) item.prepend(swatchOf(item.dataset.swatch));
  drawAll();
  document.body.dataset.drawn = "all";
  addEventListener("resize", drawAll);
  document.addEventListener("toggle", drawAll, true); // of a folded part

  // ---- tables
  const onOpening = (details, fill) => details.addEventListener("toggle", () => {
    const place = details.querySelector(".scroll, .buttons");
    if (details.open && !place.childElementCount) place.append(...fill());
  });
  const classOf = (kind) => (["share", "count", "number"].includes(kind) ? "n" : kind === "date" ? "day" : "");
  for (const details of document.querySelectorAll("details.data")) onOpening(details, () => {
    const figure = tidingsFigures[details.dataset.figure], shown = shownOf(figure);
    return [tableOf(shown.map(({ title, kind }) => [title, classOf(kind)]), rowsOf(figure).map((row) =>
      shown.map(({ name, kind }, at) => { const text = formatValue(row[name], kind);
        return at === 0 && row.path ? make("a", { href: root + row.path }, text) : text; })))];
  });

  // ---- downloads: each contains the release, the word list and the code version
  const label = labelOfNotice(notice).toLowerCase();
  const provenance = `Tidings, release ${release}, word list ${lexicon}, code ${code}${notice ? ` (${label})` : ""}`;
  const heading = document.querySelector("h1").textContent.trim();
  const problems = document.querySelector(".problems span")?.textContent.trim() ?? "";
  const notes = [["Notice", notice], ["Data problems", problems]].filter(([, text]) => text);
  const isFirst = document.querySelector("nav [aria-current]");
  // An apostrophe precedes each text that a spreadsheet would run as a formula (OWASP, CSV injection).
  const csvCell = (value) => {
    if (typeof value !== "string") return String(value ?? "");
    const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? "'" + value : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const csvOf = (ids, isGroup) => {
    const shown = shownOf(tidingsFigures[ids[0]]);
    const head = [...(isGroup ? ["Series"] : []), ...shown.map(({ title }) => title), "Release", "Word list", ...notes.map(([name]) => name)];
    const lines = ids.flatMap((id) => tidingsFigures[id].rows.map((row) => [...(isGroup ? [titleOf(placeOf(id))] : []),
      ...shown.map(({ at }) => row[at]), release, lexicon, ...notes.map(([, text]) => text)]));
    return "\ufeff" + [head, ...lines].map((line) => line.map(csvCell).join(",")).join("\r\n") + "\r\n";
  };
  const describe = (ids, title, isGroup) => {
    const place = placeOf(ids[0]), figure = isGroup ? place.closest("section") : place.closest("figure");
    const textIn = (selector) => (isGroup ? "" : figure.querySelector(selector)?.textContent ?? "");
    const drawn = ids.map((id) => ({ ...charts.get(id), title: isGroup ? titleOf(placeOf(id)) : "" }));
    const isMarked = drawn.some(({ events }) => events?.some(({ isProblem }) => isProblem));
    return { charts: drawn, title, legend: legendOf(figure.querySelector(".legend")),
      texts: [[notice, 13, 700, "var(--lost)"], [title, 17, 600, "var(--ink)"],
        [textIn(".summary"), 13, 400, "var(--ink)"], [textIn(".warning"), 12, 600, "var(--lost)"],
        [problems && !isMarked && `Data problems: ${problems}`, 12, 600, "var(--lost)"],
        [textIn(".note"), 11, 400, "var(--muted)"]],
      events: drawn.flatMap(({ events = [] }) => events.map(({ number, text }) => `${number}. ${text}`)),
      notes: [[`Source: ${provenance}`, 10, 400, "var(--muted)"]] };
  };
  for (const details of document.querySelectorAll("details.download")) onOpening(details, () => {
    const ids = details.dataset.figures.split(" "), isGroup = "group" in details.dataset;
    const title = isFirst ? details.dataset.title : `${heading}: ${details.dataset.title}`;
    const stem = stemOf("tidings", label, title.slice(0, 80), release);
    return [makeButton("CSV", () => save(`${stem}.csv`, csvOf(ids, isGroup), "text/csv;charset=utf-8")),
      ...imageButtons(stem, () => describe(ids, title, isGroup)),
      make("p", {}, "Cite as: ", make("cite", {}, `${title}. ${provenance}.`))];
  });
})();
