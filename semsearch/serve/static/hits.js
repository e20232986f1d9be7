// Hits, one card for each article.

const PAGE = 10; // more than a screen shows, and few enough to appear at once
const LATEST = 20; // articles that are listed without a search
const MARKED_AT_ONCE = 5;
const TITLE_CHARACTERS = 280;
const PASSAGE_CHARACTERS = 700;

const UNTITLED_CHARACTERS = 90;

function titleOf(article, text = "") {
  if (!isBlank(article.title)) return shortened(article.title, TITLE_CHARACTERS);
  return isBlank(text) ? "Untitled" : shortened(text, UNTITLED_CHARACTERS);
}

function metaLine(article, marks = []) {
  const facts = [article.publisher && make("b", {}, shortened(article.publisher, 80)), day(article.published), article.section && shortened(article.section, 60), article.language && article.language !== "en" && valueName("language", article.language), ...marks];
  return make("p.meta", {}, facts.filter(Boolean).map((fact, index) => [index > 0 && " · ", make("bdi", {}, fact)]));
}

function articleAddress(id, span = "") {
  return addressOf({ ...state, article: id, at: span });
}

// A link that opens an article in this page; a middle click opens it in a new tab.
function articleLink(id, span, ...children) {
  const open = (event) => {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
    event.preventDefault();
    rememberRecent();
    rememberPlace();
    change({ article: id, at: span });
  };
  return make("a", { href: articleAddress(id, span), onclick: open, "data-article": id }, children);
}

function passageText(hit) {
  const slice = slicer(hit.text);
  const part = (start, end) => shortened(slice(start, end), PASSAGE_CHARACTERS).replace(/\n\s*\n/g, "\n");
  if (!hit.sentence) return [part(0)];
  const [start, end] = [hit.sentence.start - hit.start, hit.sentence.end - hit.start];
  return [part(0, start), make("mark", {}, part(start, end)), part(end)];
}

function hitCard(hit, q) {
  const { article } = hit;
  const span = `${hit.start}-${hit.end}`;
  const lang = article.language ?? undefined;
  const foot = make("div.foot", {}, copiesPart(hit), morePart(hit), whyPart(hit, q), doneButton("Copy quotation", async () => copiedOrNot(await copyText(quotation(article, hit.text, hit.start, hit.end), "Quotation copied"))));
  return make("li.hit", { "data-passage": hit.passage_id },
    make("div.head", {}, metaLine(article, hit.marks), verdictMark(hit.verdict)),
    make("h2", { dir: "auto", lang }, articleLink(article.article_id, span, titleOf(article, hit.text))),
    make("p.passage", { dir: "auto", lang }, passageText(hit)),
    foot);
}

function copiesPart(hit) {
  if (!hit.copies.length) return null;
  const carriers = [hit.article, ...hit.copies];
  const dated = carriers.filter((copy) => copy.published).sort(byDate);
  const roles = new Map(dated.length > 1 ? [[dated[0], "first"], [dated.at(-1), "latest"]] : []);
  const outletOf = (copy) => copy.publisher ?? copy.url ?? copy.article_id;
  const others = new Set(hit.copies.map(outletOf)).size - hit.copies.some((copy) => outletOf(copy) === outletOf(hit.article));
  const rows = [...dated, ...carriers.filter((copy) => !copy.published)].map((copy) => make("li", {}, articleLink(copy.article_id, "", make("bdi", {}, shortened(copy.publisher ?? titleOf(copy), 80))), ` ${day(copy.published)} `, roles.has(copy) && make("span.tag", {}, roles.get(copy))));
  return make("details", {}, make("summary", {}, others ? `Also in ${count(others, "outlet")}` : `${count(hit.copies.length, "more time")} in this outlet`), make("ol.copies", {}, rows));
}

function morePart(hit) {
  if (!hit.more.length) return null;
  const rows = hit.more.map((passage) => make("li", { dir: "auto", lang: hit.article.language ?? undefined }, articleLink(hit.article.article_id, `${passage.start}-${passage.end}`, shortened(passage.text, 300))));
  return make("details", {}, make("summary", {}, count(hit.more.length, "more passage")), make("ul.more", {}, rows));
}

const SIGNALS = { dense: "meaning of the passage", dense_article: "meaning of the whole article", lexical: "words of the passage", lexical_article: "words of the whole article" };

function whyPart(hit, q) {
  const body = make("div.why", {}, "…");
  const load = async () => {
    if (body.dataset.loaded) return;
    body.dataset.loaded = "yes";
    const find = async (k, offset) => {
      const pairs = searchPairs(q, [["k", k], ["offset", offset], ["explain", "true"]], hit.verdict === "none" ? "none" : state.verdict);
      const answer = await ask(`why ${hit.passage_id}`, "search", pairs).catch(() => null);
      return answer?.hits.find((candidate) => candidate.passage_id === hit.passage_id);
    };
    // Newer articles may have moved the hit down.
    const explained = (await find(1, hit.rank - 1)) ?? (await find(50, hit.rank - 1));
    if (!explained) {
      delete body.dataset.loaded;
      return void fill(body, "The reasons cannot be shown now.");
    }
    const { parts, terms, words } = explained.explanation;
    const most = Math.max(...Object.values(parts), 1e-9);
    const rows = Object.entries(parts).map(([name, value]) => make("div.part", {}, make("span", {}, SIGNALS[name] ?? name), make("meter", { min: 0, max: most, value: Math.max(0, value), "aria-label": SIGNALS[name] ?? name }), make("span.number", {}, value.toFixed(3))));
    const telling = [...(words ?? [])].filter((word) => word.text).sort((a, b) => b.value - a.value);
    const strongest = [...new Set(telling.map((word) => word.text))].slice(0, 6);
    fill(body, rows,
      terms.length > 0 && make("p", {}, "Words of the query found: ", terms.slice(0, 8).map((term) => term.text).join(", ")),
      strongest.length > 0 && make("p", {}, "Words that speak most for it: ", strongest.join(", ")),
      make("p", {}, `Confidence ${percent(explained.confidence)}, score ${explained.score.toFixed(3)}`));
  };
  return make("details", { ontoggle: load }, make("summary", {}, "Why"), body);
}

function hitList(answer, q) {
  return make("ol.hits", { "aria-label": `Results for ${shortened(q, 80)}` }, answer.hits.map((hit) => hitCard(hit, q)));
}

const sentenceCursors = new WeakMap(); // list -> where its sentences go on

// Finding the best sentences takes the server time: they are requested for a few hits at a time, near the reader.
async function markSentences(list, q) {
  const first = list.querySelectorAll("[data-marked]").length;
  const cards = [...list.querySelectorAll(".hit")].slice(first, first + MARKED_AT_ONCE);
  if (!cards.length) return;
  await isReached(cards[0]);
  if (!list.isConnected || "marked" in cards[0].dataset) return;
  const place = sentenceCursors.has(list) ? ["cursor", sentenceCursors.get(list)] : ["offset", first];
  const answer = await ask(`sentences ${q}`, "search", [...searchPairs(q, [["k", MARKED_AT_ONCE], ["emphasise", "true"]]), place]).catch((problem) => showFailed("The best sentences cannot be marked", problem));
  if (!answer || !list.isConnected) return;
  if (answer.cursor) sentenceCursors.set(list, answer.cursor);
  const sentences = new Map(answer.hits.map((hit) => [hit.passage_id, hit.sentence]));
  for (const card of cards) {
    card.dataset.marked = "";
    const hit = lastAnswer?.hits.find((candidate) => candidate.passage_id === card.dataset.passage);
    const sentence = sentences.get(card.dataset.passage);
    if (!hit || !sentence) continue;
    hit.sentence = moveSpan(sentence, hit.moved ?? 0);
    fill(card.querySelector(".passage"), passageText(hit));
  }
  return markSentences(list, q);
}

// Resolves when an element comes near the visible part of the page.
function isReached(element) {
  return new Promise((done) => {
    const observer = new IntersectionObserver((entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      done();
    }, { rootMargin: "400px" });
    observer.observe(element);
  });
}

function articleCard(article) {
  return make("li.hit", {}, make("div.head", {}, metaLine(article)), make("h2", { dir: "auto", lang: article.language ?? undefined }, articleLink(article.article_id, "", titleOf(article))));
}
