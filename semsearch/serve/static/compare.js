// Two queries side by side: on one timeline, by outlet, and as one table.

async function loadComparison() {
  const pairs = (q) => [...countPairs(q), ["by", "publisher"], ["limit", 15]];
  return Promise.all([ask("compare 1", "facets", pairs(state.q)), ask("compare 2", "facets", pairs(state.q2))]);
}

function comparisonTable([first, second]) {
  const others = new Map(second.facets.publisher.values.map((row) => [row.value, row]));
  const rows = first.facets.publisher.values.map((row) => [row, others.get(row.value) ?? { matching: 0, share: 0 }]);
  const cells = (row) => [make("td", {}, number.format(row.matching)), make("td", {}, percent(row.share))];
  const line = ([one, two]) => make("tr", {}, make("th", { scope: "row" }, make("bdi", {}, shortened(one.value, 60))), cells(one), cells(two));
  const head = make("tr", {}, make("th", { scope: "col" }, "Publisher"), [state.q, state.q2].map((q) => make("th", { scope: "colgroup", colspan: 2 }, shortened(q, 30))));
  const all = make("tr.sum", {}, make("th", { scope: "row" }, "All"), cells(first), cells(second));
  return make("div.scrolled", { tabindex: 0, role: "group", "aria-label": "By publisher" }, make("table.compared", {}, make("thead", {}, head), make("tbody", {}, all, rows.map(line))));
}

const cell = (value) => (/[",\n]/.test(value) || /^[=+\-@]/.test(value) ? `"${value.replace(/^([=+\-@])/, "'$1").replace(/"/g, '""')}"` : value);

// One row an interval: what matches each query, what was published, and the ratio.
function comparisonCsv(first, second) {
  const others = new Map(second.bars.map((bar) => [bar.start, bar]));
  const rows = first.bars.map((bar) => {
    const other = others.get(bar.start) ?? { matching: 0, share: 0 };
    return [bar.start, bar.matching, other.matching, bar.total, bar.share, other.share, bar.complete].join(",");
  });
  const head = ["start", `matching: ${state.q}`, `matching: ${state.q2}`, "total", `share: ${state.q}`, `share: ${state.q2}`, "complete"].map(cell).join(",");
  return [head, ...rows, ""].join("\r\n");
}
