/**
 * Explain: what skiff would respond to a request, and why. Runs the code that
 * serves, without a port.
 *
 * @module
 */

import type { Refusal } from "../access/gate.ts";
import type { RequestHead } from "../http/head.ts";
import { printable, quote } from "../http/printable.ts";
import { headBytesMax, writeHead } from "../http/http1/response.ts";
import type { Reply } from "../http/reply.ts";
import { bodyLength } from "../http/reply.ts";
import type { Outcome } from "../site/rules/redirect_rules.ts";
import type { FileResource, Resource } from "../site/site.ts";
import { openHandler, partsOf } from "./handler.ts";
import { type Plan, PlanError } from "./plan.ts";
import { localClient, requestHead } from "./request_head.ts";
import type { Step } from "./trace.ts";

/** How often to wait for a variant. */
const ATTEMPTS = 5;

const DECODER = new TextDecoder();

/**
 * Explains the reply to a GET request for a target with these headers: every step, the status line and all headers.
 * Throws a PlanError for a request that is malformed, and like SiteHandler.
 */
export async function explain(
  plan: Plan,
  target: string,
  fields: readonly (readonly [name: string, value: string])[],
): Promise<string> {
  const steps: Step[] = [];
  const notes = new Set<string>();
  const parts = await partsOf(plan);
  const handler = openHandler(plan, {
    onRefusal: () => {},
    onWarning: (text) => notes.add(text),
    onStep: (step) => steps.push(step),
  }, parts);
  try {
    const ask = async () => {
      const head = headOf(target, fields);
      const reply = await handler.respond(head, Date.now(), localClient());
      return { head, reply };
    };
    let { head, reply } = await ask();
    const making = steps.find((step) => step.kind === "encode");
    // A file that was written a moment ago is read again, and its variant made again.
    for (let attempt = 0; attempt < ATTEMPTS && isMaking(steps); attempt++) {
      await handler.idle();
      steps.length = 0;
      ({ head, reply } = await ask());
    }
    if (making !== undefined && !isMaking(steps)) steps.unshift(making);
    return [
      `GET ${head.target}`,
      ...[...handler.warnings, ...notes].map((text) => `  note     ${text}`),
      ...releaseNotes(plan),
      ...plan.options.requestId
        ? ["  note     every reply has an X-Request-Id of its own as well"]
        : [],
      // With a password to check, the file is found again after that: the same steps twice.
      ...new Set(steps.map((step) => `  ${describe(step)}`)),
      `  answer   ${reason(reply, head, steps)}`,
      "",
      ...headLines(reply),
      `(${sizeOf(reply)})`,
      "",
    ].map((line) => printable(line)).join("\n");
  } finally {
    handler.close();
    parts.releaseEvents?.close();
    await handler.idle();
  }
}

/** Says which release is served. */
function releaseNotes({ releases }: Plan): string[] {
  if (releases === undefined) return [];
  const [served, ...others] = releases.all.map(({ name }) => name);
  const rest = others.length === 0
    ? ""
    : `; names with a hash also from ${others.join(", ")}`;
  return [`  note     release ${served}${rest}`];
}

/** Whether a variant is still being made. */
function isMaking(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === "encode");
}

/** Builds the head as if a client had sent it. */
function headOf(
  target: string,
  fields: readonly (readonly [string, string])[],
): RequestHead {
  const head = requestHead(target, fields);
  if (typeof head !== "number") return head;
  throw new PlanError(
    `Cannot explain ${
      quote(target)
    }: the parser rejects the request with ${head}`,
  );
}

/** Why the gate refuses a request, and by which option. */
const REFUSALS: Readonly<Record<Refusal["cause"], string>> = {
  host: "this Host is not allowed (--allowed-hosts)",
  denied: "the client's address is not allowed (--allow, --deny)",
  rate: "the client's address sends too many requests (--requests-per-second)",
  unauthenticated: "this path needs a name and a password (--auth-file)",
  paused: "too many wrong passwords, so the client has to wait (--auth-file)",
  busy: "too many passwords are being checked right now (--auth-file)",
};

function describe(step: Step): string {
  switch (step.kind) {
    case "refusal":
      return `refused  ${REFUSALS[step.cause]}`;
    case "preview":
      return `preview  ${
        step.release === undefined ? "of no release" : step.release
      }, by the request's ${step.by}`;
    case "service":
      return "service  skiff itself replies, before rules and files";
    case "lookup":
      return `look up  ${shown(step.path)}: ${describeResource(step.resource)}${
        step.origin === undefined ? "" : `, of ${step.origin}`
      }`;
    case "rules": {
      const which = step.forcedOnly
        ? "rules that come before files"
        : "rules for paths without a file";
      return `rules    ${describeOutcome(step.outcome, which)}`;
    }
    case "fields":
      return `headers  by ${step.where.join(", ")}`;
    case "encode":
      return `encoding ${step.token} is made on the first request, which gets the file as it is`;
  }
}

/** Formats a decoded path for a terminal: percent-encodes control characters, as in `%1B`. */
function shown(path: string): string {
  return printable(path, encodeURIComponent);
}

function describeResource(resource: Resource): string {
  switch (resource.kind) {
    case "file":
      return `a file, ${describeContent(resource)}, ${resource.contentType}`;
    case "directory":
      return "a directory";
    case "absent":
      return "nothing";
    case "refused":
      return `may not be read (${resource.status})`;
  }
}

function describeContent({ identity, encoded }: FileResource): string {
  if (identity !== undefined) return `${identity.length} bytes`;
  const codings = encoded.map(({ coding }) => coding!.token).join(", ");
  return `only as ${codings}`;
}

function describeOutcome(outcome: Outcome | undefined, which: string): string {
  if (outcome === undefined) return `none of the ${which} matches`;
  const { where } = outcome;
  switch (outcome.kind) {
    case "redirect":
      return `${where} redirects to ${outcome.location} (${outcome.status})`;
    case "rewrite":
      return `${where} rewrites to ${shown(outcome.path)}`;
    case "status":
      return `${where} answers ${outcome.status}${
        outcome.path === undefined ? "" : ` with ${shown(outcome.path)}`
      }`;
  }
}

/** Says what decided the status and the variant. */
function reason(
  reply: Reply,
  head: RequestHead,
  steps: readonly Step[],
): string {
  const { status, coding } = reply;
  switch (status) {
    case 200:
      if (reply.events !== undefined) return "events, until one side ends them";
      if (steps.some(({ kind }) => kind === "service")) {
        return "what skiff says about itself";
      }
      if (isListing(steps)) return "a listing of the directory";
      return coding === undefined
        ? "the file as it is"
        : `the file in ${coding}, which Accept-Encoding prefers`;
    case 206:
      return "a part of the file, as Range requests";
    case 304:
      return "the client's copy is still fresh, by its own condition";
    case 406:
      return "the file exists only in codings that Accept-Encoding does not name, and skiff cannot decode them";
    case 412:
      return "the client's own condition does not hold";
    case 416:
      return "Range requests bytes that the file does not have";
    case 404:
      return "no file, page or listing has this path";
    default:
      return status < 400
        ? "a redirect to Location"
        : `an error: ${head.method} is answered with ${status}`;
  }
}

/** Whether the reply lists a directory: one was found, and no file in its place. */
function isListing(steps: readonly Step[]): boolean {
  const found = steps.filter((step) => step.kind === "lookup")
    .map(({ resource }) => resource.kind);
  return found.includes("directory") && !found.includes("file");
}

function headLines(reply: Reply): string[] {
  const out = new Uint8Array(headBytesMax(reply));
  const end = writeHead(reply, "persistent", Date.now(), out, 0);
  return DECODER.decode(out.subarray(0, end)).trimEnd().split("\r\n");
}

function sizeOf(reply: Reply): string {
  if (reply.events !== undefined) return "a body without a known end";
  const length = bodyLength(reply);
  return length === 0 ? "no body" : `a body of ${length} bytes`;
}
