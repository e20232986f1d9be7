// Searches kept in this browser: recent ones, and saved ones with a name, a note, a star and the number of new articles.

const SAVED = "semsearch.saved";
const RECENT = "semsearch.recent";
const MOST_SAVED = 100;
const MOST_RECENT = 12;
const NAME_CHARACTERS = 200;
const NOTE_CHARACTERS = 2000;

// The storage may hold data of another version or another page: only valid searches are returned.
function stored(shelf) {
  try {
    const searches = JSON.parse(localStorage.getItem(shelf) ?? "[]");
    return Array.isArray(searches) ? searches.filter((search) => typeof search?.name === "string" && typeof search.address === "string" && /^(\?|\/(?!\/))/.test(search.address)) : [];
  } catch {
    return [];
  }
}

// Tells whether the browser keeps the searches: its storage may be full or forbidden.
function store(shelf, searches) {
  let isKept = true;
  try {
    localStorage.setItem(shelf, JSON.stringify(searches));
  } catch {
    isKept = false;
    if (shelf === SAVED) showFailed("Your searches are not saved", { message: "This browser keeps nothing more for this page" });
  }
  showSaved();
  return isKept;
}

const rightNow = () => `${new Date().toISOString().slice(0, 19)}Z`;
const searchAddress = () => addressOf({ ...state, article: "", at: "" });
const nameOf = () => [state.q, state.q2].filter(Boolean).join(" / ") || (isFiltered() ? "Filtered articles" : "All articles");

function updateSaved(address, changes) {
  store(SAVED, stored(SAVED).map((search) => (search.address === address ? { ...search, ...changes } : search)));
}

function rememberRecent() {
  if (!state.q.trim()) return;
  const address = searchAddress();
  const otherSearches = stored(RECENT).filter((search) => search.address !== address);
  store(RECENT, [{ name: nameOf().slice(0, NAME_CHARACTERS), address }, ...otherSearches].slice(0, MOST_RECENT));
}

// Asks for the name and note of a new or a saved search.
function editSearch(search) {
  const name = make("input", { id: "saved-name", required: true, maxlength: NAME_CHARACTERS, value: search.name, autocomplete: "off" });
  const note = make("textarea", { id: "saved-note", rows: 3, maxlength: NOTE_CHARACTERS }, search.note ?? "");
  const submit = (event) => {
    event.preventDefault();
    const edited = { ...search, name: name.value.trim() || search.name, note: note.value.trim() };
    dialog.close();
    const searches = stored(SAVED);
    const index = searches.findIndex((saved) => saved.address === search.address);
    if (index >= 0) searches[index] = edited;
    else searches.unshift(edited);
    if (store(SAVED, searches.slice(0, MOST_SAVED))) say("Search saved");
  };
  const dialog = make("dialog", { "aria-labelledby": "saved-heading", onclose: () => dialog.remove() },
    make("form", { onsubmit: submit },
      make("h2", { id: "saved-heading" }, "Save this search"),
      make("label", { for: "saved-name" }, "Name"), name,
      make("label", { for: "saved-note" }, "Note"), note,
      make("p.small", {}, "Kept in this browser alone."),
      make("div.actions", {}, make("button.main", {}, "Save"), make("button", { type: "button", onclick: () => dialog.close() }, "Cancel"))));
  document.body.append(dialog);
  dialog.showModal();
  name.select();
}

function saveSearch() {
  const address = searchAddress();
  editSearch(stored(SAVED).find((search) => search.address === address) ?? { name: nameOf().slice(0, NAME_CHARACTERS), address, seen: rightNow() });
}

function openSearch(event, search) {
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.button) return;
  event.preventDefault();
  if (search.address !== addressOf(state)) history.pushState(null, "", search.address);
  lastGesture = "";
  state = readState();
  inputs.q.value = state.q;
  if (search.seen) updateSaved(search.address, { seen: rightNow() });
  scrollTo(0, 0);
  show();
}

function searchLink(search) {
  return make("a", { href: search.address, onclick: (event) => openSearch(event, search) }, make("bdi", {}, shortened(search.name, 80)));
}

function showSaved() {
  const searches = stored(SAVED).sort((a, b) => Boolean(b.starred) - Boolean(a.starred));
  const recent = stored(RECENT);
  const section = byId("saved");
  const isOpen = section.querySelector("details")?.open ?? !searches.length;
  keepingFocus(section, () => fill(section, make("h2", { id: "saved-title" }, "Searches"),
    searches.length > 0 && make("ul", {}, searches.map(savedRow)),
    recent.length > 0 && make("details", { open: isOpen }, make("summary", {}, "Recent"), make("ul", {}, recent.map((search) => make("li", {}, searchLink(search)))),
      make("button.plain", { type: "button", onclick: () => store(RECENT, []) }, "Clear recent searches"))));
  section.hidden = !searches.length && !recent.length;
}

function savedRow(search) {
  const newTag = make("span.tag", { hidden: true });
  const show = (newCount) => {
    newTag.hidden = !newCount;
    newTag.textContent = `${number.format(newCount)} new`;
  };
  show(newCounts.get(countKey(search))?.count ?? 0);
  countNew(search).then(show);
  const action = (label, act, pressed) => make("button.plain", { type: "button", onclick: act, "aria-label": `${label}: ${search.name}`, "aria-pressed": pressed }, label);
  return make("li", {},
    search.starred && make("span.star", { "aria-hidden": "true" }, "★ "), searchLink(search), " ", newTag,
    search.note && make("p.small.lines", { dir: "auto" }, shortened(search.note, NOTE_CHARACTERS)),
    make("span.edit", {},
      action("Star", () => updateSaved(search.address, { starred: !search.starred }), String(Boolean(search.starred))),
      action("Edit", () => editSearch(search)),
      action("Remove", () => store(SAVED, stored(SAVED).filter((saved) => saved.address !== search.address)))));
}

// Counts are requested one after the other: there are many, and nobody waits for them. They are asked for again after a
// while, as in a tab that stays open.
const COUNTED_FOR_MS = 30000;
const newCounts = new Map(); // by search and the time since which articles are new: { count, time }
let lastCount = Promise.resolve(0);

const countKey = (search) => `${search.seen} ${search.address}`;

function countNew(search) {
  const key = countKey(search);
  lastCount = lastCount.then(async () => {
    const known = newCounts.get(key);
    if (!search.seen || Date.now() - known?.time < COUNTED_FOR_MS) return known?.count ?? 0;
    const parameters = pairsOf(search.address);
    const pairs = [...FILTER_NAMES, "verdict", "copies"].flatMap((name) => parameters.getAll(name).map((value) => [name, value]));
    if (parameters.get("q")) pairs.push(...queryPairs(parameters.get("q")));
    const answer = await ask(`new ${key}`, "facets", [...pairs, ["new_since", search.seen], ["by", "language"], ["limit", 1]]).catch(() => null);
    if (answer) newCounts.set(key, { count: answer.matching, time: Date.now() });
    return answer?.matching ?? known?.count ?? 0;
  });
  return lastCount;
}

const showSavedIfSeen = () => document.visibilityState === "visible" && showSaved();
addEventListener("visibilitychange", showSavedIfSeen);
setInterval(showSavedIfSeen, 2 * COUNTED_FOR_MS);
