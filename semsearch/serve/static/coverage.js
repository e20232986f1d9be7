// Gaps: days and outlets without articles, and articles that can only be found by their words.

function showCoverage(coverage) {
  const section = byId("coverage");
  const share = (part) => percent(coverage.articles ? part / coverage.articles : 0);
  const rows = [];
  if (coverage.days_without) rows.push(`${count(coverage.days_without, "day")} of ${number.format(coverage.days)} without an article`);
  if (coverage.longest_gap && coverage.longest_gap[0] !== coverage.longest_gap[1]) rows.push(`Longest gap: ${dayRange(...coverage.longest_gap)}`);
  const undated = `${count(coverage.undated, "article")} without a date (${share(coverage.undated)})`;
  if (coverage.undated) rows.push(state.undated === "only" ? undated : make("button.plain", { type: "button", onclick: () => change({ undated: "only", since: "", until: "" }) }, undated));
  if (coverage.words_only) rows.push(`${count(coverage.words_only, "article")} in a language that is searched by its words alone (${share(coverage.words_only)})`);
  const missing = inForce().publisher.length ? [] : coverage.publishers_without;
  const outlets = missing.length > 0 && make("details", {}, make("summary", {}, `${number.format(missing.length)} of ${count(coverage.publishers, "outlet")} without an article here`), make("ul", {}, missing.slice(0, 50).map((name) => make("li", {}, make("bdi", {}, shortened(name, 80)))), missing.length > 50 && make("li", {}, `and ${missing.length - 50} more`)));
  const dates = coverage.first && dayRange(coverage.first, coverage.last);
  const span = [count(coverage.articles, "article"), dates].filter(Boolean).join(", ");
  section.hidden = byId("gaps").hidden = false;
  keepingFocus(section, () => fill(section, make("h2", { id: "coverage-title" }, "What is not here"), make("p", {}, span), rows.length > 0 ? make("ul", {}, rows.map((row) => make("li", {}, row))) : coverage.articles > 0 && !outlets && make("p.small", {}, "No gap was found."), outlets));
}
