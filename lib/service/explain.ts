/**
 * Explain: what would be answered to a request, and why, without serving
 * anything. The answer is made by the very code that serves.
 *
 * @module
 */

import type { Refusal } from "../access/gate.ts";
import { CHUNKED, frameBody } from "../http/http1/body.ts";
import type { RequestHead } from "../http/head.ts";
import { printable, quote } from "../http/printable.ts";
import { ParsedHead } from "../http/http1/request.ts";
import { headBytesMax, writeHead } from "../http/http1/response.ts";
import type { Reply } from "../http/reply.ts";
import { bodyLength } from "../http/reply.ts";
import type { Outcome } from "../site/rules/redirect_rules.ts";
import type { FileResource, Resource } from "../site/site.ts";
import { SiteHandler } from "./site_handler.ts";
import { type Plan, PlanError } from "./plan.ts";
import type { Step } from "./trace.ts";

/** What the request to explain comes from, and is sent to, unless a field says otherwise. */
const CLIENT = "127.0.0.1";
const HOST = "localhost";

/** How often a variant is waited for. */
const ATTEMPTS = 5;

const DECODER = new TextDecoder();

/**
 * Tells what a GET request for a target with these fields is answered with: every step, the status line and all
 * fields. Throws a PlanError for a target or fields that are no request, and as SiteHandler does.
 */
export async function explain(
  plan: Plan,
  target: string,
  fields: readonly (readonly [name: string, value: string])[],
): Promise<string> {
  const steps: Step[] = [];
  const answers = new SiteHandler(plan, {
    onRefusal: () => {},
    onWarning: () => {},
    onStep: (step) => steps.push(step),
  });
  try {
    const ask = async () => {
      const head = headOf(target, fields);
      const client = {
        peer: CLIENT,
        address: CLIENT,
        isTls: false,
        isSender: true,
      };
      const reply = await answers.respond(head, Date.now(), client);
      return { head, reply };
    };
    let { head, reply } = await ask();
    const making = steps.find((step) => step.kind === "encode");
    // A file that was written a moment ago is read again, and its variant made again.
    for (let attempt = 0; attempt < ATTEMPTS && isMaking(steps); attempt++) {
      await answers.idle();
      steps.length = 0;
      ({ head, reply } = await ask());
    }
    if (making !== undefined && !isMaking(steps)) steps.unshift(making);
    return [
      `GET ${head.target}`,
      ...answers.warnings.map((remark) => `  note     ${remark}`),
      ...plan.options.requestId
        ? ["  note     every reply has an X-Request-Id of its own as well"]
        : [],
      // With passwords the path is looked up for them first, and then for the answer: the same steps twice.
      ...new Set(steps.map((step) => `  ${describe(step)}`)),
      `  answer   ${reason(reply, head, steps)}`,
      "",
      ...headLines(reply),
      `(${sizeOf(reply)})`,
      "",
    ].map((line) => printable(line)).join("\n");
  } finally {
    answers.close();
  }
}

/** Whether a variant was not there yet. */
function isMaking(steps: readonly Step[]): boolean {
  return steps.some((step) => step.kind === "encode");
}

/** The head as a client would have sent it: through the parser that reads them from the wire. */
function headOf(
  target: string,
  fields: readonly (readonly [string, string])[],
): RequestHead {
  const hasHost = fields.some(([name]) => name.toLowerCase() === "host");
  const lines = [...hasHost ? [] : [["Host", HOST]], ...fields]
    .map(([name, value]) => `${name}: ${value}\r\n`);
  const bytes = new TextEncoder().encode(
    `GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`,
  );
  const head = new ParsedHead();
  const end = head.parse(bytes, 0, bytes.length);
  const framing = end === bytes.length ? frameBody(head) : end;
  // Else the rest of the target has become something else.
  const isWhole = end === bytes.length && head.target === target;
  if (!isWhole || framing < 0 && framing !== CHUNKED) {
    const status = framing < 0 ? -framing : 400;
    throw new PlanError(
      `Cannot explain ${
        quote(target)
      }: the request would be refused with ${status} before it is looked at`,
    );
  }
  return head;
}

/** Why a request is refused before anything is looked up, and by which option. */
const REFUSALS: Readonly<Record<Refusal["cause"], string>> = {
  host: "this server does not answer for this Host (--allowed-hosts)",
  denied: "the client's address is not let in (--allow, --deny)",
  rate: "the client's address asks too often (--requests-per-second)",
  unauthenticated: "this path needs a name and a password (--auth-file)",
  paused: "wrong passwords too often, so the client has to wait (--auth-file)",
  busy: "too many passwords are being checked at this moment (--auth-file)",
};

function describe(step: Step): string {
  switch (step.kind) {
    case "refusal":
      return `refused  ${REFUSALS[step.cause]}`;
    case "lookup":
      return `look up  ${shown(step.path)}: ${describeResource(step.resource)}`;
    case "rules": {
      const which = step.forcedOnly
        ? "rules that come before files"
        : "rules for what no file has";
      return `rules    ${describeOutcome(step.outcome, which)}`;
    }
    case "fields":
      return `fields   by ${step.where.join(", ")}`;
    case "encode":
      return `encoding ${step.token} is made when first asked for; that request gets the file as it is`;
  }
}

/** A decoded path, in which what a terminal must not get stands as in a target: `%1B`. */
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
  return `there only as ${codings}`;
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

/** What has decided about the status and the variant. */
function reason(
  { status, coding }: Reply,
  head: RequestHead,
  steps: readonly Step[],
): string {
  switch (status) {
    case 200:
      if (isListing(steps)) return "a listing of the directory";
      return coding === undefined
        ? "the file as it is"
        : `the file in ${coding}, which Accept-Encoding prefers`;
    case 206:
      return "a part of the file, as Range asks";
    case 304:
      return "what the client has is still good, by its own condition";
    case 406:
      return "the file is there only in codings that Accept-Encoding does not name, and cannot be decoded";
    case 412:
      return "the client's own condition does not hold";
    case 416:
      return "Range asks for what the file does not have";
    case 404:
      return "no file, page or listing has this path";
    default:
      return status < 400
        ? "a redirect to Location"
        : `an error: ${head.method} is answered with ${status}`;
  }
}

/** Whether a directory was found, and no file in its place. */
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
  const length = bodyLength(reply);
  return length === 0 ? "no body" : `a body of ${length} bytes`;
}
