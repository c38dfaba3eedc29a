// Charts with one row per name: times of bursts, cells of coverage, shares and rates with intervals.
const CELLS = {
  covered: "full", "partly covered": "partly", "no articles": "grey", gap: "gap", "not over yet": "running",
  complete: "full", "captured late": "pale", "items missing": "lost", "nothing listed": "grey", "no listing": "gap",
};
const barOf = (from, to, height, more) => draw("rect", { x: from, width: Math.max(1, to - from), y: -height / 2,
  height, rx: 2, ...more });
const bandBar = (from, to, at) => barOf(from, to, 10, { ...bandOf(at), stroke: colourOf(at), ...EDGE });

const drawCell = (row, x) => {
  const [from, to] = [x(asTime(row.start)), x(asTime(row.end))];
  const box = BOXES[CELLS[row.status]];
  const level = row.level != null && /covered/.test(row.status) ? { "fill-opacity": 0.25 + 0.75 * row.level } : {};
  return [barOf(from + 0.5, to - (to - from) * 0.16, 17, { ...box, ...level, rx: 0 })];
};
const drawRate = (row, x, name, at, top) => (row[name] == null ? [] : [draw("g", { transform: `translate(0 ${top})` },
  lineOf(x(row[`${name}_low`]), 0, x(row[`${name}_high`]), 0, { stroke: colourOf(at), "stroke-width": 2,
    "stroke-opacity": 0.75 }),
  draw("path", { d: SHAPES[at && 3], fill: colourOf(at), transform: `translate(${x(row[name])} 0)` }))]);

/** The height of a row, the limit of its values or null for times, and the marks of a row around its middle. */
const ROW_CHARTS = {
  bursts: { height: 22, marks: (row, x) => [barOf(x(asTime(row.start)), x(asTime(row.end)), 10, BOXES.full)] },
  cells: { height: 24, marks: drawCell },
  change: { height: 24, most: (rows) => Math.max(...rows.map(({ high }) => high)), marks: (row, x) => [
    bandBar(x(row.low), x(row.high), 0), lineOf(x(row.before), 0, x(row.now), 0),
    lineOf(x(row.before), -7, x(row.before), 7, { "stroke-width": 2 }),
    shapeOf(0, { transform: `translate(${x(row.now)} 0)` })] },
  quality: { height: 36, most: () => 1, marks: (row, x) => (row.recall == null && row.precision == null
    ? [textOf("too few coded articles", { x: x(0) + 6, y: 4 })]
    : [...drawRate(row, x, "recall", 0, -6), ...drawRate(row, x, "precision", 1, 6)]) },
};

/** Return a chart of rows, named by their ``label``: its ``svg``, a spot for each row, and the cursor's move. */
const drawRowChart = (kind, rows, width) => {
  const { height: step, most, marks } = ROW_CHARTS[kind];
  const names = [...new Set(rows.map(({ label }) => label))];
  const left = Math.min(Math.max(...names.map((name) => widthOf(name))), Math.max(130, width * 0.3)) + 10;
  const box = { left, right: width - 14, top: most ? 20 : 4 };
  box.bottom = box.top + names.length * step;
  const height = box.bottom + (most ? 4 : 20);
  const svg = draw("svg", { width, height, viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true", ...FONT });
  const x = most ? drawValueAxis(svg, box, valueScale([most(rows)], "share", { count: width > 600 ? 5 : 3 }), true)
    : drawTimeAxis(svg, box, asTime(rows.map(({ start }) => start).sort()[0]),
      asTime(rows.map(({ end }) => end).sort().at(-1)),
      { hasGrid: kind === "bursts" });
  const middleOf = (name) => box.top + (names.indexOf(name) + 0.5) * step;
  for (const name of names) linesOf(name, 2, left - 10).forEach((line, at, lines) => svg.append(textOf(line,
    { x: left - 8, y: middleOf(name) + 4 + (at - (lines.length - 1) / 2) * 11, "text-anchor": "end" })));
  const groups = rows.map((row) => draw("g", { transform: `translate(0 ${middleOf(row.label)})` }, ...marks(row, x)));
  svg.append(...groups);
  const cursor = svg.appendChild(draw("rect", { rx: 2, fill: "none", stroke: "var(--ink)", "stroke-opacity": 0.6 }));
  const spots = rows.map((row) => {
    const [from, to] = most ? [box.left, box.right] : [x(asTime(row.start)), x(asTime(row.end))];
    return { x: (from + to) / 2, y: middleOf(row.label), from: from - 1, width: to - from + 1 };
  });
  const move = (place) => setAttributes(cursor, place == null ? { width: 0, height: 0 }
    : { x: spots[place].from, y: spots[place].y - step / 2 + 1, width: spots[place].width, height: step - 2 });
  move(null);
  return { svg, move, spots };
};
