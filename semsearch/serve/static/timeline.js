// The timeline: bars over time, of which a part can be chosen by dragging, by keys, or by a preset.

const HEIGHT = 92;
const AXIS = 18;
const HANDLE = 9;
const INTERVALS = { "": "automatic", day: "days", week: "weeks", month: "months", year: "years" };
const DOUBLE_CLICK_MS = 450;
const DAY_MS = 86400000;

let focusedHandle;
let lastClick = {}; // { index, time } of a bar
let chart = null; // the timeline on screen: { bars, total, interval, second, chosen, svg, step }

async function loadTimeline(kind = "timeline", without = ["since", "until"], interval = state.interval) {
  const pairs = [...countPairs(state.q, without), ...(interval ? [["interval", interval]] : [])];
  const first = await ask(kind, "timeline", pairs);
  if (!first) return undefined;
  if (!state.q2.trim()) return { first };
  const secondPairs = [...countPairs(state.q2, without), ["interval", first.interval]];
  const second = await ask(`${kind} 2`, "timeline", secondPairs);
  return second && { first, second };
}

const isoDay = (date) => date.toISOString().slice(0, 10);
const shifted = (text, days) => isoDay(new Date(Date.parse(text) + days * DAY_MS));

// Names of a bar's first and last day, as a filter takes them, and of a bar, as people read it.
const unitName = (start, interval) => ({ month: start.slice(0, 7), year: start.slice(0, 4) })[interval] ?? start;
const lastUnitName = (start, interval) => (interval === "week" ? shifted(start, 6) : unitName(start, interval));
const barName = (bar, interval) => (interval === "week" ? `week of ${day(bar.start)}` : day(unitName(bar.start, interval)));

const isDate = (text) => /^\d{4}(-\d\d(-\d\d)?)?$/.test(text);
const padded = (text, month, date) => ({ 4: `${text}-${month}-${date}`, 7: `${text}-${date}` })[text.length] ?? text;
const lastDay = (text) => (text.length === 7 ? isoDay(new Date(Date.UTC(text.slice(0, 4), text.slice(5), 0))) : padded(text, "12", "31"));

// The bars that the filters choose: [first, last], [] if they are of another time, null if nothing is chosen.
function chosenBars(bars, interval) {
  const [since, until] = [inForce().since, inForce().until].map((text) => text.slice(0, 10));
  if ((!since && !until) || ![since, until].every((text) => !text || isDate(text)) || !bars.length) return null;
  // Two searches may be limited to times of their own.
  if (answered.some(({ conditions }) => ["since", "until"].some((name) => name in conditions && !(name in typed)))) return null;
  const end = lastDay(lastUnitName(bars.at(-1).start, interval));
  if (padded(since, "01", "01") > end || (until && lastDay(until) < bars[0].start)) return [];
  const lastUpTo = (date) => bars.reduce((lastIndex, bar, index) => (bar.start <= date ? index : lastIndex), 0);
  const first = since ? lastUpTo(padded(since, "01", "01")) : 0;
  const last = until ? lastUpTo(padded(until, "12", "31")) : bars.length - 1;
  return [Math.min(first, last), Math.max(first, last)];
}

function choose(first, last, gesture) {
  const { bars, interval } = chart;
  chart.chosen = [first, last]; // from which the next key goes on, before there is an answer
  draw();
  change({ since: unitName(bars[first].start, interval), until: lastUnitName(bars[last].start, interval) }, gesture);
}

const unchoose = () => change({ since: "", until: "" });

function showTimeline(answer) {
  const { first, second } = answer;
  const section = byId("timeline");
  const bars = first.bars;
  // Two timelines of one index have the same totals, so their bars are the same intervals.
  const secondBars = second ? new Map(second.bars.map((bar) => [bar.start, bar])) : null;
  chart = { bars, total: first.total, interval: first.interval, second: secondBars && bars.map((bar) => secondBars.get(bar.start) ?? { ...bar, matching: 0, share: 0 }), chosen: chosenBars(bars, first.interval) };
  focusedHandle = document.activeElement?.dataset?.handle;
  keepingFocus(section, () => fill(section, timelineHead(first, second), make("div.plot", {}), timelineFoot(first)));
  draw();
}

function timelineHead(first, second) {
  const scale = make("select", { id: "scale", onchange: (event) => change({ scale: event.target.value }) }, make("option", { value: "share" }, "share of all articles"), make("option", { value: "count" }, "articles"));
  scale.value = state.scale;
  const interval = make("select", { id: "interval", onchange: (event) => change({ interval: event.target.value }) }, Object.entries(INTERVALS).map(([value, label]) => make("option", { value }, value ? label : `${INTERVALS[first.interval]}`)));
  interval.value = state.interval;
  const showsScale = state.q || state.q2;
  return make("div.bar", {}, make("h2", {}, "When"), make("p.readout", { id: "readout" }), second && legend(), make("div.choices", {}, showsScale && make("label", {}, make("span.unseen", {}, "Scale "), scale), make("label", {}, make("span.unseen", {}, "Length of a bar "), interval)));
}

function timelineFoot(first) {
  const preset = (label, days) => make("button.plain", { type: "button", title: "Counted back from the last article", onclick: () => chooseLast(days) }, label);
  const table = make("details", { open: tableIsOpen, ontoggle: (event) => (tableIsOpen = event.target.open) && fill(event.target.lastChild, timelineTable(first)) }, make("summary", {}, "Table"), make("div", {}));
  const missing = [[first.undated, "without a date"], [first.imprecise, "dated too roughly for a bar (they are found in every range that may hold them)"]].filter(([missingCount]) => missingCount.matching).map(([missingCount, remark]) => `${number.format(missingCount.matching)} ${remark}`);
  return make("div.presets", {}, first.bars.length > 0 && [preset("Last 7 days", 7), preset("Last 30 days", 30), preset("Last year", 365), (inForce().since || inForce().until) && make("button.plain", { type: "button", onclick: unchoose }, "All"), datesForm(), table], missing.length > 0 && make("span.small", {}, `Not in the chart: ${missing.join(", ")}`));
}

// Chooses this many days up to that of the last article that the other filters allow.
async function chooseLast(days) {
  const answer = await ask("preset", "coverage", filterPairs(["since", "until", "undated"])).catch((problem) => showFailed("The last days cannot be chosen", problem));
  if (answer?.last) change({ since: shifted(answer.last, 1 - days), until: answer.last });
}

let datesAreOpen = false;
let tableIsOpen = false;

// A form to type the dates that the handles set.
function datesForm() {
  const [chosenSince, chosenUntil] = [inForce().since, inForce().until].map((text) => text.slice(0, 10));
  const since = make("input", { type: "date", value: isDate(chosenSince) ? padded(chosenSince, "01", "01") : "", max: "9999-12-31" });
  const until = make("input", { type: "date", value: isDate(chosenUntil) ? lastDay(chosenUntil) : "", max: "9999-12-31" });
  const submit = (event) => {
    event.preventDefault();
    change({ since: since.value, until: until.value });
  };
  return make("details.dates", { open: datesAreOpen, ontoggle: (event) => (datesAreOpen = event.target.open) }, make("summary", {}, "Dates"),
    make("form", { onsubmit: submit }, make("label", {}, "From ", since), make("label", {}, "To ", until), make("button", {}, "Apply")));
}

function timelineTable(first) {
  const rows = first.bars.filter((bar) => bar.total).map((bar) => make("tr", {}, make("th", { scope: "row" }, barName(bar, first.interval)), make("td", {}, number.format(bar.matching)), make("td", {}, number.format(bar.total)), make("td", {}, percent(bar.share))));
  return make("div.scrolled", { tabindex: 0, role: "group", "aria-label": "Counts over time" }, make("table", {}, make("thead", {}, make("tr", {}, ["When", "Matching", "All", "Share"].map((name) => make("th", { scope: "col" }, name)))), make("tbody", {}, rows)));
}

function draw() {
  const plot = byId("timeline").querySelector(".plot");
  if (!plot || !chart) return;
  const { bars, second, interval } = chart;
  const handleName = document.activeElement?.dataset?.handle ?? focusedHandle; // replacing the drawing loses the focus
  focusedHandle = undefined;
  if (!bars.length) return void fill(plot, make("p.small", {}, chart.total ? "No article here is dated precisely enough for a timeline." : "No articles."));
  const width = Math.max(240, plot.clientWidth);
  const byShare = state.scale === "share" && (state.q || state.q2);
  const value = (bar) => (byShare ? bar.share : bar.matching);
  const most = Math.max(...bars.map(value), ...(second ?? []).map(value), byShare ? 0.0001 : 1);
  const step = width / bars.length;
  const top = 12;
  const y = (amount) => top + (HEIGHT - AXIS - top) * (1 - amount / most);
  const base = HEIGHT - AXIS;
  const gap = step > 6 ? Math.min(2, step * 0.2) : step > 3 ? 1 : 0;
  const rects = bars.map((bar, index) => value(bar) > 0 && make(`rect.column${bar.complete ? "" : ".part"}${inChosen(index) ? "" : ".out"}`, { x: index * step + gap / 2, y: Math.min(y(value(bar)), base - 1.5), width: Math.max(0.6, step - gap), height: Math.max(1.5, base - y(value(bar))), "data-bar": index, rx: step > 8 ? 1.5 : 0 }));
  const line = second && make("polyline.second", { points: second.map((bar, index) => `${((index + 0.5) * step).toFixed(1)},${y(value(bar)).toFixed(1)}`).join(" ") });
  const ticks = tickMarks(bars, interval, step, width);
  const label = [...bars, ...(second ?? [])].some(value) && make("text.axis", { x: 2, y: 9 }, byShare ? percent(most) : number.format(most));
  const hatch = make("defs", {}, make("pattern", { id: "hatch", width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" }, make("rect.hatch-ground", { width: 5, height: 5 }), make("line.hatch", { x1: 0, y1: 0, x2: 0, y2: 5 })));
  const svg = make("svg", { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "group", "aria-label": "Articles over time. Drag to choose a part, double-click for all of it." }, hatch, make("line.base", { x1: 0, x2: width, y1: base, y2: base }), rects, line, ticks, label, brush(step, base));
  chart.svg = svg;
  chart.step = step;
  bindPointer(svg);
  fill(plot, svg);
  readout(null);
  if (handleName) svg.querySelector(`[data-handle="${handleName}"]`).focus();
}

const chosenOrAll = () => (chart.chosen?.length ? chart.chosen : [0, chart.bars.length - 1]);
const inChosen = (index) => !chart.chosen || (index >= chart.chosen[0] && index <= chart.chosen[1]);

const TICK_WIDTHS = { day: 66, month: 56, year: 34 }; // pixels that a name takes
const UNIT_DAYS = { day: 1, week: 7, month: 30, year: 365 };
const TICK_STEPS = [["day", 1], ["day", 2], ["day", 7], ["day", 14], ["month", 1], ["month", 3], ["month", 6], ...[1, 2, 5, 10, 20, 50, 100].map((years) => ["year", years])];

// Ticks at the finest even steps whose names have room.
function tickMarks(bars, interval, step, width) {
  const dayWidth = step / UNIT_DAYS[interval];
  const daysOf = ([unit, every]) => UNIT_DAYS[unit] * every;
  const [unit, every] = TICK_STEPS.find((candidate) => daysOf(candidate) >= UNIT_DAYS[interval] && daysOf(candidate) * dayWidth >= TICK_WIDTHS[candidate[0]]) ?? TICK_STEPS.at(-1);
  const periodOf = ({ start }) => {
    const [year, month] = start.split("-").map(Number);
    return Math.floor({ day: Date.parse(start) / DAY_MS, month: 12 * year + month - 1, year }[unit] / every);
  };
  const ticks = bars.map((bar, index) => ({ start: bar.start, x: index * step })).filter((_, index) => index === 0 || periodOf(bars[index]) !== periodOf(bars[index - 1]));
  // The first period is mostly incomplete: if there is no room for two names, the second is written.
  if (ticks[1]?.x < TICK_WIDTHS[unit]) ticks.shift();
  const visible = ticks.filter(({ x }) => x <= width - TICK_WIDTHS[unit]);
  return visible.map(({ start, x }, index) => [make("line.tick", { x1: x + 0.5, x2: x + 0.5, y1: HEIGHT - AXIS, y2: HEIGHT - AXIS + 4 }), make("text.axis", { x: x + 2, y: HEIGHT - 4 }, tickName(start, unit, visible[index - 1]?.start))]);
}

// The name of a tick; it has the year if that differs from the year of the tick before.
function tickName(start, unit, previousStart) {
  const [year, month, date] = start.split("-");
  if (unit === "year") return year;
  return [unit === "day" && Number(date), MONTHS[Number(month) - 1], previousStart?.slice(0, 4) !== year && year].filter(Boolean).join(" ");
}

function brush(step, base) {
  const [first, last] = chosenOrAll();
  const left = first * step;
  const right = (last + 1) * step;
  const handle = (name, index, x, label) => make("g.handle", {
    role: "slider", tabindex: 0, "data-handle": name, "aria-label": label,
    "aria-valuemin": 0, "aria-valuemax": chart.bars.length - 1, "aria-valuenow": index, "aria-valuetext": barName(chart.bars[index], chart.interval), "aria-orientation": "horizontal",
    onkeydown: (event) => handleKey(event, name), onfocus: () => readout(index), onblur: () => readout(null),
  }, make("rect.grip", { x: x - 4, y: base / 2 - 12, width: 8, height: 24, rx: 3 }));
  return [chart.chosen?.length > 0 && make("rect.brush", { x: left, y: 0, width: right - left, height: base }), handle("first", first, Math.max(5, left), "From"), handle("last", last, Math.min(chart.bars.length * step - 5, right), "To")];
}

function handleKey(event, name) {
  const step = { ArrowLeft: -1, ArrowRight: 1, ArrowDown: -1, ArrowUp: 1, PageDown: -10, PageUp: 10 }[event.key];
  const end = chart.bars.length - 1;
  let [first, last] = chosenOrAll();
  const within = (index) => Math.max(0, Math.min(end, index));
  if (event.key === "Escape" || event.key === "Delete") {
    event.preventDefault();
    event.stopPropagation();
    return void unchoose();
  }
  if (event.key === "Home" || event.key === "End") {
    if (name === "first") first = event.key === "Home" ? 0 : last;
    else last = event.key === "Home" ? first : end;
  } else if (step === undefined) return;
  else if (event.shiftKey) {
    const shift = Math.max(-first, Math.min(end - last, step));
    first += shift;
    last += shift;
  } else if (name === "first") first = Math.min(within(first + step), last);
  else last = Math.max(within(last + step), first);
  event.preventDefault();
  choose(first, last, `handle ${name}`);
}

function bindPointer(svg) {
  const barAt = (event) => {
    const x = event.clientX - svg.getBoundingClientRect().left;
    return Math.max(0, Math.min(chart.bars.length - 1, Math.floor(x / chart.step)));
  };
  let drag = null;
  const preview = (first, last) => {
    chart.chosen = [first, last];
    svg.querySelectorAll(".column").forEach((column) => column.classList.toggle("out", !inChosen(Number(column.dataset.bar))));
    svg.querySelectorAll(".brush, .handle").forEach((part) => part.remove());
    append(svg, [brush(chart.step, HEIGHT - AXIS)]);
    readout(first, last);
  };
  svg.addEventListener("pointerdown", (event) => {
    if (event.button) return;
    const x = event.clientX - svg.getBoundingClientRect().left;
    const index = barAt(event);
    const chosen = chart.chosen;
    const near = (edge) => Math.abs(x - edge * chart.step) <= HANDLE;
    if (chosen && near(chosen[0])) drag = { kind: "edge", fixed: chosen[1] };
    else if (chosen && near(chosen[1] + 1)) drag = { kind: "edge", fixed: chosen[0] };
    else if (chosen && index > chosen[0] && index < chosen[1]) drag = { kind: "move", from: index, chosen };
    else drag = { kind: "edge", fixed: index };
    drag.before = chosen;
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    const index = barAt(event);
    if (!drag) return void readout(index);
    if (drag.kind === "edge") preview(Math.min(drag.fixed, index), Math.max(drag.fixed, index));
    else {
      const [first, last] = drag.chosen;
      const shift = Math.max(-first, Math.min(chart.bars.length - 1 - last, index - drag.from));
      preview(first + shift, last + shift);
    }
    drag.moved = true;
  });
  svg.addEventListener("pointerup", (event) => {
    if (!drag) return;
    const { moved, kind } = drag;
    const index = barAt(event);
    drag = null;
    if (moved) choose(...chart.chosen);
    else if (index === lastClick.index && event.timeStamp - lastClick.time < DOUBLE_CLICK_MS) unchoose();
    else if (kind === "edge") choose(index, index);
    lastClick = moved ? {} : { index, time: event.timeStamp };
  });
  svg.addEventListener("pointercancel", () => {
    if (drag) chart.chosen = drag.before;
    drag = null;
    draw();
  });
  svg.addEventListener("pointerleave", () => drag || readout(null));
}

function readout(first, last = first) {
  const output = byId("readout");
  if (!output) return;
  if (first === null) return void (output.textContent = "");
  const bars = chart.bars.slice(first, last + 1);
  const matching = bars.reduce((sum, bar) => sum + bar.matching, 0);
  const total = bars.reduce((sum, bar) => sum + bar.total, 0);
  const name = first === last ? barName(bars[0], chart.interval) : `${barName(bars[0], chart.interval)} – ${barName(bars.at(-1), chart.interval)}`;
  const part = bars.length === 1 && !bars[0].complete ? ", incomplete" : "";
  const shareText = (sum) => `${number.format(sum)} of ${number.format(total)} (${percent(total ? sum / total : 0)})`;
  const secondMatching = chart.second && chart.second.slice(first, last + 1).reduce((sum, bar) => sum + bar.matching, 0);
  output.textContent = chart.second ? `${name}: ${number.format(matching)} and ${number.format(secondMatching)} of ${number.format(total)}${part}` : `${name}: ${state.q ? shareText(matching) : count(matching, "article")}${part}`;
}

new ResizeObserver(() => chart && byId("timeline").querySelector(".plot svg") && byId("timeline").querySelector(".plot").clientWidth !== chart.svg.width.baseVal.value && draw()).observe(byId("timeline"));
