"use strict";
(() => {
  const pad = (number) => String(number).padStart(2, "0");
  for (const time of document.querySelectorAll("tbody time")) {
    const date = new Date(time.dateTime);
    time.title = time.textContent + " UTC";
    time.textContent = date.getFullYear() + "-" + pad(date.getMonth() + 1) +
      "-" + pad(date.getDate()) + " " + pad(date.getHours()) + ":" +
      pad(date.getMinutes());
  }
  const filter = document.getElementById("filter");
  const zone = document.getElementById("zone");
  // An empty folder has neither.
  if (filter === null || zone === null) return;
  zone.textContent = "(local time)";

  // As the server compares names.
  const plain = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [];
  for (const link of document.querySelectorAll("tbody a:not(.parent)")) {
    rows.push({ row: link.closest("tr"), name: plain(link.textContent) });
  }
  const query = document.getElementById("query");
  const count = document.getElementById("count");
  const group = (number) => number.toLocaleString("en");
  let timer;
  const apply = () => {
    const words = plain(query.value).split(" ").filter((word) => word !== "");
    let shown = 0;
    for (const { row, name } of rows) {
      const matches = words.every((word) => name.includes(word));
      if (row.hidden === matches) row.hidden = !matches;
      if (matches) shown++;
    }
    const message = words.length === 0
      ? ""
      : shown === 0
      ? "No name matches."
      : group(shown) + " of " + group(rows.length) + " shown.";
    // Announced once the typing rests, not at every key.
    clearTimeout(timer);
    timer = setTimeout(() => count.textContent = message, 200);
  };
  query.addEventListener("input", apply);
  // Going back, a browser may bring the old query with it.
  if (query.value !== "") apply();
})();
