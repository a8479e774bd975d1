// Watches directories in a thread of its own, because the call that begins a watch blocks for as long as it takes.

let events = [];
let isAwaited = false;

/** Posts all events that wait, if the receiver has taken the last ones. */
function post() {
  if (!isAwaited || events.length === 0) return;
  postMessage({ events });
  events = [];
  isAwaited = false;
}

/** Passes on the events of a watcher for paths that `isOwn` accepts. */
async function follow(watcher, isOwn, eventsMax) {
  for await (const { kind, paths, flag } of watcher) {
    if (paths.length > 0 && !paths.some(isOwn)) continue;
    if (events.length >= eventsMax) {
      events = [{ kind: "any", paths: [], flag: "rescan" }];
    }
    events.push({ kind, paths, flag });
    post();
  }
}

/** Watches trees with everything below, and the names in branches. */
async function watch({ trees, branches, eventsMax }) {
  const parent = (path) => path.slice(0, path.lastIndexOf("/"));
  const isNamed = (path) =>
    branches.includes(path) || branches.includes(parent(path));
  try {
    const watches = [];
    if (trees.length > 0) {
      const watcher = Deno.watchFs(trees, { recursive: true });
      watches.push(follow(watcher, () => true, eventsMax));
    }
    if (branches.length > 0) {
      const watcher = Deno.watchFs(branches, { recursive: false });
      // The runtime also tells here what the other watcher sees.
      watches.push(follow(watcher, isNamed, eventsMax));
    }
    postMessage({ events: [] });
    await Promise.all(watches);
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    postMessage({ failure: error.message, isMissing });
  }
}

globalThis.onmessage = ({ data }) => {
  if (data !== "more") return void watch(data);
  isAwaited = true;
  post();
};
