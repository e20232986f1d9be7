// Messages about answers.

const VERDICTS = {
  strong: ["Strong match", "This is about what you asked."],
  fair: ["Fair match", "This is probably about what you asked."],
  weak: ["Weak match", "This may be about something else."],
  none: ["No match", "Only the closest passage there is."],
};
const STEPS = { strong: 3, fair: 2, weak: 1, none: 0 };

function verdictMark(verdict) {
  const [label, title] = VERDICTS[verdict];
  const steps = [1, 2, 3].map((step) => make(`i${step <= STEPS[verdict] ? ".on" : ""}`, {}));
  return make(`span.verdict.${verdict}`, { title }, make("span.steps", { "aria-hidden": "true" }, steps), label);
}

function note(kind, title, ...rest) {
  return make(`div.note.${kind}`, {}, make("h2", {}, title), rest);
}

function removeFilters(kind = "usual") {
  const cleared = Object.fromEntries(FILTER_NAMES.map((name) => [name, REPEATED.includes(name) ? [] : ""]));
  return make(`button.${kind}`, { type: "button", onclick: () => change(cleared) }, "Remove all filters");
}

function answerNote(answer) {
  const notices = answer.notices.map((notice) => make("p", {}, capitalised(notice)));
  if (!answer.total) return note("none", "Nothing here meets these filters", notices, isFiltered() && removeFilters());
  if (answer.verdict === "none" && !answer.hits.length) {
    const isStrict = ["fair", "strong"].includes(state.verdict);
    const why = isStrict ? "Nothing here is about this at the verdict you chose. Try other words, or allow weaker matches." : "Nothing here seems to be about this. Try other words.";
    const closest = !isStrict && state.sort === "date" && !state.q2 && make("button", { type: "button", onclick: () => change({ sort: "relevance" }) }, "Show the closest passages");
    return note("none", "No good match", notices, make("p", {}, why), closest, isFiltered() && removeFilters());
  }
  if (answer.verdict === "none") {
    return note("none", "No good match", notices, make("p", {}, "Nothing here seems to be about this. These are the closest passages; all of them may be about something else."), isFiltered() && removeFilters());
  }
  if (answer.verdict === "weak") {
    return note("weak", "Only weak matches", notices, make("p", {}, "These may be about something else. More words, or the words that articles would use, often help."));
  }
  return notices.length ? make("div.note", {}, notices) : null;
}

const capitalised = (text) => text.charAt(0).toUpperCase() + text.slice(1);

const reasonOf = (problem) => [problem.message, problem.hint].filter(Boolean).map((text) => capitalised(text).replace(/[^.?!]$/, "$&.")).join(" ");

function problemNote(problem, asksForToken = true) {
  if (problem.status === 401 && asksForToken) return tokenForm();
  const retry = problem.status !== 400 && make("button", { type: "button", onclick: () => show(true) }, "Try again");
  return note("error", capitalised(problem.message), problem.hint && make("p", {}, capitalised(problem.hint)), retry);
}

function tokenForm() {
  byId("token")?.closest(".note").remove();
  const input = make("input", { id: "token", type: "password", autocomplete: "off", required: true });
  const wasWrong = Boolean(token);
  if (wasWrong) setTimeout(() => input.focus());
  const submit = (event) => {
    event.preventDefault();
    useToken(input.value.trim());
    show(true);
  };
  const title = wasWrong ? "This is not the token of this server" : "This server needs a token";
  return note("error", title, make("form.token", { onsubmit: submit }, make("label", { for: "token" }, "Token"), input, make("button", {}, "Continue")));
}
