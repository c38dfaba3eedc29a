// Download a figure's data as CSV or its image as SVG or PNG, and show its citation. Each contains the release, the word list and
// the code version.
"use strict";
(() => {
  const { release, lexicon, code, notice } = document.body.dataset;
  const figures = window.tidingsFigures || {};
  const label = notice.split(":")[0].toLowerCase();
  const provenance = `Tidings, release ${release}, word list ${lexicon}, code ${code}${notice ? ` (${label})` : ""}`;
  const heading = document.querySelector("h1").textContent.trim();
  const isFirst = document.querySelector("nav [aria-current]");
  const make = (name, text, more) => Object.assign(document.createElement(name), text == null ? {} : { textContent: text }, more);

  const save = (name, type, content) => {
    const url = URL.createObjectURL(new Blob([content], { type }));
    const link = make("a", "", { href: url, download: name, hidden: true });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  };

  // ---- data. An apostrophe precedes each text that a spreadsheet would run as a formula (OWASP, CSV injection).
  const cell = (value) => {
    if (value == null) return "";
    if (typeof value !== "string") return String(value);
    const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(value) ? "'" + value : value;
    return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
  };
  const table = (ids, several) => {
    const shown = figures[ids[0]].columns.map(([, name, kind], at) => [name, kind, at]).filter(([, kind]) => kind !== "hidden");
    const head = [...(several ? ["Series"] : []), ...shown.map(([name]) => name), "Release", "Word list", ...(notice ? ["Notice"] : [])];
    const lines = ids.flatMap((id) => figures[id].rows.map((row) => [
      ...(several ? [titleOf(id)] : []), ...shown.map(([, , at]) => row[at]), release, lexicon, ...(notice ? [notice] : []),
    ]));
    return [head, ...lines].map((line) => line.map(cell).join(",")).join("\r\n") + "\r\n";
  };
  const placeOf = (id) => document.querySelector(`.chart[data-figure="${CSS.escape(id)}"]`);
  const titleOf = (id) => placeOf(id).parentElement.querySelector("h2, h3, h4").textContent.trim();

  // ---- images: the chart as drawn, between its title and its source, in the current colours
  const NAMES = "http://www.w3.org/2000/svg";
  const look = () => getComputedStyle(document.documentElement);
  const colour = (value) => value.replace(/var\((--[a-z]+)\)/g, (_all, name) => look().getPropertyValue(name).trim());
  // A mixed colour, which image editors may not know, as the colour that the page shows.
  const plain = (mixed) => {
    const pen = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    pen.fillStyle = mixed;
    pen.fillRect(0, 0, 1, 1);
    const [red, green, blue, alpha] = pen.getImageData(0, 0, 1, 1).data;
    return `rgba(${red}, ${green}, ${blue}, ${(alpha / 255).toFixed(2)})`;
  };
  const measure = (text, size) => {
    const pen = document.createElement("canvas").getContext("2d");
    pen.font = `${size}px system-ui, sans-serif`;
    return pen.measureText(text).width;
  };
  const wrap = (text, size, width) => {
    const lines = [""];
    for (const word of text.split(/(?<=\s)/)) {
      const longer = lines.at(-1) + word;
      if (measure(longer, size) > width && lines.at(-1)) lines.push(word); else lines[lines.length - 1] = longer;
    }
    return lines;
  };
  const swatch = (part, x, middle, draw) => {
    const style = getComputedStyle(part), solid = style.getPropertyValue("background-color");
    const wide = Math.min(parseFloat(style.width), 18), high = parseFloat(style.height), edge = parseFloat(style.borderTopWidth);
    if (part.classList.contains("dashed") || part.classList.contains("line")) {
      draw("line", { x1: x, x2: x + wide, y1: middle, y2: middle, stroke: edge ? style.borderTopColor : solid, "stroke-width": 2, ...(edge ? { "stroke-dasharray": "5 3" } : {}) });
      return;
    }
    const shape = { y: middle - high / 2, width: wide, height: high, rx: style.borderRadius === "50%" ? high / 2 : 0 };
    const turn = part.classList.contains("diamond") ? { transform: `rotate(45 ${x + wide / 2} ${middle})` } : {};
    if (part.classList.contains("shades")) {
      for (const at of [0, 1, 2, 3]) draw("rect", { ...shape, x: x + at * wide / 4, width: wide / 4, fill: look().getPropertyValue("--accent").trim(), "fill-opacity": 0.25 + at / 4 });
      return;
    }
    draw("rect", { ...shape, ...turn, x, fill: plain(solid), opacity: style.opacity, ...(edge ? { stroke: plain(style.borderTopColor), "stroke-width": edge, ...(style.borderTopStyle === "dashed" ? { "stroke-dasharray": "2 2" } : {}) } : {}) });
  };
  const picture = (id, title) => {
    const place = placeOf(id);
    const drawn = place.querySelector("svg");
    const figure = place.closest("figure");
    const width = drawn.clientWidth, pad = 16;
    const texts = [
      [notice, 13, "700", "--lost"],
      [title, 17, "600", "--ink"],
      [figure.querySelector(".summary")?.textContent ?? "", 13, "400", "--ink"],
      [figure.querySelector(".warning")?.textContent ?? "", 12, "600", "--lost"],
      [figure.querySelector(".note")?.textContent ?? "", 11, "400", "--muted"],
    ].filter(([text]) => text);
    const svg = document.createElementNS(NAMES, "svg");
    const draw = (name, attributes) => {
      const part = document.createElementNS(NAMES, name);
      for (const [key, value] of Object.entries(attributes)) part.setAttribute(key, value);
      svg.append(part);
      return part;
    };
    const put = (text, y, size, weight, ink, x = pad) => {
      draw("text", { x, y, "font-size": size, "font-weight": weight, "font-family": "system-ui, sans-serif", fill: look().getPropertyValue(ink).trim() }).textContent = text;
    };
    let y = pad;
    for (const [text, size, weight, ink] of texts) for (const line of wrap(text, size, width)) { y += size * 1.35; put(line, y, size, weight, ink); }
    // Legend: each swatch as the page shows it, beside its text.
    let x = pad;
    for (const item of figure.querySelectorAll(".legend li")) {
      const text = item.textContent.trim(), across = measure(text, 11);
      if (x === pad || x + 24 + across > pad + width) { x = pad; y += 17; }
      swatch(item.querySelector(".swatch"), x, y - 4, draw);
      put(text, y, 11, "400", "--muted", x + 24);
      x += across + 42;
    }
    const chart = drawn.cloneNode(true);
    for (const part of [chart, ...chart.querySelectorAll("*")]) {
      for (const { name, value } of [...part.attributes]) if (value.includes("var(")) part.setAttribute(name, colour(value));
    }
    chart.setAttribute("x", pad);
    chart.setAttribute("y", y + 12);
    svg.append(chart);
    y += 12 + drawn.clientHeight + 8;
    for (const line of wrap(`Source: ${provenance}`, 10, width)) { y += 14; put(line, y, 10, "400", "--muted"); }
    const paper = document.createElementNS(NAMES, "rect");
    for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: look().getPropertyValue("--paper").trim() })) paper.setAttribute(name, value);
    svg.prepend(paper);
    const size = { width: width + 2 * pad, height: Math.ceil(y + pad) };
    for (const [name, value] of Object.entries({ xmlns: NAMES, ...size, viewBox: `0 0 ${size.width} ${size.height}`, role: "img", "aria-label": place.getAttribute("aria-label") })) svg.setAttribute(name, value);
    return { ...size, text: new XMLSerializer().serializeToString(svg) };
  };
  const asPng = async ({ text, width, height }) => {
    const image = new Image();
    image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(text);
    await image.decode();
    const canvas = make("canvas", null, { width: width * 2, height: height * 2 });
    const pen = canvas.getContext("2d");
    pen.scale(2, 2);
    pen.drawImage(image, 0, 0);
    return new Promise((done) => { canvas.toBlob(done, "image/png"); });
  };

  // ---- the buttons
  for (const details of document.querySelectorAll("details.download")) {
    details.addEventListener("toggle", () => {
      const place = details.querySelector(".buttons");
      if (!details.open || place.childElementCount) return;
      const ids = details.dataset.figures.split(" ");
      const isGroup = "group" in details.dataset;
      const title = isFirst ? details.dataset.title : `${heading}: ${details.dataset.title}`;
      const stem = `tidings ${label} ${title} ${release}`.normalize("NFC").replace(/[^\p{L}\p{N}]+/gu, "-").replace(/^-|-$/g, "").slice(0, 120);
      const button = (name, act) => {
        const element = make("button", name, { type: "button" });
        element.addEventListener("click", act);
        place.append(element);
      };
      button("Data (CSV)", () => save(`${stem}.csv`, "text/csv;charset=utf-8", "\ufeff" + table(ids, isGroup)));
      if (!isGroup) {
        button("Image (SVG)", () => save(`${stem}.svg`, "image/svg+xml", picture(ids[0], title).text));
        button("Image (PNG)", async () => save(`${stem}.png`, "image/png", await asPng(picture(ids[0], title))));
      }
      const words = make("p", "Cite as: ");
      words.append(make("cite", `${title}. ${provenance}.`));
      place.append(words);
    });
  }
})();
