// Days, periods, values and counts in words.
const DAY = 86400000; // milliseconds
// Some browsers abbreviate September as "Sept"; the pages have three letters for each month.
const dateFormat = (options) => {
  const form = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
  return { format: (time) => form.format(time).replace(/\bSept\b/, "Sep") };
};
const LONG_DAY = dateFormat({ day: "numeric", month: "short", year: "numeric" });
const SHORT_DAY = dateFormat({ day: "numeric", month: "short" });
const MONTH = dateFormat({ month: "long", year: "numeric" });
const SHORT_MONTH = dateFormat({ month: "short" });
const asTime = (day) => Date.parse(`${day}T00:00:00Z`);
const formatDay = (day) => (Number.isNaN(asTime(day)) ? day : LONG_DAY.format(asTime(day)));
const dayBefore = (day) => new Date(asTime(day) - DAY).toISOString().slice(0, 10);

/** Return a period in words. Both days belong to it. */
const formatPeriod = (start, end, by) => {
  if (start === end) return formatDay(start);
  if (by === "month" && start.slice(0, 7) === end.slice(0, 7)) return MONTH.format(asTime(start));
  const isOneYear = start.slice(0, 4) === end.slice(0, 4);
  return `${isOneYear ? SHORT_DAY.format(asTime(start)) : formatDay(start)} – ${formatDay(end)}`;
};

/** Return a value of a chart in words; ``step`` is the distance of the axis's ticks, for labels of the axis. */
const formatValue = (value, kind, step) => {
  if (value == null) return "–";
  if (kind === "share") {
    const isExact = (digits) => Math.abs((step * 10 ** (digits + 2)) % 1 - 0.5) > 0.4999;
    return `${(value * 100).toFixed(step == null ? 1 : [0, 1, 2, 3].find(isExact) ?? 4)}%`;
  }
  if (kind === "index") return value.toFixed(step == null ? 1 : 0);
  if (kind === "number") return value.toFixed(2).replace("-", "−");
  return value.toLocaleString("en");
};
const formatRange = (row, kind) => (kind === "share" && row.low != null
  ? `${formatValue(row.low, kind)} – ${formatValue(row.high, kind)}` : "");

/** Return the counts behind a value, or "" if its source has none. */
const formatCounts = ({ count, total }) => (count == null ? ""
  : `${count.toLocaleString("en")} of ${total?.toLocaleString("en") ?? "–"}`);

/** Return a number with its noun in the singular or plural. */
const countOf = (count, noun) => `${count.toLocaleString("en")} ${noun}${count === 1 ? "" : "s"}`;

/** Return the label of a notice, such as ``Invented sample data``: the words before its colon. */
const labelOfNotice = (notice) => notice.split(":")[0];
