// One article, with the passage and others that match marked, and the way back to its hit in the list.

let shownArticle = "";
let marks = []; // the first of each passage
let markIndex = -1;

// Keeps with the address where the reader is in the list.
function rememberPlace() {
  if (!state.article) history.replaceState({ ...history.state, scroll: scrollY, id: document.activeElement?.dataset?.article }, "");
}
addEventListener("scrollend", rememberPlace);

async function showArticle(again) {
  const view = byId("article-view");
  const wantedArticle = `${state.article} ${state.at}`;
  if (shownArticle === wantedArticle && !view.hidden && !again) return;
  shownArticle = wantedArticle;
  byId("search-view").hidden = true;
  view.hidden = false;
  scrollTo(0, 0);
  fill(view, make("p.loading", {}, "Loading the article…"));
  try {
    const answer = await ask("article", `articles/${encodeURIComponent(state.article)}`, []);
    if (!answer) return;
    fill(view, articleView(answer));
    document.title = `${nameOfArticle(answer.article, 80)} – semsearch`;
    marks = [...new Map([...view.querySelectorAll("mark")].reverse().map((mark) => [mark.dataset.passage, mark])).values()].reverse();
    const firstMark = view.querySelector("mark.here");
    markIndex = marks.indexOf(firstMark);
    view.querySelector("h1").focus({ preventScroll: true });
    firstMark?.scrollIntoView({ block: "center" });
    say(`Article opened: ${nameOfArticle(answer.article, 120)}`);
  } catch (problem) {
    fill(view, backBar(), problem.kind === "article" ? note("none", "This article is not in the index", make("p", {}, "It may have been deleted, or replaced by one with another id: ", make("bdi", {}, shortened(state.article, 160)))) : problemNote(problem));
    say(view.querySelector(".note h2").textContent);
  }
}

function leaveArticle() {
  const view = byId("article-view");
  if (view.hidden) return;
  const leftId = shownArticle.split(" ")[0];
  shownArticle = "";
  view.hidden = true;
  fill(view);
  byId("search-view").hidden = false;
  draw();
  if ([inputs.q, inputs.q2].includes(document.activeElement)) return void scrollTo(0, 0); // another search is typed
  const { scroll, id } = history.state ?? {};
  const link = document.querySelector(`[data-article="${CSS.escape(id || leftId)}"]`);
  if (scroll !== undefined) scrollTo(0, scroll);
  else link?.scrollIntoView({ block: "center" });
  link?.focus({ preventScroll: true });
}

// Goes back in the browser's history to the list, over all articles that were opened since.
function closeArticle() {
  const steps = history.state?.articles;
  if (steps) history.go(-steps);
  else change({ article: "", at: "" });
}

function backBar() {
  return make("div.back", {}, make("button", { type: "button", onclick: closeArticle, "aria-keyshortcuts": "Escape" }, "← Back to results"));
}

function passagesOf(id) {
  const passages = [];
  const answer = lastAnswer;
  for (const hit of answer?.hits ?? []) {
    if (hit.article.article_id !== id) continue;
    passages.push({ start: hit.start, end: hit.end, sentence: hit.sentence }, ...hit.more);
  }
  return passages;
}

const nameOfArticle = (article, limit) => (isBlank(article.title) ? "Untitled" : shortened(article.title, limit));

function articleView({ article, text }) {
  const lang = article.language ?? undefined;
  const [start, end] = state.at.split("-").map(Number);
  const spans = passagesOf(article.article_id).filter((passage) => passage.start !== start).map((passage) => ({ ...passage, kind: "also" }));
  if (Number.isInteger(start) && Number.isInteger(end) && end > start) spans.push({ start, end, kind: "here" });
  spans.sort((a, b) => a.start - b.start);
  const quoted = spans.find((span) => span.kind === "here") ?? spans[0];
  const body = make("div.text", { dir: "auto", lang }, paragraphs(text, spans));
  const heading = make("h1", { tabindex: -1, dir: "auto", lang }, nameOfArticle(article, 600));
  const quote = doneButton("Copy quotation", () => copySelection(article, text, body));
  const step = (direction, label, key) => make("button", { type: "button", onclick: () => stepMark(direction), "aria-keyshortcuts": key }, label);
  return [
    backBar(),
    make("div.reading", {},
      make("article", {}, metaLine(article), heading, article.authors.length > 0 && make("p.authors", {}, "By ", make("bdi", {}, article.authors.slice(0, 8).map((name) => shortened(name, 80)).join(", "))), body),
      make("aside", { "aria-label": "About this article" },
        spans.length > 1 && make("div.steps-bar", {}, step(-1, "Previous passage", "["), step(1, "Next passage", "]")),
        isWeb(article.url) && make("p", {}, make("a.out", { href: quoted ? fragmentLink(article.url, slicer(text)(quoted.start, quoted.end)) : article.url, rel: "noopener noreferrer", target: "_blank", "data-address": article.url }, "Open the original", make("span.unseen", {}, " (another site, in a new tab)"))),
        make("p", {}, quote, make("span.small", {}, " The selected text, or else the marked passage.")),
        details(article),
        similarPart(article))),
  ];
}

function paragraphs(text, spans) {
  const slice = slicer(text);
  const elements = [];
  let offset = 0;
  for (const paragraph of text.split("\n\n")) {
    const length = Array.from(paragraph).length;
    const overlapping = spans.filter((span) => span.start < offset + length && span.end > offset);
    const pieces = [];
    let shownUpTo = offset;
    for (const span of overlapping) {
      const from = Math.max(span.start, shownUpTo);
      const to = Math.min(span.end, offset + length);
      if (to <= from) continue;
      pieces.push(slice(shownUpTo, from), make(`mark.${span.kind}`, { "data-passage": span.start }, slice(from, to)));
      shownUpTo = to;
    }
    pieces.push(slice(shownUpTo, offset + length));
    elements.push(make("p", { "data-start": offset }, pieces));
    offset += length + 2;
  }
  return elements;
}

function stepMark(direction) {
  if (!marks.length) return;
  markIndex = (Math.max(markIndex, direction < 0 ? 0 : -1) + direction + marks.length) % marks.length;
  marks[markIndex].scrollIntoView({ block: "center" });
  say(`Passage ${markIndex + 1} of ${marks.length}`);
}

// Where in the article the selected words are: [start, end]; null if nothing is selected, "elsewhere" if none of its text.
function selectedSpan(text, body) {
  const selection = getSelection();
  const selected = selection.rangeCount && selection.toString().trim() ? selection.getRangeAt(0) : null;
  if (!selected) return null;
  const places = [];
  for (const paragraph of body.children) {
    const all = document.createRange();
    all.selectNodeContents(paragraph);
    const part = all.cloneRange();
    if (!selected.intersectsNode(paragraph)) continue;
    // A triple click selects up to the beginning of the next paragraph, of which nothing is meant.
    if (selected.compareBoundaryPoints(Range.START_TO_START, part) > 0) part.setStart(selected.startContainer, selected.startOffset);
    if (selected.compareBoundaryPoints(Range.END_TO_END, part) < 0) part.setEnd(selected.endContainer, selected.endOffset);
    const words = part.toString();
    if (!words.trim()) continue;
    all.setEnd(part.startContainer, part.startOffset);
    const before = Array.from(all.toString()).length;
    places.push([Number(paragraph.dataset.start), before, before + Array.from(words).length]);
  }
  if (!places.length) return "elsewhere";
  // The page leaves out what cannot be seen, but it counts in the article.
  const points = Array.from(text);
  const textPlace = (start, seen) => {
    let place = start;
    for (let left = seen; left > 0; place++) if (clean(points[place])) left -= 1;
    return place;
  };
  const [first, last] = [places[0], places.at(-1)];
  return [textPlace(first[0], first[1] + 1) - 1, textPlace(last[0], last[2])];
}

async function copySelection(article, text, body) {
  const selected = selectedSpan(text, body);
  if (selected === "elsewhere") {
    say("Nothing is copied: what is selected is not in the text of the article");
    return "Select words of the text";
  }
  let [start, end] = selected ?? state.at.split("-").map(Number);
  if (!(end > start)) [start, end] = [0, Math.min(300, Array.from(text).length)];
  return copiedOrNot(await copyText(quotation(article, slicer(text)(start, end), start, end), "Quotation copied"));
}

function details(article) {
  const rows = [
    ["Published", article.published && moment(article.published)],
    ["Updated", article.updated && moment(article.updated)],
    ["Section", article.section],
    ["Language", article.language && valueName("language", article.language)],
    ["Indexed", moment(article.indexed)],
    ["Id", article.article_id],
    ...Object.entries(article.tags).slice(0, 12).map(([key, values]) => [key, values.slice(0, 6).join(", ")]),
  ];
  return make("dl.details", {}, rows.filter(([, value]) => value).map(([name, value]) => make("div", {}, make("dt", {}, shortened(name, 40)), make("dd", {}, make("bdi", {}, shortened(value, 160))))));
}

function similarPart(article) {
  const body = make("div", {});
  const load = async (event) => {
    if (!event.target.open || body.childNodes.length) return;
    fill(body, "…");
    try {
      const answer = await ask("similar", `similar/${encodeURIComponent(article.article_id)}`, [["k", 6]]);
      if (answer) fill(body, make("ul.more", {}, answer.hits.map((hit) => make("li", {}, articleLink(hit.article.article_id, `${hit.start}-${hit.end}`, titleOf(hit.article, hit.text)), metaLine(hit.article)))));
    } catch (problem) {
      fill(body, problem.message);
    }
  };
  return make("details", { ontoggle: load }, make("summary", {}, "Similar articles"), body);
}
