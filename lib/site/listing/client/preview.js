"use strict";
/* The beginning of a text beside the list: from a button in its row, or a key. */
(() => {
  /** Bytes of a file that are asked for and shown. */
  const BYTES_MAX = 65_536;
  const TEXTS = ".entries a.text";
  if (document.querySelector(TEXTS) === null) return;

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const title = make("h2", { id: "preview" });
  const state = make("p", { className: "state" });
  state.setAttribute("role", "status");
  const text = make("pre", { tabIndex: 0, dir: "auto" });
  const original = make("a", { textContent: "Open the file" });
  const close = make("button", { type: "button", textContent: "Close" });
  const pane = make(
    "aside",
    { className: "preview", hidden: true },
    make("div", { className: "bar" }, title, original, close),
    state,
    text,
  );
  pane.setAttribute("aria-labelledby", "preview");
  document.body.append(pane);

  /** Reads the beginning of a response, however long it is. */
  const beginning = async (response) => {
    const reader = response.body.getReader();
    const decoder = new TextDecoder();
    let content = "";
    let left = BYTES_MAX;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return content;
      // More than was asked for: the server knows no ranges.
      if (left <= 0) break;
      content += decoder.decode(value.subarray(0, left), { stream: true });
      left -= value.length;
    }
    await reader.cancel();
    return content;
  };

  let opener;
  let abort = new AbortController();
  const show = async (link) => {
    abort.abort();
    const { signal } = abort = new AbortController();
    opener = link;
    const name = link.querySelector("bdi").textContent;
    title.replaceChildren(make("bdi", { textContent: name }));
    original.href = link.href;
    state.textContent = "Loading…";
    text.textContent = "";
    pane.hidden = false;
    link.closest("tr, li").scrollIntoView({ block: "nearest" });
    try {
      const headers = { Range: `bytes=0-${BYTES_MAX - 1}` };
      const response = await fetch(link.href, { headers, signal });
      // An empty file has no range.
      const isEmpty = response.status === 416;
      if (!response.ok && !isEmpty) throw new Error(String(response.status));
      const content = isEmpty ? "" : await beginning(response);
      if (signal.aborted) return;
      const length = Number(
        response.headers.get("Content-Range")?.split("/")[1] ?? 0,
      );
      const isBinary = content.includes("\0");
      text.textContent = isBinary ? "" : content;
      text.scrollTop = 0;
      state.textContent = isBinary
        ? "This is not text."
        : content === ""
        ? "This file is empty."
        : length > BYTES_MAX
        ? "The beginning of the file:"
        : "";
      state.hidden = state.textContent === "";
    } catch {
      if (signal.aborted) return;
      state.hidden = false;
      state.textContent = "The file cannot be read right now.";
    }
  };
  const hide = () => {
    const isFocusInside = pane.contains(document.activeElement);
    pane.hidden = true;
    abort.abort();
    if (isFocusInside) opener.focus();
  };
  close.addEventListener("click", () => {
    hide();
    opener.focus();
  });

  const look = make("button", { type: "button", className: "look" });
  look.textContent = "Preview";
  for (const link of document.querySelectorAll(TEXTS)) {
    const button = look.cloneNode(true);
    // The key does the same, and the next Tab leads to the next entry.
    button.tabIndex = -1;
    button.setAttribute(
      "aria-label",
      `Preview ${link.querySelector("bdi").textContent}`,
    );
    link.after(button);
  }
  document.addEventListener("click", ({ target }) => {
    const button = target.closest(".look");
    if (button === null) return;
    const link = button.previousElementSibling;
    link.focus();
    show(link);
  });
  document.addEventListener("focusin", ({ target }) => {
    if (!pane.hidden && target !== opener && target.matches(TEXTS)) {
      show(target);
    }
  });
  /* Tab leads from the entry into the pane and back: in the page the pane is behind all entries. */
  const step = (event) => {
    const { target, shiftKey } = event;
    const next = !shiftKey && target === opener
      ? original
      : shiftKey && target === original
      ? opener
      : undefined;
    if (next === undefined) return;
    event.preventDefault();
    next.focus();
  };
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    if (key === "Tab" && !pane.hidden) step(event);
    else if (key === "Escape" && !pane.hidden) hide();
    else if (key === " " && target.matches(TEXTS)) {
      event.preventDefault();
      if (pane.hidden || target !== opener) show(target);
      else hide();
    }
  });
})();
