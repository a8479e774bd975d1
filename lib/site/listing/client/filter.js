"use strict";
/* The filter: hides names without the words that are typed. Going back brings it back; going on into a folder it stays
   where it finds something. */
(() => {
  const query = document.getElementById("query");
  // An empty folder has none.
  if (query === null) return;
  const count = document.getElementById("count");
  const CARRIED = "skiff.filter";

  // As the server compares names.
  const plain = (text) =>
    text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const rows = [];
  for (const link of document.querySelectorAll(".entries a:not(.parent)")) {
    // With the slash of a folder, without the size in a grid.
    const name = link.querySelector("bdi").parentElement.textContent;
    rows.push({ row: link.closest("tr, li"), name: plain(name) });
  }
  const wordsOf = (text) =>
    plain(text).split(/\s+/u).filter((word) => word !== "");
  const matches = ({ name }, words) =>
    words.every((word) => name.includes(word));
  const group = (number) => number.toLocaleString("en");

  let timer;
  const apply = () => {
    const words = wordsOf(query.value);
    let shown = 0;
    for (const entry of rows) {
      const isShown = matches(entry, words);
      if (entry.row.hidden === isShown) entry.row.hidden = !isShown;
      if (isShown) shown++;
    }
    const message = words.length === 0
      ? ""
      : shown === 0
      ? "No name matches."
      : group(shown) + " of " + group(rows.length) + " shown.";
    // Announced once the typing rests, not at every key.
    clearTimeout(timer);
    timer = setTimeout(() => {
      count.textContent = message;
      history.replaceState({ filter: query.value }, "");
    }, 200);
  };

  /* What was typed in the folder that a link led here from. */
  const carried = () => {
    const text = sessionStorage.getItem(CARRIED);
    sessionStorage.removeItem(CARRIED);
    if (text === null) return "";
    const { to, filter } = JSON.parse(text);
    const words = wordsOf(filter);
    const isUseful = to === location.pathname &&
      rows.some((entry) => matches(entry, words));
    return isUseful ? filter : "";
  };

  const isSearch = new URLSearchParams(location.search).has("q");
  query.addEventListener("input", apply);
  document.addEventListener("click", ({ target }) => {
    const link = target.closest(".entries a, nav a");
    if (link === null || isSearch || query.value === "") return;
    history.replaceState({ filter: query.value }, "");
    const to = new URL(link.href).pathname;
    if (!to.endsWith("/")) return;
    sessionStorage.setItem(
      CARRIED,
      JSON.stringify({ to, filter: query.value }),
    );
  });

  const came = carried();
  if (!isSearch) query.value ||= history.state?.filter ?? came;
  // A browser may have brought it back by itself.
  if (query.value !== "" && !isSearch) apply();
})();
