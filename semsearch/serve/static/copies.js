// The choice of which of several articles with the same text is shown: the first, as in a search's answer, the latest,
// the longest, or that of an outlet.

const SHOWN_COPIES = { first: "the first", latest: "the latest", longest: "the longest" };
const OF_OUTLET = "of:";
const MOST_COPIES = 30;

async function wholeArticle(id) {
  const answer = await ask(`copy ${id}`, `articles/${encodeURIComponent(id)}`, []).catch(() => null);
  return answer ?? null;
}

const byDate = (a, b) => inUtc(a.published).localeCompare(inUtc(b.published));

// The articles that may be shown instead of a hit's, likeliest first, as far as that can be told without their texts.
function likelyCopies(hit) {
  const carriers = [hit.article, ...hit.copies];
  if (!state.shown.startsWith(OF_OUTLET)) return state.shown === "latest" ? carriers.sort(byDate).reverse() : carriers;
  const outlet = state.shown.slice(OF_OUTLET.length);
  return carriers.filter((article) => same(article.publisher ?? "", outlet)).sort(byDate);
}

// Returns the hit with the wanted copy if that has exactly the words of the passage, else the hit as it is.
async function withWantedCopy(hit) {
  if (!hit.copies.length) return hit;
  const likely = likelyCopies(hit).slice(0, MOST_COPIES);
  if (!likely.length || (state.shown !== "longest" && likely[0] === hit.article)) return hit;
  const candidates = (await Promise.all(likely.map(({ article_id: id }) => wholeArticle(id)))).filter((candidate) => candidate?.text.includes(hit.text));
  if (state.shown === "longest") candidates.sort((a, b) => b.text.length - a.text.length);
  const [best] = candidates;
  if (!best || best.article.article_id === hit.article.article_id) return hit;
  const start = Array.from(best.text.slice(0, best.text.indexOf(hit.text))).length;
  const shift = start - hit.start;
  const copies = [hit.article, ...hit.copies].filter((candidate) => candidate.article_id !== best.article.article_id);
  return { ...hit, article: best.article, start, end: hit.end + shift, moved: shift, sentence: moveSpan(hit.sentence, shift), copies, more: [] };
}

const moveSpan = (span, shift) => span && { start: span.start + shift, end: span.end + shift };

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
