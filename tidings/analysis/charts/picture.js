// Images of the drawn charts: title, legend, charts, events and source as one SVG without style sheet.
const PAD = 16;
const resolveColours = (value) => value.replace(/var\((--[a-z0-9]+)\)/g, (_all, name) =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim());

/** Return charts ({ svg, title }) as one SVG element. ``texts`` above and ``notes`` below: [text, size, weight, fill];
 * ``legend`` is a list of { mark, text }, and ``events`` are the texts of the numbers in the charts. */
const pictureOf = ({ charts, title, texts, legend, events = [], notes }) => {
  const columns = Math.min(charts.length, Math.max(1, Math.floor(1000 / charts[0].svg.width.baseVal.value)));
  const wide = charts[0].svg.width.baseVal.value;
  const width = Math.max(columns * (wide + PAD) + PAD, 420), inner = width - 2 * PAD;
  const picture = draw("svg", { xmlns: "http://www.w3.org/2000/svg", width, "font-family": "system-ui, sans-serif",
    role: "img", "aria-label": title }, draw("rect", { width: "100%", height: "100%", fill: "var(--paper)" }));
  let y = PAD;
  const put = ([text, size, weight, fill]) => {
    for (const line of text ? wrap(text, inner, size, weight) : []) { y += size * 1.35;
      picture.append(textOf(line, { x: PAD, y, "font-size": size, "font-weight": weight, fill })); }
  };
  texts.forEach(put);
  y += 20;
  let x = PAD;
  for (const { mark, text } of legend) {
    const lines = wrap(text, inner - 24), across = Math.max(...lines.map((line) => widthOf(line))) + 24;
    if (x > PAD && x + across > PAD + inner) { x = PAD; y += 17; }
    if (mark) { const copied = mark.cloneNode(true); setAttributes(copied, { x, y: y - 10 }); picture.append(copied); }
    lines.forEach((line, at) => { y += at && 15; picture.append(textOf(line, { x: x + 24, y, "font-size": 11 })); });
    x += across + 18;
  }
  y += legend.length ? 10 : -12;
  charts.forEach(({ svg, title: name }, at) => {
    const left = PAD + (at % columns) * (wide + PAD);
    if (name && at % columns === 0) y += 22;
    if (name) picture.append(textOf(fit(name, wide, 13, 600), { x: left, y: y - 6, "font-size": 13, "font-weight": 600,
      fill: "var(--ink)" }));
    const copied = svg.cloneNode(true);
    setAttributes(copied, { x: left, y });
    picture.append(copied);
    if (at % columns === columns - 1 || at === charts.length - 1) y += svg.height.baseVal.value;
  });
  y += 4;
  events.forEach((event) => put([event, 11, 400, "var(--ink)"]));
  notes.forEach(put);
  y = Math.ceil(y + PAD);
  setAttributes(picture, { height: y, viewBox: `0 0 ${width} ${y}` });
  for (const part of picture.querySelectorAll("*")) for (const { name, value } of [...part.attributes])
    if (value.includes("var(")) part.setAttribute(name, resolveColours(value));
  return picture;
};

/** Return the items of a legend on the page for a picture. */
const legendOf = (list) => [...list?.children ?? []].map((item) =>
  ({ mark: item.querySelector("svg"), text: item.textContent.trim() }));

const serialise = (picture) => new XMLSerializer().serializeToString(picture);
const pngOf = async (picture) => {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(serialise(picture))}`;
  await image.decode();
  const canvas = make("canvas", { width: image.width * 2, height: image.height * 2 });
  canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/png"); });
};

/** Return the buttons that save a picture; ``describe`` returns what ``pictureOf`` takes. */
const imageButtons = (stem, describe) => [
  makeButton("PNG", async () => save(`${stem}.png`, await pngOf(pictureOf(describe())), "image/png")),
  makeButton("SVG", () => save(`${stem}.svg`, serialise(pictureOf(describe())), "image/svg+xml")),
];
