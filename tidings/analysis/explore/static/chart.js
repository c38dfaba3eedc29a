// Draw series as lines in SVG. Colours are CSS variables, so the style sheet sets them for light, dark and print. Vega, which draws
// the report's charts, has 900 kB and cannot place labels at the ends of lines without overlaps.
import { draw, make } from "./dom.js";
import { colourOf, fit, shapeOf, widthOf, wrap } from "./marks.js";
import { followPointer } from "./pointer.js";
import { asTime, formatShortDay, formatValue } from "./state.js";

const DAY = 86400000;
const FONT = { "font-family":
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK SC', sans-serif", "font-size": 11 };
const MOST_EVENTS = 6;
const LINE = 14; // height of a line of a label in pixels

/** Return the periods of all series in order, each with the row of each series or undefined. */
export const periodsOf = (series) => {
  const starts = new Map();
  series.forEach(({ rows }, at) => rows.forEach((row) => {
    if (!starts.has(row.period_start_on)) starts.set(row.period_start_on, { start: row.period_start_on, end: row.period_end_on,
      rows: [] });
    starts.get(row.period_start_on).rows[at] = row;
  }));
  return [...starts.values()].sort((a, b) => (a.start < b.start ? -1 : 1)).map((period) => ({
    ...period,
    time: (asTime(period.start) + asTime(period.end) + DAY) / 2,
    isGap: period.rows.length > 0 && period.rows.every((row) => !row || row.is_gap),
    isOpen: period.rows.some((row) => row && row.is_open),
  }));
};

/** Return the events behind peaks in order of days, numbered from 1: the ones with the largest share of a rise. */
export const eventsOf = (series) => {
  const events = new Map();
  series.forEach((item, at) => (item.events || []).forEach((event) => {
    const known = events.get(event.event_id);
    if (!known || (event.share_of_rise ?? 0) > (known.share_of_rise ?? 0)) events.set(event.event_id,
      { ...event, at, series: item.label });
  }));
  return [...events.values()].sort((a, b) => (b.share_of_rise ?? 0) - (a.share_of_rise ?? 0)).slice(0, MOST_EVENTS)
    .sort((a, b) => (a.day < b.day ? -1 : 1)).map((event, place) => ({ ...event, number: place + 1 }));
};

const valueScale = (series, kind, isBanded) => {
  const values = series.flatMap(({ rows }) => rows.flatMap((row) => [row.value, isBanded ? row.high : null])).filter((value) =>
    value != null);
  const most = kind === "share" ? Math.max(...values, 0) || 0.04 : Math.max(...values, 1);
  const least = kind === "index" ? Math.min(...values, most) : 0;
  const rough = (most - least || most) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough) * power;
  if (kind !== "share") step = Math.max(1, Math.round(step));
  const low = Math.floor(least / step) * step;
  const ticks = [];
  for (let at = 0; low + (at - 1) * step < most; at += 1) ticks.push(low + at * step);
  return { low, high: Math.max(ticks.at(-1), low + step), ticks, step };
};

const runsOf = (periods, at) => {
  const runs = [];
  periods.forEach((period, place) => {
    const row = period.rows[at];
    if (!row || row.is_gap || row.value == null) return;
    if (runs.length && runs.at(-1).at(-1).place === place - 1) runs.at(-1).push({ place, row }); else runs.push([{ place, row }]);
  });
  return runs;
};

/** Move labels apart so that none overlaps another; ``y`` is the wanted and ``to`` the resulting middle of a label. */
const spread = (labels, bottom) => {
  labels.sort((a, b) => a.y - b.y);
  const gap = (upper, lower) => (upper.lines.length + lower.lines.length) * (LINE / 2) + 3;
  labels.forEach((label, at) => { label.to = at ? Math.max(label.y, labels[at - 1].to + gap(labels[at - 1], label)) : label.y; });
  labels.toReversed().forEach((label, at, below) => { label.to = Math.min(label.to, at ? below[at - 1].to - gap(label,
    below[at - 1]) : bottom - (label.lines.length - 1) * (LINE / 2)); });
};

/** Draw the charts of a response into ``place`` and return them with their periods and events.
 *
 * ``pick(start, end)`` receives a clicked period and ``zoom(first, last)`` a dragged range of days. */
export const drawCharts = (place, series, state, { by, value, pick, zoom }) => {
  const periods = periodsOf(series);
  const events = eventsOf(series);
  const isOne = state.layout !== "multiples" || series.length < 2;
  const scale = valueScale(series, value, value === "share" && !(isOne && series.length > 2));
  const groups = isOne ? [series.map((_item, at) => at)] : series.map((_item, at) => [at]);
  const holders = groups.map(() => make("div", { className: "plot" }));
  place.className = isOne ? "one" : "multiples";
  place.replaceChildren(...holders.map((holder, at) => (isOne ? holder
    : make("div", { className: "multiple" }, make("h2", { className: `ink-${at + 1}` }, series[at].label), holder))));
  const charts = holders.map((holder, at) => {
    const width = holder.clientWidth || 600;
    const height = isOne ? Math.max(300, Math.min(460, width * 0.46)) : 210;
    const shown = events.filter((event) => groups[at].includes(event.at));
    const chart = drawLines({ series, shown: groups[at], periods, events: shown, scale, width, height, by, value,
      selected: state.at, isLabelled: isOne && width > 560 });
    holder.append(chart.svg);
    return chart;
  });
  followPointer({ holders, charts, periods, series, by, value, pick, zoom });
  return { svgs: charts.map(({ svg }) => svg), select: (chosen) => charts.forEach((chart) => chart.select(chosen)), periods,
    events };
};

/** Return a label of a line's end as at most three lines of text. */
const namesOf = (label) => { const lines = wrap(label, 165, 12, 600); return lines.length > 3 ? [...lines.slice(0, 2),
  fit(lines.slice(2).join(" "), 165, 12, 600)] : lines; };

const drawLines = ({ series, shown, periods, events, scale, width, height, by, value, selected, isLabelled }) => {
  const names = isLabelled ? shown.map((at) => namesOf(series[at].label)) : [];
  const right = names.length ? Math.max(...names.flat().map((name) => widthOf(name, 12, 600))) + 26 : 14;
  const box = { left: Math.max(...scale.ticks.map((tick) => widthOf(formatValue(tick, value, scale.step), 11))) + 12, right,
    top: events.length ? 38 : 14, bottom: 38 };
  const first = asTime(periods[0].start), last = asTime(periods.at(-1).end) + DAY;
  const x = (time) => box.left + ((time - first) / (last - first)) * (width - box.left - box.right);
  const y = (amount) => height - box.bottom - ((amount - scale.low) / (scale.high - scale.low)) * (height - box.top - box.bottom);
  const edges = (period) => ({ x: x(asTime(period.start)), width: x(asTime(period.end) + DAY) - x(asTime(period.start)),
    y: box.top, height: height - box.top - box.bottom });
  const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", ...FONT });
  const text = (words, attributes) => draw("text", { fill: "var(--muted)", ...attributes }, words);

  for (const tick of scale.ticks) {
    svg.append(draw("line", { x1: box.left, x2: width - box.right, y1: y(tick), y2: y(tick), stroke: tick === 0
      || (value === "index" && tick === 100) ? "var(--muted)" : "var(--rule)" }),
      text(formatValue(tick, value, scale.step), { x: box.left - 6, y: y(tick) + 4, "text-anchor": "end" }));
  }
  drawTimeAxis(svg, text, { periods, x, by, from: box.left, width: width - box.left - box.right, bottom: height - box.bottom });
  periods.forEach((period, at) => {
    if (!period.isGap || periods[at - 1]?.isGap) return;
    const next = periods.findIndex((other, place) => place > at && !other.isGap);
    svg.append(drawGap(edges({ start: period.start, end: periods.at(next < 0 ? -1 : next - 1).end })));
  });
  const shade = svg.appendChild(draw("rect", { class: "selected", fill: "var(--mark)", "fill-opacity": 0.7,
    stroke: "var(--accent)" }));
  const select = (chosen) => {
    const period = periods.find(({ start, end }) => chosen === `${start}_${end}`);
    for (const [name, amount] of Object.entries(period ? edges(period) : { width: 0, height: 0 })) shade.setAttribute(name,
      amount);
  };
  select(selected);
  const labels = [];
  const plot = { x: 0, y: box.top, width, height: height - box.top - box.bottom };
  const clipped = svg.appendChild(draw("svg", { ...plot, viewBox: `0 ${box.top} ${width} ${plot.height}` }));
  const lines = draw("g");
  const bands = shown.map((at) => {
    const { band, group, end } = drawSeries({ runs: runsOf(periods, at), periods, at, x, y, isBanded: value === "share",
      isOther: Boolean(series[at].citation) });
    lines.append(group);
    clipped.append(band);
    if (end) labels.push({ at, y: end.y, x: end.x, lines: names[shown.indexOf(at)] });
    return band;
  });
  svg.append(lines);
  const showBands = (focus) => bands.forEach((band, place) => band.setAttribute("visibility", shown.length <= 2
    || shown[place] === focus ? "visible" : "hidden"));
  showBands(null);
  if (periods.some((period) => period.isOpen)) svg.append(text("not over yet", { x: width - box.right, y: height - 7,
    "text-anchor": "end", "font-style": "italic" }));
  if (isLabelled) {
    spread(labels, height - box.bottom);
    const edge = width - right + 14;
    for (const label of labels) {
      if (Math.abs(label.to - label.y) > 3 || edge - label.x > 24)
        svg.append(draw("path", { d: `M${label.x + 6} ${label.y}L${edge - 3} ${label.to}`, fill: "none",
          stroke: colourOf(label.at), "stroke-opacity": 0.5 }));
      label.lines.forEach((line, at) => svg.append(text(line, { x: edge, y: label.to + 4 + (at - (label.lines.length - 1) / 2) *
        LINE, fill: colourOf(label.at), "font-size": 12, "font-weight": 600 })));
    }
  }
  drawPins(svg, text, { events, periods, x, y, top: box.top, right: width - 4 });
  const cursor = draw("g", { visibility: "hidden" });
  svg.append(cursor);
  const move = (place, height_) => {
    cursor.replaceChildren();
    cursor.setAttribute("visibility", place == null ? "hidden" : "visible");
    if (place == null) { showBands(null); return; }
    const period = periods[place];
    cursor.append(draw("line", { x1: x(period.time), x2: x(period.time), y1: box.top - 4, y2: height - box.bottom,
      stroke: "var(--ink)", "stroke-opacity": 0.6 }));
    const points = shown.filter((at) => period.rows[at]?.value != null).map((at) => ({ at, y: y(period.rows[at].value) }));
    for (const point of points) cursor.append(shapeOf(point.at,
      { transform: `translate(${x(period.time)} ${point.y}) scale(1.25)`, stroke: "var(--paper)", "stroke-width": 1.5 }));
    const near = height_ == null ? points[0] : points.toSorted((a, b) => Math.abs(a.y - height_) - Math.abs(b.y - height_))[0];
    showBands(near?.at);
  };
  const nearest = (left) => periods.reduce((best, period, place) => (Math.abs(x(period.time) - left) <
    Math.abs(x(periods[best].time) - left) ? place : best), 0);
  return { svg, move, select, nearest, xOf: (place) => x(periods[place].time) };
};

const drawTimeAxis = (svg, text, { periods, x, by, from, width, bottom }) => {
  svg.append(draw("line", { x1: from, x2: from + width, y1: bottom, y2: bottom, stroke: "var(--muted)" }));
  const every = Math.ceil(periods.length / Math.max(2, Math.floor(width / 62)));
  let year = "";
  periods.forEach((period, place) => {
    if (place % every) return;
    const at = x(period.time);
    const label = by === "month" ? new Intl.DateTimeFormat("en-GB",
      { month: "short", timeZone: "UTC" }).format(asTime(period.start)) : formatShortDay(asTime(period.start));
    svg.append(draw("line", { x1: at, x2: at, y1: bottom, y2: bottom + 5, stroke: "var(--muted)" }),
      text(label, { x: at, y: bottom + 17, "text-anchor": "middle" }));
    if (period.start.slice(0, 4) !== year) svg.append(text(period.start.slice(0, 4), { x: at, y: bottom + 31, "text-anchor":
      "middle" }));
    year = period.start.slice(0, 4);
  });
};

const drawGap = (box) => {
  const lines = [];
  for (let at = box.x - box.height; at < box.x + box.width; at += 7) {
    const from = Math.max(at, box.x), to = Math.min(at + box.height, box.x + box.width);
    if (to > from) lines.push(`M${from} ${box.y + box.height - (from - at)}L${to} ${box.y + box.height - (to - at)}`);
  }
  return draw("g", { class: "gap" }, draw("rect", { ...box, fill: "var(--panel)" }),
    draw("path", { d: lines.join(""), stroke: "var(--muted)", "stroke-opacity": 0.55, fill: "none" }));
};

const drawSeries = ({ runs, periods, at, x, y, isBanded, isOther }) => {
  const colour = colourOf(at);
  const spot = ({ place, row }) => `${x(periods[place].time).toFixed(1)} ${y(row.value).toFixed(1)}`;
  const band = draw("g", { class: "band" });
  const group = draw("g", { class: "line", "data-series": at });
  const count = runs.reduce((sum, run) => sum + run.length, 0);
  let end = null;
  for (const run of runs) {
    const limits = isBanded ? run.filter(({ row }) => row.low != null) : [];
    if (limits.length > 1) {
      const side = (name) => limits.map(({ place, row }) => `${x(periods[place].time).toFixed(1)} ${y(row[name]).toFixed(1)}`);
      const [high, low] = [side("high"), side("low")];
      band.append(draw("path", { d: `M${[...high, ...low.toReversed()].join("L")}Z`, fill: colour, "fill-opacity": 0.14 }),
        draw("path", { d: `M${high.join("L")}M${low.join("L")}`, fill: "none", stroke: colour, "stroke-opacity": 0.75,
          "stroke-width": 0.8 }));
    } else if (limits.length === 1) {
      const [{ place, row }] = limits;
      band.append(draw("line", { x1: x(periods[place].time), x2: x(periods[place].time), y1: y(row.low), y2: y(row.high),
        stroke: colour, "stroke-opacity": 0.75 }));
    }
    const closed = run.filter(({ row }) => !row.is_open);
    if (closed.length > 1) group.append(draw("path", { d: `M${closed.map(spot).join("L")}`, fill: "none", stroke: colour,
      "stroke-width": 2, "stroke-linejoin": "round", ...(isOther ? { class: "other", "stroke-dasharray": "9 4" } : {}) }));
    const open = run.filter(({ row }) => row.is_open);
    if (open.length && run.length > 1) group.append(draw("path", { d: `M${[...closed.slice(-1), ...open].map(spot).join("L")}`,
      class: "open", fill: "none", stroke: colour, "stroke-width": 2, "stroke-dasharray": "4 4" }));
    for (const point of run) {
      const { row } = point;
      if (count > 60 && run.length > 1 && !row.is_open) continue;
      group.append(shapeOf(at, { transform: `translate(${spot(point)}) scale(.8)`, ...(row.is_open ? { fill: "var(--paper)",
        stroke: colour, "stroke-width": 2, class: "hollow" } : {}) }));
    }
    const last = run.at(-1);
    end = { x: x(periods[last.place].time), y: y(last.row.value) };
  }
  return { band, group, end };
};

const drawPins = (svg, text, { events, periods, x, y, top, right }) => {
  let free = 0;
  const pins = events.map((event) => {
    const place = periods.findIndex((period) => period.start <= event.day && event.day <= period.end);
    if (place < 0) return null;
    const value = periods[place].rows[event.at]?.value;
    const from = x(periods[place].time);
    const at = Math.min(Math.max(from, free), right - 9);
    free = at + 20;
    return { event, at, from, to: value == null ? top : y(value) };
  }).filter(Boolean);
  pins.forEach(({ event, at, from, to }, place) => {
    const room = (pins[place + 1]?.at ?? right + 12) - at - 26;
    svg.append(draw("g", { class: "pin", "data-day": event.day },
      draw("title", {}, event.title),
      draw("path", { d: `M${at} 20L${from} 28V${Math.max(28, to - 5)}`, fill: "none", stroke: "var(--muted)", "stroke-dasharray":
        "1 3" }),
      draw("circle", { cx: at, cy: 12, r: 8, fill: "var(--paper)", stroke: colourOf(event.at), "stroke-width": 1.5 }),
      text(String(event.number), { x: at, y: 16, "text-anchor": "middle", fill: "var(--ink)" }),
      room > 80 ? text(fit(event.title, room, 11), { x: at + 12, y: 16, fill: "var(--ink)" }) : ""));
  });
};
