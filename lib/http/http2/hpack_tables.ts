/**
 * The static and the dynamic table of HPACK (RFC 7541 §2.3 and Appendix A).
 *
 * @module
 */

/** What an entry counts beyond its name and value (RFC 7541 §4.1), and a line in SETTINGS_MAX_HEADER_LIST_SIZE. */
export const ENTRY_OVERHEAD = 32;

/**
 * A header line as HPACK gives it. Tables keep these objects, so a line that comes again as an index is the same
 * object, and what was found out about it need not be found out again.
 */
export class HeaderField {
  /** The name, a character for each byte; not checked. */
  readonly name: string;
  /** The value, a character for each byte; not checked. Empty if the line is too long to be read. */
  readonly value: string;
  /** Bytes of name and value, and {@linkcode ENTRY_OVERHEAD}. More than both say if the line is too long to be read. */
  readonly size: number;
  /** What `request.ts` has found out about the line; 0 for nothing yet. Only that module reads and sets it. */
  kind = 0;

  /** A line whose name and value are whole, unless `size` says otherwise. */
  constructor(
    name: string,
    value: string,
    size: number = name.length + value.length + ENTRY_OVERHEAD,
  ) {
    this.name = name;
    this.value = value;
    this.size = size;
  }
}

/** The static table, from index 1 on. */
const STATIC_LINES = `:authority
:method GET
:method POST
:path /
:path /index.html
:scheme http
:scheme https
:status 200
:status 204
:status 206
:status 304
:status 400
:status 404
:status 500
accept-charset
accept-encoding gzip, deflate
accept-language
accept-ranges
accept
access-control-allow-origin
age
allow
authorization
cache-control
content-disposition
content-encoding
content-language
content-length
content-location
content-range
content-type
cookie
date
etag
expect
expires
from
host
if-match
if-modified-since
if-none-match
if-range
if-unmodified-since
last-modified
link
location
max-forwards
proxy-authenticate
proxy-authorization
range
referer
refresh
retry-after
server
set-cookie
strict-transport-security
transfer-encoding
user-agent
vary
via
www-authenticate`;

/** The entries of the static table. That of index n is at n - 1. */
export const STATIC_FIELDS: readonly HeaderField[] = STATIC_LINES.split("\n")
  .map((line) => {
    const [name, ...value] = line.split(" ");
    return new HeaderField(name!, value.join(" "));
  });

/** The first index of each name in the static table. */
const STATIC_NAMES: ReadonlyMap<string, number> = new Map(
  STATIC_FIELDS.map(({ name }, at) => [name, at + 1] as const).reverse(),
);

/** The index of a name in the static table; 0 if it is not there. */
export function staticName(name: string): number {
  return STATIC_NAMES.get(name) ?? 0;
}

/** The index of a whole line in the static table; 0 if it is not there. */
export function staticLine(name: string, value: string): number {
  const first = staticName(name);
  if (first === 0) return 0;
  for (let at = first - 1; STATIC_FIELDS[at]?.name === name; at++) {
    if (STATIC_FIELDS[at]!.value === value) return at + 1;
  }
  return 0;
}

/** The size of a dynamic table, in bytes, until the encoder changes it (RFC 7541 §4.2; RFC 9113 §6.5.2). */
export const TABLE_BYTES_MAX = 4096;

/** The lines that came last, as many as fit into a number of bytes (RFC 7541 §4): at most 128, because each counts as 32 or more. */
export class DynamicTable {
  /** Bytes of all entries. */
  size = 0;

  #bytesMax = TABLE_BYTES_MAX;
  /** The entries, the newest last. */
  readonly #entries: HeaderField[] = [];

  /** How many entries there are. */
  get length(): number {
    return this.#entries.length;
  }

  /** The entry with an index from 0 for the one that came last; undefined if there is none. */
  get(index: number): HeaderField | undefined {
    return this.#entries[this.#entries.length - 1 - index];
  }

  /** Adds an entry, and evicts what has no room beside it. A line too large for the table empties it (§4.4). */
  add(field: HeaderField): void {
    this.#evict(this.#bytesMax - field.size);
    if (field.size > this.#bytesMax) return;
    this.#entries.push(field);
    this.size += field.size;
  }

  /** Changes how many bytes fit, up to {@linkcode TABLE_BYTES_MAX}, and evicts what does not (§4.3). */
  resize(bytesMax: number): void {
    this.#bytesMax = bytesMax;
    this.#evict(bytesMax);
  }

  #evict(bytes: number): void {
    while (this.#entries.length > 0 && this.size > bytes) {
      this.size -= this.#entries.shift()!.size;
    }
  }
}
