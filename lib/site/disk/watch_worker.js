// Watches a directory and everything below it in a thread of its own, where it holds up no one however long it takes.

let events = [];
let isAwaited = false;

/** Posts all events that wait, if the receiver has taken the last ones. */
function post() {
  if (!isAwaited || events.length === 0) return;
  postMessage({ events });
  events = [];
  isAwaited = false;
}

async function watch({ path, eventsMax }) {
  try {
    const watcher = Deno.watchFs(path, { recursive: true });
    postMessage({ events: [] });
    for await (const { kind, paths, flag } of watcher) {
      if (events.length >= eventsMax) {
        events = [{ kind: "any", paths: [], flag: "rescan" }];
      }
      events.push({ kind, paths, flag });
      post();
    }
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
