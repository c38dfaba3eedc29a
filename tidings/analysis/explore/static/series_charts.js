// The charts of a response: one for all series, or one for each.

/** Return the events behind the peaks of all series, each once, with the series in whose rise it has most. */
const eventsOf = (series, problems) => {
  const events = new Map();
  series.forEach((item, at) => (item.events || []).forEach((event) => {
    const known = events.get(event.event_id);
    if (!known || (event.share_of_rise ?? 0) > (known.share_of_rise ?? 0)) events.set(event.event_id,
      { ...event, at, series: item.label });
  }));
  return numberEvents([...events.values()], problems);
};

/** Draw the charts of a response into ``place`` and return them with their periods and events, which include data
 * problems.
 *
 * ``pick(start, end, isSecond)`` receives the days of a clicked period or of a dragged range. */
export const drawCharts = (place, { series, data_problems: problems }, state, { pick }) => {
  const { by, value } = state;
  const periods = periodsOf(series.map((item) => Object.assign(item, { isDashed: Boolean(item.citation) })));
  const events = eventsOf(series, problemsOf(problems, periods));
  const isOne = state.layout !== "multiples" || series.length < 2;
  const scale = valueScale(valuesOf(series, value === "share" && !(isOne && series.length > 2)), value);
  const groups = isOne ? [series.map((_item, at) => at)] : series.map((_item, at) => [at]);
  const holders = groups.map(() => make("div", { className: "plot" }));
  place.className = isOne ? "one" : "multiples";
  place.replaceChildren(...holders.map((holder, at) => (isOne ? holder
    : make("div", { className: "multiple" }, make("h2", {}, swatchOf(at), " ", series[at].label), holder))));
  const charts = holders.map((holder, at) => {
    const width = holder.clientWidth || 600;
    const height = isOne ? Math.max(300, Math.min(460, width * 0.46)) : 210;
    const chart = drawTimeChart({ series, shown: groups[at], periods, scale, width, height, by,
      events: events.filter((event) => event.isProblem || groups[at].includes(event.at)), isLabelled: isOne && width > 560 });
    chart.select(state.at, state.with);
    holder.append(chart.svg);
    return { ...chart, title: isOne ? "" : series[at].label };
  });
  const describe = (at) => {
    const { start, end, rows, isGap, isOpen } = periods[at];
    const lines = series.map((item, which) => ({ at: which, label: item.label, row: rows[which] }))
      .filter(({ row }) => row?.value != null).sort((a, b) => b.row.value - a.row.value)
      .map(({ row, ...line }) => ({ ...line, value: formatValue(row.value, value),
        more: [formatRange(row, value) && `95%: ${formatRange(row, value)}`,
          formatCounts(row)].filter(Boolean).join("; ") }));
    return { head: formatPeriod(start, end, by) + (isOpen ? " (not over yet)" : ""), lines,
      none: isGap ? "No covered day." : "No value." };
  };
  followPointer({ holders, charts, describe, pick: (at, isSecond) => pick(periods[at].start, periods[at].end, isSecond),
    drag: (first, last) => pick(periods[first].start, periods[last].end, true),
    label: `Chart of ${series.map(({ label }) => label).join(", ")}. ${
      "Arrows move through the periods, Enter lists the articles of one, Shift and Enter compares another with it."}` });
  return { charts, periods, events, select: (...chosen) => charts.forEach((chart) => chart.select(...chosen)) };
};
