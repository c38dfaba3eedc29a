// Colours, marks and swatches, and the width of texts. Colours are CSS variables, so the style sheet sets them for
// light, dark and print.
const FONT = { "font-size": 11, "font-family":
  "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'PingFang SC', 'Noto Sans CJK SC', sans-serif" };
const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-3.6-3.6h7.2v7.2h-7.2z", "M0-4.8L4.6 3.6H-4.6z", "M0-5L5 0L0 5L-5 0z",
  "M0 4.8L4.6-3.6H-4.6z",
];
const EDGE = { "stroke-opacity": 0.75, "stroke-width": 0.8 }; // of an interval: a contrast of 3 to 1 (WCAG 2.2, 1.4.11)
const DASHES = { running: "4 4", dashed: "9 4" };
const colourOf = (at) => `var(--s${at + 1})`;
const bandOf = (at) => ({ fill: colourOf(at), "fill-opacity": 0.16 });
const shapeOf = (at, attributes = {}) => draw("path", { d: SHAPES[at], fill: colourOf(at), ...attributes });
const hollowOf = (at, attributes = {}) => shapeOf(at, { fill: "var(--paper)", stroke: colourOf(at), "stroke-width": 2,
  class: "hollow", ...attributes });
const textOf = (words, attributes) => draw("text", { fill: "var(--muted)", ...attributes }, words);
const lineOf = (x1, y1, x2, y2, attributes) => draw("line", { x1, x2, y1, y2, stroke: "var(--muted)", ...attributes });

/** Fills and edges of bars, of cells and of their swatches. */
const BOXES = {
  full: { fill: "var(--accent)" }, pale: { fill: "var(--accent)", "fill-opacity": 0.45 },
  grey: { fill: "var(--quiet)" }, lost: { fill: "var(--lost)" },
  partly: { fill: "var(--accent)", "fill-opacity": 0.6, stroke: "var(--muted)" },
  gap: { fill: "none", stroke: "var(--muted)" }, running: { fill: "none", stroke: "var(--accent)" },
};

/** Return a hatched box: a time without values. */
const hatchOf = ({ x, y, width, height }) => {
  const lines = [];
  for (let at = x - height; at < x + width; at += 7) {
    const from = Math.max(at, x), to = Math.min(at + height, x + width);
    if (to > from) lines.push(`M${from} ${y + height - (from - at)}L${to} ${y + height - (to - at)}`);
  }
  return draw("g", { class: "gap" }, draw("rect", { x, y, width, height, fill: "var(--panel)" }),
    draw("path", { d: lines.join(""), stroke: "var(--muted)", "stroke-opacity": 0.55, fill: "none" }));
};

const boxSwatch = (attributes) => [draw("rect", { x: 0.5, y: 0.5, width: 15, height: 11, ...attributes })];
const lineSwatch = (at, dashes) =>
  [lineOf(0, 6, 18, 6, { stroke: colourOf(at), "stroke-width": 2, "stroke-dasharray": dashes })];
const inMiddle = { transform: "translate(8 6)" };
const SWATCHES = {
  ...Object.fromEntries(Object.entries(BOXES).map(([name, attributes]) => [name, () => boxSwatch(attributes)])),
  line: () => lineSwatch(0), dashed: () => lineSwatch(1, DASHES.dashed),
  comparison: () => [lineOf(0, 6, 18, 6, { "stroke-width": 2, "stroke-dasharray": DASHES.dashed })],
  band: () => boxSwatch({ ...bandOf(0), stroke: colourOf(0), ...EDGE }),
  faint: () => boxSwatch({ ...bandOf(1), stroke: colourOf(1), ...EDGE }),
  hollow: () => [...lineSwatch(0, DASHES.running), hollowOf(0, { transform: "translate(13 6) scale(.8)" })],
  hatched: () => [hatchOf({ x: 0, y: 0, width: 16, height: 12 })],
  dot: () => [shapeOf(0, inMiddle)], diamond: () => [shapeOf(3, { ...inMiddle, fill: colourOf(1) })],
  tick: () => [lineOf(8, 0, 8, 12, { "stroke-width": 2 })],
  shades: () => [0, 1, 2, 3].map((at) => draw("rect", { x: at * 4.5, width: 4.5, height: 12, ...BOXES.full,
    "fill-opacity": 0.25 + at / 4 })),
};

/** Return the swatch of a legend by name, or of a series by its number. */
const swatchOf = (name) => draw("svg", { class: "swatch", width: 18, height: 12, viewBox: "0 0 18 12",
  "aria-hidden": "true" },
  ...(typeof name === "number" ? [shapeOf(name, inMiddle)] : SWATCHES[name]()));

const pen = document.createElement("canvas").getContext("2d");
/** Return the width of a text in pixels. */
const widthOf = (text, size = 11, weight = 400) => { pen.font = `${weight} ${size}px ${FONT["font-family"]}`;
  return pen.measureText(text).width; };
/** Return a text that fits a width in pixels, shortened with an ellipsis where necessary. */
const fit = (text, width, size = 11, weight = 400) => {
  if (widthOf(text, size, weight) <= width) return text;
  const letters = [...text];
  let low = 0, high = letters.length;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (widthOf(letters.slice(0, middle).join("") + "…", size, weight) <= width) low = middle; else high = middle - 1;
  }
  return letters.slice(0, low).join("").trimEnd() + "…";
};
/** Return a text as lines of at most a width in pixels. */
const wrap = (text, width, size = 11, weight = 400) => {
  const lines = [""];
  for (const word of text.split(/(?<=\s)/)) {
    if (lines.at(-1) && widthOf(lines.at(-1) + word, size, weight) > width) lines.push(word);
    else lines[lines.length - 1] += word;
  }
  return lines.map((line) => fit(line.trim(), width, size, weight));
};
/** Return a text as at most ``most`` lines; ``form`` is width, size and weight. */
const linesOf = (text, most, ...form) => { const lines = wrap(text, ...form); return lines.length > most
  ? [...lines.slice(0, most - 1), fit(lines.slice(most - 1).join(" "), ...form)] : lines; };

/** Move items apart between two limits so that none overlaps another; ``from`` is the wanted and ``to`` the resulting
 * middle of an item of this ``size``. */
const spread = (items, gap, low, high) => {
  items.sort((a, b) => a.from - b.from);
  let edge = low;
  for (const item of items) {
    item.to = Math.max(item.from, edge + item.size / 2);
    edge = item.to + item.size / 2 + gap;
  }
  edge = high;
  for (const item of items.toReversed()) {
    item.to = Math.min(item.to, edge - item.size / 2);
    edge = item.to - item.size / 2 - gap;
  }
};
