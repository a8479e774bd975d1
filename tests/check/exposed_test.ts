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
    const found = exposureOf(path, () => utf8(text).subarray(0, KEY_BYTES_MAX));
    assertEquals(found?.rule, rule);
  });
}
