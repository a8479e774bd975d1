import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
} from "@std/assert";
import { encodePath, isAuthority, parseTarget } from "../../lib/http/target.ts";
import { Random } from "../helpers.ts";

const LONG = "x".repeat(4000);

/** The path, or path and query, or undefined for 400. */
type Want = string | readonly [path: string, query: string] | undefined;

const TARGETS: readonly [name: string, target: string, want: Want][] = [
  // Plain paths.
  ["the root", "/", "/"],
  ["a file", "/a.html", "/a.html"],
  ["a directory", "/a/", "/a/"],
  ["a deep path", "/a/b/c/d", "/a/b/c/d"],
  ["upper and lower case", "/A/b", "/A/b"],
  ["every unreserved character", "/azAZ09-._~", "/azAZ09-._~"],
  ["every sub-delim", "/!$&'()*+,;=", "/!$&'()*+,;="],
  ["a colon and an at sign", "/a:b@c", "/a:b@c"],
  ["a plus, which is no space", "/a+b", "/a+b"],
  ["a parameter", "/a;b=c/d", "/a;b=c/d"],
  ["what RFC 3986 leaves out, but browsers send", '/"<>^`{|}[]', '/"<>^`{|}[]'],
  ["a long path", `/${LONG}`, `/${LONG}`],
  ["dots within a name", "/a.b..c...d", "/a.b..c...d"],
  ["dots at a name's end", "/a./b../c...", "/a./b../c..."],
  ["a hidden file", "/.well-known/a", "/.well-known/a"],
  ["a name of three dots", "/.../a", "/.../a"],
  ["a name that begins with two dots", "/..a/b", "/..a/b"],

  // Percent-encoding.
  ["a space", "/a%20b", "/a b"],
  ["an encoded letter", "/%61%5A", "/aZ"],
  ["hexadecimal digits in both cases", "/%c3%a9%C3%A9", "/éé"],
  ["an encoded percent sign", "/100%25", "/100%"],
  ["an encoded question mark", "/a%3fb", "/a?b"],
  ["an encoded number sign", "/a%23b", "/a#b"],
  ["an encoded plus", "/a%2Bb", "/a+b"],
  ["an encoded colon", "/c%3A", "/c:"],
  ["encoded quotes", "/%22%27", "/\"'"],
  ["an encoded line break", "/a%0D%0Ab", "/a\r\nb"],
  ["encoded controls", "/%01%1b%7F", "/\x01\x1b\x7f"],
  ["two bytes of UTF-8", "/%C3%BC", "/ü"],
  ["three bytes of UTF-8", "/%E2%82%AC", "/€"],
  ["four bytes of UTF-8", "/%F0%9F%9A%A4", "/🚤"],
  ["a letter and its accent, not composed", "/e%CC%81", "/e\u0301"],
  ["the last character", "/%F4%8F%BF%BF", "/\u{10ffff}"],
  ["a byte order mark", "/%EF%BB%BFa", "/\ufeffa"],
  ["a full-width slash, which is none", "/a%EF%BC%8Fb", "/a／b"],
  ["a full-width dot, which is none", "/%EF%BC%8E%EF%BC%8E/a", "/．．/a"],
  [
    "a path of encoded letters",
    `/${"%41".repeat(2000)}`,
    `/${"A".repeat(2000)}`,
  ],

  // Encoded twice: decoded once.
  ["a dot, encoded twice", "/%252e%252e/a", "/%2e%2e/a"],
  ["a slash, encoded twice", "/a%252fb", "/a%2fb"],
  ["a backslash, encoded twice", "/a%255cb", "/a%5cb"],
  ["NUL, encoded twice", "/a%2500", "/a%00"],
  ["a slash, encoded three times", "/a%25252fb", "/a%252fb"],

  // What hides in percent-encoding.
  ["an encoded slash", "/a%2fb", undefined],
  ["an encoded slash in upper case", "/a%2Fb", undefined],
  ["an encoded slash at the start", "/%2fa", undefined],
  ["an encoded slash behind two dots", "/..%2fa", undefined],
  ["an encoded backslash", "/a%5cb", undefined],
  ["an encoded backslash in upper case", "/a%5Cb", undefined],
  ["an encoded backslash behind two dots", "/..%5Ca", undefined],
  ["an encoded NUL", "/a%00", undefined],
  ["an encoded NUL before a suffix", "/a.php%00.html", undefined],
  ["all of it encoded", "/%2e%2e%2f%2e%2e%2fetc%2fpasswd", undefined],

  // Malformed percent-encoding.
  ["a percent sign alone", "/%", undefined],
  ["a percent sign at the end", "/a%", undefined],
  ["one digit", "/%4", undefined],
  ["one digit before a slash", "/%4/a", undefined],
  ["no digits", "/%zz", undefined],
  ["one digit that is none", "/%4g", undefined],
  ["%u, which is no URI's", "/%u002e", undefined],
  ["a sign", "/%+1", undefined],
  ["two percent signs", "/%%41", undefined],

  // Malformed UTF-8.
  ["a dot of two bytes", "/%c0%ae%c0%ae/a", undefined],
  ["a slash of two bytes", "/a%c0%afb", undefined],
  ["a slash of three bytes", "/a%e0%80%afb", undefined],
  ["a slash of four bytes", "/a%f0%80%80%afb", undefined],
  ["NUL of two bytes", "/a%c0%80", undefined],
  ["a continuation byte alone", "/%80", undefined],
  ["a lead byte alone", "/%c3", undefined],
  ["a lead byte before a letter", "/%c3a", undefined],
  ["three bytes cut short", "/%e2%82", undefined],
  ["a leading surrogate", "/%ed%a0%80", undefined],
  ["a trailing surrogate", "/%ed%b0%80", undefined],
  ["a pair of surrogates", "/%ed%a0%bd%ed%ba%a4", undefined],
  ["beyond the last character", "/%f4%90%80%80", undefined],
  ["five bytes", "/%f8%88%80%80%80", undefined],
  ["the byte FF", "/%ff", undefined],
  ["Latin-1", "/%e9", undefined],

  // Dot segments.
  ["one dot", "/.", "/"],
  ["one dot and a slash", "/./", "/"],
  ["two dots", "/..", "/"],
  ["two dots and a slash", "/../", "/"],
  ["one dot within", "/a/./b", "/a/b"],
  ["one dot at the end", "/a/.", "/a/"],
  ["two dots within", "/a/../b", "/b"],
  ["two dots at the end", "/a/b/..", "/a/"],
  ["two dots to the root", "/a/..", "/"],
  ["two dots too many", "/../../a", "/a"],
  ["two dots too many within", "/a/../../../b/c", "/b/c"],
  ["an encoded dot", "/%2e/a", "/a"],
  ["two encoded dots", "/a/%2e%2E/b", "/b"],
  ["one encoded dot of two", "/a/.%2e/b", "/b"],
  ["the other encoded dot of two", "/a/%2e./b", "/b"],
  ["encoded dots at the end", "/a/%2e%2e", "/"],
  ["two dots behind an encoded letter", "/%61/../b", "/b"],
  ["hundreds of two dots", "/a".repeat(500) + "/..".repeat(1000) + "/b", "/b"],
  ["Windows' two dots and a backslash", "/..\\a", undefined],

  // Slashes.
  ["two slashes", "//", "/"],
  ["two slashes at the start", "//a/b", "/a/b"],
  ["three slashes at the start", "///a", "/a"],
  ["two slashes within", "/a//b", "/a/b"],
  ["two slashes at the end", "/a//", "/a/"],
  ["two slashes and two dots", "/a//../b", "/b"],
  ["two slashes before two dots", "//../a", "/a"],
  ["thousands of slashes", "/".repeat(8000) + "a", "/a"],
  ["a host in the path", "//example.com/%2e%2e", "/"],
  ["a backslash", "/a\\b", undefined],
  ["a backslash at the start", "/\\a", undefined],
  ["a backslash behind an encoded letter", "/%61\\b", undefined],

  // Queries.
  ["a query", "/a?b=c", ["/a", "b=c"]],
  ["an empty query", "/a?", ["/a", ""]],
  ["a query of the root", "/?a", ["/", "a"]],
  ["question marks in a query", "/a?b?c??", ["/a", "b?c??"]],
  ["slashes and dots in a query", "/a?/../b//c", ["/a", "/../b//c"]],
  ["encoding in a query, which stays", "/a?%20%2f%00%zz%", [
    "/a",
    "%20%2f%00%zz%",
  ]],
  ["a backslash in a query", "/a?b\\c", ["/a", "b\\c"]],
  ["a query behind an encoded path", "/a%20b/../c?d", ["/c", "d"]],
  ["a query behind two slashes", "//a?b", ["/a", "b"]],
  ["a long query", `/?${LONG}`, ["/", LONG]],
  ["a bad path before a query", "/%zz?a", undefined],

  // Fragments: no client sends them.
  ["a fragment", "/a#b", undefined],
  ["an empty fragment", "/a#", undefined],
  ["a fragment behind a query", "/a?b#c", undefined],
  ["a fragment before a question mark", "/a#b?c", undefined],

  // What no URI has.
  ["a space as it is", "/a b", undefined],
  ["a space in a query", "/a?b c", undefined],
  ["a tab", "/a\tb", undefined],
  ["NUL", "/a\0", undefined],
  ["a line break in a path", "/a\r\nb", undefined],
  ["a line break in a query", "/a?b\r\nX: y", undefined],
  ["DEL", "/\x7f", undefined],
  ["a letter that is not ASCII", "/é", undefined],
  ["the same, before what must be decoded", "/é%20", undefined],
  ["an emoji in a query", "/?🚤", undefined],
  ["a lone surrogate", "/\ud800", undefined],

  // absolute-form (RFC 9112 §3.2.2).
  ["an absolute-form", "http://a/b?c", ["/b", "c"]],
  ["https", "https://a/b", "/b"],
  ["a scheme in upper case", "HTTP://A/b", "/b"],
  ["no path", "http://a", "/"],
  ["no path but a query", "http://a?b", ["/", "b"]],
  ["a port", "http://a:8080/b", "/b"],
  ["an empty port", "http://a:/b", "/b"],
  ["a port and no path", "http://a:80", "/"],
  ["an IPv4 address", "http://127.0.0.1/a", "/a"],
  ["an IPv6 address", "http://[::1]:80/a", "/a"],
  ["a path that must be cleaned", "http://a//b/../c%20d", "/c d"],
  ["an absolute-form in its query", "http://a/?http://b/", ["/", "http://b/"]],
  ["an absolute-form in its path", "http://a/http://b/", "/http:/b/"],
  ["an absolute-form with a fragment", "http://a/b#c", undefined],
  ["a fragment behind the host", "http://a#b", undefined],
  ["a bad path behind a host", "http://a/%2f", undefined],
  ["a backslash behind the host", "http://a\\b", undefined],
  ["user information", "http://user@a/", undefined],
  ["user and password", "http://user:password@a/", undefined],
  ["a host that hides another", "http://a%40b@c/", undefined],
  ["no host", "http:///a", undefined],
  ["no host but a port", "http://:80/a", undefined],
  ["nothing behind the scheme", "http://", undefined],
  ["one slash", "http:/a", undefined],
  ["no slash", "http:a", undefined],
  ["a port that is no number", "http://a:b/", undefined],
  ["two ports", "http://a:1:2/", undefined],
  ["an open bracket", "http://[::1/a", undefined],
  ["an IPv6 address without brackets", "http://::1/a", undefined],
  ["ftp", "ftp://a/b", undefined],
  ["file", "file:///etc/passwd", undefined],
  ["ws", "ws://a/b", undefined],
  ["httpx", "httpx://a/b", undefined],
  ["javascript", "javascript:alert(1)", undefined],
  ["a space before the scheme", " http://a/", undefined],
  ["a space in the host", "http://a b/", undefined],

  // Other forms.
  ["nothing", "", undefined],
  ["no slash at the start", "a", undefined],
  ["a relative path", "../a", undefined],
  ["a query alone", "?a", undefined],
  ["an encoded slash for the first", "%2fa", undefined],
  ["a backslash for the first slash", "\\a", undefined],
  ["authority-form", "a:443", undefined],
  ["asterisk-form", "*", undefined],
  ["a path behind an asterisk", "*/a", undefined],
  ["an asterisk in a path", "/*", "/*"],
];

for (const [name, target, want] of TARGETS) {
  Deno.test(`parseTarget() ${want === undefined ? "refuses" : "reads"} ${name}`, () => {
    const [path, query] = typeof want === "string" ? [want] : want ?? [];
    assertEquals(
      parseTarget("GET", target),
      path === undefined ? undefined : { path, query },
    );
  });
}

Deno.test("parseTarget() reads the asterisk for OPTIONS alone", () => {
  assertEquals(parseTarget("OPTIONS", "*"), { path: "*", query: undefined });
  for (const method of ["GET", "HEAD", "options", "CONNECT", ""]) {
    assertStrictEquals(parseTarget(method, "*"), undefined);
  }
  assertStrictEquals(parseTarget("OPTIONS", "**"), undefined);
});

Deno.test("parseTarget() reads all other forms alike for every method", () => {
  for (const method of ["HEAD", "OPTIONS", "CONNECT", "get", ""]) {
    for (const [, target] of TARGETS) {
      if (target === "*") continue;
      assertEquals(parseTarget(method, target), parseTarget("GET", target));
    }
  }
});

/** Decoded paths, and how they stand in a URI. */
const PATHS: readonly [name: string, path: string, want: string][] = [
  ["the root", "/", "/"],
  ["a plain path", "/a/b.html", "/a/b.html"],
  ["a directory", "/a/b/", "/a/b/"],
  ["a space", "/a b", "/a%20b"],
  ["spaces around", "/ a /", "/%20a%20/"],
  ["double quotes", '/"a"', "/%22a%22"],
  ["angle brackets", "/<a>", "/%3Ca%3E"],
  ["a percent sign", "/100%", "/100%25"],
  ["what looks encoded", "/%41%2f%00", "/%2541%252f%2500"],
  ["a question mark", "/a?b?", "/a%3Fb%3F"],
  ["a number sign", "/#a#", "/%23a%23"],
  ["a line break", "/a\r\nb", "/a%0D%0Ab"],
  ["a tab", "/a\tb", "/a%09b"],
  ["DEL", "/\x7f", "/%7F"],
  ["an umlaut", "/ü", "/%C3%BC"],
  ["a euro sign", "/€", "/%E2%82%AC"],
  ["an emoji", "/🚤", "/%F0%9F%9A%A4"],
  [
    "brackets, braces, a bar, a hat, a grave",
    "/[]{}|^`",
    "/%5B%5D%7B%7D%7C%5E%60",
  ],
  ["sub-delims, a colon, an at sign", "/!$&'()*+,;=:@", "/!$&'()*+,;=:@"],
  ["dots in names", "/.a/..b/...", "/.a/..b/..."],
  ["a byte order mark", "/\ufeff", "/%EF%BB%BF"],
  ["right-to-left marks", "/\u202ea", "/%E2%80%AEa"],
  ["line separators", "/\u2028", "/%E2%80%A8"],
  ["the last character", "/\u{10ffff}", "/%F4%8F%BF%BF"],
];

for (const [name, path, want] of PATHS) {
  Deno.test(`encodePath() writes ${name}, and parseTarget() reads it again`, () => {
    const encoded = encodePath(path);
    assertStrictEquals(encoded, want);
    assertEquals(parseTarget("GET", encoded), { path, query: undefined });
    assertEquals(parseTarget("GET", `${encoded}?q`), { path, query: "q" });
    assertEquals(parseTarget("GET", `http://a${encoded}`), {
      path,
      query: undefined,
    });
  });
}

Deno.test("encodePath() and parseTarget() agree on every character of a name", () => {
  for (let code = 1; code <= 0x10ffff; code += code < 0x3000 ? 1 : 211) {
    const isSurrogate = code >= 0xd800 && code <= 0xdfff;
    const character = String.fromCodePoint(code);
    if (isSurrogate || character === "/" || character === "\\") continue;
    const path = `/a${character}b`;
    const encoded = encodePath(path);
    assertMatch(encoded, /^[!-~]+$/);
    assertStrictEquals(parseTarget("GET", encoded)?.path, path);
  }
});

Deno.test("encodePath() writes what no target may name", () => {
  assertStrictEquals(encodePath("/a\\b"), "/a%5Cb");
  assertStrictEquals(encodePath("/a\0"), "/a%00");
});

Deno.test("encodePath() writes U+FFFD for a lone surrogate", () => {
  assertStrictEquals(encodePath("/\ud83d"), "/%EF%BF%BD");
  assertStrictEquals(encodePath("/\udea4a"), "/%EF%BF%BDa");
});

const AUTHORITIES: readonly [name: string, text: string, want: boolean][] = [
  ["a name", "localhost", true],
  ["a domain name", "www.example.com", true],
  ["a domain name with its last dot", "example.com.", true],
  ["a name and a port", "example.com:8080", true],
  ["a name and an empty port", "example.com:", true],
  ["the highest port", "a:65535", true],
  ["a port with zeros", "a:00080", true],
  ["an IPv4 address", "127.0.0.1", true],
  ["an IPv4 address and a port", "127.0.0.1:80", true],
  ["an IPv6 address", "[::1]", true],
  ["an IPv6 address and a port", "[2001:db8::1]:443", true],
  ["an IPv6 address that ends like IPv4", "[::ffff:192.0.2.1]", true],
  ["an IPv6 address in full", "[2001:DB8:0:1:2:3:4:5]", true],
  ["an IPv6 address in full, like IPv4", "[1:2:3:4:5:6:1.2.3.4]", true],
  ["an IPv6 address without any group", "[::]", true],
  ["an IPv6 address that ends in zeros", "[1:2:3:4:5:6:7::]", true],
  ["an address of a version to come", "[v1.a:b]", true],
  ["colons alone", "[:::::]", false],
  ["three colons", "[:::1]", false],
  ["zeros left out twice", "[1::2::3]", false],
  ["a colon at the beginning", "[:1:2:3:4:5:6:7:8]", false],
  ["a colon at the end", "[1:2:3:4:5:6:7:8:]", false],
  ["nine groups", "[1:2:3:4:5:6:7:8:9]", false],
  ["seven groups", "[1:2:3:4:5:6:7]", false],
  ["eight groups and zeros left out", "[1:2:3:4:5:6:7::8]", false],
  ["a group of five digits", "[12345::]", false],
  ["dots alone", "[....]", false],
  ["an IPv4 address in brackets", "[1.2.3.4]", false],
  ["an IPv4 address in the middle", "[::1.2.3.4:1]", false],
  ["an IPv4 address with a number too large", "[::1.2.3.256]", false],
  ["an IPv4 address with a zero before", "[::1.2.3.04]", false],
  ["an IPv4 address that ends with a dot", "[::1.2.3.]", false],
  ["a version without an address", "[v1.]", false],
  ["nothing in brackets", "[]", false],
  ["capitals", "EXAMPLE.COM", true],
  ["hyphens and underscores", "a-b_c", true],
  ["every sub-delim", "!$&'()*+,;=", true],
  ["a tilde", "~a", true],
  ["percent-encoding", "%C3%bc.example", true],
  ["one digit", "1", true],
  ["255 characters", "x".repeat(255), true],
  ["256 characters", "x".repeat(256), false],
  ["256 encoded characters", "%41".repeat(256), false],
  ["nothing", "", false],
  ["a port alone", ":80", false],
  ["a colon alone", ":", false],
  ["a port of six digits", "a:655350", false],
  ["a port that is no number", "a:http", false],
  ["a negative port", "a:-1", false],
  ["two ports", "a:1:2", false],
  ["two colons", "a::", false],
  ["an IPv6 address without brackets", "2001:db8::1", false],
  ["an open bracket", "[::1", false],
  ["a closing bracket alone", "::1]", false],
  ["empty brackets", "[]", false],
  ["a name in brackets", "[localhost]", false],
  ["a zone", "[fe80::1%25eth0]", false],
  ["brackets behind a name", "a[::1]", false],
  ["a name behind brackets", "[::1]a", false],
  ["too long an IPv6 address", `[${"1".repeat(46)}]`, false],
  ["user information", "user@a", false],
  ["a path", "a/", false],
  ["a query", "a?b", false],
  ["a fragment", "a#", false],
  ["a backslash", "a\\b", false],
  ["a space", "a b", false],
  ["a space before", " a", false],
  ["a space behind", "a ", false],
  ["a tab", "a\t", false],
  ["a line break behind", "a\n", false],
  ["a line break and a field behind", "a\r\nX: y", false],
  ["NUL", "a\0", false],
  ["DEL", "a\x7f", false],
  ["quotes", '"a"', false],
  ["angle brackets", "<a>", false],
  ["a hat, a bar, braces, a grave", "a^|{}`", false],
  ["a percent sign alone", "a%", false],
  ["one digit behind a percent sign", "a%4", false],
  ["no digits behind a percent sign", "%zz", false],
  ["a letter that is not ASCII", "bücher", false],
  ["full-width letters", "ａ", false],
  ["a full-width digit in a port", "a:８", false],
  ["16 KiB", "a".repeat(16_384), false],
  ["16 KiB of percent signs", "%".repeat(16_384), false],
];

for (const [name, text, want] of AUTHORITIES) {
  Deno.test(`isAuthority() ${name}: ${want}`, () => {
    assertStrictEquals(isAuthority(text), want);
  });
}

/** Pieces that mean something in a target. */
const PIECES = ["/", ".", "..", "//", "%", "%2e", "%2f", "%5C", "%00", "%25"]
  .concat(["?", "#", "\\", "a", "%C3", "%BC", "%41", "+", "*", ":", "@", " "])
  .concat([
    "http://",
    "[",
    "]",
    "\0",
    "\ud800",
    "é",
    "%u",
    "2e",
    "x".repeat(9),
  ]);

Deno.test("parseTarget() keeps its promises on 20,000 random targets", () => {
  const random = new Random(3986);
  let accepted = 0;
  for (let round = 0; round < 20_000; round++) {
    let text = random.below(10) === 0 ? "" : "/";
    for (let count = random.below(10); count > 0; count--) {
      text += PIECES[random.below(PIECES.length)]!;
    }
    const target = parseTarget("GET", text);
    if (target === undefined) continue;
    accepted++;
    const { path, query } = target;
    const said = JSON.stringify([text, path]);
    assert(path.startsWith("/"), said);
    const segments = path.slice(1).split("/");
    segments.forEach((segment, index) => {
      assert(segment !== "." && segment !== "..", said);
      assert(segment !== "" || index === segments.length - 1, said);
    });
    assert(!path.includes("\\") && !path.includes("\0"), said);
    assert(path.isWellFormed(), said);
    if (query !== undefined) assert(text.endsWith(`?${query}`), said);
    const encoded = encodePath(path);
    assertMatch(encoded, /^[!-~]+$/);
    assertStrictEquals(parseTarget("GET", encoded)?.path, path, said);
  }
  // Otherwise this would be no test of what is accepted.
  assert(accepted > 1000 && accepted < 19_000, `${accepted} accepted`);
});

Deno.test("parseTarget() judges 20,000 mutants of good targets", () => {
  const random = new Random(9112);
  const seeds = TARGETS.filter(([, target, want]) =>
    want !== undefined && target.length < 200
  ).map(([, target]) => target);
  for (let round = 0; round < 20_000; round++) {
    let text = seeds[random.below(seeds.length)]!;
    for (let count = 1 + random.below(3); count > 0; count--) {
      const at = random.below(text.length + 1);
      const piece = random.below(2) === 0
        ? PIECES[random.below(PIECES.length)]!
        : String.fromCharCode(random.below(256));
      text = text.slice(0, at) + piece + text.slice(at + random.below(3));
    }
    const target = parseTarget("GET", text);
    if (target === undefined) continue;
    // Only what a URI may hold comes through, and no fragment.
    assertMatch(text, /^[!-"$-~]+$/);
    assertStrictEquals(
      parseTarget("GET", encodePath(target.path))?.path,
      target.path,
      JSON.stringify(text),
    );
  }
});
