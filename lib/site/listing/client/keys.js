"use strict";
/* Keys: "/" to the filter, arrows from entry to entry, Backspace to the folder above. */
(() => {
  const LEFT = "skiff.left";
  const PRESSED = "skiff.pressed";
  const query = document.getElementById("query");
  const shown = () => [
    ...document.querySelectorAll(".entries :is(tr, li):not([hidden]) a"),
    ...document.querySelectorAll("p.entries a"),
  ];
  // An empty folder has nothing to move in.
  const keys = document.getElementById("keys");
  if (keys !== null) keys.hidden = false;

  const isTyping = (element) =>
    element.matches("input, textarea, select, [contenteditable]");

  /* The next entry in a direction; in a grid, above and below are those that are. */
  const neighbour = (links, from, key) => {
    const at = links.indexOf(from);
    if (key === "Home") return links[0];
    if (key === "End") return links.at(-1);
    if (at === -1) return key === "ArrowUp" ? undefined : links[0];
    const isGrid = from.closest(".grid") !== null;
    if (!isGrid) return links[at + (key === "ArrowDown" ? 1 : -1)];
    const isRtl = getComputedStyle(from).direction === "rtl";
    if (key === "ArrowLeft") return links[at + (isRtl ? 1 : -1)];
    if (key === "ArrowRight") return links[at + (isRtl ? -1 : 1)];
    const { top, left } = from.getBoundingClientRect();
    const step = key === "ArrowDown" ? 1 : -1;
    for (let i = at + step; links[i] !== undefined; i += step) {
      const box = links[i].getBoundingClientRect();
      if (box.top !== top && Math.abs(box.left - left) < 2) return links[i];
    }
    return key === "ArrowDown" ? links.at(-1) : undefined;
  };

  const move = (event) => {
    const { key, target } = event;
    const isGrid = document.querySelector(".grid") !== null;
    const isSideways = key === "ArrowLeft" || key === "ArrowRight";
    if (isSideways && !isGrid) return;
    if (target === query && key !== "ArrowDown") return;
    const isInList = target.matches(".entries a");
    if (!isInList && target !== query && target !== document.body) return;
    const links = shown();
    const next = neighbour(links, target, key);
    if (next === undefined && key !== "ArrowUp") return;
    event.preventDefault();
    if (next !== undefined) next.focus();
    else if (isInList && query !== null) query.focus();
  };

  const goUp = () => {
    if (location.pathname === "/") return;
    const above = document.querySelector(
      ".entries a.parent, nav li:last-child a",
    );
    if (above === null) return;
    sessionStorage.setItem(LEFT, location.pathname);
    above.click();
  };

  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey, defaultPrevented } = event;
    if (ctrlKey || altKey || metaKey || defaultPrevented) return;
    if (document.querySelector("dialog[open]") !== null) return;
    if (key === "/" && query !== null && !isTyping(target)) {
      event.preventDefault();
      query.select();
      query.focus();
    } else if (key === "Escape" && target === query) {
      // The browser empties the field; an empty one is left.
      if (query.value === "") shown()[0]?.focus();
    } else if (key === "Backspace" && !isTyping(target)) {
      event.preventDefault();
      goUp();
    } else if (/^(?:Arrow|Home$|End$)/.test(key)) move(event);
  });

  /* After sorting with a key, or for another view, the same button has the focus. */
  document.addEventListener("submit", ({ submitter }) => {
    if (submitter?.matches(":is([name=sort], [name=view]):focus-visible")) {
      const { name, value } = submitter;
      const selector = name === "sort" ? `[value=${value}]` : "";
      sessionStorage.setItem(PRESSED, `button[name=${name}]${selector}`);
    }
  });
  const pressed = sessionStorage.getItem(PRESSED);
  sessionStorage.removeItem(PRESSED);
  if (pressed !== null) document.querySelector(pressed)?.focus();

  /* Back from a folder below, its entry has the focus. */
  const left = sessionStorage.getItem(LEFT);
  sessionStorage.removeItem(LEFT);
  if (left !== null && left.startsWith(location.pathname)) {
    shown().find(({ pathname, classList }) =>
      !classList.contains("parent") && pathname.endsWith("/") &&
      left.startsWith(pathname)
    )?.focus();
  }
})();
