// Conditions that stand in the text of a query, as in since:2024 or publisher:Talbote. A search lets them replace the
// chosen filters of the same name; so the page shows them as filters, and moves them out of the text once one is changed.

let answered = []; // for each query on screen: { q, understood, conditions }
let typed = {}; // conditions that all of them have, by the names of filters

const inForce = () => ({ ...state, ...typed });

const FIELDS_OF_ANSWERS = { publisher: "publishers", section: "sections", language: "languages", author: "authors", tag: "tags" };

function takeTyped(queries, answers) {
  answered = answers.map(({ understood, filters }, index) => ({ q: queries[index], understood, conditions: conditionsIn(queries[index], filters) }));
  const ofAll = ([name, value]) => answered.every(({ conditions }) => String(conditions[name]) === String(value));
  typed = Object.fromEntries(Object.entries(answered[0]?.conditions ?? {}).filter(ofAll));
}

// The filters of an answer that are not the chosen ones.
function conditionsIn(q, filters) {
  const conditions = {};
  if (!/[:\uff1a]/.test(q)) return conditions;
  for (const [name, field] of Object.entries(FIELDS_OF_ANSWERS)) {
    const values = filters[field] ?? [];
    const isChosen = values.length === state[name].length && values.every((value) => state[name].some((chosen) => same(chosen, value)));
    if (values.length && !isChosen) conditions[name] = values;
  }
  const since = filters.since?.replace("T00:00:00Z", "");
  if (since && since !== padded(state.since, "01", "01")) conditions.since = since;
  const until = filters.until && new Date(Date.parse(filters.until) - 1000).toISOString().replace("T23:59:59.000Z", "");
  if (until && until !== lastDay(state.until)) conditions.until = until;
  return conditions;
}

// The text of a query without the conditions of these names.
function textWithout(q, names) {
  const { understood, conditions } = answered.find((candidate) => candidate.q === q) ?? { conditions: {} };
  if (!names.some((name) => name in conditions)) return q;
  const parts = [];
  let rest = understood.text;
  for (const phrase of understood.phrases ?? []) {
    const start = rest.indexOf(phrase);
    if (start < 0) return q;
    parts.push(`${rest.slice(0, start)}"${phrase}"`);
    rest = rest.slice(start + phrase.length);
  }
  const excluded = (understood.excluded ?? []).map((words) => ` -"${words}"`);
  const kept = Object.entries(conditions).filter(([name]) => !names.includes(name));
  const pairs = kept.flatMap(([name, values]) => [values].flat().map((value) => ` ${name}:${name === "tag" ? value.replace("=", '="') : `"${value}`}"`));
  return [...parts, rest, ...excluded, ...pairs].join("").trim();
}

// Changes that also move what is typed into the filters, if they change such a filter.
function withTypedMoved(changes) {
  const changed = FILTER_NAMES.filter((name) => name in changes);
  if ("q" in changes || !answered.some(({ conditions }) => changed.some((name) => name in conditions))) return changes;
  const moved = [...Object.keys(typed), ...changed];
  return { ...typed, ...changes, q: textWithout(state.q, moved), q2: textWithout(state.q2, moved) };
}

// What only one of two compared searches is limited to.
function ownConditions({ conditions }) {
  const own = Object.entries(conditions).filter(([name]) => !(name in typed));
  const words = own.map(([name, values]) => `${name} ${[values].flat().map((value) => (name in SINGLE ? day(value) : valueName(name, value))).join(" or ")}`);
  return words.length > 0 && make("p.small", {}, "Only ", make("bdi", {}, shortened(words.join(", "), 300)));
}
