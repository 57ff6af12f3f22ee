// Reviewing by keyboard. A key counts for the case that was on the screen when it was pressed, and for no other:
// keys wait in a queue while a decision is on its way, and those meant for a case that is gone are dropped aloud.
"use strict";

(() => {
  const form = document.getElementById("decide");
  const status = document.getElementById("status");
  const overlay = document.getElementById("keys");
  const verdicts = { g: "same", v: "different", s: "later" };
  const queue = [];
  let busy = false;
  let staged = null;

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

  function reset() {
    stage(null);
    for (const radio of reasons()) radio.checked = false;
    form.elements.note.value = "";
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
    if (radio.value === "other") form.elements.note.focus();
    else if (staged) await choose(staged);
  }

  async function undo() {
    const last = document.getElementById("undo");
    if (last) await send(last.action, new URLSearchParams(new FormData(last)));
  }

  async function follow(id) {
    const link = document.getElementById(id);
    if (link) await load(fetch(link.href, { credentials: "same-origin" }));
  }

  async function send(url, body) {
    say(status.dataset.sending);
    await load(fetch(url, { method: "POST", body, credentials: "same-origin" }));
  }

  async function load(request) {
    try {
      const response = await request;
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      if (page.getElementById("case")) show(page, response.url);
      else if (response.ok) location.assign(response.url);
      else await refused(page);
    } catch {
      say(status.dataset.failed);
    }
  }

  // The case is read again, so that what is on the screen is what stands; the sentence stays.
  async function refused(page) {
    const sentence = page.querySelector(".notice p")?.textContent ?? status.dataset.failed;
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
  }

  async function act(key) {
    if (key in verdicts) return choose(verdicts[key]);
    if (key >= "1" && key <= "4") return pick(Number(key) - 1);
    if (key === "z") return undo();
    if (key === "n") return follow("next");
    if (key === "p") return follow("previous");
    if (key === "a") return reveal();
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
    if (!"gvsznpa1234".includes(event.key) || event.key.length !== 1) return;
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

  const opener = document.getElementById("keys-open");
  opener.hidden = false;
  opener.addEventListener("click", () => overlay.showModal());
})();
