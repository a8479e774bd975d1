import { assertEquals } from "@std/assert";
import { CSP_SOURCES_MAX, PolicySet } from "../../lib/check/csp.ts";
import type { InlineCode, ReferenceKind } from "../../lib/check/reference.ts";

/** References under policies, and the directive that forbids them. */
const REFERENCES: readonly (readonly [
  policy: string,
  kind: ReferenceKind,
  url: string | undefined,
  directive: string | undefined,
  nonce?: string,
])[] = [
  ["", "script", undefined, undefined],
  ["default-src 'self'", "script", undefined, undefined],
  ["default-src 'none'", "script", undefined, "default-src"],
  ["default-src 'none'", "link", undefined, undefined],
  ["DEFAULT-SRC 'NONE'", "image", undefined, "default-src"],
  ["default-src 'none'; img-src *", "image", undefined, undefined],
  ["script-src 'none'; script-src *", "script", undefined, "script-src"],
  [
    "script-src 'self'; script-src-elem 'none'",
    "module",
    undefined,
    "script-src-elem",
  ],
  ["img-src 'self', img-src 'none'", "image", undefined, "img-src"],
  // The site may be the host that is named.
  ["script-src https://own.example", "script", undefined, undefined],
  ["script-src data:", "script", undefined, "script-src"],
  ["script-src https:", "script", undefined, undefined],
  ["script-src 'nonce-abc'", "script", undefined, "script-src"],
  ["script-src 'nonce-aBc'", "script", undefined, undefined, "aBc"],
  ["script-src 'nonce-abc'", "script", undefined, "script-src", "aBc"],
  ["script-src 'self' 'strict-dynamic'", "script", undefined, "script-src"],
  [
    "script-src 'self' 'strict-dynamic' 'sha256-x'",
    "script",
    undefined,
    undefined,
  ],
  ["script-src 'self'", "script", "https://a.example/x.js", "script-src"],
  ["script-src *", "script", "https://a.example/x.js", undefined],
  ["script-src a.example", "script", "https://a.example/x.js", undefined],
  ["script-src https:", "script", "https://a.example/x.js", undefined],
  ["script-src https:", "script", "http://a.example/x.js", "script-src"],
  ["script-src http:", "script", "https://a.example/x.js", undefined],
  ["script-src data:", "script", "https://a.example/x.js", "script-src"],
  // What is no source may mean anything.
  ["script-src a:b:c", "script", "https://a.example/x.js", undefined],
  ["script-src a.example", "script", "https://b.example/x.js", "script-src"],
  ["script-src *.example", "script", "https://a.example/x.js", undefined],
  ["script-src *.a.example", "script", "https://a.example/x.js", "script-src"],
  [
    "script-src https://a.example/lib/",
    "script",
    "https://a.example/lib/x.js",
    undefined,
  ],
  [
    "script-src https://a.example/lib/",
    "script",
    "https://a.example/x.js",
    "script-src",
  ],
  [
    "script-src https://a.example/x.js",
    "script",
    "https://a.example/x.js",
    undefined,
  ],
  [
    "script-src a.example:8443",
    "script",
    "https://a.example/x.js",
    "script-src",
  ],
  ["script-src a.example:443", "script", "https://a.example/x.js", undefined],
  ["script-src a.example:*", "script", "https://a.example:1/x.js", undefined],
  ["script-src http://a.example", "script", "https://a.example/", undefined],
  ["script-src https://a.example", "script", "http://a.example/", "script-src"],
  ["frame-src 'none'", "frame", undefined, "frame-src"],
  ["child-src 'none'", "frame", undefined, "child-src"],
  ["object-src 'none'", "object", undefined, "object-src"],
  ["manifest-src 'none'", "manifest", undefined, "manifest-src"],
  ["font-src 'none'", "font", undefined, "font-src"],
  ["media-src 'none'", "media", undefined, "media-src"],
  ["style-src 'self'", "style", "https://a.example/x.css", "style-src"],
];

for (const [policy, kind, url, directive, nonce] of REFERENCES) {
  Deno.test(`PolicySet "${policy}" and ${kind} ${url ?? "of the site"} ${nonce ?? ""}: ${directive}`, () => {
    const found = new PolicySet([policy]).forbids(
      { kind, nonce },
      url === undefined ? undefined : new URL(url),
    );
    assertEquals(found, directive);
  });
}

/** sha256 of "alert(1)". */
const HASH = "'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='";

/** Scripts and styles in a page, and the directive that forbids them. */
const INLINES: readonly (readonly [
  policy: string,
  inline: Partial<InlineCode>,
  directive: string | undefined,
])[] = [
  ["img-src 'none'", {}, undefined],
  ["script-src 'self'", {}, "script-src"],
  ["script-src *", {}, "script-src"],
  ["script-src 'unsafe-inline'", {}, undefined],
  ["script-src 'unsafe-inline' 'nonce-x'", {}, "script-src"],
  ["script-src 'unsafe-inline' 'strict-dynamic'", {}, "script-src"],
  ["script-src 'nonce-x'", { nonce: "x" }, undefined],
  ["script-src 'nonce-x'", { nonce: "" }, "script-src"],
  [`script-src ${HASH}`, { text: "alert(1)" }, undefined],
  [`script-src ${HASH}`, { text: "alert(2)" }, "script-src"],
  [
    `script-src ${HASH}`,
    { kind: "script-attribute", text: "alert(1)" },
    "script-src",
  ],
  [`script-src 'unsafe-hashes' ${HASH}`, {
    kind: "script-attribute",
    text: "alert(1)",
  }, undefined],
  ["script-src-attr 'none'", { kind: "script-attribute" }, "script-src-attr"],
  ["script-src-attr 'none'", {}, undefined],
  ["style-src 'self'", { kind: "style" }, "style-src"],
  ["style-src 'self' 'unsafe-inline'", { kind: "style-attribute" }, undefined],
  ["default-src 'self'", { kind: "style-attribute" }, "default-src"],
];

for (const [policy, inline, directive] of INLINES) {
  Deno.test(`PolicySet "${policy}" and ${JSON.stringify(inline)}: ${directive}`, () => {
    const whole: InlineCode = { kind: "script", text: "", line: 1, ...inline };
    assertEquals(new PolicySet([policy]).forbidsInline(whole), directive);
  });
}

Deno.test("PolicySet hashes line ends as browsers do", () => {
  // sha256 of "a\nb".
  const hash = "'sha256-fhj3NzEbLcOy8mndeDlrA1HxT7Zu+oefdoyyMYGIPHg='";
  const policies = new PolicySet([`style-src ${hash}`]);
  const of = (text: string) =>
    policies.forbidsInline({ kind: "style", text, line: 1 });
  assertEquals(
    [of("a\r\nb"), of("a\nb"), of("a b")].map((each) => each === undefined),
    [true, true, false],
  );
});

Deno.test("PolicySet knows whether it upgrades, and whether it is empty", () => {
  assertEquals(new PolicySet([]).isEmpty, true);
  assertEquals(new PolicySet([" ; , "]).isEmpty, true);
  assertEquals(new PolicySet(["upgrade-insecure-requests"]).upgrades, true);
  assertEquals(new PolicySet(["img-src *"]).upgrades, false);
});

Deno.test("PolicySet judges no more sources than it may, and any number of hashes", () => {
  const hosts = (count: number) =>
    Array.from({ length: count }, (_, index) => `h${index}.example`).join(" ");
  const forbids = (policy: string) =>
    new PolicySet([policy]).forbids(
      { kind: "image" },
      new URL("https://other.example/"),
    );
  assertEquals(forbids(`img-src ${hosts(CSP_SOURCES_MAX - 1)}`), "img-src");
  assertEquals(forbids(`img-src ${hosts(CSP_SOURCES_MAX)}`), undefined);
  const hashes = Array.from(
    { length: 20 * CSP_SOURCES_MAX },
    (_, index) => `'sha256-${index}'`,
  );
  const policies = new PolicySet([
    `script-src ${hashes.join(" ")} ${HASH}`,
  ]);
  const inline = { kind: "script", line: 1 } as const;
  assertEquals(
    policies.forbidsInline({ ...inline, text: "alert(1)" }),
    undefined,
  );
  // With a comparison for each hash, this takes minutes.
  for (let i = 0; i < 10_000; i++) {
    policies.forbidsInline({ ...inline, text: String(i) });
  }
});
