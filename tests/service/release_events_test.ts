import { assertEquals } from "@std/assert";
import type { ReleaseSet } from "../../lib/service/plan.ts";
import { ReleaseEvents } from "../../lib/service/release_events.ts";
import { textOf } from "../helpers.ts";
import { headOf } from "../memory_site.ts";
import { releaseAt, setOf as setOfAll } from "./plans.ts";

function setOf(name: string, since?: number): ReleaseSet {
  return setOfAll([releaseAt("/r", name)], since);
}

const EVENTS = { Accept: "text/event-stream" };

Deno.test("ReleaseEvents say in JSON which release is served", () => {
  const events = new ReleaseEvents(setOf("v1"), 1);
  const head = headOf("GET", "/.skiff/release");
  const services = events.services(setOf('v"2', 1000));
  const { status, body, fields } = services.get("/.skiff/release")!(head);
  assertEquals(status, 200);
  assertEquals(
    textOf(body[0] as Uint8Array),
    '{"release":"v\\"2","since":"1970-01-01T00:00:01.000Z"}\n',
  );
  assertEquals(
    fields.lines.find(([name]) => name === "Cache-Control")?.[1],
    "no-store",
  );
});

Deno.test("ReleaseEvents tell each client what is served, and when that changes", () => {
  const events = new ReleaseEvents(setOf("v1"), 1);
  const head = headOf("GET", "/.skiff/release", EVENTS);
  const reply = events.respond(head, setOf("v1"));
  const reader = reply.events!.open(() => {});
  const next = () => {
    const bytes = reader.next();
    return bytes && /data: (.*)/.exec(textOf(bytes))![1];
  };
  const first = '{"release":"v1","since":"1970-01-01T00:00:00.000Z"}';
  const second = '{"release":"v2","since":"1970-01-01T00:00:05.000Z"}';
  assertEquals(next(), first);
  events.show(setOf("v1"));
  assertEquals(next(), undefined);
  events.show(setOf("v2", 5000));
  assertEquals(next(), second);
  events.close();
  assertEquals(reader.isEnded, true);
  assertEquals(events.respond(head, setOf("v2")).status, 503);
});

/** Values of Accept, and whether they get events. */
const ACCEPTED: Readonly<Record<string, boolean>> = {
  "text/event-stream": true,
  "Text/Event-Stream, */*;q=0.5": true,
  "text/event-stream;q=0.1": true,
  "text/event-stream;q=0": false,
  "text/event-stream; q=0.0, */*": false,
  "application/json, text/event-stream;q=0.9": false,
  "text/event-streams": false,
  "x-text/event-stream": false,
  "*/*": false,
  "": false,
};

for (const [Accept, isStream] of Object.entries(ACCEPTED)) {
  Deno.test(`ReleaseEvents go by Accept: ${JSON.stringify(Accept)}`, () => {
    const events = new ReleaseEvents(setOf("v1"), 1);
    const head = headOf("GET", "/.skiff/release", { Accept });
    const { events: stream } = events.respond(head, setOf("v1"));
    assertEquals(stream !== undefined, isStream);
  });
}

Deno.test("ReleaseEvents tell the pages of a preview of their own release", () => {
  const events = new ReleaseEvents(setOf("v1"), 1);
  const head = headOf("GET", "/.skiff/release", EVENTS);
  const reader = events.respond(head, setOf("v2"), true)
    .events!.open(() => {});
  const next = () => {
    const bytes = reader.next();
    return bytes && JSON.parse(/data: (.*)/.exec(textOf(bytes))![1]!);
  };
  const releaseAt = (seconds: number) => ({
    release: "v2",
    since: `1970-01-01T00:00:0${seconds}.000Z`,
  });
  assertEquals(next(), releaseAt(0));
  const show = (name: string, ...previews: ReleaseSet[]) =>
    events.show({ ...setOf(name), previews });
  show("v3", setOf("v2"), setOf("v9", 7000));
  assertEquals(next(), undefined);
  show("v3", setOf("v2", 5000));
  assertEquals(next(), releaseAt(5));
  assertEquals(reader.isEnded, false);
  show("v3");
  assertEquals(reader.isEnded, true);
  // It may come back.
  assertEquals(events.respond(head, setOf("v2"), true).status, 200);
});
