import { assert, assertEquals } from "@std/assert";
import { Responder } from "../lib/respond.ts";
import { Policy } from "../lib/site/policy.ts";
import type { FileResource } from "../lib/site/site.ts";
import { NOW } from "./ask.ts";
import { headOf, MemorySite } from "./memory_site.ts";

Deno.test("a file whose writer was waited for is not sent when it is protected then", async () => {
  const site = new MemorySite({ "/a.txt": "open", "/secret.txt": "secret" });
  const [file, secret] = ["/a.txt", "/secret.txt"].map((path) => {
    const resource = site.lookup(path);
    assert(resource.kind === "file");
    return resource;
  }) as [FileResource, FileResource];
  const swapped = { ...file, realPath: secret.realPath };
  const awaitWriter = () => Promise.resolve(swapped);
  site.lookup = () => ({ ...file, awaitWriter });
  const isProtected = (path: string) => path === "/secret.txt";
  for (const [policy, status] of [[{ isProtected }, 404], [{}, 200]] as const) {
    const responder = new Responder(site, new Policy(policy));
    const reply = await responder.respond(headOf("GET", "/a.txt"), NOW);
    assertEquals(reply.status, status);
  }
});

Deno.test("a page of an error that cannot be decoded gives way to the built-in one", async () => {
  const site = new MemorySite({ "/404.html": "page" });
  const page = site.lookup("/404.html");
  assert(page.kind === "file");
  const encoded = { ...page, identity: undefined };
  site.lookup = (path) => path === "/404.html" ? encoded : { kind: "absent" };
  const responder = new Responder(site, new Policy());
  const reply = await responder.respond(headOf("GET", "/gone"), NOW);
  assertEquals(reply.status, 404);
  assertEquals(reply.body.length, 1);
});

Deno.test("a file that cannot be decoded is a 406, and one that has to wait a 503", async () => {
  const site = new MemorySite({ "/a.txt": "content" });
  const file = site.lookup("/a.txt");
  assert(file.kind === "file");
  site.lookup = (path) =>
    path === "/a.txt" ? { ...file, identity: undefined } : { kind: "absent" };
  const responder = new Responder(site, new Policy());
  const head = headOf("GET", "/a.txt");
  for (const failure of [406, 503] as const) {
    for (const result of [failure, Promise.resolve(failure)]) {
      site.decode = () => result as 406;
      assertEquals((await responder.respond(head, NOW)).status, failure);
    }
  }
});

Deno.test("a search ends when its request is cancelled while it waits", async () => {
  const responder = new Responder(
    new MemorySite({ "/a.txt": "" }),
    new Policy(),
  );
  const heads = [1, 2, 3].map(() =>
    Object.assign(headOf("GET", "/?q=a"), { isCancelled: false })
  );
  const replies = heads.map((head) => responder.respond(head, NOW));
  heads[1]!.isCancelled = true;
  const statuses = (await Promise.all(replies)).map(({ status }) => status);
  assertEquals(statuses, [200, 503, 200]);
});
