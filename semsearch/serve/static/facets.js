// Facets: counts by publisher, section, language and author, and by a tag's values once its part is opened. When two
// searches are compared, the counts of both are shown side by side.

const FACET_TITLES = { publisher: "Publisher", section: "Section", language: "Language", author: "Author" };
const FACET_LIMIT = 12;
const WIDE_LIMIT = 500;
const openTags = new Set();
const wideFields = new Set(); // fields with more values shown

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

const limitOf = (field) => (wideFields.has(field) ? WIDE_LIMIT : FACET_LIMIT);

// To compare two searches, more values are requested than shown: a rare value of one may be frequent in the other.
const askedLimit = (field) => ["limit", state.q2.trim() ? WIDE_LIMIT : limitOf(field)];

// A field with chosen values is counted without them, so that others can be added.
async function facetsOf(q, kind) {
  const fields = Object.keys(FACET_TITLES);
  const apart = fields.filter((field) => inForce()[field].length || wideFields.has(field));
  const together = fields.filter((field) => !apart.includes(field));
  const answers = await Promise.all([
    ask(kind, "facets", [...countPairs(q), askedLimit(""), ...[...together, "tag"].map((field) => ["by", field])]),
    ...apart.map((field) => ask(`${kind} ${field}`, "facets", [...countPairs(q, [field]), askedLimit(field), ["by", field]])),
  ]);
  if (answers.some((answer) => !answer)) return undefined;
  return { ...answers[0], facets: Object.assign({}, ...answers.map((answer) => answer.facets)) };
}

async function loadFacets() {
  const [first, second] = await Promise.all([facetsOf(state.q, "facets"), state.q2.trim() && facetsOf(state.q2, "facets 2")]);
  if (!first || second === undefined) return undefined;
  return { ...first, second };
}

// The count of a value that an answer leaves out: 0, or null if it is unknown. The values with the lowest come last.
const leftOut = (facet) => (facet.omitted && facet.values.at(-1).matching ? null : 0);

// The values of one search or of two, those with the most matching articles first.
function facetOf(first, second, limit) {
  if (!first || !second) return first;
  const rows = new Map(first.values.map((row) => [row.value, { ...row, other: leftOut(second) }]));
  for (const row of second.values) rows.set(row.value, { ...(rows.get(row.value) ?? { ...row, matching: leftOut(first) }), other: row.matching });
  const values = [...rows.values()].sort((a, b) => b.matching + b.other - a.matching - a.other);
  return { values: values.slice(0, limit), omitted: first.omitted + Math.max(0, values.length - limit) };
}

function showFacets(answer) {
  keepingFocus(byId("facets"), () => fillFacets(answer));
}

function fillFacets(answer) {
  const facet = (field) => facetOf(answer.facets[field], answer.second?.facets?.[field], limitOf(field));
  const groups = Object.keys(FACET_TITLES).map((field) => facetGroup(field, FACET_TITLES[field], facet(field), field));
  const keys = (answer.facets.tag?.values ?? []).filter((tag) => !HIDDEN_TAGS.has(tag.value)).slice(0, 6);
  outlets = (answer.facets.publisher?.values ?? []).map((row) => row.value);
  fill(byId("facets"), answer.second && legend(), groups, keys.length > 0 && make("section.facet", {}, make("h2", {}, "Tags"), keys.map((key) => tagGroup(key.value))), copiesChoice(), shownChoice());
}

let outlets = []; // whose copies may be chosen to be shown

const HIDDEN_TAGS = new Set(["source_id", "file", "domain", "earlier_versions"]);

function facetGroup(field, title, facet, name, prefix = "") {
  const knownRows = facet?.values ?? [];
  const missing = inForce()[name].filter((value) => (!prefix || value.startsWith(prefix)) && !knownRows.some((knownRow) => same(prefix + knownRow.value, value)));
  const rows = [...missing.map((value) => ({ value: value.slice(prefix.length), matching: 0, total: 0, share: 0 })), ...knownRows];
  if (!rows.length) return null;
  const most = Math.max(1, ...rows.flatMap((row) => [row.matching, row.other ?? 0]));
  const items = rows.map((row) => facetRow(field, name, prefix + row.value, row, most));
  return make("section.facet", { "data-field": field }, title && make("h2", {}, title), make("ul", {}, items), facet?.omitted > 0 && moreValues(facet, prefix ? "" : field));
}

function moreValues(facet, field) {
  const text = `${number.format(facet.omitted)} more`;
  if (!field || wideFields.has(field)) return make("p.small", {}, `and ${text}`);
  const widen = async () => {
    wideFields.add(field);
    const answer = await loadFacets().catch((problem) => showFailed("More values cannot be shown", problem));
    if (!answer) return;
    showFacets(answer);
    byId("facets").querySelector(`[data-field="${field}"] input`)?.focus();
  };
  return make("button.plain", { type: "button", onclick: widen, "aria-label": `Show ${text}: ${FACET_TITLES[field]}` }, `Show ${text}`);
}

const same = (a, b) => a.toLowerCase() === b.toLowerCase();

function facetRow(field, name, value, row, most) {
  const chosenValues = inForce()[name];
  const checked = chosenValues.some((chosen) => same(chosen, value));
  const toggle = () => change({ [name]: checked ? chosenValues.filter((chosen) => !same(chosen, value)) : [...chosenValues, value] });
  const input = make("input", { type: "checkbox", onchange: toggle, "data-name": `${name} ${value}` });
  input.checked = checked;
  const isCompared = row.other !== undefined;
  const counts = isCompared ? [row.matching, row.other] : [row.matching];
  const gauges = counts.map((matching, index) => {
    const gauge = make(`span.gauge${index ? ".second-gauge" : ""}`, { "aria-hidden": "true" });
    gauge.style.setProperty("--share", (matching ?? 0) / most);
    return gauge;
  });
  const countTexts = counts.map((matching) => (matching === null ? "–" : number.format(matching)));
  const title = `${shortened(valueName(field, row.value), 200)}: ${countTexts.join(" and ")} of ${number.format(row.total)} articles match${isCompared ? "" : ` (${percent(row.share)})`}`;
  const numbers = isCompared ? [make("span.first-count", {}, countTexts[0]), " ", make("span.second-count", {}, countTexts[1])] : [countTexts[0], " ", state.q && make("small", {}, percent(row.share))];
  return make(`li${counts.some(Boolean) ? "" : ".zero"}`, {}, make("label", { title }, input, make("span.value", {}, make("bdi", {}, shortened(valueName(field, row.value), 60))), make("span.number", {}, numbers), gauges));
}

function tagGroup(key) {
  const body = byId("facets").querySelector(`[data-tag="${CSS.escape(key)}"]`) ?? make("div", { "data-tag": key }); // until it is loaded anew
  const prefix = `${key}=`;
  const load = async (event) => {
    if (!event.target.open) return void openTags.delete(key);
    openTags.add(key);
    const otherTags = inForce().tag.filter((pair) => !pair.startsWith(prefix));
    const counts = async (q, kind) => {
      const pairs = [...countPairs(q, ["tag"]), ...otherTags.map((pair) => ["tag", pair]), ["by", `tag:${key}`], askedLimit("")];
      return (await ask(`${kind} ${key}`, "facets", pairs).catch(() => null))?.facets[`tag:${key}`];
    };
    const [first, second] = await Promise.all([counts(state.q, "tag"), state.q2.trim() && counts(state.q2, "tag 2")]);
    if (first) keepingFocus(body, () => fill(body, facetGroup("tag", "", facetOf(first, second, FACET_LIMIT), "tag", prefix)));
  };
  const isOpen = openTags.has(key) || inForce().tag.some((pair) => pair.startsWith(prefix));
  return make("details", { ontoggle: load, open: isOpen }, make("summary", {}, shortened(key, 40)), body);
}

function copiesChoice() {
  const input = make("input", { id: "once", type: "checkbox", onchange: () => change({ copies: state.copies === "once" ? "all" : "once" }) });
  input.checked = state.copies === "once";
  return make("label.choice", {}, input, " Count articles with the same text once");
}

function showChosen() {
  const chips = [];
  const { since, until, ...values } = inForce();
  const chip = (label, changes) => chips.push(make("button.chip", { type: "button", onclick: () => change(changes), "aria-label": `Remove the filter ${label}` }, make("bdi", {}, shortened(label, 60)), Object.keys(changes).some((name) => name in typed) && make("small", {}, " typed"), make("span", { "aria-hidden": "true" }, " ×")));
  for (const name of REPEATED) for (const value of values[name]) chip(valueName(name, value), { [name]: values[name].filter((chosen) => chosen !== value) });
  if (since || until) chip(dayRange(since, until), { since: "", until: "" });
  if (state.undated) chip(new Map([["only", "without a date"], ["include", "also without a date"], ["exclude", "with a date"]]).get(state.undated) || state.undated, { undated: "" });
  keepingFocus(byId("chosen"), () => fill(byId("chosen"), chips, chips.length > 1 && removeFilters("plain")));
}
