import { assertEquals } from "@std/assert";
import { exposureOf, KEY_BYTES_MAX } from "../../lib/check/exposed.ts";
import { utf8 } from "../helpers.ts";

const KEY = "-----BEGIN RSA PRIVATE KEY-----\nMII";

/** Files, and the rule that they break. */
const FILES:
  readonly (readonly [path: string, text: string, rule: string | undefined])[] =
    [
      ["/a.pem", KEY, "public-key"],
      ["/keys/id_ed25519", "-----BEGIN OPENSSH PRIVATE KEY-----", "public-key"],
      ["/id_rsa.pub", "ssh-rsa AAAA", undefined],
      ["/a.pem", "-----BEGIN CERTIFICATE-----", undefined],
      [
        "/a.pem",
        "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----",
        "public-key",
      ],
      ["/docs/howto.html", KEY, undefined],
      ["/a.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----", undefined],
      ["/a.asc", "-----BEGIN PGP PRIVATE KEY BLOCK-----", "public-key"],
      ["/a.pfx", "", "public-key"],
      ["/backup", KEY, "public-key"],
      ["/server.txt", `\n\n${KEY}`, "public-key"],
      ["/deploy", "-----BEGIN OPENSSH PRIVATE KEY-----\nb3", "public-key"],
      ["/k", "PuTTY-User-Key-File-3: ssh-ed25519", "public-key"],
      [
        "/shop-1a2b3c.json",
        `{"type":"service_account","private_key": "${KEY}"}`,
        "public-key",
      ],
      ["/howto.txt", `A key begins with ${KEY}`, undefined],
      ["/search.json", `{"text":"${KEY}"}`, undefined],
      ["/large.txt", KEY + "x".repeat(64 * 1024), undefined],
      ["/signature", "-----BEGIN PGP SIGNATURE-----", undefined],
      ["/keynote.key", "PK", undefined],
      ["/prod.env", "", "public-secret"],
      ["/app.env.local", "", "public-secret"],
      ["/htpasswd", "", "public-secret"],
      ["/env.html", "", undefined],
      ["/env", "", undefined],
      ["/environment.js", "", undefined],
      ["/index.php~", "", "public-leftover"],
      ["/a.swp", "", "public-leftover"],
      ["/a.html.bak", "", "public-leftover"],
      ["/Thumbs.db", "", "public-leftover"],
      ["/__MACOSX/a", "", "public-leftover"],
      ["/threshold.js", "", undefined],
      ["/sqlite.html", "", undefined],
      ["/blog.html", "", undefined],
      ["/catalog", "", undefined],
      ["/a.js.map", "", "public-source-map"],
      ["/site.map", "", undefined],
      ["/a.geojson.map", "", undefined],
    ];

for (const [path, text, rule] of FILES) {
  Deno.test(`exposureOf() ${path} with ${JSON.stringify(text.slice(0, 30))}: ${rule}`, () => {
    const bytes = utf8(text);
    const type = path.endsWith(".html") ? "text/html" : "text/plain";
    const found = exposureOf(
      path,
      { type, length: bytes.length },
      () => bytes.subarray(0, KEY_BYTES_MAX),
    );
    assertEquals(found?.rule, rule);
  });
}
