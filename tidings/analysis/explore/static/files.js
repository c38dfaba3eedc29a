// Downloads: data files from the server, images of the drawn charts, and a line of Python and of R.
import { copy, draw, make } from "./dom.js";
import { fit, shapeOf, widthOf, wrap } from "./marks.js";
import { formatCounts, formatPeriod, formatRange, formatValue, labelOfNotice } from "./state.js";

const PAD = 18;
const colours = (value) => value.replace(/var\((--[a-z0-9]+)\)/g, (_all, name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim());

/** Return the charts as one SVG element with title, legend, notes and source, without style sheet. */
export const pictureOf = ({ svgs, title, subtitle, series, notes, notice, source }) => {
  const columns = svgs.length > 1 ? 2 : 1;
  const [wide, tall] = [svgs[0].width.baseVal.value, svgs[0].height.baseVal.value];
  const width = columns * wide + (columns - 1) * PAD + 2 * PAD;
  const inner = width - 2 * PAD;
  const picture = draw("svg", { xmlns: "http://www.w3.org/2000/svg", width, "font-family": "system-ui, sans-serif", role: "img",
    "aria-label": title });
  picture.append(draw("rect", { width: "100%", height: "100%", fill: "var(--paper)" }));
  let y = PAD;
  const put = (text, size, weight, fill) => {
    for (const line of wrap(text, inner, size, weight)) { y += size * 1.35;
      picture.append(draw("text", { x: PAD, y, "font-size": size, "font-weight": weight, fill }, line)); }
  };
  if (notice) put(notice, 13, 700, "var(--lost)");
  put(title, 20, 600, "var(--ink)");
  put(subtitle, 12, 400, "var(--muted)");
  y += 22;
  let x = PAD;
  series.forEach(({ label }, at) => {
    const name = fit(label, inner - 20, 12, 600);
    if (x > PAD && x + widthOf(name, 12, 600) + 16 > PAD + inner) { x = PAD; y += 18; }
    picture.append(shapeOf(at, { transform: `translate(${x + 5} ${y - 4})` }), draw("text", { x: x + 14, y, "font-size": 12,
      "font-weight": 600, fill: "var(--ink)" }, name));
    x += widthOf(name, 12, 600) + 36;
  });
  y += 12;
  svgs.forEach((svg, at) => {
    const copied = svg.cloneNode(true);
    copied.setAttribute("x", PAD + (at % columns) * (wide + PAD));
    if (svgs.length > 1 && at % columns === 0) y += 22;
    if (svgs.length > 1) picture.append(draw("text", { x: PAD + (at % columns) * (wide + PAD), y: y - 6, "font-size": 13,
      "font-weight": 600, fill: "var(--ink)" }, fit(series[at].label, wide, 13, 600)));
    copied.setAttribute("y", y);
    picture.append(copied);
    if (at % columns === columns - 1 || at === svgs.length - 1) y += tall;
  });
  if (notes) put(notes, 11, 400, "var(--muted)");
  put(source, 10.5, 400, "var(--muted)");
  y += PAD;
  picture.setAttribute("height", Math.ceil(y));
  picture.setAttribute("viewBox", `0 0 ${width} ${Math.ceil(y)}`);
  for (const part of picture.querySelectorAll("*")) for (const { name, value } of [...part.attributes])
    if (value.includes("var(")) part.setAttribute(name, colours(value));
  return picture;
};

const textOf = (picture) => new XMLSerializer().serializeToString(picture);
const pngOf = async (picture) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(textOf(picture))}`;
  await image.decode();
  const canvas = make("canvas", { width: image.width * 2, height: image.height * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
};
const save = (name, blob) => {
  const anchor = make("a", { href: URL.createObjectURL(blob), download: name });
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 10000);
};

/** Fill the part "Download". ``query`` and ``listQuery`` are query strings of the chart and of the list below it. */
export const showFiles = (place, { query, listQuery, describe }) => {
  const { title, citation, notice } = describe();
  const label = labelOfNotice(notice);
  const remark = label ? `  # ${label}` : "";
  const stem = `tidings ${label.toLowerCase()} ${title}`.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 100);
  const data = (label, path, format, parameters) => make("a", { className: "button",
    href: `/api/${path}?${parameters}&format=${format}`, download: `${stem}-${path}.${format}` }, label);
  const image = (label, act) => {
    const button = make("button", { type: "button" }, label);
    button.addEventListener("click", act);
    return button;
  };
  const url = `${location.origin}/api/series?${query}&format=csv`;
  const line = (language, code) => {
    const shown = make("code", {}, code);
    const button = make("button", { type: "button" }, `Copy ${language}`);
    button.addEventListener("click", () => copy(button, code, shown));
    return make("div", { className: "code-line" }, make("pre", { tabIndex: 0 }, shown), button);
  };
  place.replaceChildren(
    make("p", {}, "Figures of the chart"),
    data("CSV", "series", "csv", query), data("XLSX", "series", "xlsx", query),
    image("PNG", async () => save(`${stem}.png`, await pngOf(pictureOf(describe())))),
    image("SVG", () => save(`${stem}.svg`, new Blob([textOf(pictureOf(describe()))], { type: "image/svg+xml" }))),
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
export const tableOf = ({ periods, series, by, value }) => {
  const head = make("tr", {}, make("th", { scope: "col" }, "Period"), ...series.flatMap(({ label }) => [
    make("th", { scope: "col", className: "n" }, label), ...(value === "share" ? [make("th", { scope: "col", className: "n" },
      "95% interval")] : []), make("th", { scope: "col", className: "n" }, "Of all"),
  ]));
  const lines = periods.toReversed().map((period) => make("tr", {},
    make("th", { scope: "row", className: "day" }, formatPeriod(period.start, period.end, by), period.isOpen ? make("small", {},
      " not over yet") : null, period.isGap ? make("small", {}, " nothing collected") : null),
    ...series.flatMap((_item, at) => {
      const row = period.rows[at];
      const isKnown = row && row.value != null;
      return [make("td", { className: "n" }, isKnown ? formatValue(row.value, value) : "–"), ...(value === "share"
        ? [make("td", { className: "n" }, isKnown ? formatRange(row, value) : "")] : []),
        make("td", { className: "n" }, isKnown ? formatCounts(row) : "")];
    })));
  return make("table", {}, make("thead", {}, head), make("tbody", {}, ...lines));
};
