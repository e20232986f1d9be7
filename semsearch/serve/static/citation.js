// Quotations with a citation, exact offsets, and a link that opens the page at the quoted words.

const FRAGMENT_WORDS = 6;

const fragmentPart = (text) => encodeURIComponent(text).replace(/-/g, "%2D");

// A text fragment for browsers: after #:~:text= the words, or if there are many, the first and the last of them.
function fragmentLink(url, text) {
  if (!isWeb(url)) return "";
  const words = text.replace(/\s+/g, " ").trim().split(" ");
  const ends = words.length > 2 * FRAGMENT_WORDS ? [words.slice(0, FRAGMENT_WORDS), words.slice(-FRAGMENT_WORDS)] : [words];
  const fragment = ends.map((part) => fragmentPart(part.join(" "))).join(",");
  return `${url.split("#")[0]}#:~:text=${fragment}`;
}

function quotation(article, text, start, end) {
  const source = [article.authors?.join(", "), article.title && `“${clean(article.title)}”`, article.publisher, article.published && day(article.published)].filter(Boolean).join(", ");
  const link = fragmentLink(article.url, text) || article.url || "";
  return clean(`“${text.trim()}”\n— ${source}${link ? `, ${link}` : ""} [${article.article_id}, characters ${start}–${end}]`);
}
