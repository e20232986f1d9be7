// Exports of what is shown, as files.

const EXPORTS = [["csv", "CSV, a row a hit"], ["json", "JSON"], ["jsonl", "JSON Lines"], ["md", "Markdown with quotations"], ["ris", "RIS, for reference managers"]];
const EXPORTED = 200;

function showExports() {
  const item = (label, act) => make("button.plain", { type: "button", onclick: async () => { byId("export").open = false; await act(); } }, label);
  const hits = state.q
    ? EXPORTS.map(([form, label]) => item(label, () => download("search", searchPairs(state.q, [["k", EXPORTED], ["format", form]]), `semsearch.${form}`)))
    : [
      item("CSV, a row an article", () => download("articles", [...filterPairs(), ["format", "csv"]], "articles.csv")),
      item("JSON Lines", () => download("articles", [...filterPairs(), ["format", "jsonl"]], "articles.jsonl")),
    ];
  const timeline = state.q2 && state.q ? item("Comparison over time, CSV", downloadComparison) : item("Timeline, CSV", () => download("timeline", [...countPairs(state.q), ["format", "csv"], ...(state.interval ? [["interval", state.interval]] : [])], "timeline.csv"));
  const facets = item("Facets, CSV", () => download("facets", [...countPairs(state.q), ["format", "csv"], ["limit", 1000], ...Object.keys(FACET_TITLES).map((field) => ["by", field])], "facets.csv"));
  fill(byId("export").querySelector(".panel"), state.q && make("p.small", {}, `The first ${EXPORTED} hits`), hits, timeline, facets);
}

async function download(path, pairs, name) {
  try {
    offer(await ask("export", path, pairs, { raw: true }), name);
  } catch (problem) {
    showFailed(`${name} is not exported`, problem);
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
