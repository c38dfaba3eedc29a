// Crosshair, tooltip, click, drag and keys of the charts.
import { draw, make } from "./dom.js";
import { shapeOf } from "./marks.js";
import { formatCounts, formatPeriod, formatRange, formatValue } from "./state.js";

/** Connect pointer and keyboard: a crosshair in all charts, a click or Enter for a period, a drag for a range. */
export const followPointer = ({ holders, charts, periods, series, by, value, pick, zoom }) => {
  const tip = document.getElementById("tip") || document.body.appendChild(make("div", { id: "tip", className: "tip",
    hidden: true }));
  tip.hidden = true;
  const describe = ({ start, end, rows, isGap }) => {
    const lines = series.map((item, at) => ({ at, label: item.label, row: rows[at] })).filter(({ row }) => row && row.value !=
      null)
      .sort((a, b) => b.row.value - a.row.value)
      .map(({ at, label, row }) => ({ at, label, value: formatValue(row.value, value), more: [formatRange(row, value)
        && `95%: ${formatRange(row, value)}`, formatCounts(row)].filter(Boolean).join("; ") }));
    return { head: formatPeriod(start, end, by) + (rows.some((row) => row?.is_open) ? " (not over yet)" : ""), lines, none: isGap
      ? "Nothing was collected." : "No value." };
  };
  const move = (at, chart, height) => {
    charts.forEach((other) => other.move(at, other === chart ? height : null));
    if (at == null) { tip.hidden = true; return; }
    const { head, lines, none } = describe(periods[at]);
    tip.replaceChildren(make("b", {}, head), ...(lines.length ? lines.map((line) => make("div", { className: "tip-line" },
      draw("svg", { width: 12, height: 12, viewBox: "-6 -6 12 12" }, shapeOf(line.at)), make("span", {}, line.label, " ",
        make("b", {}, line.value), make("small", {}, line.more)))) : [make("div", {}, none)]));
    tip.hidden = false;
    const box = chart.svg.getBoundingClientRect();
    const left = box.left + chart.xOf(at);
    const size = tip.getBoundingClientRect();
    tip.style.left = `${Math.max(4, left + 16 + size.width > innerWidth ? left - size.width - 16 : left + 16)}px`;
    tip.style.top = `${Math.max(4, box.top + Math.min(60, box.height - size.height))}px`;
  };
  holders.forEach((holder, which) => {
    const chart = charts[which];
    let at = periods.length - 1;
    let pressed = null;
    const say = () => {
      const { head, lines, none } = describe(periods[at]);
      holder.setAttribute("aria-valuenow", at);
      holder.setAttribute("aria-valuetext",
        `${head}: ${lines.map((line) => `${line.label} ${line.value}${line.more && ` (${line.more})`}`).join(". ") || none}`);
    };
    for (const [name, text] of Object.entries({ role: "slider", tabindex: 0, "aria-valuemin": 0, "aria-valuemax": periods.length -
      1, "aria-label":
        `Chart of ${series.map(({ label }) => label).join(", ")}. Arrows move through the periods, Enter lists the articles of one.` })) holder.setAttribute(name, text);
    say();
    const offset = (event) => { const box = chart.svg.getBoundingClientRect(); return [event.clientX - box.left, event.clientY -
      box.top]; };
    const drop = () => { pressed?.mark?.remove(); pressed = null; };
    holder.addEventListener("pointermove", (event) => {
      const [left, height] = offset(event);
      at = chart.nearest(left);
      move(at, chart, height);
      if (pressed && event.pointerType === "mouse" && Math.abs(left - pressed.left) > 8) {
        pressed.mark ??= chart.svg.appendChild(draw("rect", { y: 0, height: "100%", fill: "var(--accent)", "fill-opacity":
          0.15 }));
        pressed.mark.setAttribute("x", Math.min(left, pressed.left));
        pressed.mark.setAttribute("width", Math.abs(left - pressed.left));
      }
    });
    holder.addEventListener("pointerdown", (event) => { pressed = { left: offset(event)[0],
      at: chart.nearest(offset(event)[0]) }; });
    holder.addEventListener("pointerup", (event) => {
      if (!pressed) return;
      const from = pressed.at, isDrag = Boolean(pressed.mark);
      drop();
      const day = event.target.closest?.(".pin")?.dataset.day;
      at = day ? periods.findIndex((period) => period.start <= day && day <= period.end) : chart.nearest(offset(event)[0]);
      if (isDrag) zoom(periods[Math.min(from, at)].start, periods[Math.max(from, at)].end);
      else pick(periods[at].start, periods[at].end);
    });
    holder.addEventListener("pointerleave", () => { drop(); move(null); });
    holder.addEventListener("blur", () => move(null));
    holder.addEventListener("focus", () => { if (holder.matches(":focus-visible")) move(at, chart); });
    holder.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, Home: -periods.length, End: periods.length,
        PageUp: 5, PageDown: -5 }[event.key];
      if (event.key === "Enter" || event.key === " ") { event.preventDefault(); pick(periods[at].start, periods[at].end);
        return; }
      if (event.key === "Escape") move(null);
      if (step == null) return;
      event.preventDefault();
      at = Math.min(periods.length - 1, Math.max(0, at + step));
      say();
      move(at, chart);
    });
  });
};
