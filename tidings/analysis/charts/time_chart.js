// Charts over time: series of periods as lines with intervals, or as bars.
const MOST_EVENTS = 6;
const LINE = 14; // height of a line of a label in pixels

/** Return the periods of all series in order, each with the row of each series or undefined. */
const periodsOf = (series) => {
  const starts = new Map();
  series.forEach(({ rows }, at) => rows.forEach((row) => {
    const start = row.period_start_on;
    if (!starts.has(start)) starts.set(start, { start, end: row.period_end_on, rows: [] });
    starts.get(start).rows[at] = row;
  }));
  return [...starts.values()].sort((a, b) => (a.start < b.start ? -1 : 1)).map((period) => ({
    ...period,
    time: (asTime(period.start) + asTime(period.end) + DAY) / 2,
    isGap: period.rows.length > 0 && period.rows.every((row) => !row || row.is_gap),
    isOpen: period.rows.some((row) => row && row.is_open),
  }));
};

/** Return data problems ({ name, first_on, last_on, what }) as events: one for each period in which some begin,
 * or the first period. */
const problemsOf = (problems, periods) => {
  const byPlace = new Map();
  for (const { name, first_on: from, last_on: to, what } of problems) {
    const place = Math.max(0, periods.findLastIndex(({ start }) => start <= from));
    byPlace.set(place, [...byPlace.get(place) ?? [], `${name}, ${formatDay(from)}${
      from === to ? "" : ` to ${formatDay(to)}`}: ${what}`]);
  }
  return [...byPlace].map(([place, texts]) => ({ place, day: periods[place].start, isProblem: true,
    title: `Data problem: ${texts.slice(0, 3).join(" ")}${
      texts.length > 3 ? ` And ${countOf(texts.length - 3, "other")}.` : ""}` }));
};

/** Return the events with the largest shares of a rise, and all data problems, in order of days, numbered from 1. */
const numberEvents = (events, problems = []) => [...events
  .toSorted((a, b) => (b.share_of_rise ?? 0) - (a.share_of_rise ?? 0)).slice(0, MOST_EVENTS), ...problems]
  .sort((a, b) => (a.day < b.day ? -1 : 1))
  .map((event, place) => ({ ...event, number: place + 1 }));

/** Return the values that a scale shows, with the ends of intervals: not those of a period that is not over, which are
 * wide. */
const valuesOf = (series, hasHigh) => series.flatMap(({ rows }) => rows)
  .flatMap(({ value, high, is_open: isOpen }) => [value, hasHigh && !isOpen ? high : null])
  .filter((value) => value != null);

/** Return the parts of a series without unknown values: lists of { place, row }. */
const runsOf = (periods, at) => {
  const runs = [];
  periods.forEach((period, place) => {
    const row = period.rows[at];
    if (!row || row.is_gap || row.value == null) return;
    if (runs.at(-1)?.at(-1).place === place - 1) runs.at(-1).push({ place, row }); else runs.push([{ place, row }]);
  });
  return runs;
};

/** Return a chart of the ``shown`` series: its ``svg``, a spot for each period, and functions that move the cursor and
 * select a period. With ``isBars`` a later series covers part of an earlier one; labelled lines have their names at
 * their ends. */
const drawTimeChart = ({ series, shown, periods, events = [], scale, width, height, by, isBars, isLabelled }) => {
  const names = isLabelled ? shown.map((at) => linesOf(series[at].label, 3, 165, 12, 600)) : [];
  const right = names.length ? Math.max(...names.flat().map((name) => widthOf(name, 12, 600))) + 26 : 14;
  const box = { left: axisWidth(scale), right: width - right,
    top: events.some(({ number }) => number) ? 38 : 10, bottom: height - 20 };
  const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", ...FONT });
  const y = drawValueAxis(svg, box, scale);
  const x = drawTimeAxis(svg, box, asTime(periods[0].start), asTime(periods.at(-1).end) + DAY, { by });
  const edges = ({ start, end }) => ({ x: x(asTime(start)), width: x(asTime(end) + DAY) - x(asTime(start)), y: box.top,
    height: box.bottom - box.top });
  periods.forEach((period, at) => {
    if (!period.isGap || periods[at - 1]?.isGap) return;
    const next = periods.findIndex((other, place) => place > at && !other.isGap);
    svg.append(hatchOf(edges({ start: period.start, end: periods.at(next < 0 ? -1 : next - 1).end })));
  });
  const shades = [{}, { "stroke-dasharray": "4 3" }].map((more) => svg.appendChild(draw("rect", { class: "selected",
    fill: "var(--mark)", "fill-opacity": 0.7, stroke: "var(--accent)", ...more })));
  const select = (...chosen) => shades.forEach((shade, at) => {
    const [start, end] = (chosen[at] || "").split("_");
    setAttributes(shade, end ? edges({ start, end }) : { width: 0, height: 0 });
  });
  const hasDots = (box.right - box.left) / periods.length > 9; // more would hide the line
  const parts = shown.map((at) => (isBars ? drawBars({ periods, at, edges, y })
    : drawSeries({ runs: runsOf(periods, at), periods, at, x, y, hasDots, isDashed: series[at].isDashed })));
  svg.append(...parts.map(({ band }) => band).filter(Boolean), ...parts.map(({ group }) => group));
  const showBands = (focus) => parts.forEach(({ band }, place) => band?.setAttribute("visibility", shown.length <= 2
    || shown[place] === focus ? "visible" : "hidden"));
  showBands(null);
  if (isLabelled) drawNames(svg, parts.map(({ end }, place) => end && { ...end, at: shown[place], lines: names[place] })
    .filter(Boolean), box, width - right + 14);
  drawPins(svg, { events, periods, x, y, low: box.left, high: width - 4, box });
  const cursor = svg.appendChild(draw("g"));
  const move = (place, top) => {
    cursor.replaceChildren();
    if (place == null) { showBands(null); return; }
    const { time, rows } = periods[place];
    cursor.append(lineOf(x(time), box.top - 4, x(time), box.bottom, { stroke: "var(--ink)", "stroke-opacity": 0.6 }));
    const points = isBars ? [] : shown.filter((at) => rows[at]?.value != null).map((at) =>
      ({ at, y: y(rows[at].value) }));
    for (const point of points) cursor.append(shapeOf(point.at,
      { transform: `translate(${x(time)} ${point.y}) scale(1.25)`, stroke: "var(--paper)", "stroke-width": 1.5 }));
    const near = top == null ? points[0] : points.toSorted((a, b) => Math.abs(a.y - top) - Math.abs(b.y - top))[0];
    showBands(near?.at);
  };
  const placeOfDay = (day) => periods.findIndex(({ start, end }) => start <= day && day <= end);
  const noteOf = (place) => events.find((event) => event.isProblem && event.place === place)?.title ?? "";
  return { svg, move, select, placeOfDay, noteOf, spots: periods.map(({ time }) => ({ x: x(time) })) };
};

const drawSeries = ({ runs, periods, at, x, y, hasDots, isDashed }) => {
  const stroke = colourOf(at);
  const spot = (name) => ({ place, row }) => `${x(periods[place].time).toFixed(1)} ${y(row[name]).toFixed(1)}`;
  const lineTo = (points, more) => draw("path", { d: `M${points.join("L")}`, fill: "none", stroke, "stroke-width": 2,
    "stroke-linejoin": "round", ...more });
  const band = draw("g", { class: "band" }), group = draw("g", { class: "line", "data-series": at });
  for (const run of runs) {
    const limits = run.filter(({ row }) => row.low != null);
    const [high, low] = ["high", "low"].map((name) => limits.map(spot(name)));
    if (limits.length > 1) band.append(draw("path", { d: `M${[...high, ...low.toReversed()].join("L")}Z`,
      ...bandOf(at) }),
      draw("path", { d: `M${high.join("L")}M${low.join("L")}`, fill: "none", stroke, ...EDGE }));
    else if (limits.length) band.append(lineTo([low[0], high[0]], EDGE));
    const closed = run.filter(({ row }) => !row.is_open), open = run.filter(({ row }) => row.is_open);
    if (closed.length > 1) group.append(lineTo(closed.map(spot("value")), isDashed ? { class: "other",
      "stroke-dasharray": DASHES.dashed } : {}));
    if (open.length && run.length > 1) group.append(lineTo([...closed.slice(-1), ...open].map(spot("value")),
      { class: "open", "stroke-dasharray": DASHES.running }));
    for (const point of run) {
      const place = { transform: `translate(${spot("value")(point)}) scale(.8)` };
      if (point.row.is_open) group.append(hollowOf(at, place));
      else if (hasDots || run.length === 1) group.append(shapeOf(at, place));
    }
  }
  const last = runs.at(-1)?.at(-1);
  return { band, group, end: last && { x: x(periods[last.place].time), y: y(last.row.value) } };
};

const drawBars = ({ periods, at, edges, y }) => ({ group: draw("g", {}, ...periods.map((period) => {
  const { x, width } = edges(period), row = period.rows[at];
  return row?.value ? draw("rect", { x, width: Math.max(1, width - 1), y: y(row.value), height: y(0) - y(row.value),
    fill: ["var(--quiet)", "var(--accent)"][at], opacity: row.is_open ? 0.45 : 1 }) : null;
})) });

/** Write names at the ends of lines, moved apart; a line leads from an end to a name that moved. */
const drawNames = (svg, labels, box, left) => {
  for (const label of labels) Object.assign(label, { from: label.y, size: label.lines.length * LINE });
  spread(labels, 3, box.top - LINE, box.bottom + LINE / 2);
  for (const { at, x, y, to, lines } of labels) {
    if (Math.abs(to - y) > 3 || left - x > 24) svg.append(lineOf(x + 6, y, left - 3, to, { stroke: colourOf(at),
      "stroke-opacity": 0.5 }));
    lines.forEach((line, place) =>
      svg.append(textOf(line, { x: left, y: to + 4 + (place - (lines.length - 1) / 2) * LINE,
      fill: colourOf(at), "font-size": 12, "font-weight": 600 })));
  }
};

/** Draw the numbers of events above their periods, moved apart, with as much of each title as fits before the next
 * number. A line through the chart shows a data problem, which has a square, or no number in a small chart. */
const drawPins = (svg, { events, periods, x, y, low, high, box }) => {
  const pins = events.flatMap((event) => {
    const period = periods.find(({ start, end }) => start <= event.day && event.day <= end);
    if (!period) return [];
    const value = period.rows[event.at]?.value;
    const end = event.isProblem ? box.bottom : value == null ? box.top : y(value);
    const line = event.isProblem ? { stroke: "var(--lost)", "stroke-dasharray": "4 3" }
      : { stroke: "var(--muted)", "stroke-dasharray": "1 3" };
    return [{ event, from: x(period.time), size: 18, end, line }];
  });
  spread(pins, 3, low, high);
  pins.forEach(({ event, from, to, end, line }, place) => {
    if (!event.number) {
      svg.append(lineOf(from, box.top, from, end, { class: "pin", ...line }));
      return;
    }
    const room = (pins[place + 1]?.to ?? high + 12) - to - 26;
    svg.append(draw("g", { class: "pin", "data-day": event.day }, draw("title", {}, event.title || "Untitled event"),
      draw("path", { d: `M${to} 20L${from} 28V${Math.max(28, end - 5)}`, fill: "none", ...line }),
      draw("rect", { x: to - 8, y: 4, width: 16, height: 16, rx: event.isProblem ? 2 : 8, fill: "var(--paper)",
        stroke: event.isProblem ? line.stroke : colourOf(event.at), "stroke-width": 1.5 }),
      textOf(String(event.number), { x: to, y: 16, "text-anchor": "middle", fill: "var(--ink)" }),
      room > 80 ? textOf(fit(event.title || "Untitled event", room), { x: to + 12, y: 16, fill: "var(--ink)" })
        : null));
  });
};
