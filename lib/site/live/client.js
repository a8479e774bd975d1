/*
 * Reloads a page when a file changes that it may depend on, and swaps style
 * sheets without a reload. Runs before anything else of the page, whose own
 * policy, if it is in a meta element, comes later. The same file runs as a
 * shared worker, which keeps one connection for all pages of a browser.
 */

(() => {
  "use strict";

  /** How long to wait before connecting again where the browser does not, in ms. */
  const RETRY_MS = 1000;

  /** Most files of a page to remember. */
  const LOADED_MAX = 5000;

  /** How long to hold a place in a page that is still growing after its load, in ms. */
  const SCROLL_MS = 1000;

  const NAME = "skiff live";

  /** Files of these kinds matter only to pages that have loaded them. */
  const SURE =
    /(?:\/|\.(?:html?|css|map|txt|md|xml|pdf|zip|gz|br|zst|png|jpe?g|gif|webp|avif|svg|ico|bmp|mp[34]|webm|og[agv]|wav|woff2?|ttf|otf|eot))$/i;

  /** Receives messages from the server until the returned function is called. */
  function listen(url, onMessage) {
    let source;
    let timer;
    const open = () => {
      source = new EventSource(url);
      for (const name of ["hello", "change"]) {
        source.addEventListener(name, ({ data }) => {
          onMessage({ name, ...JSON.parse(data) });
        });
      }
      source.onerror = () => {
        onMessage({ name: "lost" });
        if (source.readyState === EventSource.CLOSED) {
          timer = setTimeout(open, RETRY_MS);
        }
      };
    };
    open();
    return () => {
      clearTimeout(timer);
      source.close();
    };
  }

  /** Remembers what the server said last, for those who come later. */
  function remembering(onMessage) {
    let state;
    return {
      receive(message) {
        state = message.state;
        onMessage(message);
      },
      greet(to) {
        if (state !== undefined) to({ name: "hello", state });
      },
    };
  }

  if (typeof document === "undefined") {
    const ports = new Set();
    const memory = remembering((message) => {
      for (const port of ports) port.postMessage(message);
    });
    globalThis.onconnect = ({ ports: [port] }) => {
      port.onmessage = ({ data }) => {
        if (data === "bye") ports.delete(port);
        else {
          ports.add(port);
          memory.greet((message) => port.postMessage(message));
        }
      };
    };
    listen(new URL("live", location.href), memory.receive);
    return;
  }

  const script = document.currentScript;
  const MARK = Symbol.for(NAME);
  if (script === null || globalThis[MARK]) return;
  Object.defineProperty(globalThis, MARK, { value: true });
  const scriptUrl = script.src;
  const eventsUrl = new URL("live", scriptUrl);
  /** The file that was sent, "" for a page that depends on any. */
  const file = decodeURIComponent(script.dataset.path);
  // The page is as its author wrote it.
  script.remove();

  /** One worker for all pages. Falls back where there is none, or where a policy forbids it. */
  function listenByWorker(onMessage) {
    const worker = new SharedWorker(scriptUrl, NAME);
    const { port } = worker;
    worker.onerror = () => listenByLock(onMessage);
    port.onmessage = ({ data }) => onMessage(data);
    port.postMessage("hello");
    addEventListener("pagehide", () => port.postMessage("bye"));
    addEventListener("pageshow", ({ persisted }) => {
      if (persisted) port.postMessage("hello");
    });
  }

  /** One page has the connection, and tells the others. */
  function listenByLock(onMessage) {
    if (!navigator.locks || !globalThis.BroadcastChannel) {
      return listenWhileVisible(onMessage);
    }
    const channel = new BroadcastChannel(NAME);
    let memory;
    channel.onmessage = ({ data }) => {
      if (data.name !== "ask") onMessage(data);
      else memory?.greet((message) => channel.postMessage(message));
    };
    channel.postMessage({ name: "ask" });
    navigator.locks.request(NAME, () => {
      memory = remembering((message) => {
        channel.postMessage(message);
        onMessage(message);
      });
      listen(eventsUrl, memory.receive);
      // Held until the page goes.
      return new Promise(() => {});
    }).catch(() => listenWhileVisible(onMessage));
  }

  /** Each page has a connection while it is seen: a browser allows six. */
  function listenWhileVisible(onMessage) {
    let stop;
    const update = () => {
      if (document.visibilityState === "visible") {
        stop ??= listen(eventsUrl, onMessage);
      } else {
        stop?.();
        stop = undefined;
      }
    };
    document.addEventListener("visibilitychange", update);
    update();
  }

  /** The decoded path of an address on this server. */
  function pathOf(address) {
    try {
      const url = new URL(address, document.baseURI);
      return url.host === location.host
        ? decodeURIComponent(url.pathname)
        : undefined;
    } catch {
      return undefined;
    }
  }

  /** The files that the page has loaded. */
  const loaded = new Set();
  new PerformanceObserver((list) => {
    for (const { name, initiatorType } of list.getEntries()) {
      // A page in a frame reloads itself.
      if (/^i?frame$/.test(initiatorType)) continue;
      if (loaded.size < LOADED_MAX) loaded.add(pathOf(name));
    }
  }).observe({ type: "resource", buffered: true });

  /** Whether a part of the page could not be loaded. */
  let hasFailed = false;
  addEventListener("error", ({ target }) => {
    if (target instanceof Element) hasFailed = true;
  }, true);

  /** Names the element that has the focus, so that `restoreFocus` finds it again. */
  function findFocus() {
    const { activeElement } = document;
    for (const name of ["id", "href", "name"]) {
      const value = activeElement?.getAttribute(name);
      if (!value) continue;
      const selector = `${activeElement.localName}[${name}="${
        CSS.escape(value)
      }"]`;
      const index = [...document.querySelectorAll(selector)]
        .indexOf(activeElement);
      const focusVisible = activeElement.matches(":focus-visible");
      return { selector, index, focusVisible };
    }
    return undefined;
  }

  /** Gives the focus back, unless the page or the user has moved it. Does not scroll: `keepPlace` does. */
  function restoreFocus({ selector, index, focusVisible }) {
    const { activeElement, body } = document;
    if (activeElement !== null && activeElement !== body) return;
    document.querySelectorAll(selector)[index]
      ?.focus({ preventScroll: true, focusVisible });
  }

  let isReloading = false;
  function reload() {
    if (isReloading) return;
    isReloading = true;
    const { href } = location;
    const place = { href, x: scrollX, y: scrollY, focus: findFocus() };
    try {
      sessionStorage.setItem(NAME, JSON.stringify(place));
    } catch {
      // The browser's own memory of the place has to do.
    }
    location.reload();
  }

  function takePlace() {
    try {
      const place = JSON.parse(sessionStorage.getItem(NAME));
      sessionStorage.removeItem(NAME);
      return place?.href === location.href ? place : undefined;
    } catch {
      return undefined;
    }
  }

  /** Goes back to the place before the reload, until the page has its size or the user scrolls. */
  function keepPlace({ x, y }) {
    let isOver = false;
    const end = () => isOver = true;
    for (const name of ["wheel", "touchstart", "keydown", "pointerdown"]) {
      addEventListener(name, end, { once: true, passive: true });
    }
    addEventListener("load", () => setTimeout(end, SCROLL_MS));
    const step = () => {
      if (isOver) return;
      if (Math.abs(scrollX - x) > 1 || Math.abs(scrollY - y) > 1) {
        scrollTo({ left: x, top: y, behavior: "instant" });
      }
      requestAnimationFrame(step);
    };
    if (x > 0 || y > 0) step();
  }

  /** Whether a style sheet, or one that it imports, is the file at a path. */
  function isFrom(sheet, path, seen = new Set()) {
    if (sheet === null || seen.has(sheet)) return false;
    seen.add(sheet);
    if (sheet.href !== null && pathOf(sheet.href) === path) return true;
    try {
      return [...sheet.cssRules].some((rule) =>
        rule instanceof CSSImportRule && isFrom(rule.styleSheet, path, seen)
      );
    } catch {
      // It comes from another origin.
      return false;
    }
  }

  /** The elements whose style sheets use the file at a path. */
  function styleNodes(path) {
    const links = [...document.querySelectorAll("link[rel~=stylesheet]")]
      .filter(({ href }) => pathOf(href) === path);
    const owners = [...document.styleSheets]
      .filter((sheet) => isFrom(sheet, path))
      .map(({ ownerNode }) => ownerNode);
    return [...links, ...owners];
  }

  let swaps = 0;

  /** Loads the style sheet of an element again. The old one stays until the new one is there. */
  function swap(node) {
    const copy = node.cloneNode(true);
    if (node instanceof HTMLLinkElement) {
      const url = new URL(node.href);
      url.searchParams.set("skiff-live", ++swaps);
      copy.href = url;
      copy.onload = () => node.remove();
      copy.onerror = reload;
      node.after(copy);
    } else node.replaceWith(copy);
  }

  /** Whether the page is what a file at a path says, or would say if there is one now. */
  function isPage(path) {
    if (file === "" || path === file) return true;
    if (file.endsWith("/") && path.startsWith(file)) return true;
    const here = pathOf(location.href);
    return ["", ".html", "index.html", "/index.html"]
      .some((end) => here + end === path);
  }

  /** Obeys a change of files; of any file if it is not known which. */
  function obey(paths) {
    if (paths === null) return reload();
    const nodes = new Set();
    for (const path of paths) {
      if (isPage(path)) return reload();
      const users = /\.css$/i.test(path) ? styleNodes(path) : [];
      for (const node of users) nodes.add(node);
      if (users.length > 0) continue;
      if (loaded.has(path) || !SURE.test(path)) return reload();
    }
    for (const node of nodes) swap(node);
  }

  /** What the server had when the page was loaded, or told since. */
  let known;
  let wasLost = false;
  function receive({ name, state, paths }) {
    if (name === "lost") {
      wasLost = true;
    } else if (name === "change") {
      known = state;
      obey(paths);
    } else if (state !== "") {
      const isOther = known !== undefined && known !== state;
      known = state;
      if (isOther || wasLost && hasFailed) reload();
      wasLost = false;
    }
  }

  const place = takePlace();
  if (place !== undefined) {
    keepPlace(place);
    if (place.focus !== undefined) {
      document.addEventListener(
        "DOMContentLoaded",
        () => restoreFocus(place.focus),
      );
    }
  }
  try {
    listenByWorker(receive);
  } catch {
    listenByLock(receive);
  }
})();
