// Requests to the server: a new one of a kind cancels the older one.

const runningRequests = new Map();

class Problem extends Error {
  constructor(status, body) {
    super(body.detail ?? "The server did not answer.");
    this.status = status;
    this.hint = body.hint ?? "";
    this.kind = (body.type ?? "").split(":").pop();
  }
}

function giveUp(kind) {
  runningRequests.get(kind)?.abort();
  runningRequests.delete(kind);
}

// Requests that belong to one search: they are cancelled when another search begins.
const SEARCH_KINDS = /^(search|articles|facets|timeline|coverage|compare|sentences|more|tag|why|copy)( |$)/;

function giveUpSearch() {
  for (const kind of [...runningRequests.keys()]) if (SEARCH_KINDS.test(kind)) giveUp(kind);
}

// Returns the answer, with the cursor of what follows it; undefined if a newer request of the same kind has begun.
async function ask(kind, path, pairs, { raw = false } = {}) {
  giveUp(kind);
  const controller = new AbortController();
  runningRequests.set(kind, controller);
  try {
    const response = await send(path, pairs, controller.signal);
    const answer = raw ? await response.blob() : await response.json();
    answer.cursor = response.headers.get("Next-Cursor");
    return runningRequests.get(kind) === controller ? answer : undefined;
  } catch (error) {
    if (error.name === "AbortError") return undefined;
    throw error instanceof Problem ? error : new Problem(0, { detail: "The server cannot be reached.", hint: "Is semsearch serve still running?" });
  } finally {
    if (runningRequests.get(kind) === controller) runningRequests.delete(kind);
  }
}

async function send(path, pairs, signal) {
  const text = new URLSearchParams(pairs).toString();
  const headers = token ? { Authorization: `Bearer ${token}` } : {};
  let response;
  for (let attempt = 0; ; attempt++) {
    if (text.length < 6000 || !["search", "facets", "timeline"].includes(path)) {
      response = await fetch(`${path}${text ? `?${text}` : ""}`, { signal, headers });
    } else {
      const options = { method: "POST", signal, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(bodyOf(pairs)) };
      response = await fetch(path, options);
    }
    if (response.status !== 429 || attempt === 2) break;
    await new Promise((done) => setTimeout(done, 400 * (attempt + 1)));
  }
  if (response.ok) return response;
  throw new Problem(response.status, await response.json().catch(() => ({})));
}

const NUMBERS = ["k", "offset", "min_confidence", "limit"];
const BOOLEANS = ["explain", "emphasise", "nearest"];

function bodyOf(pairs) {
  const body = {};
  for (const [name, value] of pairs) {
    if (REPEATED.includes(name) || name === "by") (body[name] ??= []).push(value);
    else body[name] = NUMBERS.includes(name) ? Number(value) : BOOLEANS.includes(name) ? value === "true" : value;
  }
  return body;
}

const queryPairs = (q) => [["q", q], ["syntax", "query"]];

function searchPairs(q, more = [], verdict = state.verdict) {
  const leastConfidence = LEAST_CONFIDENCE[verdict];
  return [...queryPairs(q), ...filterPairs([], state), ["sort", state.sort], ...(leastConfidence ? [["min_confidence", leastConfidence]] : []), ...more];
}

// The question whose hits are listed: if nothing matches, the closest are, and marked as such.
const hitPairs = (q, k) => searchPairs(q, [["k", k], ...(state.verdict === "weak" ? [["nearest", "true"]] : [])]);

function countPairs(q, without = []) {
  return [...(q ? queryPairs(textWithout(q, Object.keys(typed))) : []), ...filterPairs(without), ["verdict", state.verdict], ["copies", state.copies]];
}

// A token stays in this tab; where the browser keeps nothing for pages, until a reload.
let token = "";
try {
  token = sessionStorage.getItem("token") ?? "";
} catch {}

function useToken(text) {
  token = text;
  try {
    sessionStorage.setItem("token", text);
  } catch {}
}

// A token comes after # in the address, where no server sees it.
function takeToken() {
  const match = /^#token=(.+)$/.exec(location.hash);
  if (!match) return;
  try {
    useToken(decodeURIComponent(match[1]));
  } catch {
    useToken(match[1]); // with a bare %
  }
  history.replaceState(null, "", location.pathname + location.search);
}
