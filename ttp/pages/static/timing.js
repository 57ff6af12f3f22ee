// How long a decision took: from the first sight of the case, not counting the time its page was hidden, to sending.
"use strict";

(() => {
  const form = document.querySelector("form[data-timed], #decide");
  if (!form) return;
  let seen = 0;
  let since = document.hidden ? null : performance.now();
  const pause = () => { if (since !== null) seen += performance.now() - since; since = null; };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) pause();
    else since = performance.now();
  });
  form.addEventListener("formdata", (event) => {
    const now = seen + (since === null ? 0 : performance.now() - since);
    event.formData.set("seconds", (now / 1000).toFixed(2));
  });
  // The page of cases exchanges the case in place: another case begins a new count.
  const main = document.getElementById("main");
  let shown = document.getElementById("case")?.dataset.case;
  new MutationObserver(() => {
    const now = document.getElementById("case")?.dataset.case;
    if (now === shown) return;
    shown = now;
    seen = 0;
    since = document.hidden ? null : performance.now();
  }).observe(main, { childList: true, subtree: true });
})();
