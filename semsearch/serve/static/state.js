// What is shown is what the address says: reload, Back and a copied link give the same page.
// A long state stands behind #: no server or proxy on the way limits its length there.

const LONGEST_QUERY_STRING = 2000;

const SINGLE = { q: "", q2: "", since: "", until: "", verdict: "weak", sort: "relevance", copies: "all", shown: "first", interval: "", scale: "share", undated: "", article: "", at: "" };
const REPEATED = ["publisher", "section", "language", "author", "tag"];

let state = read();

function read() {
  const given = pairsOf(location.search + location.hash);
  const found = {};
  for (const [name, usual] of Object.entries(SINGLE)) found[name] = given.get(name) ?? usual;
  for (const name of REPEATED) found[name] = given.getAll(name);
  return found;
}

function pairsOf(address) {
  const [query, fragment] = address.split("#");
  return new URLSearchParams(fragment?.startsWith("?") ? fragment : query.slice(query.indexOf("?") + 1));
}

function addressOf(wanted) {
  const pairs = new URLSearchParams();
  for (const [name, usual] of Object.entries(SINGLE)) if (wanted[name] !== usual) pairs.set(name, wanted[name]);
  for (const name of REPEATED) for (const value of wanted[name]) pairs.append(name, value);
  const text = pairs.toString();
  if (text.length > LONGEST_QUERY_STRING) return `${location.pathname}#?${text}`;
  return text ? `?${text}` : location.pathname;
}

// Change the state and show it; `push` makes a step that Back undoes.
function change(changes, { push = true } = {}) {
  const before = addressOf(state);
  state = { ...state, ...changes };
  if (state.undated === "only" && (changes.since || changes.until)) state.undated = "";  // no date is in no range
  const address = addressOf(state);
  if (address !== before) {
    // How many articles were opened one after the other: so many steps lead back to the results.
    const articles = state.article ? (history.state?.articles ?? 0) + (push ? 1 : 0) : 0;
    history[push ? "pushState" : "replaceState"]({ articles }, "", address);
  }
  show();
}

addEventListener("popstate", () => {
  state = read();
  show();
});

const FILTER_NAMES = ["since", "until", "undated", ...REPEATED];

function isFiltered() {
  return FILTER_NAMES.some((name) => state[name].length);
}

// The filters of a request, but those named.
function filterPairs(without = []) {
  const pairs = [];
  for (const name of FILTER_NAMES) {
    if (without.includes(name)) continue;
    for (const value of [state[name]].flat()) if (value) pairs.push([name, value]);
  }
  return pairs;
}

const LEAST_CONFIDENCE = { none: 0, weak: 0.15, fair: 0.5, strong: 0.9 };
