// Filters, sorting and search. Texts of a release are never markup.
(() => {
  const { root } = document.body.dataset;
  // ---- folded parts: a link into one opens it, and print shows all
  const unfold = () => {
    const target = location.hash.length > 1 && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let part = target && target.closest("details"); part; part = part.parentElement.closest("details")) part.open = true;
    if (target) target.scrollIntoView();
  };
  addEventListener("hashchange", unfold);
  unfold();
  addEventListener("beforeprint", () => document.querySelectorAll(".part, .further").forEach((part) => { part.open = true; }));

  // ---- filters
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
          && ["area", "language", "kind"].every((name) => !wanted[name] || row.dataset[name] === wanted[name])
          && (!form.elements.ticked || ticked.includes(row.dataset.kind));
        const isSilent = wanted.mentioned && !Number(row.dataset.mentioned);
        row.hidden = !fits || isSilent;
        count += !row.hidden;
        hidden += fits && isSilent;
      });
      const total = countOf(rows.length, form.dataset.unit || "row");
      output.textContent = (count === rows.length ? total : `${count} of ${total}`)
        + (hidden ? `; ${hidden} ${form.dataset.hidden || "without recent articles"} not shown` : "");
    };
    form.addEventListener("input", filter);
    form.addEventListener("submit", (event) => event.preventDefault());
    filter();
  }

  // ---- sorting
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, at) => {
      head.replaceChildren(makeButton(head.textContent, () => {
        const before = head.getAttribute("aria-sort");
        const down = before ? before === "ascending" : head.classList.contains("n");
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
      }));
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
    const hits = words.length === 0 ? []
      : index.filter(([, text]) => words.every((word) => text.includes(word))).map(([entry]) => entry);
    hits.sort((a, b) => rank[a[0]] - rank[b[0]]);
    results.replaceChildren(...hits.slice(0, 10).map(([kind, name, , path]) =>
      make("li", {}, make("a", { href: root + path }, name, make("small", {}, kind)))));
    results.hidden = hits.length === 0;
    count.textContent = words.length ? countOf(hits.length, "result") : "";
  };
  field.addEventListener("input", search);
  field.parentElement.addEventListener("keydown", (event) => {
    const links = [...results.querySelectorAll("a")];
    const at = links.indexOf(document.activeElement);
    if (event.key === "Escape") { field.value = ""; search(); field.focus(); }
    else if (event.key === "ArrowDown" && links.length) {
      event.preventDefault();
      links[Math.min(at + 1, links.length - 1)].focus();
    }
    else if (event.key === "ArrowUp" && at >= 0) { event.preventDefault(); (links[at - 1] || field).focus(); }
    else if (event.key === "Enter" && document.activeElement === field && links.length) { links[0].click(); }
  });
  document.addEventListener("click",
    (event) => { if (!field.parentElement.contains(event.target)) results.hidden = true; });
})();
