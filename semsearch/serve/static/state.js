// The address determines what is shown, so that reload, Back and a copied link give the same page. A long state comes
// after #, where no server or proxy limits its length.

const LONGEST_QUERY_STRING = 2000;

const SINGLE = { q: "", q2: "", since: "", until: "", verdict: "weak", sort: "relevance", copies: "all", shown: "first", interval: "", scale: "share", undated: "", article: "", at: "" };
const REPEATED = ["publisher", "section", "language", "author", "tag"];

let state = readState();

function readState() {
  const parameters = pairsOf(location.search + location.hash);
  const values = {};
  for (const [name, defaultValue] of Object.entries(SINGLE)) values[name] = parameters.get(name) ?? defaultValue;
  for (const name of REPEATED) values[name] = parameters.getAll(name).filter(Boolean);
  return values;
}

function pairsOf(address) {
  const [query, fragment] = address.split("#");
  return new URLSearchParams(fragment?.startsWith("?") ? fragment : query.slice(query.indexOf("?") + 1));
}

function addressOf(values) {
  const pairs = new URLSearchParams();
  for (const [name, defaultValue] of Object.entries(SINGLE)) if (values[name] !== defaultValue) pairs.set(name, values[name]);
  for (const name of REPEATED) for (const value of values[name]) pairs.append(name, value);
  const text = pairs.toString();
  if (text.length > LONGEST_QUERY_STRING) return `${location.pathname}#?${text}`;
  return text ? `?${text}` : location.pathname;
}

let lastGesture = "";

// Changes the state and shows it. Back undoes the change; changes of one gesture, as the letters of a word, are undone at
// once.
function change(changes, gesture = "") {
  const previous = state;
  const previousAddress = addressOf(state);
  state = { ...state, ...withTypedMoved(changes) };
  if (state.undated === "only" && (changes.since || changes.until)) state.undated = "";  // an article without a date is in no range
  const address = addressOf(state);
  if (address !== previousAddress) {
    const push = !gesture || gesture !== lastGesture;
    // The number of articles opened one after the other, and so of steps back to the results; 0 if it is unknown.
    const before = previous.article ? history.state?.articles ?? 0 : 1;
    const articles = state.article ? before && before + (push && previous.article ? 1 : 0) : 0;
    history[push ? "pushState" : "replaceState"]({ articles }, "", address);
  }
  lastGesture = gesture;
  show();
}

addEventListener("popstate", () => {
  lastGesture = "";
  wantedScroll = state.article ? 0 : history.state?.scroll ?? 0;
  state = readState();
  show();
});

const FILTER_NAMES = ["since", "until", "undated", ...REPEATED];

function isFiltered() {
  return FILTER_NAMES.some((name) => inForce()[name].length);
}

// The filters of a request, except those named.
function filterPairs(without = [], values = inForce()) {
  const pairs = [];
  for (const name of FILTER_NAMES) {
    if (without.includes(name)) continue;
    for (const value of [values[name]].flat()) if (value) pairs.push([name, value]);
  }
  return pairs;
}

const LEAST_CONFIDENCE = { none: 0, weak: 0.15, fair: 0.5, strong: 0.9 };
