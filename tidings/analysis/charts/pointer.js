// Crosshair, tooltip, click, drag and keys of the charts.

/** Return the place of the spot nearest to a point: first by row, then across. */
const nearestOf = (spots, left, top) => {
  const distance = (spot) => (spot.y == null ? 0 : Math.abs(spot.y - top) * 10000) + Math.abs(spot.x - left);
  return spots.reduce((best, spot, place) => (distance(spot) < distance(spots[best]) ? place : best), 0);
};

/** Return the place that a key leads to, or null for other keys. Up and Down change the row, if there are several. */
const placeAfter = (key, spots, place) => {
  const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -spots.length, End: spots.length,
    PageUp: 5, PageDown: -5 }[key];
  if (step == null) return null;
  const { x, y } = spots[place];
  if (y != null && (key === "ArrowUp" || key === "ArrowDown")) {
    const others = spots.filter((spot) => (spot.y - y) * step < 0);
    return others.length ? spots.indexOf(others[nearestOf(others, x, y)]) : place;
  }
  return Math.min(spots.length - 1, Math.max(0, place + step));
};

const showTip = (chart, place, { head, lines, none, note }) => {
  const tip = document.getElementById("tip") || document.body.appendChild(make("div", { id: "tip", className: "tip" }));
  tip.hidden = place == null;
  if (tip.hidden) return;
  tip.replaceChildren(make("b", {}, head), ...(lines.length ? lines.map(({ at, label, value, more }) =>
    make("div", { className: "tip-line" }, at == null ? null
      : draw("svg", { width: 12, height: 12, viewBox: "-6 -6 12 12" },
      shapeOf(at)), make("span", {}, label, " ", make("b", {}, value), more ? make("small", {}, more) : null)))
    : [make("div", {}, none)]), note ? make("div", {}, note) : "");
  const box = chart.svg.getBoundingClientRect(), size = tip.getBoundingClientRect(), { x, y } = chart.spots[place];
  const fit = (at, length, room) => `${Math.max(4, Math.min(at, room - length - 4))}px`;
  // Below or above a chart over time, so that its peaks remain visible; beside the mark of a row.
  const left = box.left + x, hasRoom = box.bottom + size.height + 4 < innerHeight || box.top < size.height;
  tip.style.left = fit(y == null ? left - size.width / 2
    : left + 16 + size.width > innerWidth ? left - size.width - 16 : left + 16, size.width, innerWidth);
  tip.style.top = fit(y != null ? box.top + y + 20 : hasRoom ? box.bottom : box.top - size.height, size.height, innerHeight);
};

addEventListener("scroll", () => document.getElementById("tip")?.setAttribute("hidden", ""), { passive: true });

/** Let pointer and keyboard read charts with the same spots, each in its holder. ``describe(place)`` returns { head,
 * lines, none }; a note of the chart follows. A click or Enter calls ``pick(place, hasShift)``, and a drag ``drag(first, last)``;
 * ``label`` names the charts for screen readers. */
const followPointer = ({ holders, charts, label, describe, pick, drag }) => {
  const move = (place, chart, top) => {
    charts.forEach((other) => other.move(place, other === chart ? top : null));
    showTip(chart, place, place == null ? {} : { ...describe(place), note: chart.noteOf?.(place) });
  };
  holders.forEach((holder, which) => {
    const chart = charts[which], { spots, svg } = chart;
    let place = spots.length - 1;
    let pressed = null;
    const say = () => {
      const { head, lines, none } = describe(place);
      const words = lines.map((line) => `${line.label} ${line.value}${line.more ? ` (${line.more})` : ""}`).join(". ");
      const note = chart.noteOf?.(place);
      setAttributes(holder, { "aria-valuenow": place,
        "aria-valuetext": `${head}: ${words || none}${note ? ` ${note}` : ""}` });
    };
    setAttributes(holder, { role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": spots.length - 1,
      "aria-label": label });
    say();
    const placeOf = (event) => {
      const box = svg.getBoundingClientRect(), [left, top] = [event.clientX - box.left, event.clientY - box.top];
      const day = event.target.closest?.(".pin")?.dataset.day;
      const isPin = day && event.type === "pointerup";
      return { left, top, place: isPin ? chart.placeOfDay(day) : nearestOf(spots, left, top) };
    };
    const drop = () => { pressed?.mark?.remove(); pressed = null; };
    const on = (name, act) => holder.addEventListener(name, act);
    on("pointermove", (event) => {
      const { left, top, place: near } = placeOf(event);
      place = near;
      move(place, chart, top);
      if (!pressed || !drag || event.pointerType !== "mouse" || Math.abs(left - pressed.left) <= 8) return;
      pressed.mark ??= svg.appendChild(draw("rect", { y: 0, height: "100%", fill: "var(--accent)",
        "fill-opacity": 0.15 }));
      setAttributes(pressed.mark, { x: Math.min(left, pressed.left), width: Math.abs(left - pressed.left) });
    });
    on("pointerdown", (event) => { pressed = placeOf(event); });
    on("pointerup", (event) => {
      if (!pressed) return;
      const from = pressed.place, isDrag = Boolean(pressed.mark);
      drop();
      place = placeOf(event).place;
      if (isDrag) drag(Math.min(from, place), Math.max(from, place)); else pick?.(place, event.shiftKey);
    });
    on("pointerleave", () => { drop(); move(null); });
    on("blur", () => move(null));
    on("focus", () => { if (holder.matches(":focus-visible")) move(place, chart); });
    on("keydown", (event) => {
      const next = placeAfter(event.key, spots, place);
      if (event.key === "Escape") move(null);
      if (next == null && event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      if (next == null) { pick?.(place, event.shiftKey); return; }
      place = next;
      say();
      move(place, chart);
    });
  });
};
