import { assertEquals } from "@std/assert";
import {
  type Ports,
  runWorker,
  type WorkerCommand,
  type WorkerMessage,
  type WorkerScope,
} from "../../lib/service/worker.ts";
import {
  HAS_NETWORK,
  request,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";
import { planFor } from "./plans.ts";

/** A worker's scope in this isolate: what is posted to it, and what it posts. */
class Scope extends EventTarget implements WorkerScope {
  readonly name = "a worker";
  readonly messages: WorkerMessage[] = [];
  onmessage: WorkerScope["onmessage"] = () => {};

  postMessage(message: WorkerMessage): void {
    this.messages.push(message);
  }

  post(command: WorkerCommand): void {
    this.onmessage(new MessageEvent("message", { data: command }));
  }

  /** Whether the worker goes on after a rejection that nobody catches. */
  survives(reason: Error): boolean {
    const event = new Event("unhandledrejection", { cancelable: true });
    return !this.dispatchEvent(Object.assign(event, { reason }));
  }

  kinds(): string[] {
    return this.messages.map(({ kind }) => kind).filter((kind) =>
      kind !== "log"
    );
  }
}

/** The first key pair of a worker, and one that no listener takes. */
const PAIR = { cert: "first", key: "" };
const BAD_PAIR = { cert: "bad", key: "" };

testWith(
  HAS_NETWORK,
  "a worker serves, obeys what changes, keeps what was when that is invalid, and stops",
  async () => {
    using first = new TemporaryDirectory({ "a.txt": "first" });
    using second = new TemporaryDirectory({ "a.txt": "second" });
    const shown: string[] = [];
    const listener = Object.assign(
      Deno.listen({ hostname: "127.0.0.1", port: 0 }),
      {
        setKeyPair: (pair: typeof PAIR) => {
          if (pair === BAD_PAIR) throw new Error("a bad certificate");
          shown.push(pair.cert);
        },
      },
    );
    const { hostname, port } = listener.addr;
    const opened: unknown[] = [];
    const ports: Ports = {
      listenShared(address, keyPair) {
        opened.push(address, keyPair);
        return Promise.resolve(listener);
      },
      openLoopback: () => Promise.resolve(undefined),
    };
    const scope = new Scope();
    runWorker(scope, ports);
    const bodyOf = async () => (await request(port, "GET", "/a.txt")).body;
    const reported = (text: string) =>
      until(
        () =>
          scope.messages.some((message) =>
            message.kind === "report" && message.text.includes(text)
          ),
        text,
      );

    const plan = planFor(first.path, { keyPair: PAIR });
    const address = { hostname, port };
    scope.post({ kind: "start", index: 0, address, plan });
    await until(() => scope.kinds().includes("ready"), "the worker");
    assertEquals(opened, [address, PAIR]);
    assertEquals(await bodyOf(), "first");

    const next = planFor(second.path, { keyPair: PAIR });
    scope.post({ kind: "reload", plan: next });
    scope.post({ kind: "renew", keyPair: { cert: "second", key: "" } });
    // Commands are obeyed in turn, so the plan is served by then.
    await until(() => shown.length > 0, "the other certificate");
    assertEquals(await bodyOf(), "second");
    assertEquals(shown, ["second"]);

    const options = { ...plan.options, deny: ["nonsense"] };
    scope.post({ kind: "reload", plan: { ...plan, options } });
    await reported("nonsense");
    scope.post({ kind: "renew", keyPair: BAD_PAIR });
    await reported("a bad certificate");
    assertEquals(await bodyOf(), "second");
    assertEquals(shown, ["second"]);

    assertEquals(scope.survives(new Error("caught by nobody")), true);
    await reported("caught by nobody");

    scope.post({ kind: "stop", graceMs: 0 });
    await until(() => scope.kinds().includes("stopped"), "the end");
    assertEquals(scope.survives(new Error("too late")), false);
  },
);
