// Colours and marks of series, and the width of texts.
import { draw } from "./dom.js";

const SHAPES = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0", "M-3.6-3.6h7.2v7.2h-7.2z", "M0-4.8L4.6 3.6H-4.6z", "M0-5L5 0L0 5L-5 0z",
    "M0 4.8L4.6-3.6H-4.6z",
];
const pen = document.createElement("canvas").getContext("2d");
export const colourOf = (at) => `var(--s${at + 1})`;
export const shapeOf = (at, attributes = {}) => draw("path", { d: SHAPES[at], fill: colourOf(at), ...attributes });

/** Return the width of a text in pixels. */
export const widthOf = (text, size = 12, weight = 400) => { pen.font = `${weight} ${size}px system-ui, sans-serif`;
  return pen.measureText(text).width; };
/** Return a text that fits a width in pixels, shortened with an ellipsis where necessary. */
export const fit = (text, width, size = 12, weight = 400) => {
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
export const wrap = (text, width, size = 12, weight = 400) => {
  const lines = [""];
  for (const word of text.split(/(?<=\s)/)) {
    if (lines.at(-1) && widthOf(lines.at(-1) + word, size, weight) > width) lines.push(word); else lines[lines.length - 1] +=
      word;
  }
  return lines.map((line) => fit(line.trim(), width, size, weight));
};
