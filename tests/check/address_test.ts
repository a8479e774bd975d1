import { assertEquals } from "@std/assert";
import { baseOf, decodedText, isInsecure } from "../../lib/check/address.ts";

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
  Deno.test(`Base resolves ${JSON.stringify(address)} to ${leadsTo}`, () => {
    const found = BASE.resolve(address);
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

Deno.test("Base takes another origin as the site's own", () => {
  const origin = "https://own.example";
  const found = BASE.resolve("https://own.example/a", origin);
  assertEquals(found.kind === "own" && found.target, "/a");
  assertEquals(
    BASE.resolve("https://own.example.org/a", origin).kind,
    "external",
  );
  assertEquals(BASE.resolve("http://own.example/a", origin).kind, "external");
});

Deno.test("Base.with() keeps what cannot be parsed", () => {
  assertEquals(BASE.with("http://["), BASE);
  assertEquals(BASE.with(undefined), BASE);
});

Deno.test("Base.with() resolves against another server", () => {
  const other = BASE.with("https://other.example/");
  assertEquals(other.resolve("a").kind, "external");
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
