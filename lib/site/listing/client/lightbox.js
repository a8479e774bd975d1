"use strict";
/* Pictures one by one: from a click on one in the grid, or a key. */
(() => {
  const PICTURE = /\.(?:a?png|avif|bmp|gif|ico|jfif|jpe?g|svg|webp)$/i;
  const isPicture = (link) => PICTURE.test(link.pathname);
  const shown = () =>
    [...document.querySelectorAll(".entries :is(tr, li):not([hidden]) a")]
      .filter(isPicture);
  if (shown().length === 0) return;

  const make = (name, properties = {}, ...children) => {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  };
  const dialog = make("dialog", {
    className: "lightbox",
    ariaLabel: "Pictures",
  });
  const image = make("img");
  const caption = make("p");
  caption.setAttribute("aria-live", "polite");
  const original = make("a", { textContent: "Open the file" });
  const button = (label, onclick) =>
    make("button", { type: "button", textContent: label, onclick });

  let links = [];
  let at = 0;
  const show = (index) => {
    at = (index + links.length) % links.length;
    const link = links[at];
    const name = link.querySelector("bdi").textContent;
    image.className = "";
    image.src = original.href = link.href;
    image.alt = name;
    caption.replaceChildren(
      make("bdi", { textContent: name }),
      `, ${at + 1} of ${links.length}`,
    );
    // The next one is there when it is wanted.
    new Image().src = links[(at + 1) % links.length].href;
  };
  image.addEventListener("error", () => {
    image.className = "broken";
    caption.append(": this picture cannot be shown");
  });
  const close = button("Close", () => dialog.close());
  dialog.append(
    image,
    make(
      "div",
      { className: "bar" },
      caption,
      button("Previous", () => show(at - 1)),
      button("Next", () => show(at + 1)),
      original,
      close,
    ),
  );
  dialog.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    const steps = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 };
    if (event.key in steps) show(at + steps[event.key]);
    else if (event.key === "Home") show(0);
    else if (event.key === "End") show(-1);
    else return;
    event.preventDefault();
  });
  dialog.addEventListener("close", () => {
    image.removeAttribute("src");
    links[at].focus();
  });
  document.body.append(dialog);

  /* In the grid, the icon takes the place of a picture that cannot be shown. */
  document.addEventListener("error", ({ target }) => {
    if (target.matches(".grid img")) target.remove();
  }, true);
  for (const picture of document.querySelectorAll(".grid img")) {
    // Perhaps it failed before this script ran. A drawing may have no width, and be well.
    const isDoubtful = picture.complete && picture.naturalWidth === 0;
    if (isDoubtful) picture.decode().catch(() => picture.remove());
  }

  const open = (link) => {
    links = shown();
    dialog.showModal();
    show(links.indexOf(link));
    close.focus();
  };
  document.addEventListener("click", (event) => {
    const { target, ctrlKey, shiftKey, altKey, metaKey } = event;
    const link = target.closest(".grid a");
    if (link === null || !isPicture(link)) return;
    if (ctrlKey || shiftKey || altKey || metaKey) return;
    event.preventDefault();
    open(link);
  });
  document.addEventListener("keydown", (event) => {
    const { key, target, ctrlKey, altKey, metaKey } = event;
    if (key !== " " || ctrlKey || altKey || metaKey) return;
    if (!target.matches(".entries a") || !isPicture(target)) return;
    event.preventDefault();
    open(target);
  });
})();
