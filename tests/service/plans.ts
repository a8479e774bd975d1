/**
 * Plans for tests, what answers as they say, and who asks.
 *
 * @module
 */

import { assert } from "@std/assert";
import { defaultOptions, type Options } from "../../lib/cli/options.ts";
import type { Reply } from "../../lib/http/reply.ts";
import type { RefusalCause } from "../../lib/observe/metric_layout.ts";
import type { KeyPair } from "../../lib/server/tls/listener.ts";
import { SiteHandler } from "../../lib/service/site_handler.ts";
import type { Plan, Release, ReleaseSet } from "../../lib/service/plan.ts";
import type { Step } from "../../lib/service/trace.ts";
import { Service } from "../../lib/service/service.ts";
import { sharedMemory } from "../../lib/service/sources.ts";
import { headOf } from "../access/head.ts";
import { type Files, TemporaryDirectory, textOf } from "../helpers.ts";

/** What a plan for tests has beside a root. */
export interface PlanParts {
  readonly options?: Partial<Options>;
  /** Text of the auth file. */
  readonly credentials?: string | undefined;
  readonly keyPair?: KeyPair | undefined;
}

/** A plan for one isolate. */
export function planFor(root: string, parts: PlanParts = {}): Plan {
  return {
    // A watch begins with a walk that a short test does not see the end of.
    options: { ...defaultOptions(), root, watch: false, ...parts.options },
    root,
    kind: "directory",
    isolates: 1,
    credentials: parts.credentials,
    keyPair: parts.keyPair,
    memory: sharedMemory(1),
  };
}

/** A folder that is a release. */
export function releaseAt(root: string, name: string = "v1"): Release {
  return { name, root, kind: "directory", identity: name };
}

/** Releases of which the first is served, since a time in ms since the epoch. */
export function setOf(all: readonly Release[], since: number = 0): ReleaseSet {
  return { all, since, refused: [] };
}

/** What is asked, and by whom. */
export interface Question {
  readonly method?: string;
  readonly target?: string;
  /** undefined: there is no such field, and the request is one of HTTP/1.0. */
  readonly host?: string | undefined;
  readonly fields?: Readonly<Record<string, string>>;
  readonly peer?: string;
  readonly isTls?: boolean;
  readonly now?: number;
}

/** A reply that can be looked at. */
export interface Answered {
  readonly status: number;
  /** By lower-case name; no name is there twice. */
  readonly fields: ReadonlyMap<string, string>;
  readonly body: string;
  /** Whom the answer was made for. */
  readonly address: string;
  /** How often the request's target was read. */
  readonly targetReads: number;
}

/** A SiteHandler over a directory of their own. */
export class Stage implements Disposable {
  readonly directory: TemporaryDirectory;
  readonly answers: SiteHandler;
  readonly refused: RefusalCause[] = [];
  readonly warnings: string[] = [];

  constructor(
    files: Files,
    parts: PlanParts = {},
    onStep?: (step: Step) => void,
    /** Links that are there from the start, by their names. */
    links: Readonly<Record<string, string>> = {},
  ) {
    this.directory = new TemporaryDirectory(files);
    try {
      for (const [name, target] of Object.entries(links)) {
        Deno.symlinkSync(target, this.directory.join(name));
      }
      this.answers = new SiteHandler(planFor(this.directory.path, parts), {
        onRefusal: (cause) => this.refused.push(cause),
        onWarning: (text) => this.warnings.push(text),
        onStep,
      });
    } catch (error) {
      this.directory[Symbol.dispose]();
      throw error;
    }
  }

  async ask(question: Question = {}): Promise<Answered> {
    const { method = "GET", target = "/", peer = "127.0.0.1" } = question;
    const host = "host" in question ? question.host : "localhost";
    const lines = Object.entries({
      ...host !== undefined && { Host: host },
      ...question.fields,
    }).map(([name, value]) => `${name}: ${value}\r\n`);
    const version = host === undefined ? "HTTP/1.0" : "HTTP/1.1";
    const head = headOf(
      `${method} ${target} ${version}\r\n${lines.join("")}\r\n`,
    );
    const { target: sent } = head;
    let targetReads = 0;
    Object.defineProperty(head, "target", { get: () => (targetReads++, sent) });
    // As it is on a connection whose last request came from elsewhere.
    const client = {
      peer,
      address: "203.0.113.99",
      isTls: question.isTls ?? false,
      isSender: true,
    };
    const now = question.now ?? Date.now();
    const reply = await this.answers.respond(head, now, client);
    return { ...answeredOf(reply), address: client.address, targetReads };
  }

  [Symbol.dispose](): void {
    this.answers.close();
    this.directory[Symbol.dispose]();
  }
}

/** A reply that can be looked at. */
export function answeredOf(
  reply: Reply,
): Omit<Answered, "address" | "targetReads"> {
  const fields = new Map<string, string>();
  for (const [written, value] of reply.fields.lines) {
    const name = written.toLowerCase();
    assert(!fields.has(name), `${name} is there twice`);
    fields.set(name, value);
  }
  const body = reply.body.map((segment) => {
    if (segment instanceof Uint8Array) return textOf(segment);
    const reader = segment.open();
    const bytes = new Uint8Array(segment.length);
    for (let at = 0; at < bytes.length;) at += reader.read(bytes.subarray(at));
    reader.close();
    return textOf(bytes);
  });
  return { status: reply.status, fields, body: body.join("") };
}

/** A service on a port of its own. */
export class TestService implements AsyncDisposable {
  readonly port: number;
  readonly service: Service;
  readonly reports: unknown[] = [];
  log = "";

  constructor(plan: Plan, setKeyPair: (pair: KeyPair) => void = () => {}) {
    const listener = Object.assign(
      Deno.listen({ hostname: "127.0.0.1", port: 0 }),
      { setKeyPair },
    );
    this.port = listener.addr.port;
    const decoder = new TextDecoder();
    try {
      this.service = new Service(plan, {
        listener,
        loopback: undefined,
        logSink: {
          write: (bytes) => {
            this.log += decoder.decode(bytes);
            return Promise.resolve(bytes.length);
          },
        },
        report: (error) => this.reports.push(error),
        worker: undefined,
      });
    } catch (error) {
      listener.close();
      throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.service.stop(0);
    await this.service.ended;
  }
}
