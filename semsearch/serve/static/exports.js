// Exports of what is shown, as files.

const EXPORTS = [["excel", "Table for Excel"], ["csv", "CSV, a row a hit"], ["json", "JSON"], ["jsonl", "JSON Lines"], ["md", "Markdown with quotations"], ["ris", "RIS, for reference managers"]];
const EXPORTED = 200;

function showExports() {
  const item = (label, name, load) => make("button.plain", { type: "button", onclick: () => { closeExports(); download(name, load); } }, label);
  const isCompared = state.q.trim() && state.q2.trim();
  const articles = (form) => () => ask("export", "articles", [...filterPairs(), ["format", form]], { raw: true });
  const hits = state.q
    ? EXPORTS.map(([form, label]) => item(label, `semsearch.${form === "excel" ? "csv" : form}`, () => loadHits(form)))
    : [item("Table for Excel", "articles.csv", articles("excel")), item("CSV, a row an article", "articles.csv", articles("csv")), item("JSON Lines", "articles.jsonl", articles("jsonl"))];
  const timeline = isCompared ? item("Comparison over time, CSV", "comparison.csv", loadComparisonCsv) : item("Timeline, CSV", "timeline.csv", loadTimelineCsv);
  const facets = item("Facets, CSV", "facets.csv", () => ask("export", "facets", [...countPairs(state.q), ["format", "csv"], ["limit", 1000], ...Object.keys(FACET_TITLES).map((field) => ["by", field])], { raw: true }));
  const remark = [`The first ${EXPORTED} hits${isCompared ? " of each search" : ""}`, state.shown !== "first" && "of articles with the same text the first"].filter(Boolean).join("; ");
  fill(byId("export").querySelector(".panel"), state.q && make("p.small", {}, remark), hits, timeline, facets);
}

function closeExports() {
  byId("export").open = false;
  byId("export").querySelector("summary").focus();
}

// The hits of one search, or of both, as one file.
async function loadHits(form) {
  const load = (q, pairs) => ask(`export ${q}`, "search", [...pairs, ["format", form]], { raw: true });
  if (!state.q2.trim()) return load(state.q, hitPairs(state.q, lastAnswer?.nearest ? PAGE : EXPORTED));
  const queries = [state.q, state.q2];
  const blobs = await Promise.all(queries.map((q) => load(q, searchPairs(q, [["k", EXPORTED]]))));
  if (!blobs.every(Boolean)) return undefined;
  const [first, second] = blobs;
  const headBytes = new Uint8Array(await second.arrayBuffer()).indexOf(10) + 1;
  const joined = {
    csv: () => [first, second.slice(headBytes)],
    excel: () => [first, second.slice(headBytes + 1)], // two bytes a character
    json: () => ["[", first, ",", second, "]\n"],
    md: () => [`## ${queries[0]}\n\n`, first, `\n## ${queries[1]}\n\n`, second],
  }[form];
  return new Blob(joined ? joined() : [first, second], { type: blobs[0].type });
}

// The bars have the length of those on the page, and are those of the chosen time.
const shownInterval = () => chart?.interval ?? state.interval;

function loadTimelineCsv() {
  const interval = shownInterval();
  return ask("export", "timeline", [...countPairs(state.q), ["format", "csv"], ...(interval ? [["interval", interval]] : [])], { raw: true });
}

async function loadComparisonCsv() {
  const answer = await loadTimeline("export", [], shownInterval());
  return answer?.second && new Blob([comparisonCsv(answer.first, answer.second)], { type: "text/csv" });
}

async function download(name, load) {
  try {
    const blob = await load();
    if (!blob) return;
    const url = URL.createObjectURL(blob);
    make("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
    say(`${name} exported`);
  } catch (problem) {
    showFailed(`${name} is not exported`, problem);
  }
}
