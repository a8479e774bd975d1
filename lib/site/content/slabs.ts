/**
 * Memory that small contents share, so that each needs no allocation of its
 * own. Bytes in a slab are never written twice: a reply that is being sent
 * keeps its slab alive and its bytes as they are. Pure.
 *
 * @module
 */

/** Bytes of a slab: many small contents, and little to lose while few of them are left. */
export const SLAB_BYTES: number = 256 * 1024;

/** Bytes of a piece of memory for small contents that are not kept: as much as a slow client can hold of it. */
export const UNKEPT_BYTES: number = 64 * 1024;

/** Largest content in a slab. At most this much of a slab remains unused at its end. */
export const SHARED_BYTES_MAX: number = 16 * 1024;

/** A full slab of whose bytes less than this part is in use gives its contents to another slab. */
const USED_MIN = 0.5;

/** A content that can lie in a slab. */
export interface MovableContent {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** The slab in which it lies, if any. Only {@linkcode Slabs} sets it. */
  slab: Slab | undefined;
  /** Takes equal bytes in place of its own. */
  move(bytes: Uint8Array<ArrayBuffer>): void;
}

/** One piece of shared memory. */
export class Slab {
  readonly buffer: ArrayBuffer;
  readonly contents: Set<MovableContent> = new Set();
  /** Bytes that were taken. */
  end = 0;
  /** Bytes of these that belong to a content in it. */
  usedBytes = 0;

  constructor(bytes: number) {
    this.buffer = new ArrayBuffer(bytes);
  }

  hasRoom(length: number): boolean {
    return this.end + length <= this.buffer.byteLength;
  }

  /** Returns the next bytes, to be written once. There must be room. */
  take(length: number): Uint8Array<ArrayBuffer> {
    const bytes = new Uint8Array(this.buffer, this.end, length);
    this.end += length;
    return bytes;
  }

  /** Adds a content whose bytes were taken from this slab. */
  adopt(content: MovableContent): void {
    content.slab = this;
    this.contents.add(content);
    this.usedBytes += content.bytes.length;
  }

  get isSparse(): boolean {
    return this.usedBytes < this.end * USED_MIN;
  }
}

/**
 * The slabs of one cache. Those that are full use at least half of their bytes; the memory of a slab that is left is
 * free once no reply needs it.
 */
export class Slabs {
  #open = new Slab(SLAB_BYTES);
  /** The piece of memory for contents that are not kept. */
  #unkept = new Slab(0);

  /** Returns memory for a content that the caller will add: in a slab, or separate if it is too large. */
  take(length: number): Uint8Array<ArrayBuffer> {
    if (!isShared(length)) return new Uint8Array(length);
    if (!this.#open.hasRoom(length)) this.#openAnother();
    return this.#open.take(length);
  }

  /**
   * Returns memory for a content that is not going to be added, because it is sent only once. Each takes the next bytes
   * of one piece: a collector that counts thousands of allocations takes longer than the reads.
   */
  takeUnkept(length: number): Uint8Array<ArrayBuffer> {
    if (!isShared(length)) return new Uint8Array(length);
    if (!this.#unkept.hasRoom(length)) this.#unkept = new Slab(UNKEPT_BYTES);
    return this.#unkept.take(length);
  }

  /** Keeps a content in a slab, unless it is too large or lies in one already. Moves one that has memory of its own. */
  add(content: MovableContent): void {
    const { bytes } = content;
    if (!isShared(bytes.length) || content.slab) return;
    if (bytes.buffer !== this.#open.buffer) {
      const copy = this.take(bytes.length);
      copy.set(bytes);
      content.move(copy);
    }
    this.#open.adopt(content);
  }

  /** Forgets a content. Its bytes stay as they are for connections that still send them. */
  delete(content: MovableContent): void {
    const { slab } = content;
    if (slab === undefined) return;
    content.slab = undefined;
    slab.contents.delete(content);
    slab.usedBytes -= content.bytes.length;
    // The open slab fills up first: a content that changes often must not cost a slab each time.
    if (slab !== this.#open) this.#leaveIfSparse(slab);
  }

  #openAnother(): void {
    const full = this.#open;
    this.#open = new Slab(SLAB_BYTES);
    this.#leaveIfSparse(full);
  }

  #leaveIfSparse(slab: Slab): void {
    if (!slab.isSparse) return;
    const rest = [...slab.contents];
    slab.contents.clear();
    for (const content of rest) content.slab = undefined;
    for (const content of rest) this.add(content);
  }
}

/** Whether a content of this many bytes lies in a slab. */
function isShared(length: number): boolean {
  return length > 0 && length <= SHARED_BYTES_MAX;
}
