// Draw charts from the page's rows, show their tables, and provide filters, sorting and search. Texts from a release are inserted
// as text, never as markup.
"use strict";
(() => {
  const body = document.body;
  const root = body.dataset.root;
  const holder = document.getElementById("figures");
  const figures = holder ? JSON.parse(holder.textContent) : {};

  window.tidingsFigures = figures;
  const make = (name, text, more) => Object.assign(document.createElement(name), text == null ? {} : { textContent: text }, more);

  const format = (value, kind) => {
    if (value == null) return "–";
    if (kind === "share") return (value * 100).toFixed(1) + "%";
    if (kind === "count") return value.toLocaleString("en");
    if (kind === "number") return value.toFixed(2).replace("-", "−");
    return String(value);
  };

  // ---- charts
  const tip = make("div", "", { className: "tip", hidden: true });
  body.append(tip);
  const showTip = (_handler, event, _item, value) => {
    if (value == null || typeof value !== "object") { tip.hidden = true; return; }
    tip.replaceChildren(...Object.entries(value).filter(([, text]) => text !== "" && text !== "null").map(([name, text]) => {
      const line = make("div", name + " ");
      line.append(make("b", String(text)));
      return line;
    }));
    tip.hidden = false;
    const box = tip.getBoundingClientRect();
    tip.style.left = Math.max(4, Math.min(event.clientX + 14, innerWidth - box.width - 8)) + "px";
    tip.style.top = Math.max(4, event.clientY - box.height - 12) + "px";
  };

  const draw = async (place) => {
    if (place.dataset.drawn) return;
    place.dataset.drawn = "1";
    try { await picture(place); } catch (error) {
      place.textContent = "This chart could not be drawn. The table below contains its data.";
      console.error(error);
    }
  };
  const picture = async (place) => {
    const figure = figures[place.dataset.figure];
    const names = figure.columns.map((column) => column[0]);
    const rows = figure.rows.map((row) => Object.fromEntries(row.map((value, at) => [names[at], value])));
    const spec = structuredClone(window.tidingsCharts[figure.chart]);
    spec.data.find((data) => data.name === "rows").values = rows;
    for (const signal of spec.signals || []) if (signal.name in figure.signals) signal.value = figure.signals[signal.name];
    // With ast, Vega interprets expressions instead of compiling them, so the page's security policy need not allow eval.
    const { view } = await drawVega(place, spec, { mode: "vega", ast: true, actions: false, renderer: "svg", defaultStyle: false, hover: false, logLevel: 1, tooltip: showTip });
    if (names.includes("path")) { follow(place, view); place.classList.add("leads"); }
    // The chart's label describes it; a screen reader need not read its many parts.
    place.querySelectorAll("svg, svg *").forEach((part) => {
      part.removeAttribute("role"); part.removeAttribute("aria-roledescription"); part.removeAttribute("aria-label");
    });
    place.querySelector("svg")?.setAttribute("aria-hidden", "true");
  };
  // A click on a bar or dot opens the row's page; keyboard users follow the links in the figure's table.
  const follow = (place, view) => view.addEventListener("click", (_event, item) => {
    const path = item && item.datum && item.datum.path;
    if (path && place.closest("figure")) location.href = root + path;
  });
  const charts = [...document.querySelectorAll(".chart[data-figure]")];
  if (window.drawVega && window.tidingsCharts) {
    const isNear = (place) => place.getBoundingClientRect().top < innerHeight * 1.5;
    const rest = charts.filter((place) => !isNear(place));
    const later = window.requestIdleCallback || ((todo) => setTimeout(() => todo({ timeRemaining: () => 8 }), 1));
    const next = async (deadline) => {
      do { const place = rest.shift(); if (place) await draw(place); } while (rest.length && deadline.timeRemaining() > 4);
      if (rest.length) later(next); else body.dataset.drawn = "all";
    };
    Promise.all(charts.filter(isNear).map(draw)).then(() => { body.dataset.drawn = "near"; later(next); });
    addEventListener("beforeprint", () => charts.forEach(draw));
  }
  addEventListener("scroll", () => { tip.hidden = true; }, { passive: true });

  // ---- tables of figures
  for (const details of document.querySelectorAll("details.data")) {
    details.addEventListener("toggle", () => {
      const place = details.querySelector(".scroll");
      if (!details.open || place.childElementCount) return;
      const figure = figures[details.dataset.figure];
      const shown = figure.columns.map((column, at) => [...column, at]).filter((column) => column[2] !== "hidden");
      const isNumber = (kind) => kind === "share" || kind === "count" || kind === "number";
      const table = make("table");
      const head = table.createTHead().insertRow();
      for (const [, name, kind] of shown) head.append(make("th", name, { scope: "col", className: isNumber(kind) ? "n" : "" }));
      const part = table.createTBody();
      for (const row of figure.rows) {
        const line = part.insertRow();
        const to = figure.columns.findIndex((column) => column[0] === "path");
        shown.forEach(([, , kind, at], place) => {
          const cell = make("td", null, { className: isNumber(kind) ? "n" : kind === "date" ? "day" : "" });
          const isLink = place === 0 && to >= 0 && row[to];
          cell.append(isLink ? make("a", format(row[at], kind), { href: root + row[to] }) : format(row[at], kind));
          line.append(cell);
        });
      }
      place.append(table);
    });
  }

  // ---- copy
  for (const button of document.querySelectorAll("button.copy")) {
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      const label = button.textContent;
      try {
        await navigator.clipboard.writeText(code.textContent);
        button.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(code);
        button.textContent = "Selected: copy with Ctrl+C";
      }
      setTimeout(() => { button.textContent = label; }, 2000);
    });
  }

  // ---- filters
  const plural = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;
  const fold = (text) => text.normalize("NFKC").toLowerCase();
  for (const form of document.querySelectorAll("form.filters")) {
    const table = document.getElementById(form.dataset.table);
    const rows = [...(table.tBodies ? table.tBodies[0].rows : table.children)];
    const texts = rows.map((row) => fold(row.textContent));
    const output = form.querySelector("output");
    const filter = () => {
      const wanted = Object.fromEntries(new FormData(form));
      const ticked = new FormData(form).getAll("ticked");
      const words = fold(wanted.text || "").split(/\s+/).filter(Boolean);
      let count = 0, hidden = 0;
      rows.forEach((row, at) => {
        const fits = words.every((word) => texts[at].includes(word))
          && (!wanted.area || row.dataset.area === wanted.area)
          && (!wanted.language || row.dataset.language === wanted.language)
          && (!wanted.kind || row.dataset.kind === wanted.kind)
          && (!form.elements.ticked || ticked.includes(row.dataset.kind));
        const isSilent = wanted.mentioned && row.dataset.mentioned !== "1";
        row.hidden = !fits || isSilent;
        count += !row.hidden;
        hidden += fits && isSilent;
      });
      const total = plural(rows.length, form.dataset.unit || "row");
      output.textContent = (count === rows.length ? total : `${count} of ${total}`) + (hidden ? `; ${hidden} without recent articles not shown` : "");
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }

  // ---- sorting
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      const button = make("button", head.textContent, { type: "button" });
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") ? head.getAttribute("aria-sort") === "ascending" : head.classList.contains("n");
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const key = (row) => { const cell = row.cells[at]; return cell.dataset.value ?? cell.textContent.trim(); };
        const isNumber = head.classList.contains("n");
        const sorted = [...table.tBodies[0].rows].map((row) => [key(row), row]).sort(([a], [b]) => {
          if ((a === "") !== (b === "")) return a === "" ? 1 : -1; // unknown values last in both directions
          const order = isNumber ? Number(a) - Number(b) : a.localeCompare(b);
          return down ? -order : order;
        });
        table.tBodies[0].append(...sorted.map(([, row]) => row));
      });
    });
  }

  // ---- search
  const field = document.getElementById("search");
  const results = document.getElementById("search-results");
  const count = document.getElementById("search-count");
  const index = (window.tidingsSearch || []).map((entry) => [entry, fold(entry[1] + " " + entry[2])]);
  const rank = { Theme: 0, Outlet: 1, Phrase: 2 };
  const search = () => {
    const words = fold(field.value).split(/\s+/).filter(Boolean);
    const hits = words.length ? index.filter(([, text]) => words.every((word) => text.includes(word))).map(([entry]) => entry) : [];
    hits.sort((a, b) => rank[a[0]] - rank[b[0]]);
    results.replaceChildren(...hits.slice(0, 10).map(([kind, name, , path]) => {
      const item = make("li");
      const link = make("a", name, { href: root + path });
      link.append(make("small", kind));
      item.append(link);
      return item;
    }));
    results.hidden = hits.length === 0;
    count.textContent = words.length ? plural(hits.length, "result") : "";
  };
  field.addEventListener("input", search);
  field.parentElement.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { field.value = ""; search(); field.focus(); }
    else if (event.key === "ArrowDown" && links.length) { event.preventDefault(); links[Math.min(at + 1, links.length - 1)].focus(); }
    else if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (links[at - 1] || field).focus(); }
    else if (event.key === "Enter" && document.activeElement === field && links.length) { links[0].click(); }
  });
  document.addEventListener("click", (event) => { if (!field.parentElement.contains(event.target)) results.hidden = true; });

  // ---- notice of a newer release
  const last = window.tidingsRelease && window.tidingsRelease.id;
  if (last && last !== body.dataset.release) {
    document.getElementById("newer").textContent = `The latest release is ${last}. The figures on this page have not changed since then.`;
  }
})();
