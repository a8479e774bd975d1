import { assertEquals, assertThrows } from "@std/assert";
import type { KeyPair } from "../../lib/server/tls/listener.ts";
import {
  type Ports,
  serveAlone,
  work,
  type WorkerScope,
} from "../../lib/service/crew.ts";
import { FIRST_VERSIONS, type Task } from "../../lib/service/task.ts";
import { buildPlan, sharedMemory } from "../../lib/service/sources.ts";
import { defaultOptions } from "../../lib/cli/options.ts";
import type {
  WorkerCommand,
  WorkerMessage,
} from "../../lib/service/workers.ts";
import {
  HAS_NETWORK,
  request,
  TemporaryDirectory,
  testWith,
  until,
} from "../helpers.ts";

/** A worker's scope in this isolate: what it is told, and what it tells. */
class Scope implements WorkerScope {
  readonly name = "a worker";
  readonly news: WorkerMessage[] = [];
  onmessage: WorkerScope["onmessage"] = () => {};

  postMessage(news: WorkerMessage): void {
    this.news.push(news);
  }

  tell(order: WorkerCommand<Task>): void {
    this.onmessage(new MessageEvent("message", { data: order }));
  }

  kinds(): string[] {
    return this.news.map(({ kind }) => kind).filter((kind) => kind !== "log");
  }
}

function taskOf(root: string, port: number, isolates = 1): Task {
  const options = { ...defaultOptions(), root };
  const plan = buildPlan(options, "/nowhere", sharedMemory(isolates));
  const hostname = "127.0.0.1";
  return {
    ...FIRST_VERSIONS,
    plan,
    tls: undefined,
    hostname,
    port,
    problems: [],
  };
}

testWith(
  HAS_NETWORK,
  "a worker serves, goes on with another task, keeps the old one when that is wrong, and stops",
  async () => {
    using first = new TemporaryDirectory({ "a.txt": "first" });
    using second = new TemporaryDirectory({ "a.txt": "second" });
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const { port } = listener.addr;
    const ports: Ports = {
      listenBeside: () => Promise.resolve(listener),
      openLoopback: () => Promise.resolve(undefined),
    };
    const scope = new Scope();
    work(scope, ports);
    const bodyOf = async () => (await request(port, "GET", "/a.txt")).body;

    const task = taskOf(first.path, port);
    scope.tell({ kind: "serve", index: 0, task });
    await until(() => scope.kinds().includes("ready"), "the worker");
    assertEquals(await bodyOf(), "first");

    const next = { ...taskOf(second.path, port), planVersion: 1 };
    scope.tell({ kind: "update", task: next });
    // Orders are followed in turn: the next request finds it done.
    await new Promise((resolve) => setTimeout(resolve, 0));
    assertEquals(await bodyOf(), "second");

    const { plan } = next;
    const wrong = { ...plan.options, deny: ["nonsense"] };
    scope.tell({
      kind: "update",
      task: { ...next, planVersion: 2, plan: { ...plan, options: wrong } },
    });
    const isReported = () =>
      scope.news.some((news) =>
        news.kind === "report" && news.text.includes("nonsense")
      );
    await until(isReported, "a report");
    assertEquals(await bodyOf(), "second");

    scope.tell({ kind: "stop", graceMs: 0 });
    await until(() => scope.kinds().includes("stopped"), "the end");
  },
);

testWith(
  HAS_NETWORK,
  "another key pair is given to the listener, and taken back when the rest cannot be followed",
  async () => {
    using site = new TemporaryDirectory();
    const shown: string[] = [];
    const listener = Object.assign(
      Deno.listen({ hostname: "127.0.0.1", port: 0 }),
      { setKeyPair: ({ cert }: KeyPair) => void shown.push(cert) },
    );
    const crew = await serveAlone(
      { ...taskOf(site.path, listener.addr.port), tls: pairOf("a") },
      listener,
      {
        listenBeside: () => Promise.reject(new Error("nothing else is opened")),
        openLoopback: () => Promise.resolve(undefined),
      },
      { report: () => {} },
    );
    const first = taskOf(site.path, listener.addr.port);
    const second = { ...first, tls: pairOf("b"), tlsVersion: 1 };
    crew.update(second);
    crew.update({ ...second, planVersion: 1 });
    assertEquals(shown, ["b"]);

    const options = { ...second.plan.options, deny: ["nonsense"] };
    assertThrows(() =>
      crew.update({
        ...second,
        plan: { ...second.plan, options },
        planVersion: 2,
        tls: pairOf("c"),
        tlsVersion: 2,
      })
    );
    assertEquals(shown, ["b", "c", "b"]);
    crew.stop(0);
    await crew.ended;
  },
);

function pairOf(cert: string): KeyPair {
  return { cert, key: "" };
}
