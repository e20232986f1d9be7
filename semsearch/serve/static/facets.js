// Facets: counts by publisher, section, language and author; a tag's values when they are asked for.

const FACET_TITLES = { publisher: "Publisher", section: "Section", language: "Language", author: "Author" };
const FACET_LIMIT = 12;
const WIDE_LIMIT = 500;
const openTags = new Set();
const wideFields = new Set(); // of which more values were asked for

const languageNames = (() => {
  try {
    return new Intl.DisplayNames(["en"], { type: "language" });
  } catch {
    return { of: (tag) => tag };
  }
})();

function valueName(field, value) {
  if (field !== "language") return value;
  try {
    return languageNames.of(value);
  } catch {
    return value;
  }
}

const limitOf = (field) => ["limit", wideFields.has(field) ? WIDE_LIMIT : FACET_LIMIT];

// A field with chosen values is counted without them, so that others can be added.
async function loadFacets() {
  const fields = Object.keys(FACET_TITLES);
  const apart = fields.filter((field) => state[field].length || wideFields.has(field));
  const together = fields.filter((field) => !apart.includes(field));
  const answers = await Promise.all([
    ask("facets", "facets", [...countPairs(state.q), limitOf(""), ...[...together, "tag"].map((field) => ["by", field])]),
    ...apart.map((field) => ask(`facets ${field}`, "facets", [...countPairs(state.q, [field]), limitOf(field), ["by", field]])),
  ]);
  if (answers.some((answer) => !answer)) return undefined;
  return { ...answers[0], facets: Object.assign({}, ...answers.map((answer) => answer.facets)) };
}

function showFacets(answer) {
  const groups = Object.keys(FACET_TITLES).map((field) => facetGroup(field, FACET_TITLES[field], answer.facets[field], field));
  const keys = (answer.facets.tag?.values ?? []).filter((one) => !HIDDEN_TAGS.has(one.value)).slice(0, 6);
  fill(byId("facets"), groups, keys.length > 0 && make("section.facet", {}, make("h2", {}, "Tags"), keys.map((key) => tagGroup(key.value))), copiesChoice(), shownChoice());
}

const HIDDEN_TAGS = new Set(["source_id", "file", "domain", "earlier_versions"]);

function facetGroup(field, title, facet, name, prefix = "") {
  const known = facet?.values ?? [];
  const lost = state[name].filter((value) => (!prefix || value.startsWith(prefix)) && !known.some((one) => same(prefix + one.value, value)));
  const rows = [...lost.map((value) => ({ value: value.slice(prefix.length), matching: 0, total: 0, share: 0 })), ...known];
  if (!rows.length) return null;
  const most = Math.max(1, ...rows.map((row) => row.matching));
  const items = rows.map((row) => facetRow(field, name, prefix + row.value, row, most));
  return make("section.facet", { "data-field": field }, title && make("h2", {}, title), make("ul", {}, items), facet?.omitted > 0 && moreValues(facet, prefix ? "" : field));
}

function moreValues(facet, field) {
  const text = `${number.format(facet.omitted)} more`;
  if (!field || wideFields.has(field)) return make("p.small", {}, `and ${text}`);
  const widen = async () => {
    wideFields.add(field);
    const answer = await loadFacets().catch(showProblem);
    if (!answer) return;
    showFacets(answer);
    byId("facets").querySelector(`[data-field="${field}"] input`)?.focus();
  };
  return make("button.plain", { type: "button", onclick: widen, "aria-label": `Show ${text}: ${FACET_TITLES[field]}` }, `Show ${text}`);
}

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

function facetRow(field, name, value, row, most) {
  const checked = state[name].some((one) => same(one, value));
  const toggle = () => change({ [name]: checked ? state[name].filter((one) => !same(one, value)) : [...state[name], value] });
  const input = make("input", { type: "checkbox", onchange: toggle });
  input.checked = checked;
  const bar = make("span.gauge", { "aria-hidden": "true" });
  bar.style.setProperty("--share", row.matching / most);
  const title = `${shortened(valueName(field, row.value), 200)}: ${number.format(row.matching)} of ${number.format(row.total)} articles match (${percent(row.share)})`;
  return make(`li${row.matching ? "" : ".zero"}`, {}, make("label", { title }, input, make("span.value", {}, make("bdi", {}, shortened(valueName(field, row.value), 60))), make("span.number", {}, number.format(row.matching), " ", state.q && make("small", {}, percent(row.share))), bar));
}

function tagGroup(key) {
  const body = make("div", {});
  const prefix = `${key}=`;
  const load = async (event) => {
    if (!event.target.open) return void openTags.delete(key);
    openTags.add(key);
    const others = state.tag.filter((pair) => !pair.startsWith(prefix));
    const pairs = [...countPairs(state.q, ["tag"]), ...others.map((pair) => ["tag", pair]), ["by", `tag:${key}`], ["limit", FACET_LIMIT]];
    const answer = await ask(`tag ${key}`, "facets", pairs).catch(() => null);
    if (answer) fill(body, facetGroup("tag", "", answer.facets[`tag:${key}`], "tag", prefix));
  };
  const isOpen = openTags.has(key) || state.tag.some((pair) => pair.startsWith(prefix));
  return make("details", { ontoggle: load, open: isOpen }, make("summary", {}, shortened(key, 40)), body);
}

function copiesChoice() {
  const input = make("input", { type: "checkbox", onchange: () => change({ copies: state.copies === "once" ? "all" : "once" }) });
  input.checked = state.copies === "once";
  return make("label.choice", {}, input, " Count articles with the same text once");
}

function showChosen() {
  const chips = [];
  const chip = (label, changes) => chips.push(make("button.chip", { type: "button", onclick: () => change(changes), "aria-label": `Remove the filter ${label}` }, make("bdi", {}, shortened(label, 60)), make("span", { "aria-hidden": "true" }, " ×")));
  for (const name of REPEATED) for (const value of state[name]) chip(valueName(name, value), { [name]: state[name].filter((one) => one !== value) });
  if (state.since || state.until) chip(`${day(state.since) === "no date" ? "…" : day(state.since)} – ${day(state.until) === "no date" ? "…" : day(state.until)}`, { since: "", until: "" });
  if (state.undated) chip(`undated: ${state.undated}`, { undated: "" });
  fill(byId("chosen"), chips, chips.length > 1 && removeFilters("plain"));
}
