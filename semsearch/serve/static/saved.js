// Searches kept with a name in this browser, what is new since they were last opened; exports; what is not here.

const SHELF = "semsearch.saved";

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(SHELF) ?? "[]");
    return Array.isArray(found) ? found.filter((one) => typeof one?.name === "string" && typeof one.address === "string") : [];
  } catch {
    return [];
  }
}

const keep = (searches) => localStorage.setItem(SHELF, JSON.stringify(searches));
const rightNow = () => new Date().toISOString().slice(0, 19) + "Z";

function saveSearch() {
  const address = addressOf({ ...state, article: "", at: "" });
  const name = prompt("Name of this search", state.q || "All articles");
  if (!name) return;
  keep([{ name: name.slice(0, 200), address, seen: rightNow() }, ...kept().filter((one) => one.address !== address)].slice(0, 100));
  showSaved();
  say("Search saved");
}

function showSaved() {
  const searches = kept();
  const section = byId("saved");
  section.hidden = !searches.length;
  if (searches.length) fill(section, make("h2", { id: "saved-title" }, "Saved searches"), make("ul", {}, searches.map(savedRow)));
}

function savedRow(search) {
  const fresh = make("span.tag", { hidden: true });
  const open = (event) => {
    event.preventDefault();
    keep(kept().map((one) => (one.address === search.address ? { ...one, seen: rightNow() } : one)));
    history.pushState(null, "", search.address);
    state = read();
    byId("q").value = state.q;
    show();
    showSaved();
  };
  const remove = () => {
    keep(kept().filter((one) => one.address !== search.address));
    showSaved();
  };
  const rename = () => {
    const name = prompt("Name of this search", search.name);
    if (name) keep(kept().map((one) => (one.address === search.address ? { ...one, name: name.slice(0, 200) } : one)));
    showSaved();
  };
  countNew(search, fresh);
  return make("li", {}, make("a", { href: search.address, onclick: open }, make("bdi", {}, shortened(search.name, 80))), " ", fresh, make("span.edit", {}, make("button.plain", { type: "button", onclick: rename, "aria-label": `Rename ${search.name}` }, "Rename"), make("button.plain", { type: "button", onclick: remove, "aria-label": `Remove ${search.name}` }, "Remove")));
}

async function countNew(search, tag) {
  const given = new URLSearchParams(search.address);
  const names = [...FILTER_NAMES, "verdict", "copies"];
  const pairs = names.flatMap((name) => given.getAll(name).map((value) => [name, value]));
  if (given.get("q")) pairs.push(...queryPairs(given.get("q")));
  const answer = await ask(`new ${search.address}`, "facets", [...pairs, ["new_since", search.seen], ["by", "language"], ["limit", 1]]).catch(() => null);
  if (!answer?.matching) return;
  tag.hidden = false;
  tag.textContent = `${number.format(answer.matching)} new`;
}

// Exports

const EXPORTS = [["csv", "CSV, a row a hit"], ["json", "JSON"], ["jsonl", "JSON Lines"], ["md", "Markdown with quotations"], ["ris", "RIS, for reference managers"]];
const EXPORTED = 200;

function showExports() {
  const item = (label, act) => make("button.plain", { type: "button", onclick: async () => { byId("export").open = false; await act(); } }, label);
  const hits = state.q ? EXPORTS.map(([form, label]) => item(label, () => download("search", searchPairs(state.q, [["k", EXPORTED], ["format", form]]), `semsearch.${form}`))) : [item("CSV, a row an article", () => download("articles", [...filterPairs(), ["format", "csv"]], "articles.csv")), item("JSON Lines", () => download("articles", [...filterPairs(), ["format", "jsonl"]], "articles.jsonl"))];
  const timeline = state.q2 && state.q ? item("Comparison over time, CSV", downloadComparison) : item("Timeline, CSV", () => download("timeline", [...countPairs(state.q), ["format", "csv"], ...(state.interval ? [["interval", state.interval]] : [])], "timeline.csv"));
  const facets = item("Facets, CSV", () => download("facets", [...countPairs(state.q), ["format", "csv"], ["limit", 1000], ...Object.keys(FACET_TITLES).map((field) => ["by", field])], "facets.csv"));
  fill(byId("export").querySelector(".panel"), state.q && make("p.small", {}, `The first ${EXPORTED} hits`), hits, timeline, facets);
}

async function download(path, pairs, name) {
  try {
    offer(await ask("export", path, pairs, { raw: true }), name);
  } catch (problem) {
    showProblem(problem);
  }
}

function offer(blob, name) {
  if (!blob) return;
  const url = URL.createObjectURL(blob);
  make("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10000);
  say(`${name} exported`);
}

async function downloadComparison() {
  const answer = await loadTimeline();
  if (answer?.second) offer(new Blob([comparisonCsv(answer.first, answer.second)], { type: "text/csv" }), "comparison.csv");
}

// What is not here

function showCoverage(found) {
  const section = byId("coverage");
  const share = (part) => percent(found.articles ? part / found.articles : 0);
  const rows = [];
  if (found.days_without) rows.push(`${count(found.days_without, "day")} of ${number.format(found.days)} without an article`);
  if (found.longest_gap && found.longest_gap[0] !== found.longest_gap[1]) rows.push(`Longest gap: ${day(found.longest_gap[0])} – ${day(found.longest_gap[1])}`);
  if (found.undated) rows.push(`${count(found.undated, "article")} without a date (${share(found.undated)})`);
  if (found.words_only) rows.push(`${count(found.words_only, "article")} in a language that is searched by its words alone (${share(found.words_only)})`);
  const missing = state.publisher.length ? [] : found.publishers_without;
  const outlets = missing.length > 0 && make("details", {}, make("summary", {}, `${number.format(missing.length)} of ${count(found.publishers, "outlet")} without an article here`), make("ul", {}, missing.slice(0, 50).map((name) => make("li", {}, make("bdi", {}, shortened(name, 80)))), missing.length > 50 && make("li", {}, `and ${missing.length - 50} more`)));
  const span = found.first ? `${count(found.articles, "article")}, ${day(found.first)} – ${day(found.last)}` : count(found.articles, "article");
  section.hidden = false;
  fill(section, make("h2", { id: "coverage-title" }, "What is not here"), make("p", {}, span), rows.length > 0 ? make("ul", {}, rows.map((row) => make("li", {}, row))) : !outlets && make("p.small", {}, "No gap was found."), outlets);
}
