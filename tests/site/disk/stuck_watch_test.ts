import { assert, assertEquals } from "@std/assert";
import { Watcher } from "../../../lib/site/disk/watcher.ts";
import { WorkerWatch } from "../../../lib/site/disk/worker_watch.ts";
import { TemporaryDirectory, until, within } from "../../helpers.ts";
import { testAgainst } from "../../programs.ts";

/** A FIFO that was in a directory for a moment. The runtime may still wait for its writer, until this is disposed. */
async function passingFifo(
  mkfifo: string,
  directory: TemporaryDirectory,
  elsewhere: TemporaryDirectory,
): Promise<Disposable> {
  const kept = elsewhere.join("fifo");
  const { success } = await new Deno.Command(mkfifo, { args: [kept] }).output();
  assert(success);
  Deno.linkSync(kept, directory.join("fifo"));
  Deno.removeSync(directory.join("fifo"));
  return {
    [Symbol.dispose]: () =>
      // Opening it for both waits for no one, and ends the wait of others.
      Deno.openSync(kept, { read: true, write: true }).close(),
  };
}

/** Closes the watches of this thread that were left open, once nothing holds up the runtime. */
function abandonedWatches(): Disposable {
  const { watchFs } = Deno;
  const begun: Deno.FsWatcher[] = [];
  Deno.watchFs = (...args) => {
    const watch = watchFs(...args);
    begun.push(watch);
    return watch;
  };
  return {
    [Symbol.dispose]: () => {
      Deno.watchFs = watchFs;
      for (const watch of begun) {
        try {
          watch.close();
        } catch (error) {
          // The loop that read it has closed it, if it was told of a change.
          if (!(error instanceof Deno.errors.BadResource)) throw error;
        }
      }
    },
  };
}

testAgainst(
  "mkfifo",
  "a FIFO that comes and goes holds up only the thread of the site that it was in",
  async (mkfifo) => {
    using directory = new TemporaryDirectory();
    using elsewhere = new TemporaryDirectory();
    const stuck = await WorkerWatch.open({
      trees: [directory.path],
      branches: [],
    });
    using _fifo = await passingFifo(mkfifo, directory, elsewhere);
    const opening = WorkerWatch.open({ trees: [directory.path], branches: [] });
    const other = await within(opening, "another watch");
    directory.write("a.txt", "");
    const event = await within(
      other[Symbol.asyncIterator]().next(),
      "an event",
    );
    assertEquals(event.value!.paths, [directory.join("a.txt")]);
    stuck.close();
    other.close();
  },
);

testAgainst(
  "mkfifo",
  "a site in which a FIFO came and went is watched again, by a thread of its own",
  async (mkfifo) => {
    using directory = new TemporaryDirectory({ "a.txt": "" });
    using elsewhere = new TemporaryDirectory();
    const losses: string[] = [];
    const told: (string | undefined)[] = [];
    // Before the FIFO, so that it ends after the FIFO.
    using _watches = abandonedWatches();
    const watcher = new Watcher(directory.path, {
      onLoss: (text) => losses.push(text),
    });
    watcher.onChange = (path) => told.push(path);
    await watcher.started;
    using _fifo = await passingFifo(mkfifo, directory, elsewhere);
    // A look has found a change that no one tells of: the link came and went before the runtime could open it, or not.
    watcher.found("/a.txt");
    await until(() => !watcher.isWatching, "doubt");
    await until(() => watcher.trusts(Date.now()), "another watch");
    told.length = 0;
    directory.write("a.txt", "new");
    await until(() => told.includes("/a.txt"), "news");
    assertEquals(losses, []);
    // If that misses a change as well, the system does not tell.
    watcher.found("/b.txt");
    await until(() => losses.length > 0, "the loss");
    assertEquals(losses.length, 1);
    assertEquals(watcher.trusts(Date.now()), false);
  },
);
