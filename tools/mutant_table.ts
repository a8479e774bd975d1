/**
 * Rules that `deno task mutants` breaks on purpose, one at a time, and the tests
 * that must notice it.
 *
 * @module
 */

/** One rule, and how to break it. */
export interface Mutant {
  /** The rule that is broken. */
  readonly rule: string;
  /** The module with the rule. */
  readonly file: string;
  /** Code that occurs in it exactly once. */
  readonly find: string;
  /** The code that breaks the rule. */
  readonly replace: string;
  /** Test files, of which at least one must fail. */
  readonly tests: readonly string[];
}

/** The rules, room by room. */
export const MUTANTS: readonly Mutant[] = [
  // http/http1: what two programs could read in two ways.
  {
    rule: "no space stands between a field name and its colon",
    file: "lib/http/http1/request.ts",
    find: "if (bytes[at] !== COLON) return -400;",
    replace:
      "while (bytes[at] === SP) at++; if (bytes[at] !== COLON) return -400;",
    tests: ["tests/http/http1/request_test.ts"],
  },
  {
    rule: "HTTP/1.1 needs a Host",
    file: "lib/http/http1/request.ts",
    find: 'return this.version === "HTTP/1.0";',
    replace: "return true;",
    tests: ["tests/http/http1/request_test.ts"],
  },
  {
    rule: "there is only one Host",
    file: "lib/http/http1/request.ts",
    find: "if (this.#repeated?.has(Field.Host)) return false;",
    replace: "",
    tests: ["tests/http/http1/request_test.ts"],
  },
  {
    rule: "field lines have a limit",
    file: "lib/http/http1/request.ts",
    find: "if (++this.#fieldCount > FIELDS_MAX) return -431;",
    replace: "",
    tests: ["tests/http/http1/request_test.ts"],
  },
  {
    rule: "several Content-Length values must be equal",
    file: "lib/http/content_length.ts",
    find: "if (!isSame || !isMadeOf(first!, DIGIT)) return -400;",
    replace: "if (!isMadeOf(first!, DIGIT)) return -400;",
    tests: ["tests/http/http1/body_test.ts"],
  },
  {
    rule: "chunked is the last coding, once",
    file: "lib/http/http1/body.ts",
    find: '!codings.includes("chunked") && ',
    replace: "",
    tests: ["tests/http/http1/body_test.ts"],
  },
  {
    rule: "only CRLF ends the data of a chunk",
    file: "lib/http/http1/body.ts",
    find: "return byte === CR ? State.DataLf : this.#fail();",
    replace: "return State.DataLf;",
    tests: ["tests/http/http1/body_test.ts"],
  },
  {
    rule: "close wins over keep-alive",
    file: "lib/http/http1/persistence.ts",
    find: 'if (options.includes("close")) return false;',
    replace: 'if (options[0] === "close") return false;',
    tests: ["tests/http/http1/persistence_test.ts"],
  },
  // http/http2: what a client could make of header blocks and frames.
  {
    rule: "an integer of HPACK has five bytes at most",
    file: "lib/http/http2/hpack_decoder.ts",
    find: "shift < 7 * INTEGER_BYTES_MAX",
    replace: "shift < 70",
    tests: ["tests/http/http2/hpack_decoder_test.ts"],
  },
  {
    rule: "a text of HPACK ends in its block",
    file: "lib/http/http2/hpack_decoder.ts",
    find: "if (length < 0 || end > this.#end) return undefined;",
    replace: "if (length < 0) return undefined;",
    tests: ["tests/http/http2/hpack_decoder_test.ts"],
  },
  {
    rule: "the dynamic table has a limit",
    file: "lib/http/http2/hpack_decoder.ts",
    find: "if (size < 0 || size > TABLE_BYTES_MAX) return false;",
    replace: "if (size < 0) return false;",
    tests: ["tests/http/http2/hpack_decoder_test.ts"],
  },
  {
    rule: "a Huffman code is padded with less than a byte of ones",
    file: "lib/http/http2/huffman.ts",
    find: "return MAY_END[state >> 4] === 1 ? length : -1;",
    replace: "return length;",
    tests: ["tests/http/http2/huffman_test.ts"],
  },
  {
    rule: "streams that end before their answer have a budget",
    file: "lib/server/http2/budget.ts",
    find: "return --this.#resets >= 0;",
    replace: "return true;",
    tests: ["tests/server/http2/receiver_test.ts"],
  },
  {
    rule: "frames that ask for nothing have a budget",
    file: "lib/server/http2/budget.ts",
    find: "return --this.#frames >= 0;",
    replace: "return true;",
    tests: ["tests/server/http2/receiver_test.ts"],
  },
  {
    rule: "a header block has few frames",
    file: "lib/server/http2/receiver.ts",
    find: "++this.#continuations > CONTINUATIONS_MAX",
    replace: "++this.#continuations > Infinity",
    tests: ["tests/server/http2/receiver_test.ts"],
  },
  {
    rule: "a header block has a deadline",
    file: "lib/server/http2/connection.ts",
    find: "return isInBlock && now >= blockSince",
    replace: "return false && now >= blockSince",
    tests: ["tests/server/http2/deadlines_test.ts"],
  },
  {
    rule: "work for streams that were reset counts as streams",
    file: "lib/server/http2/open_streams.ts",
    find: "if (stream.isAwaited) this.#orphans++;",
    replace: "if (stream.isAwaited) return;",
    tests: ["tests/server/http2/streams_test.ts"],
  },
  {
    rule: "one client leaves streams to others",
    file: "lib/server/stream_quota.ts",
    find: "|| this.#all < this.#max / 2;",
    replace: "|| true;",
    tests: ["tests/server/stream_quota_test.ts"],
  },
  {
    rule: "all HTTP/2 connections together have so many streams",
    file: "lib/server/stream_quota.ts",
    find: "if (this.#all >= this.#max) return false;",
    replace: "",
    tests: ["tests/server/stream_quota_test.ts"],
  },
  {
    rule: "many clients that do not read hold small buffers",
    file: "lib/server/http2/output.ts",
    find: "largeWrites < LARGE_WRITES_MAX ?",
    replace: "largeWrites < Infinity ?",
    tests: ["tests/server/http2/output_test.ts"],
  },
  {
    rule: "a body over HTTP/2 is as long as it says",
    file: "lib/server/http2/streams.ts",
    find: "if (isShort) return this.reject(stream);",
    replace: "",
    tests: ["tests/server/http2/requests_test.ts"],
  },
  {
    rule: "a stream must take bytes at the pace of a connection",
    file: "lib/server/http2/streams.ts",
    find: "taken < REPLY_BYTES_MIN * deadlines.reply / 1000;",
    replace: "taken === 0;",
    tests: ["tests/server/http2/deadlines_test.ts"],
  },
  {
    rule: "clients that do not read keep no sources from others",
    file: "lib/server/http2/body.ts",
    find: "if (holders.size >= SOURCES_MAX) closeOldest();",
    replace: "",
    tests: ["tests/server/http2/body_test.ts"],
  },
  {
    rule: "no pseudo-header field follows a regular one",
    file: "lib/http/http2/request.ts",
    find:
      "if (this.#isInFields) this.#isMalformed = true;\n        else this.#addPseudo(kind, field);",
    replace: "this.#addPseudo(kind, field);",
    tests: ["tests/http/http2/request_test.ts"],
  },
  {
    rule: "no field of a connection is in a request of HTTP/2",
    file: "lib/http/http2/request.ts",
    find: '["transfer-encoding", Kind.Malformed],',
    replace: "",
    tests: ["tests/http/http2/request_test.ts"],
  },
  {
    rule: "names in HTTP/2 have no upper case",
    file: "lib/http/http2/request.ts",
    find: "if (TCHAR[code] !== 1 || code >= UPPER_A && code <= UPPER_Z) {",
    replace: "if (TCHAR[code] !== 1) {",
    tests: ["tests/http/http2/request_test.ts"],
  },
  {
    rule: "padding is shorter than its frame",
    file: "lib/http/http2/frames.ts",
    find: "return start <= end;",
    replace: "return true;",
    tests: ["tests/http/http2/frames_test.ts"],
  },
  // http: targets, conditions, ranges, codings.
  {
    rule: "an encoded slash is not decoded into a path",
    file: "lib/http/target.ts",
    find: "/%(?:00|2f|5c)/i",
    replace: "/%(?:00|5c)/i",
    tests: ["tests/http/target_test.ts"],
  },
  {
    rule: "dot segments are resolved before anything is looked up",
    file: "lib/http/target.ts",
    find: 'if (segment === "..") segments.pop();',
    replace: 'if (segment === "...") segments.pop();',
    tests: ["tests/http/target_test.ts"],
  },
  {
    rule: "If-None-Match decides without If-Modified-Since",
    file: "lib/http/conditional.ts",
    find: "} else {\n    const since = head.field(Field.IfModifiedSince);",
    replace: "}\n  {\n    const since = head.field(Field.IfModifiedSince);",
    tests: ["tests/http/conditional_test.ts"],
  },
  {
    rule: "If-Match compares strongly",
    file: "lib/http/conditional.ts",
    find: "return value === etag || listHasTag(value, etag, false);",
    replace: "return value === etag || listHasTag(value, etag, true);",
    tests: ["tests/http/conditional_test.ts"],
  },
  {
    rule: "If-Range takes no weak tag",
    file: "lib/http/conditional.ts",
    find: "return !isWeak(etag);",
    replace: "return true;",
    tests: ["tests/http/conditional_test.ts"],
  },
  {
    rule: "If-Range takes a date only after its second is over",
    file: "lib/http/conditional.ts",
    find: "modified === undefined || now - modified < STRONG_AFTER",
    replace: "modified === undefined",
    tests: ["tests/http/conditional_test.ts"],
  },
  {
    rule: "ranges that touch become one",
    file: "lib/http/range.ts",
    find: "slice.start <= end && start <= slice.end",
    replace: "slice.start < end && start < slice.end",
    tests: ["tests/http/range_test.ts"],
  },
  {
    rule: "ranges never add up to more than the whole",
    file: "lib/http/range.ts",
    find: "given === 0 || bytes > length",
    replace: "given === 0",
    tests: ["tests/http/range_test.ts"],
  },
  {
    rule: "a coding that the client likes less than identity is not chosen",
    file: "lib/http/coding.ts",
    find: "weight > bestWeight && weight >= identity",
    replace: "weight > bestWeight",
    tests: ["tests/http/coding_test.ts"],
  },
  {
    rule: "no terminal acts on what skiff prints",
    file: "lib/http/printable.ts",
    find: "return text.replace(UNPRINTABLE, escape);",
    replace: "return text.replace(/[\\0-\\x1f]/g, escape);",
    tests: ["tests/http/printable_test.ts"],
  },
  // site: what may be seen.
  {
    rule: "names with a leading dot are hidden",
    file: "lib/site/hidden.ts",
    find: 'segment.startsWith(".") && segment !== WELL_KNOWN',
    replace: 'segment.startsWith(".git")',
    tests: ["tests/site/hidden_test.ts"],
  },
  {
    rule: "no listing, search or archive names a rule file",
    file: "lib/site/hidden.ts",
    find: "if (isRuleFile(path + name)) return false;",
    replace: "",
    tests: ["tests/site/hidden_test.ts"],
  },
  {
    rule: "no link leads out of the directory",
    file: "lib/site/disk/folders.ts",
    find: "if (!real.startsWith(prefix)) return undefined;",
    replace: "",
    tests: ["tests/site/disk/root_test.ts"],
  },
  {
    rule: "a directory beside the site whose name begins alike is outside",
    file: "lib/site/disk/folders.ts",
    find: "const prefix = withSeparator(root);",
    replace: "const prefix = root;",
    tests: ["tests/site/disk/root_test.ts"],
  },
  {
    rule: "a file is the one that lies inside, not one that was swapped in",
    file: "lib/site/disk/root.ts",
    find: `if (!folder.isSame()) return undefined;
    const named = Deno.lstatSync(location);
    isChecked = isThat(file, named);`,
    replace: `const named = Deno.lstatSync(location);
    isChecked = true;`,
    tests: [
      "tests/site/disk/root_test.ts",
      "tests/site/disk/folders_test.ts",
      "tests/hostile/swaps_test.ts",
    ],
  },
  {
    rule: "the cache spares what is asked for",
    file: "lib/site/cache.ts",
    find: "if (entry.used || entry.left > 0) {",
    replace: "if (entry.left > 0) {",
    tests: ["tests/site/cache_test.ts"],
  },
  {
    rule: "names in listings are text, not markup",
    file: "lib/site/listing/names.ts",
    find: "return escape(visibleName(name));",
    replace: "return visibleName(name);",
    tests: ["tests/site/listing/page_test.ts"],
  },
  // site/zip, site/folder_requests: an archive shows what a request would, and a ZIP file is hostile.
  {
    rule: "no listing, search or archive names what a rule replaces",
    file: "lib/site/hidden.ts",
    find: "if (isOverruled(kind",
    replace: "if (false && isOverruled(kind",
    tests: ["tests/site/folder_requests_test.ts"],
  },
  {
    rule: "an archive has no protected file, even if a link was swapped",
    file: "lib/site/folder_requests.ts",
    find: "return isPrivate || !policy.isProtected(file) ? file : undefined;",
    replace: "return file;",
    tests: ["tests/site/folder_requests_test.ts"],
  },
  {
    rule: "an archive has only files of the announced size",
    file: "lib/site/zip/archiver.ts",
    find: "if (identity?.length !== size) return undefined;",
    replace: "if (identity === undefined) return undefined;",
    tests: ["tests/site/zip/archiver_test.ts"],
  },
  {
    rule: "no content of a ZIP file is in another one",
    file: "lib/site/zip/reader.ts",
    find: 'if (end > limit) throw new ZipError("contents in it overlap");',
    replace: "",
    tests: ["tests/site/zip/reader_test.ts"],
  },
  {
    rule: "a single file as root has no siblings",
    file: "lib/site/disk/single_file.ts",
    find: "isProtected: (path) => path !== own,",
    replace: "isProtected: () => false,",
    tests: ["tests/site/disk/single_file_test.ts"],
  },
  {
    rule: "no capture changes the host of a redirect",
    file: "lib/site/rules/destination.ts",
    find: 'path += path.endsWith("/") ? text.replace(/^\\/+/, "") : text;',
    replace: "path += text;",
    tests: [
      "tests/site/rules/destination_test.ts",
      "tests/site/rules/destination_hostile_test.ts",
    ],
  },
  {
    rule: "no capture makes dot segments in a rewrite",
    file: "lib/site/rules/destination.ts",
    find:
      "return hasDotSegment(path) || /[\\\\\\0]/.test(path) ? undefined : path;",
    replace: "return path;",
    tests: [
      "tests/site/rules/destination_test.ts",
      "tests/site/rules/destination_hostile_test.ts",
    ],
  },
  // access: who is answered.
  {
    rule: "an address that is denied is refused, even if it is allowed",
    file: "lib/access/gate.ts",
    find: "if (denied?.has(address)) return DENIED;",
    replace: "",
    tests: ["tests/access/gate_test.ts"],
  },
  {
    rule: "a malformed target counts as protected",
    file: "lib/access/gate.ts",
    find: "return path === undefined || isProtected === undefined",
    replace: "return isProtected === undefined || path !== undefined",
    tests: ["tests/access/gate_test.ts"],
  },
  {
    rule:
      "an address that failed too often waits, even with the right password",
    file: "lib/access/gate.ts",
    find: 'if (pause > 0) return tooMany(pause, "paused");',
    replace: "",
    tests: ["tests/access/gate_logins_test.ts", "tests/access/gate_test.ts"],
  },
  {
    rule: "only a trusted proxy names the client",
    file: "lib/access/forwarded.ts",
    find: "if (!trusted.has(client)) return client;",
    replace: "",
    tests: ["tests/access/forwarded_test.ts"],
  },
  {
    rule: "the first address from the right that is no proxy is the client",
    file: "lib/access/forwarded.ts",
    find: "if (!trusted.has(client)) break;",
    replace: "",
    tests: ["tests/access/forwarded_test.ts"],
  },
  {
    rule: "a request beyond the rate waits",
    file: "lib/access/limits.ts",
    find: "return over <= 0 ? 0 : Math.max(1, Math.ceil(over / 1000));",
    replace: "return 0;",
    tests: ["tests/access/limits_test.ts"],
  },
  // server and service.
  {
    rule: "the client with most connections gives up a place",
    file: "lib/server/places.ts",
    find: "for (let size = this.#most; size >= Math.max(1, own); size--) {",
    replace: "for (let size = 1; size <= this.#most; size++) {",
    tests: ["tests/server/places_test.ts"],
  },
  {
    rule: "a link is protected by the path that it leads to",
    file: "lib/service/site_handler.ts",
    find: "path: behind ?? path",
    replace: "path",
    tests: [
      "tests/service/site_handler_links_test.ts",
      "tests/service/site_handler_auth_test.ts",
    ],
  },
  {
    rule: "a precompressed file is protected with its original",
    file: "lib/service/access.ts",
    find: "return coding !== undefined &&",
    replace: "return false && coding !== undefined &&",
    tests: ["tests/service/site_handler_auth_test.ts"],
  },
  // observe: what a client sends is text.
  {
    rule: "a connection that was stopped while it opened ends with its reply",
    file: "lib/server/connection.ts",
    find: "this.isLast = true;",
    replace: "",
    tests: ["tests/server/connection_test.ts"],
  },
  {
    rule: "a reply in place of a file that changed has a deadline",
    file: "lib/server/http1/connection.ts",
    find:
      `const answer = this.#context.respond(this.#head, this.#now, this.#client);
    const isLate = answer instanceof Promise;
    const reply = isLate ? await this.#awaitReply(answer) : answer;`,
    replace:
      "const reply = await this.#context.respond(this.#head, this.#now, this.#client);",
    tests: ["tests/server/waiting_test.ts"],
  },
  {
    rule: "nothing in a request ends a line of the log",
    file: "lib/observe/log_format.ts",
    find: "if (!UNSAFE.test(text)) return text;",
    replace: "if (text.length < 1000) return text;",
    tests: ["tests/observe/log_format_test.ts"],
  },
  {
    rule: "a check connects to no private network",
    file: "lib/service/external_links.ts",
    find: "if (!addresses.every(isPublicAddress)) {",
    replace: "if (addresses.length < 0) {",
    tests: ["tests/service/external_links_test.ts"],
  },
  {
    rule: "a check takes no square of time for deep documents",
    file: "lib/check/html.ts",
    find: "if (++this.#depth > NESTING_MAX) parser.pause();",
    replace: "this.#depth++;",
    tests: ["tests/check/html_test.ts"],
  },
  {
    rule: "what is ignored for some paths is reported for others",
    file: "lib/check/findings.ts",
    find: "each.pattern === undefined || each.pattern.matches(path)",
    replace: "each.rule === rule",
    tests: ["tests/check/findings_test.ts"],
  },
  // Releases: what falls back, and what a pack keeps.
  {
    rule: "only names with a hash come from older releases",
    file: "lib/site/releases/releases_site.ts",
    find: 'found.kind === "absent" && mayHaveHash(path)',
    replace: 'found.kind === "absent"',
    tests: ["tests/site/releases/releases_site_test.ts"],
  },
  {
    rule: "only names with a hash come from the kept files of an archive",
    file: "lib/site/bundle/bundle.ts",
    find: "kept.filter(({ path }) => mayHaveHash(path))",
    replace: "kept",
    tests: ["tests/site/bundle/bundle_test.ts"],
  },
  {
    rule: "a pack keeps only names with a hash of older builds",
    file: "tools/older.ts",
    find: "mayHaveHash(path) && !paths.has(path)",
    replace: "!paths.has(path)",
    tests: ["tests/tools/older_test.ts"],
  },
  {
    rule: "no request waits twice for a release that does not come",
    file: "lib/service/release_gap.ts",
    find: "root === this.#root && this.#isInVain",
    replace: "root === undefined",
    tests: ["tests/service/release_gap_test.ts"],
  },
];
