// What is shown for a state, and in which order it is asked for: hits first, then what is around them.

let lastAnswer = null;
let shown = ""; // the address of the search that is on screen
let more = 1; // pages of hits
let timer = 0;

const inputs = { q: byId("q"), q2: byId("q2"), verdict: byId("verdict"), sort: byId("sort") };

function show(again = false) {
  for (const [name, input] of Object.entries(inputs)) if (document.activeElement !== input || input.value.trim() !== state[name].trim()) input.value = state[name];
  const comparing = Boolean(state.q2) || byId("compare-button").getAttribute("aria-expanded") === "true";
  byId("second").hidden = !comparing;
  byId("compare-button").setAttribute("aria-expanded", String(comparing));
  if (state.article) showArticle();
  else {
    leaveArticle();
    document.title = state.q ? `${shortened(state.q, 80)} – semsearch` : "semsearch";
  }
  const { scale, ...rest } = state;
  const address = addressOf({ ...rest, article: "", at: "", scale: SINGLE.scale });
  if (address === shown && !again) return void draw();
  shown = address;
  giveUpSearch();
  more = 1;
  showChosen();
  showExports();
  byId("order").hidden = !state.q;
  search();
}

// The hits are there before what is counted around them.
const setBusy = (...ids) => ["results", "facets"].forEach((id) => byId(id).setAttribute("aria-busy", String(ids.includes(id))));

async function search() {
  setBusy("results", "facets");
  byId("timeline").hidden = false;
  try {
    if (state.q.trim() && state.q2.trim()) await searchBoth();
    else if (state.q.trim()) await searchOne();
    else await browse();
    showProblem(null);
  } catch (problem) {
    showProblem(problem);
  } finally {
    if (!running.has("search")) setBusy();
  }
}

function showProblem(problem) {
  const line = byId("problem");
  // What is half typed is no error of the page: the hits that are there stay.
  const small = problem?.status === 400 && byId("lists").childNodes.length > 0;
  line.hidden = !small;
  line.textContent = small ? [problem.message, problem.hint].filter(Boolean).map(capitalised).join(". ") : "";
  if (problem && !small) {
    fill(byId("state"), problemNote(problem));
    fill(byId("lists"));
    fill(byId("facets")); // what was counted for another search is not to stand beside this one
    byId("timeline").hidden = true;
    fill(byId("summary"), "No answer");
    say(problem.message);
  }
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const COUNTING_MS = 90;
const SENTENCES_MS = 260;

async function searchOne() {
  const q = state.q;
  const address = shown;
  let answer = await ask("search", "search", searchPairs(q, [["k", PAGE]]));
  // Where nothing matches, the closest there is is shown, marked so.
  const nearest = answer && !answer.hits.length && answer.total > 0 && state.verdict === "weak";
  if (nearest) answer = await ask("search", "search", searchPairs(q, [["k", PAGE]], "none"));
  if (!answer) return;
  answer = { ...answer, hits: await withWantedCopies(answer.hits) };
  if (address !== shown) return;
  lastAnswer = answer;
  fill(byId("state"), answerNote(answer));
  const list = hitList(answer, q);
  fill(byId("lists"), list, nearest ? null : moreButton(list, answer, q));
  fill(byId("summary"), count(answer.hits.length, "result"));
  say(`${VERDICTS[answer.verdict][0]}: ${count(answer.hits.length, "result")}`);
  setBusy("facets");
  // Counting and finding sentences is work: both wait until nobody types any more.
  await pause(COUNTING_MS);
  if (lastAnswer !== answer) return;
  await around(async () => {
    await pause(SENTENCES_MS);
    if (!nearest) markSentences(list, q).catch(showProblem);
  });
}

function moreButton(list, answer, q) {
  if (answer.hits.length < PAGE) return null;
  const button = make("button.more-hits", { type: "button" }, "More results");
  button.addEventListener("click", async () => {
    const next = await ask("more", "search", searchPairs(q, [["k", PAGE], ["offset", PAGE * more]])).catch(showProblem);
    if (!next) return;
    more += 1;
    next.hits = await withWantedCopies(next.hits);
    const cards = next.hits.map((hit) => hitCard(hit, q));
    append(list, cards);
    lastAnswer = { ...lastAnswer, hits: [...lastAnswer.hits, ...next.hits] };
    cards[0]?.querySelector("a").focus();
    say(`${count(next.hits.length, "more result")}`);
    markSentences(list, q).catch(showProblem);
    if (next.hits.length < PAGE) button.remove();
  });
  return button;
}

async function searchBoth() {
  const queries = [state.q, state.q2];
  const address = shown;
  const answers = await Promise.all(queries.map((q, at) => ask(at ? "search 2" : "search", "search", searchPairs(q, [["k", PAGE]]))));
  if (answers.some((answer) => !answer)) return;
  for (const answer of answers) answer.hits = await withWantedCopies(answer.hits);
  if (address !== shown) return;
  lastAnswer = { hits: answers.flatMap((answer) => answer.hits) };
  fill(byId("state"));
  const table = make("div.table-place", {});
  const lists = answers.map((answer, at) => hitList(answer, queries[at]));
  const columns = answers.map((answer, at) => make(`section.column-${at + 1}`, {}, make("h2", {}, make("bdi", {}, shortened(queries[at], 80))), answerNote(answer), lists[at]));
  fill(byId("lists"), table, make("div.two", {}, columns));
  fill(byId("summary"), "Two searches");
  say(`Compared: ${answers.map((answer) => count(answer.hits.length, "result")).join(" and ")}`);
  await around(async () => {
    const counted = await loadComparison();
    if (counted.every(Boolean)) fill(table, comparisonTable(counted));
    await pause(SENTENCES_MS);
    lists.forEach((list, at) => markSentences(list, queries[at]).catch(showProblem));
  });
}

async function browse() {
  lastAnswer = null;
  const articles = await ask("articles", "articles", [...filterPairs(), ["limit", LATEST]]);
  if (!articles) return;
  const none = articles.length ? null : note("none", isFiltered() ? "Nothing here meets these filters" : "This index is empty", isFiltered() ? removeFilters() : make("p", {}, "Add articles with: semsearch add PATH… -i DIR"));
  fill(byId("state"), none);
  fill(byId("lists"), latestList(articles));
  fill(byId("summary"), articles.length ? "Latest articles" : "No articles");
  await around(async () => {});
}

// What stands around the hits: each shown as it comes, none of it keeps the others waiting. Only the timeline comes after
// the facets: both need the same pass over the articles, and the server can answer somebody else meanwhile.
async function around(rest) {
  const address = shown;
  const counted = loadFacets().then((answer) => {
    if (!answer) return;
    showFacets(answer);
    if (state.q && !state.q2) fill(byId("summary"), `${number.format(answer.matching)} of ${count(answer.total, "article")} match`);
    if (!state.q && answer.total) fill(byId("summary"), `${count(answer.total, "article")}${answer.total > 1 ? ", latest first" : ""}`);
  });
  const drawn = counted.catch(() => null).then(async () => {
    const answer = address === shown && (await loadTimeline());
    if (answer) showTimeline(answer);
  });
  const covered = ask("coverage", "coverage", filterPairs()).then(async (answer) => {
    await counted.catch(() => null); // which stand above it on many screens, and would move it
    if (!answer || address !== shown) return;
    coverageLast ??= answer.last;
    showCoverage(answer);
  });
  for (const outcome of await Promise.allSettled([counted, drawn, covered, rest()])) if (outcome.status === "rejected") throw outcome.reason;
}

// Typing

const TYPING_MS = 10; // what is asked for at each key is given up at the next

function typed(name) {
  clearTimeout(timer);
  timer = setTimeout(() => change({ [name]: inputs[name].value }, { push: false }), TYPING_MS);
}

for (const name of ["q", "q2"]) {
  inputs[name].addEventListener("input", () => typed(name));
  inputs[name].form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(timer);
    // A search that is sent is a step that Back undoes.
    history.pushState(null, "", location.href);
    change({ [name]: inputs[name].value, article: "", at: "" }, { push: false });
    rememberRecent();
  });
}
inputs.verdict.addEventListener("change", () => change({ verdict: inputs.verdict.value }));
inputs.sort.addEventListener("change", () => change({ sort: inputs.sort.value }));

byId("help-button").addEventListener("click", toggleHelp);
byId("save-button").addEventListener("click", saveSearch);
byId("compare-button").addEventListener("click", () => {
  const opening = byId("compare-button").getAttribute("aria-expanded") !== "true";
  byId("compare-button").setAttribute("aria-expanded", String(opening));
  byId("second").hidden = !opening;
  if (opening) byId("q2").focus();
  else change({ q2: "" });
});
byId("copy-link").addEventListener("click", async (event) => {
  await copyText(location.href, "Link copied");
  event.target.textContent = "Copied";
  setTimeout(() => (event.target.textContent = "Copy link"), 1600);
});

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // what follows # may be the state
  byId("results").focus();
});
byId("gaps").addEventListener("click", () => byId("coverage").scrollIntoView());

function toggleHelp() {
  const help = byId("help");
  help.hidden = !help.hidden;
  byId("help-button").setAttribute("aria-expanded", String(!help.hidden));
}

// Keys

const links = () => [...document.querySelectorAll("#lists .hit h2 a")];

function moveTo(by) {
  const all = links();
  if (!all.length) return;
  const at = all.indexOf(document.activeElement);
  if (at === 0 && by < 0) return void inputs.q.focus();
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  next.focus({ preventScroll: true });
  next.closest(".hit").scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.target.closest?.("dialog") || event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape") {
    if (!byId("help").hidden) toggleHelp();
    else if (byId("export").open) byId("export").open = false;
    else if (state.article) closeArticle();
    else return;
    event.preventDefault();
  } else if (event.target === inputs.q && event.key === "ArrowDown") {
    event.preventDefault();
    moveTo(1);
  } else if (typing) return;
  else if (event.key === "/") {
    event.preventDefault();
    inputs.q.focus();
    inputs.q.select();
  } else if (event.key === "?") toggleHelp();
  else if (state.article && (event.key === "[" || event.key === "]")) stepMark(event.key === "]" ? 1 : -1);
  else if (!state.article && (event.key === "ArrowDown" || event.key === "ArrowUp") && (event.target === document.body || event.target.closest("#lists"))) {
    event.preventDefault();
    moveTo(event.key === "ArrowDown" ? 1 : -1);
  }
});

addEventListener("click", (event) => {
  if (byId("export").open && !byId("export").contains(event.target)) byId("export").open = false;
});

history.scrollRestoration = "manual";
byId("filters").open = matchMedia("(min-width: 60rem)").matches;
takeToken();
showSaved();
show();
if (!state.q && !state.article && matchMedia("(pointer: fine)").matches) inputs.q.focus();
