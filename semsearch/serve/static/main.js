// Shows the page for a state: requests the hits first, then what is shown around them.

let lastAnswer = null;
let wantedScroll = state.article ? 0 : history.state?.scroll ?? 0; // after Back or a reload
let shownAddress = ""; // the address of the search that is on screen

const inputs = { q: byId("q"), q2: byId("q2"), verdict: byId("verdict"), sort: byId("sort") };

function show(again = false) {
  for (const [name, input] of Object.entries(inputs)) if (document.activeElement !== input || input.value.trim() !== state[name].trim()) input.value = state[name];
  const comparing = Boolean(state.q2) || byId("compare-button").getAttribute("aria-expanded") === "true";
  byId("second").hidden = !comparing;
  byId("compare-button").setAttribute("aria-expanded", String(comparing));
  if (state.article) showArticle(again);
  else {
    leaveArticle();
    document.title = state.q ? `${shortened(state.q, 80)} – semsearch` : "semsearch";
  }
  const { scale, ...searchState } = state;
  const address = addressOf({ ...searchState, article: "", at: "", scale: SINGLE.scale });
  if (address === shownAddress && !again) {
    wantedScroll = 0;
    return void draw();
  }
  shownAddress = address;
  giveUpSearch();
  search(); // first of all, so that the server computes meanwhile
  showChosen();
  showExports();
  byId("order").hidden = !state.q;
}

// Marks parts of the page as loading; the hits arrive before the counts.
const setBusy = (...ids) => ["results", "facets"].forEach((id) => byId(id).setAttribute("aria-busy", String(ids.includes(id))));

let searches = 0; // that have begun

async function search() {
  const which = ++searches;
  setBusy("results", "facets");
  byId("timeline").hidden = false;
  try {
    if (state.q.trim() && state.q2.trim()) await searchBoth();
    else if (state.q.trim()) await searchOne();
    else await browse();
  } catch (problem) {
    showProblem(problem);
  } finally {
    if (which === searches) setBusy();
  }
}

// Shows that the hits could not be found.
function showProblem(problem) {
  // A half-typed query is a minor problem: the hits on screen stay.
  if (problem.status === 400 && byId("lists").childNodes.length) return void showLine(reasonOf(problem));
  showLine("");
  fill(byId("state"), problemNote(problem, !state.article)); // an article asks for the token itself
  fill(byId("lists"));
  fill(byId("facets")); // the counts of another search must not stay
  byId("timeline").hidden = true;
  fill(byId("summary"), "No answer");
  say(problem.message);
}

// Shows the hits of an answer; what failed before is over.
function showHits(note, ...lists) {
  showLine("");
  keepingFocus(byId("results"), () => {
    fill(byId("state"), note);
    fill(byId("lists"), lists);
  });
  if (wantedScroll) scrollTo(0, wantedScroll);
  wantedScroll = 0;
}

// Tells a screen reader of hits, unless an article is open before them.
const sayHits = (text) => state.article || say(text);

function showLine(text) {
  byId("problem").hidden = !text;
  byId("problem").textContent = text;
}

// Says that something beside the hits failed; the hits stay.
function showFailed(what, problem) {
  const text = `${what}: ${reasonOf(problem)}`;
  showLine(text);
  say(text);
}

const pause = (ms) => new Promise((done) => setTimeout(done, ms));
const COUNTING_MS = 90;
const SENTENCES_MS = 260;

async function searchOne() {
  const q = state.q;
  const address = shownAddress;
  let answer = await ask("search", "search", hitPairs(q, PAGE));
  if (!answer) return;
  const nearest = state.verdict === "weak" && answer.verdict === "none";
  answer = { ...answer, nearest, hits: await withWantedCopies(answer.hits) };
  if (address !== shownAddress) return;
  lastAnswer = answer;
  takeTyped([q], [answer]);
  showChosen();
  const list = hitList(answer, q);
  showHits(answerNote(answer), list, !nearest && moreHits(list, answer, q));
  fill(byId("summary"), count(answer.hits.length, "result"));
  sayHits(`${VERDICTS[answer.verdict][0]}: ${count(answer.hits.length, "result")}`);
  setBusy("facets");
  // Counting and finding sentences take the server time: both wait until the user stops typing.
  await pause(COUNTING_MS);
  if (lastAnswer !== answer) return;
  await around(async () => {
    await pause(SENTENCES_MS);
    if (!nearest) markSentences(list, q);
  });
}

// A button below a list for what follows; `loadMore` returns the next cards, and whether there are others.
function moreButton(list, loadMore) {
  const button = make("button.more-hits", { type: "button" }, "More results");
  button.addEventListener("click", async () => {
    const next = await loadMore().catch((problem) => showFailed("More results cannot be shown", problem));
    if (!next) return;
    append(list, next.cards);
    (next.cards[0] ?? list.lastChild).querySelector("a").focus();
    say(count(next.cards.length, "more result"));
    if (!next.hasMore) button.remove();
  });
  return button;
}

function moreHits(list, answer, q) {
  let { cursor } = answer; // goes on in the state of the index that the first hits came from
  return cursor && moreButton(list, async () => {
    const next = await ask("more", "search", [...hitPairs(q, PAGE), ["cursor", cursor]]);
    if (!next) return undefined;
    ({ cursor } = next);
    next.hits = await withWantedCopies(next.hits);
    lastAnswer = { ...lastAnswer, hits: [...lastAnswer.hits, ...next.hits] };
    setTimeout(() => markSentences(list, q)); // once they are in the list
    return { cards: next.hits.map((hit) => hitCard(hit, q)), hasMore: Boolean(cursor) };
  });
}

function moreArticles(list, articles) {
  const shown = new Set(articles.map((article) => article.article_id));
  let offset = LATEST;
  return articles.length === LATEST && moreButton(list, async () => {
    const next = await ask("more", "articles", [...filterPairs(), ["limit", LATEST], ["offset", offset]]);
    if (!next) return undefined;
    offset += LATEST;
    const others = next.filter((article) => !shown.has(article.article_id)); // newer ones have moved them down
    for (const article of others) shown.add(article.article_id);
    return { cards: others.map(articleCard), hasMore: next.length === LATEST };
  });
}

async function searchBoth() {
  const queries = [state.q, state.q2];
  const address = shownAddress;
  const answers = await Promise.all(queries.map((q, index) => ask(index ? "search 2" : "search", "search", searchPairs(q, [["k", PAGE]]))));
  if (answers.some((answer) => !answer)) return;
  for (const answer of answers) answer.hits = await withWantedCopies(answer.hits);
  if (address !== shownAddress) return;
  lastAnswer = { hits: answers.flatMap((answer) => answer.hits) };
  takeTyped(queries, answers);
  showChosen();
  const table = make("div.table-place", {});
  const lists = answers.map((answer, index) => hitList(answer, queries[index]));
  const columns = answers.map((answer, index) => make(`section.column-${index + 1}`, {}, make("h2", {}, make("bdi", {}, shortened(queries[index], 80))), ownConditions(answered[index]), answerNote(answer), lists[index]));
  showHits(null, table, make("div.two", {}, columns));
  fill(byId("summary"), "Two searches");
  sayHits(`Compared: ${answers.map((answer) => count(answer.hits.length, "result")).join(" and ")}`);
  await around(async () => {
    await showPart(table, "The table", loadComparison, (comparison) => fill(table, comparisonTable(comparison)));
    await pause(SENTENCES_MS);
    lists.forEach((list, index) => markSentences(list, queries[index]));
  });
}

async function browse() {
  lastAnswer = null;
  takeTyped([], []);
  const articles = await ask("articles", "articles", [...filterPairs(), ["limit", LATEST]]);
  if (!articles) return;
  const none = articles.length ? null : note("none", isFiltered() ? "Nothing here meets these filters" : "This index is empty", isFiltered() ? removeFilters() : make("p", {}, "Add articles with: semsearch add PATH… -i DIR"));
  const list = make("ol.hits", { "aria-label": "Latest articles" }, articles.map(articleCard));
  showHits(none, list, moreArticles(list, articles));
  fill(byId("summary"), articles.length ? "Latest articles" : "No articles");
  await around(async () => {});
}

// Loads what is shown around the hits, each part as soon as it arrives. The timeline waits for the facets: both need the
// same pass over the articles, and the server can answer somebody else meanwhile. Coverage waits too: on many screens
// it would be moved by them.
async function around(task) {
  const address = shownAddress;
  const facetsShown = showPart(byId("facets"), "The filters", loadFacets, (answer) => {
    showFacets(answer);
    if (state.q && !state.q2) fill(byId("summary"), `${number.format(answer.matching)} of ${count(answer.total, "article")} match`);
    if (!state.q && answer.total) fill(byId("summary"), `${count(answer.total, "article")}${answer.total > 1 ? ", latest first" : ""}`);
  });
  const othersShown = facetsShown.then(() => {
    if (address !== shownAddress) return undefined;
    const loadCoverage = () => ask("coverage", "coverage", filterPairs());
    return Promise.all([
      showPart(byId("timeline"), "The timeline", () => loadTimeline(), showTimeline),
      showPart(byId("coverage"), "What is not here", loadCoverage, showCoverage),
    ]);
  });
  await Promise.all([facetsShown, othersShown, task()]);
}

// Loads and shows a part of the page; if that fails, says so in its place, and the rest of the page stays.
async function showPart(place, name, load, show) {
  const address = shownAddress;
  try {
    const answer = await load();
    if (answer && address === shownAddress) show(answer);
  } catch (problem) {
    if (address !== shownAddress) return;
    const again = make("button.plain", { type: "button", onclick: () => showPart(place, name, load, show) }, "Try again");
    place.hidden = false;
    fill(place, make("p.failed", {}, `${name} cannot be shown. ${reasonOf(problem)} `, again));
    say(`${name} cannot be shown`);
  }
}

// Typing: the request of each key is cancelled at the next

for (const name of ["q", "q2"]) {
  inputs[name].addEventListener("input", () => change({ [name]: inputs[name].value, article: "", at: "" }, name));
  inputs[name].form.addEventListener("submit", (event) => {
    event.preventDefault();
    change({ [name]: inputs[name].value, article: "", at: "" }, name);
    lastGesture = ""; // what is typed now is another search
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
doneButton("Copy link", async () => copiedOrNot(await copyText(location.href, "Link copied")), byId("copy-link"));

byId("skip").addEventListener("click", (event) => {
  event.preventDefault(); // the part after # may be the state
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

function moveTo(step) {
  const titles = links();
  if (!titles.length) return;
  const index = titles.indexOf(document.activeElement);
  if (index === 0 && step < 0) return void inputs.q.focus();
  const nextTitle = titles[Math.max(0, Math.min(titles.length - 1, index + step))];
  nextTitle.focus({ preventScroll: true });
  nextTitle.closest(".hit").scrollIntoView({ block: "nearest" });
}

addEventListener("keydown", (event) => {
  if (event.target.closest?.("dialog") || event.defaultPrevented || event.metaKey) return;
  if (event.isComposing) return; // the keys choose among what an input method offers
  const isBracket = event.key === "[" || event.key === "]"; // many keyboards have them with Alt or AltGr
  if ((event.ctrlKey || event.altKey) && !isBracket) return;
  const typing = event.target.matches("input:not([type=checkbox]), textarea, select");
  if (event.key === "Escape") {
    if (!byId("help").hidden) toggleHelp();
    else if (byId("export").open) closeExports();
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
  else if (state.article && isBracket) stepMark(event.key === "]" ? 1 : -1);
  else if (!state.article && (event.key === "ArrowDown" || event.key === "ArrowUp") && (event.target === document.body || event.target.id === "results" || event.target.closest("#lists"))) {
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
