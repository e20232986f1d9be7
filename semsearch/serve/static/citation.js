// Quotations with a citation, exact offsets, and a link that opens the page at the quoted words.

const FRAGMENT_WORDS = 6;

const fragmentPart = (text) => encodeURIComponent(text).replace(/-/g, "%2D");

// Words as browsers find them, also where they are written without spaces.
const wordsIn = (text) => [...new Intl.Segmenter(undefined, { granularity: "word" }).segment(text)].filter((segment) => segment.isWordLike);

// The words, or if there are many, the first and the last of them; each within a paragraph, as browsers want it.
function fragmentEnds(text) {
  const paragraphs = text.trim().split(/\s*\n\s*/).map((paragraph) => paragraph.replace(/\s+/g, " "));
  const [first, last] = [paragraphs[0], paragraphs.at(-1)];
  const [firstWords, lastWords] = [first, last].map(wordsIn);
  if (paragraphs.length === 1 && firstWords.length <= 2 * FRAGMENT_WORDS) return [first];
  const end = firstWords[FRAGMENT_WORDS]?.index ?? first.length;
  const start = lastWords.at(-FRAGMENT_WORDS)?.index ?? 0;
  return [first.slice(0, end).trim(), last.slice(start)];
}

// A link with a text fragment for browsers.
function fragmentLink(url, text) {
  return isWeb(url) ? `${url.split("#")[0]}#:~:text=${fragmentEnds(text).map(fragmentPart).join(",")}` : "";
}

function quotation(article, text, start, end) {
  const source = [article.authors?.join(", "), article.title && `“${clean(article.title)}”`, article.publisher, article.published && day(article.published)].filter(Boolean).join(", ");
  const link = fragmentLink(article.url, text) || article.url || "";
  return clean(`“${text.trim()}”\n— ${source}${link ? `, ${link}` : ""} [${article.article_id}, characters ${start}–${end}]`);
}
