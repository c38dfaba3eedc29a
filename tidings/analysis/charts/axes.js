// Scales and axes.

/** Return the scale of values: its limits, ticks and their distance. ``most`` fixes the upper limit. */
const valueScale = (values, kind, { count = 4, most } = {}) => {
  const highest = most ?? (kind === "share" ? Math.max(...values, 0) || 0.04 : Math.max(...values, 1));
  const least = kind === "index" ? Math.min(...values, highest) : 0;
  const rough = (highest - least || highest) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  let step = [1, 2, 2.5, 5, 10].find((factor) => factor * power >= rough * 0.8) * power;
  if (kind !== "share") step = Math.max(1, Math.round(step));
  const low = Math.floor(least / step) * step;
  const ticks = [];
  const last = most ?? highest + step * 0.999; // without a fixed limit, the last tick is not below the values
  for (let tick = low; tick <= last; tick = low + ticks.length * step) ticks.push(tick);
  return { kind, low, high: most ?? Math.max(ticks.at(-1), low + step), ticks, step };
};

/** Return a function from amounts between two limits to pixels; amounts outside get the nearest limit. */
const scaleOf = (low, high, from, to) => (amount) =>
  from + ((Math.min(high, Math.max(low, amount)) - low) / (high - low || 1)) * (to - from);

/** Return the ticks of a time axis as [time, label]: days while as many fit, otherwise months or years. */
const timeTicks = (first, last, most, by) => {
  const days = (last - first) / DAY;
  const step = by === "month" ? null : [1, 2, 7].find((step) => days / step <= most);
  const ticks = [];
  if (step) {
    for (let time = first; time < last; time += step * DAY)
      ticks.push([time, (ticks.length ? SHORT_DAY : LONG_DAY).format(time)]);
    return ticks;
  }
  const months = [1, 2, 3, 6, 12, 24, 60, 120].find((months) => days / 30.4 / months <= most) ?? 240;
  const start = new Date(first);
  const begin = start.getUTCFullYear() * 12 + start.getUTCMonth() + (start.getUTCDate() > 1);
  for (let month = Math.ceil(begin / months) * months; ; month += months) {
    const year = Math.floor(month / 12), time = Date.UTC(year, month % 12);
    if (time >= last) return ticks;
    const name = month % 12 === 0 ? "" : SHORT_MONTH.format(time);
    ticks.push([time, name && ticks.length ? name : `${name} ${year}`.trim()]);
  }
};

/** Draw a time axis at the bottom of a box: a label is to the right of the tick at which its time begins. */
const drawTimeAxis = (svg, box, first, last, { by, hasGrid } = {}) => {
  const x = scaleOf(first, last, box.left, box.right);
  svg.append(lineOf(box.left, box.bottom, box.right, box.bottom));
  let free = box.left;
  for (const [time, label] of timeTicks(first, last, Math.max(3, Math.floor((box.right - box.left) / 70)), by)) {
    const at = x(time);
    if (hasGrid) svg.append(lineOf(at, box.top, at, box.bottom, { stroke: "var(--rule)" }));
    const isShown = at >= free && at + widthOf(label) + 4 <= box.right + 12;
    svg.append(lineOf(at, box.bottom, at, box.bottom + (isShown ? 14 : 4)));
    if (!isShown) continue;
    svg.append(textOf(label, { x: at + 4, y: box.bottom + 15 }));
    free = at + widthOf(label) + 10;
  }
  return x;
};

/** Draw the ticks of values: across the box at the left, or from its top down. */
const drawValueAxis = (svg, box, scale, isAcross) => {
  const place = scaleOf(scale.low, scale.high, ...(isAcross ? [box.left, box.right] : [box.bottom, box.top]));
  for (const tick of scale.ticks) {
    const at = place(tick), label = formatValue(tick, scale.kind, scale.step);
    const stroke = scale.kind === "index" && tick === 100 ? "var(--muted)" : "var(--rule)";
    svg.append(...(isAcross
      ? [lineOf(at, box.top, at, box.bottom, { stroke }),
        textOf(label, { x: at, y: box.top - 6, "text-anchor": "middle" })]
      : [lineOf(box.left, at, box.right, at, { stroke }),
        textOf(label, { x: box.left - 6, y: at + 4, "text-anchor": "end" })]));
  }
  return place;
};
const axisWidth = (scale) =>
  Math.max(...scale.ticks.map((tick) => widthOf(formatValue(tick, scale.kind, scale.step)))) + 12;
