// Enter starts the first case, unless something else has the focus.
"use strict";

document.addEventListener("keydown", (event) => {
  const start = document.getElementById("start");
  const idle = document.activeElement === document.body || document.activeElement?.id === "main";
  if (event.key === "Enter" && start && idle) start.click();
});
