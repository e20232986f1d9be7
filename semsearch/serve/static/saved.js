// Searches kept in this browser: with a name, a note, a star, and what is new since each was last opened; and recent ones.

const SAVED = "semsearch.saved";
const RECENT = "semsearch.recent";
const MOST_SAVED = 100;
const MOST_RECENT = 12;
const NAME_CHARACTERS = 200;
const NOTE_CHARACTERS = 2000;

// Whatever is stored there may be of another version, or of another page: only what is understood is taken.
function stored(shelf) {
  try {
    const searches = JSON.parse(localStorage.getItem(shelf) ?? "[]");
    return Array.isArray(searches) ? searches.filter((search) => typeof search?.name === "string" && typeof search.address === "string" && /^(\?|\/(?!\/))/.test(search.address)) : [];
  } catch {
    return [];
  }
}

function store(shelf, searches) {
  try {
    localStorage.setItem(shelf, JSON.stringify(searches));
  } catch {
    say("This browser keeps nothing for this page");
  }
  showSaved();
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
  const others = stored(RECENT).filter((search) => search.address !== address);
  store(RECENT, [{ name: nameOf().slice(0, NAME_CHARACTERS), address }, ...others].slice(0, MOST_RECENT));
}

// Asks for a name and a note: of a search that is saved now, or of one that was.
function editSearch(search) {
  const name = make("input", { id: "saved-name", required: true, maxlength: NAME_CHARACTERS, value: search.name, autocomplete: "off" });
  const note = make("textarea", { id: "saved-note", rows: 3, maxlength: NOTE_CHARACTERS }, search.note ?? "");
  const submit = (event) => {
    event.preventDefault();
    const edited = { ...search, name: name.value.trim() || search.name, note: note.value.trim() };
    dialog.close();
    const others = stored(SAVED);
    const at = others.findIndex((other) => other.address === search.address);
    if (at >= 0) others[at] = edited;
    else others.unshift(edited);
    store(SAVED, others.slice(0, MOST_SAVED));
    say("Search saved");
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
  history.pushState(null, "", search.address);
  state = read();
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
  section.hidden = !searches.length && !recent.length;
  if (section.hidden) return;
  const isOpen = section.querySelector("details")?.open ?? !searches.length;
  fill(section, make("h2", { id: "saved-title" }, "Searches"),
    searches.length > 0 && make("ul", {}, searches.map(savedRow)),
    recent.length > 0 && make("details", { open: isOpen }, make("summary", {}, "Recent"), make("ul", {}, recent.map((search) => make("li", {}, searchLink(search)))),
      make("button.plain", { type: "button", onclick: () => store(RECENT, []) }, "Clear recent searches")));
}

function savedRow(search) {
  const fresh = make("span.tag", { hidden: true });
  countNew(search).then((count) => {
    fresh.hidden = !count;
    fresh.textContent = `${number.format(count)} new`;
  });
  const action = (label, act, pressed) => make("button.plain", { type: "button", onclick: act, "aria-label": `${label}: ${search.name}`, "aria-pressed": pressed }, label);
  return make("li", {},
    search.starred && make("span.star", { "aria-hidden": "true" }, "★ "), searchLink(search), " ", fresh,
    search.note && make("p.small.lines", { dir: "auto" }, shortened(search.note, NOTE_CHARACTERS)),
    make("span.edit", {},
      action("Star", () => updateSaved(search.address, { starred: !search.starred }), String(Boolean(search.starred))),
      action("Edit", () => editSearch(search)),
      action("Remove", () => store(SAVED, stored(SAVED).filter((other) => other.address !== search.address)))));
}

// Counted one after the other, once: they are many, and nobody waits for them.
const newCounts = new Map();
let lastCount = Promise.resolve(0);

function countNew(search) {
  const key = `${search.seen} ${search.address}`;
  if (search.seen && !newCounts.has(key)) {
    lastCount = lastCount.then(async () => {
      const given = pairsOf(search.address);
      const pairs = [...FILTER_NAMES, "verdict", "copies"].flatMap((name) => given.getAll(name).map((value) => [name, value]));
      if (given.get("q")) pairs.push(...queryPairs(given.get("q")));
      const answer = await ask(`new ${key}`, "facets", [...pairs, ["new_since", search.seen], ["by", "language"], ["limit", 1]]).catch(() => null);
      return answer?.matching ?? 0;
    });
    newCounts.set(key, lastCount);
  }
  return newCounts.get(key) ?? Promise.resolve(0);
}
