// Which of the articles with the same text is shown: the first, as a search gives it, the latest, the longest, or that
// of an outlet.

const SHOWN_COPIES = { first: "the first", latest: "the latest", longest: "the longest" };
const OF_OUTLET = "of:";
const MOST_COPIES = 30;

async function wholeArticle(id) {
  const answer = await ask(`copy ${id}`, `articles/${encodeURIComponent(id)}`, []).catch(() => null);
  return answer ?? null;
}

const byDate = (a, b) => (a.published ?? "").localeCompare(b.published ?? "");

// The articles that may be shown in a hit's place, the likeliest first, as far as that is known without their texts.
function likelyCopies(hit) {
  const every = [hit.article, ...hit.copies];
  if (!state.shown.startsWith(OF_OUTLET)) return state.shown === "latest" ? every.sort(byDate).reverse() : every;
  const outlet = state.shown.slice(OF_OUTLET.length);
  return every.filter((article) => same(article.publisher ?? "", outlet)).sort(byDate);
}

// Put the wanted copy in a hit's place, where it has the very words of the passage; else the hit stays as it is.
async function withWantedCopy(hit) {
  if (!hit.copies.length) return hit;
  const likely = likelyCopies(hit).slice(0, MOST_COPIES);
  if (!likely.length || (state.shown !== "longest" && likely[0] === hit.article)) return hit;
  const wholes = (await Promise.all(likely.map(({ article_id: id }) => wholeArticle(id)))).filter((one) => one?.text.includes(hit.text));
  if (state.shown === "longest") wholes.sort((a, b) => b.text.length - a.text.length);
  const [best] = wholes;
  if (!best || best.article.article_id === hit.article.article_id) return hit;
  const start = Array.from(best.text.slice(0, best.text.indexOf(hit.text))).length;
  const by = start - hit.start;
  const copies = [hit.article, ...hit.copies].filter((one) => one.article_id !== best.article.article_id);
  return { ...hit, article: best.article, start, end: hit.end + by, moved: by, sentence: moveSpan(hit.sentence, by), copies, more: [] };
}

const moveSpan = (span, by) => span && { start: span.start + by, end: span.end + by };

const withWantedCopies = async (hits) => (state.shown === "first" ? hits : Promise.all(hits.map(withWantedCopy)));

function shownChoice() {
  const option = (value, label) => make("option", { value }, label);
  const chosen = state.shown.startsWith(OF_OUTLET) ? [state.shown.slice(OF_OUTLET.length)] : [];
  const names = [...new Set([...chosen, ...outlets])];
  const ofOutlets = names.length > 0 && make("optgroup", { label: "that of" }, names.map((name) => option(OF_OUTLET + name, shortened(name, 60))));
  const select = make("select", { id: "shown", onchange: (event) => change({ shown: event.target.value }) }, Object.entries(SHOWN_COPIES).map(([value, label]) => option(value, label)), ofOutlets);
  select.value = state.shown;
  return make("label.choice", { for: "shown" }, "Of articles with the same text show ", select);
}
