// Two queries side by side: on one timeline, by outlet, and as one table.

const COMPARED = 20;

// Shows which search has which colour.
function legend() {
  return make("p.legend", {}, make("span.first-query", {}, shortened(state.q, 40)), " ", make("span.second-query", {}, shortened(state.q2, 40)));
}

async function loadComparison() {
  const pairs = (q) => [...countPairs(q), ["by", "publisher"], ["limit", WIDE_LIMIT]];
  const answers = await Promise.all([ask("compare 1", "facets", pairs(state.q)), ask("compare 2", "facets", pairs(state.q2))]);
  return answers.every(Boolean) && answers;
}

function comparisonTable([first, second]) {
  const [firstRows, secondRows] = [first, second].map((answer) => new Map(answer.facets.publisher.values.map((row) => [row.value, row])));
  const matching = (name) => (firstRows.get(name)?.matching ?? 0) + (secondRows.get(name)?.matching ?? 0);
  const names = [...new Set([...firstRows.keys(), ...secondRows.keys()])].filter(matching).sort((a, b) => matching(b) - matching(a));
  // If one of the two answers leaves out an outlet, its number there is unknown, not zero.
  const cells = (row) => [make("td", {}, row ? number.format(row.matching) : "–"), make("td", {}, row ? percent(row.share) : "–")];
  const rowOf = (name) => make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, shortened(name, 60))), cells(firstRows.get(name)), cells(secondRows.get(name)));
  const head = make("tr", {}, make("th", { scope: "col" }, "Publisher"), [state.q, state.q2].map((q) => make("th", { scope: "colgroup", colspan: 2 }, shortened(q, 30))));
  const all = make("tr.sum", {}, make("th", { scope: "row" }, "All"), cells(first), cells(second));
  return make("div.scrolled", { tabindex: 0, role: "group", "aria-label": "By publisher" }, make("table.compared", {}, make("thead", {}, head), make("tbody", {}, all, names.slice(0, COMPARED).map(rowOf))), names.length > COMPARED && make("p.small", {}, `and ${number.format(names.length - COMPARED)} more`));
}

const cell = (value) => (/[",\n]/.test(value) || /^[=+\-@]/.test(value) ? `"${value.replace(/^([=+\-@])/, "'$1").replace(/"/g, '""')}"` : value);

// One row for each interval: how many articles match each query, how many there are, and the shares.
function comparisonCsv(first, second) {
  const [firstBars, secondBars] = [first, second].map(({ bars }) => new Map(bars.map((bar) => [bar.start, bar])));
  const rows = [...new Set([...firstBars.keys(), ...secondBars.keys()])].sort().map((start) => {
    const either = firstBars.get(start) ?? secondBars.get(start);
    const [one, other] = [firstBars, secondBars].map((bars) => bars.get(start) ?? { matching: 0, share: 0 });
    return [start, one.matching, other.matching, either.total, one.share, other.share, either.complete].join(",");
  });
  const head = ["start", `matching: ${state.q}`, `matching: ${state.q2}`, "total", `share: ${state.q}`, `share: ${state.q2}`, "complete"].map(cell).join(",");
  return [head, ...rows, ""].join("\r\n");
}
