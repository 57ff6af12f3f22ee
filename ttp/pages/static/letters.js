// Single letters press the button or link that names them. A letter within a third of a second of a page's
// appearance was meant for the page before it, so it is dropped.
"use strict";

(() => {
  const EARLY = 300;
  let acted = false;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.repeat) return;
    if (document.documentElement.dataset.letterKeys === "off" || acted || performance.now() < EARLY) return;
    if (event.target.matches("input:not([type=radio]):not([type=checkbox]), textarea, select")) return;
    if (event.key.length !== 1) return;
    const target = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
    if (!target) return;
    event.preventDefault();
    acted = true;
    target.click();
  });
  addEventListener("pageshow", () => { acted = false; });
})();
