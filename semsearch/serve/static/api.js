// Requests: the newest of each kind counts, an older one is given up.

const running = new Map();

class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? "The server did not answer.");
    this.status = status;
    this.hint = body.hint ?? "";
    this.kind = (body.type ?? "").split(":").pop();
  }
}

function giveUp(kind) {
  running.get(kind)?.abort();
  running.delete(kind);
}

// What belongs to a search that nobody waits for any more: the server need not begin with it.
const OF_A_SEARCH = /^(search|articles|facets|timeline|coverage|compare|sentences|more|tag|why|copy)( |$)/;

function giveUpSearch() {
  for (const kind of [...running.keys()]) if (OF_A_SEARCH.test(kind)) giveUp(kind);
}

// Returns the answer, or undefined where a newer request of the kind has begun.
async function ask(kind, path, pairs, { raw = false } = {}) {
  giveUp(kind);
  const controller = new AbortController();
  running.set(kind, controller);
  try {
    const response = await send(path, pairs, controller.signal);
    const answer = raw ? await response.blob() : await response.json();
    return running.get(kind) === controller ? answer : undefined;
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    throw error instanceof Problem ? error : new Problem(0, { detail: "The server cannot be reached.", hint: "Is semsearch serve still running?" });
  } finally {
    if (running.get(kind) === controller) running.delete(kind);
  }
}

async function send(path, pairs, signal) {
  const text = new URLSearchParams(pairs).toString();
  const token = sessionStorage.getItem("token");
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  let response;
  for (let tries = 0; ; tries++) {
    if (text.length < 6000 || !["search", "facets", "timeline"].includes(path)) {
      response = await fetch(`${path}${text ? `?${text}` : ""}`, { signal, headers });
    } else {
      const options = { method: "POST", signal, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(bodyOf(pairs)) };
      response = await fetch(path, options);
    }
    if (response.status !== 429 || tries === 2) break;
    await new Promise((done) => setTimeout(done, 400 * (tries + 1)));
  }
  if (response.ok) return response;
  throw new Problem(response.status, await response.json().catch(() => ({})));
}

const NUMBERS = ["k", "offset", "min_confidence", "limit"];
const TRUTHS = ["explain", "emphasise"];

function bodyOf(pairs) {
  const body = {};
  for (const [name, value] of pairs) {
    if (REPEATED.includes(name) || name === "by") (body[name] ??= []).push(value);
    else body[name] = NUMBERS.includes(name) ? Number(value) : TRUTHS.includes(name) ? value === "true" : value;
  }
  return body;
}

const queryPairs = (q) => [["q", q], ["syntax", "query"]];

function searchPairs(q, more = [], verdict = state.verdict) {
  const least = LEAST_CONFIDENCE[verdict];
  return [...queryPairs(q), ...filterPairs(), ["sort", state.sort], ...(least ? [["min_confidence", least]] : []), ...more];
}

function countPairs(q, without = []) {
  return [...(q ? queryPairs(q) : []), ...filterPairs(without), ["verdict", state.verdict], ["copies", state.copies]];
}

// A token comes in the address behind #, which no server sees, and stays in this tab.
function takeToken() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (!match) return;
  sessionStorage.setItem("token", decodeURIComponent(match[1]));
  history.replaceState(null, "", location.pathname + location.search);
}
