// Reviewing by keyboard. A key counts for the case that was on the screen when it was pressed, and for no other:
// keys wait in a queue while a decision is on its way, and those meant for a case that is gone are dropped aloud.
"use strict";

(() => {
  const form = document.getElementById("decide");
  const status = document.getElementById("status");
  const more = document.getElementById("more");
  const overlay = document.getElementById("keys");
  const verdicts = { g: "same", v: "different", s: "later" };
  const queue = [];
  const KEPT = "ttp-choice";
  let busy = false;
  let staged = null;
  let undoing = null;
  let ahead = {};
  let calm = 0;
  let held = 0;

  const shownCase = () => document.getElementById("case");
  const stamp = () => `${shownCase().dataset.case}/${shownCase().dataset.version}`;
  const reasons = () => [...form.querySelectorAll('input[name="reason"]')];
  const say = (text) => { status.textContent = text; };
  const letterOf = (verdict) => Object.keys(verdicts).find((letter) => verdicts[letter] === verdict);
  const lettersOff = () => document.documentElement.dataset.letterKeys === "off";

  function stage(verdict) {
    staged = verdict;
    for (const button of form.querySelectorAll("button[name=verdict]")) {
      button.setAttribute("aria-pressed", String(button.value === verdict));
    }
  }

  // On narrow screens reasons, note and day are folded away until they are needed.
  function fold(folded) {
    form.toggleAttribute("data-folded", folded);
    more.setAttribute("aria-expanded", String(!folded));
  }

  function reset() {
    stage(null);
    fold(true);
    for (const radio of reasons()) radio.checked = false;
    form.elements.note.value = "";
    form.elements.until.value = "";
  }

  function ready(verdict) {
    const chosen = reasons().find((radio) => radio.checked);
    if (!chosen && verdict !== "later") return status.dataset.choose;
    if (chosen?.value === "other" && !form.elements.note.value.trim()) return status.dataset.note;
    return null;
  }

  async function choose(verdict) {
    if (form.hidden) return;
    stage(verdict);
    const missing = ready(verdict);
    if (missing) {
      fold(false);
      say(missing);
      if (missing === status.dataset.note) form.elements.note.focus();
      return;
    }
    const body = new URLSearchParams(new FormData(form));
    body.set("verdict", verdict);
    await send(form.action, body);
  }

  async function pick(index) {
    const radio = reasons()[index];
    if (!radio || form.hidden) return;
    radio.checked = true;
    if (radio.value === "other") fold(false);
    if (radio.value === "other") form.elements.note.focus();
    else if (staged) await choose(staged);
  }

  async function undo() {
    const last = document.getElementById("undo");
    if (!last) return;
    undoing = last;
    await send(last.action, new URLSearchParams(new FormData(last)));
  }

  async function follow(id) {
    const link = document.getElementById(id);
    if (!link) return;
    const { url, page } = ahead;
    ahead = {};
    if (url === link.href && page) return show(page, link.href);
    await load(fetch(link.href, { credentials: "same-origin" }), status.dataset.failed);
  }

  // While a case is read, the next one is fetched. Should it change meanwhile, its version no longer fits.
  async function lookAhead() {
    const link = document.getElementById("next");
    if (busy || !link || ahead.url === link.href) return;
    ahead = { url: link.href, page: null };
    try {
      const response = await fetch(link.href, { credentials: "same-origin" });
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (ahead.url === link.href && page.getElementById("case")) ahead.page = page;
    } catch { ahead = {}; }
  }

  // Who has a case on the screen for a second holds it, and says so again while it is there.
  async function hold() {
    const { lease, open } = shownCase().dataset;
    if (open === "0" || document.getElementById("take-over") || document.hidden) return;
    const body = new URLSearchParams({ token: form.elements.token.value });
    await fetch(lease, { method: "POST", body, credentials: "same-origin" }).catch(() => {});
  }

  function settleDown() {
    clearTimeout(calm);
    clearInterval(held);
    calm = setTimeout(() => { hold(); lookAhead(); }, 1000);
    held = setInterval(hold, 120000);
  }

  function pressIfThere(id) {
    document.getElementById(id)?.click();
  }

  function focusNext(selector) {
    const found = [...document.querySelectorAll(selector)];
    found[(found.indexOf(document.activeElement) + 1) % found.length]?.focus();
  }

  async function send(url, body) {
    say(status.dataset.sending);
    const headers = { Prefer: "return=representation" };
    await load(fetch(url, { method: "POST", body, headers, credentials: "same-origin" }), status.dataset.unknown);
  }

  // ``lost`` is what is said when no answer came: of a decision, that nobody knows what became of it.
  async function load(request, lost) {
    try {
      const response = await request;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (page.getElementById("case")) show(page, response.headers.get("Content-Location") ?? response.url);
      else if (page.getElementById("confirm")) askAgain();
      else if (page.getElementById("undo-blocked")) undoTogether();
      else if (page.getElementById("f-password")) logInAgain(response.url);
      else if (response.ok) location.assign(response.url);
      else await refused(page, lost);
    } catch {
      say(lost);
    }
  }

  // What contradicts itself is confirmed on a page of its own, which only a form of the browser leads to.
  function askAgain() {
    const verdict = document.createElement("input");
    Object.assign(verdict, { type: "hidden", name: "verdict", value: staged });
    form.append(verdict);
    HTMLFormElement.prototype.submit.call(form);
  }

  // What others rest on is undone together with them, from a page of its own that names them.
  function undoTogether() {
    undoing.hidden = true;
    document.body.append(undoing);
    HTMLFormElement.prototype.submit.call(undoing);
  }

  // The session has ended and nothing was decided. What was chosen waits in this tab until the same person is back.
  function logInAgain(url) {
    queue.length = 0;
    const reason = reasons().find((radio) => radio.checked)?.value ?? "";
    const { note, until } = form.elements;
    const kept = { seen: stamp(), by: form.dataset.by, verdict: staged, reason, note: note.value, until: until.value };
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
    const target = new URL(url);
    target.searchParams.set("next", location.pathname);
    location.assign(target);
  }

  // Filled in again, but never sent by itself. Of a case that changed meanwhile the verdict has to be chosen anew.
  function takeUp() {
    const text = sessionStorage.getItem(KEPT);
    sessionStorage.removeItem(KEPT);
    const kept = text ? JSON.parse(text) : {};
    if (form.hidden || kept.by !== form.dataset.by || kept.seen?.split("/")[0] !== shownCase().dataset.case) return;
    for (const radio of reasons()) radio.checked = radio.value === kept.reason;
    form.elements.note.value = kept.note;
    form.elements.until.value = kept.until;
    fold(false);
    if (kept.seen === stamp()) stage(kept.verdict);
    say(status.dataset.restored);
  }

  // The case is read again, so that what is on the screen is what stands; the sentence stays.
  async function refused(page, lost) {
    const sentence = page.querySelector(".notice p")?.textContent ?? lost;
    const response = await fetch(location.pathname, { credentials: "same-origin" });
    const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
    if (!fresh.getElementById("case")) return location.reload();
    show(fresh, location.href);
    say(sentence);
  }

  // One task: the case, the form's target and version, and the status change together or not at all.
  function show(page, url) {
    const fresh = page.getElementById("case");
    shownCase().replaceWith(fresh);
    const theirs = page.getElementById("decide");
    form.action = fresh.dataset.action;
    form.elements.version.value = fresh.dataset.version;
    form.elements.token.value = theirs.elements.token.value;
    form.hidden = fresh.dataset.open === "0";
    status.replaceChildren(...page.getElementById("status").childNodes);
    document.title = page.title;
    reset();
    history.pushState(null, "", url);
    window.scrollTo(0, 0);
    document.getElementById("case-title").focus({ preventScroll: true });
    settleDown();
  }

  async function act(key) {
    if (key in verdicts) return choose(verdicts[key]);
    if (key >= "1" && key <= "9") return pick(Number(key) - 1);
    if (key === "z") return undo();
    if (key === "n") return follow("next");
    if (key === "p") return follow("previous");
    if (key === "a") return reveal();
    if (key === "x") return focusNext(".uncover button");
    if (key === "e") return focusNext("#exclude input[name=member]");
    if (key === "w") return pressIfThere("impact");
    if (key === "u") return pressIfThere("take-over");
  }

  function reveal() {
    const details = document.getElementById("reveal");
    if (!details) return;
    details.open = true;
    details.querySelector("input[name=reason]").focus();
  }

  async function work() {
    if (busy) return;
    busy = true;
    document.documentElement.dataset.busy = "";
    while (queue.length) {
      const { key, seen } = queue.shift();
      if (seen === stamp()) await act(key);
      else say(status.dataset.late);
    }
    busy = false;
    delete document.documentElement.dataset.busy;
  }

  function enqueue(key) {
    queue.push({ key, seen: stamp() });
    work();
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
    if (event.key === "Escape") { stage(null); say(""); event.target.blur?.(); return; }
    if (event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
    if (overlay.open || lettersOff() || event.repeat) return;
    if (event.key === "?") { event.preventDefault(); overlay.showModal(); return; }
    if (!"gvsznpaxewu123456789".includes(event.key) || event.key.length !== 1) return;
    event.preventDefault();
    enqueue(event.key);
  });

  form.noValidate = true;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (event.submitter) enqueue(letterOf(event.submitter.value));
  });
  form.elements.note.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    if (staged) enqueue(letterOf(staged));
    else say(status.dataset.verdict);
  });
  form.addEventListener("change", (event) => {
    if (event.target.name === "reason" && staged && event.target.value !== "other") enqueue(String(reasons().indexOf(event.target) + 1));
  });
  document.addEventListener("submit", (event) => {
    if (event.target.id !== "undo") return;
    event.preventDefault();
    enqueue("z");
  });
  window.addEventListener("popstate", () => location.reload());

  more.hidden = false;
  more.addEventListener("click", () => fold(!form.hasAttribute("data-folded")));
  fold(true);
  takeUp();
  settleDown();
  const opener = document.getElementById("keys-open");
  opener.hidden = false;
  opener.addEventListener("click", () => overlay.showModal());
})();
