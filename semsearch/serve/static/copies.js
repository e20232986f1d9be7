// Which of the articles with the same text is shown: the first, as a search gives it, the latest, or the longest.

const SHOWN_COPIES = { first: "the first", latest: "the latest", longest: "the longest" };
const MOST_COPIES = 30;

async function wholeArticle(id) {
  const answer = await ask(`copy ${id}`, `articles/${encodeURIComponent(id)}`, []).catch(() => null);
  return answer ?? null;
}

// Put the wanted copy in a hit's place, where it has the very words of the passage; else the hit stays as it is.
async function withWantedCopy(hit) {
  if (!hit.copies.length) return hit;
  const ids = [hit.article, ...hit.copies].slice(0, MOST_COPIES).map((one) => one.article_id);
  const wholes = (await Promise.all(ids.map(wholeArticle))).filter((one) => one?.text.includes(hit.text));
  const order = { latest: (one) => one.article.published ?? "", longest: (one) => String(one.text.length).padStart(12, "0") }[state.shown];
  const best = wholes.sort((a, b) => order(b).localeCompare(order(a)))[0];
  if (!best || best.article.article_id === hit.article.article_id) return hit;
  const start = Array.from(best.text.slice(0, best.text.indexOf(hit.text))).length;
  const by = start - hit.start;
  const copies = [hit.article, ...hit.copies].filter((one) => one.article_id !== best.article.article_id);
  return { ...hit, article: best.article, start, end: hit.end + by, moved: by, sentence: moveSpan(hit.sentence, by), copies, more: [] };
}

const moveSpan = (span, by) => span && { start: span.start + by, end: span.end + by };

const withWantedCopies = async (hits) => (state.shown === "first" ? hits : Promise.all(hits.map(withWantedCopy)));

function shownChoice() {
  const select = make("select", { id: "shown", onchange: (event) => change({ shown: event.target.value }) }, Object.entries(SHOWN_COPIES).map(([value, label]) => make("option", { value }, label)));
  select.value = state.shown;
  return make("label.choice", { for: "shown" }, "Of articles with the same text show ", select);
}
