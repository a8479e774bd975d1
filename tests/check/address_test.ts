import { assertEquals } from "@std/assert";
import {
  baseOf,
  decodedText,
  isInsecure,
  resolve,
} from "../../lib/check/address.ts";

const BASE = baseOf("/docs/a.html?x");

/** Addresses as written in /docs/a.html, and what they lead to. */
const ADDRESSES: readonly (readonly [address: string, leadsTo: string])[] = [
  ["b.html", "/docs/b.html"],
  [" \n b.html\t", "/docs/b.html"],
  ["../b", "/b"],
  ["../../../b", "/b"],
  ["/b?c#d", "/b?c #d"],
  ["", "/docs/a.html?x"],
  ["#x", "/docs/a.html?x #x"],
  ["#", "/docs/a.html?x #"],
  ["?q", "/docs/a.html?q"],
  ["a b", "/docs/a%20b"],
  ["\\windows\\path", "/windows/path"],
  ["//other.example/x", "http://other.example/x"],
  ["HTTPS://other.example", "https://other.example/"],
  ["mailto:a@b.example", "other"],
  ["JavaScript:void 0", "other"],
  ["data:,x", "other"],
  ["{{ url }}", "other"],
  ["${url}", "other"],
  ["<%= url %>", "other"],
  ["http://[", "invalid"],
  ["http://a b/", "invalid"],
];

for (const [address, leadsTo] of ADDRESSES) {
  Deno.test(`resolve() of ${JSON.stringify(address)}: ${leadsTo}`, () => {
    const found = resolve(address, BASE);
    const text = found.kind === "own"
      ? `${found.target}${
        found.fragment === undefined ? "" : ` #${found.fragment}`
      }`
      : found.kind === "external"
      ? found.url.href
      : found.kind;
    assertEquals(text, leadsTo);
  });
}

Deno.test("resolve() takes another origin as the site's own", () => {
  const origin = "https://own.example";
  const found = resolve("https://own.example/a", BASE, origin);
  assertEquals(found.kind === "own" && found.target, "/a");
  assertEquals(
    resolve("https://own.example.org/a", BASE, origin).kind,
    "external",
  );
  assertEquals(resolve("http://own.example/a", BASE, origin).kind, "external");
});

Deno.test("baseOf() keeps the target for what cannot be parsed", () => {
  assertEquals(baseOf("/docs/a.html?x", "http://["), BASE);
  assertEquals(baseOf("/docs/a.html?x", undefined), BASE);
});

Deno.test("baseOf() resolves what is written, also to another server", () => {
  assertEquals(resolve("b", baseOf("/docs/a", " ../x/ ")), {
    kind: "own",
    target: "/x/b",
    fragment: undefined,
  });
  const other = baseOf("/docs/a", "https://other.example/");
  assertEquals(resolve("a", other).kind, "external");
});

Deno.test("decodedText() leaves what is malformed", () => {
  assertEquals(["a%20b", "%", "%ff"].map(decodedText), ["a b", "%", "%ff"]);
});

for (
  const [url, insecure] of [
    ["http://a.example/", true],
    ["https://a.example/", false],
    ["http://localhost/", false],
    ["http://a.localhost:80/", false],
    ["http://127.0.0.1:8000/", false],
    ["http://[::1]/", false],
    ["http://localhost.example/", true],
    ["http://128.0.0.1/", true],
  ] as const
) {
  Deno.test(`isInsecure() of ${url}: ${insecure}`, () => {
    assertEquals(isInsecure(new URL(url)), insecure);
  });
}
