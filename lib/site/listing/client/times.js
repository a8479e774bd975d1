"use strict";
/* Times in the reader's zone. */
(() => {
  const zone = document.getElementById("zone");
  // An empty folder has none, nor has a grid.
  if (zone === null) return;
  const pad = (number) => String(number).padStart(2, "0");
  for (const time of document.querySelectorAll(".entries time")) {
    const date = new Date(time.dateTime);
    time.title = time.textContent + " UTC";
    time.textContent = date.getFullYear() + "-" + pad(date.getMonth() + 1) +
      "-" + pad(date.getDate()) + " " + pad(date.getHours()) + ":" +
      pad(date.getMinutes());
  }
  zone.textContent = "(local time)";
})();
