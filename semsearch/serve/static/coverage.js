// What is not here: days and outlets without articles, and what can be found by its words alone.

function showCoverage(found) {
  const section = byId("coverage");
  const share = (part) => percent(found.articles ? part / found.articles : 0);
  const rows = [];
  if (found.days_without) rows.push(`${count(found.days_without, "day")} of ${number.format(found.days)} without an article`);
  if (found.longest_gap && found.longest_gap[0] !== found.longest_gap[1]) rows.push(`Longest gap: ${day(found.longest_gap[0])} – ${day(found.longest_gap[1])}`);
  const undated = `${count(found.undated, "article")} without a date (${share(found.undated)})`;
  if (found.undated) rows.push(state.undated === "only" ? undated : make("button.plain", { type: "button", onclick: () => change({ undated: "only", since: "", until: "" }) }, undated));
  if (found.words_only) rows.push(`${count(found.words_only, "article")} in a language that is searched by its words alone (${share(found.words_only)})`);
  const missing = state.publisher.length ? [] : found.publishers_without;
  const outlets = missing.length > 0 && make("details", {}, make("summary", {}, `${number.format(missing.length)} of ${count(found.publishers, "outlet")} without an article here`), make("ul", {}, missing.slice(0, 50).map((name) => make("li", {}, make("bdi", {}, shortened(name, 80)))), missing.length > 50 && make("li", {}, `and ${missing.length - 50} more`)));
  const dates = [...new Set([found.first, found.last])].filter(Boolean).map(day).join(" – ");
  const span = [count(found.articles, "article"), dates].filter(Boolean).join(", ");
  section.hidden = byId("gaps").hidden = false;
  fill(section, make("h2", { id: "coverage-title" }, "What is not here"), make("p", {}, span), rows.length > 0 ? make("ul", {}, rows.map((row) => make("li", {}, row))) : found.articles > 0 && !outlets && make("p.small", {}, "No gap was found."), outlets);
}
