// Makes elements without HTML, so that a stranger's text can never be more than text.

const byId = (id) => document.getElementById(id);

// Characters that are invisible, or that change the direction of what follows.
const UNSEEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb]|[\udb40][\udc00-\udc7f]/g;

const clean = (text) => String(text ?? "").replace(UNSEEN, "");

// Whether nothing can be seen of a text.
const isBlank = (text) => !clean(text).replace(/[\s\u200b-\u200d\u2060]/g, "");

const shortened = (text, limit) => {
  const cleaned = clean(text);
  return cleaned.length > limit ? `${cleaned.slice(0, limit).replace(/[\ud800-\udbff]$/, "")}…` : cleaned;
};

function make(name, properties, ...children) {
  const [tag, ...classes] = name.split(".");
  const element = SVG_TAGS.has(tag)
    ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(properties ?? {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

const SVG_TAGS = new Set(["svg", "g", "rect", "line", "path", "pattern", "defs", "text", "polyline", "title"]);

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child === undefined || child === null || child === false) continue;
    element.append(child.nodeType ? child : clean(child));
  }
}

function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

const CONTROLS = "a[href], button, input, select, textarea, summary, [tabindex='0']";
const controlName = (control) => control.id || control.dataset.name || control.getAttribute("aria-label") || control.textContent;

// Makes a part of the page anew; the keyboard stays on what it was on, or what came in its place.
function keepingFocus(place, makeAnew) {
  const controls = () => [...place.querySelectorAll(CONTROLS)].filter((control) => control.checkVisibility());
  const position = controls().indexOf(document.activeElement);
  const name = position >= 0 && controlName(document.activeElement);
  makeAnew();
  if (position < 0) return;
  const left = controls();
  const next = left.find((control) => controlName(control) === name) ?? left[Math.min(position, left.length - 1)] ?? byId("results");
  next.focus({ preventScroll: true });
}

// The server counts characters as code points, JavaScript as UTF-16 units.
function slicer(text) {
  if (!/[\ud800-\udbff]/.test(text)) return (start, end) => text.slice(start, end);
  const points = Array.from(text);
  return (start, end) => points.slice(start, end).join("");
}

const number = new Intl.NumberFormat("en");
const count = (value, singular, plural) => `${number.format(value)} ${value === 1 ? singular : plural ?? `${singular}s`}`;
function percent(share) {
  if (share > 0 && share < 0.001) return "<0.1\u00a0%";
  return `${(100 * share).toFixed(share > 0 && share < 0.0995 ? 1 : 0)}\u00a0%`;
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

// An instant of another zone as one of UTC, whose days are those of filters.
function inUtc(text) {
  const instant = /T.*[+-]\d\d:\d\d$/.test(text ?? "") ? new Date(text) : null;
  return instant && !isNaN(instant) ? instant.toISOString() : text ?? "";
}

// Writes the day on which a search finds what has this date.
function day(text) {
  const [year, month, date] = inUtc(text).slice(0, 10).split("-");
  if (!year) return "no date";
  return [date && Number(date), month && MONTHS[Number(month) - 1], year].filter(Boolean).join(" ");
}

// Writes from which day to which, once if they are the same; an open end is a sign.
const dayRange = (first, last) => [...new Set([first, last].map((text) => (text ? day(text) : "…")))].join(" – ");

// Writes a day, or an instant to the minute with its zone, and as its source has it if that is another zone.
function moment(text) {
  const utc = inUtc(text);
  const [date, time = ""] = utc.split("T");
  const [, clock, zone] = /^(\d\d:\d\d)[:.\d]*(.*)$/.exec(time) ?? ["", "", ""];
  const source = utc !== text && `(${day(text.slice(0, 10))} ${text.slice(11, 16)} ${text.slice(-6)})`;
  return [day(date), clock, zone === "Z" ? "UTC" : zone, source].filter(Boolean).join(" ");
}

const isWeb = (url) => /^https?:\/\//i.test(url ?? "");

function say(text) {
  byId("live").textContent = text;
}

// Tells whether the text was copied. Without https browsers have no clipboard for pages, but a command to copy.
async function copyText(text, confirmation) {
  const isCopied = await navigator.clipboard?.writeText(text).then(() => true, () => false) || copySelected(text);
  say(isCopied ? confirmation : "Nothing is copied: this browser does not allow it");
  return isCopied;
}

function copySelected(text) {
  const focused = document.activeElement;
  const area = make("textarea.unseen", {});
  area.value = text;
  document.body.append(area);
  area.select();
  const isCopied = document.execCommand("copy");
  area.remove();
  focused.focus({ preventScroll: true });
  return isCopied;
}

// A button that says for a moment what has become of its work.
function doneButton(label, act, button = make("button", { type: "button" }, label)) {
  button.addEventListener("click", async () => {
    button.textContent = await act();
    setTimeout(() => (button.textContent = label), 1600);
  });
  return button;
}

const copiedOrNot = (isCopied) => (isCopied ? "Copied" : "Not copied");
