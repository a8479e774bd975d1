import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  type FolderRequest,
  FolderResources,
} from "../../lib/site/folder_resources.ts";
import { Policy } from "../../lib/site/policy.ts";
import { MemorySite, MODIFIED } from "../memory_site.ts";
import { textOf } from "../helpers.ts";

const SITE = new MemorySite({ "/d/a.txt": "a", "/d/sub/b.txt": "b" });

const REQUEST: FolderRequest = {
  path: "/d/",
  query: undefined,
  accept: undefined,
  now: MODIFIED + 60_000,
  isPrivate: false,
  address: "",
  isWanted: () => true,
};

async function get(request: Partial<FolderRequest>, policy = new Policy()) {
  const folders = new FolderResources(SITE, policy);
  const found = await folders.get({ ...REQUEST, ...request });
  assert(found.kind === "file");
  return found;
}

async function textFor(request: Partial<FolderRequest>, policy?: Policy) {
  const { identity } = await get(request, policy);
  return textOf(identity!.slice(0, identity!.length) as Uint8Array);
}

Deno.test("FolderResources.get() makes a listing, with a button for the archive", async () => {
  const html = await textFor({});
  assertStringIncludes(html, "a.txt");
  assertStringIncludes(html, 'name="download"');
  const accept = "application/json";
  assertEquals(JSON.parse(await textFor({ accept })).entries.length, 2);
});

Deno.test("FolderResources.get() makes an archive", async () => {
  const { contentType } = await get({ query: "download=zip" });
  assertEquals(contentType, "application/zip");
});

Deno.test("FolderResources.get() makes none where the operator wants none", async () => {
  const policy = new Policy({ zip: false });
  const html = await textFor({ query: "download=zip" }, policy);
  assertStringIncludes(html, "a.txt");
  assertEquals(html.includes("download"), false);
});

Deno.test("FolderResources.get() searches", async () => {
  assertStringIncludes(await textFor({ query: "q=B.t" }), "./sub/b.txt");
  const accept = "application/json";
  const json = JSON.parse(await textFor({ query: "q=B.t", accept }));
  assertEquals([json.query, json.entries.length], ["B.t", 1]);
  assertEquals(json.entries[0].name, "sub/b.txt");
});
