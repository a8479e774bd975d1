/**
 * Frames of HTTP/2: their types, flags and error codes, and the nine bytes
 * before each payload (RFC 9113 §4 and §6).
 *
 * @module
 */

/** What a client sends first (RFC 9113 §3.4). */
export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

/** Bytes before the payload of each frame. */
export const FRAME_HEAD_BYTES = 9;

/** Longest payload that skiff sends or accepts: the least that every peer accepts (RFC 9113 §4.2). */
export const FRAME_BYTES_MAX = 16_384;

/** The highest stream id, and the largest window (RFC 9113 §5.1.1, §6.9.1). */
export const INT31_MAX = 0x7fff_ffff;

/** Types of frames (RFC 9113 §6; RFC 9218 §7.1 for PRIORITY_UPDATE). */
export const FrameType = {
  Data: 0x0,
  Headers: 0x1,
  Priority: 0x2,
  ResetStream: 0x3,
  Settings: 0x4,
  PushPromise: 0x5,
  Ping: 0x6,
  GoAway: 0x7,
  WindowUpdate: 0x8,
  Continuation: 0x9,
  PriorityUpdate: 0x10,
} as const;

/** Flags of frames. `Ack` is for SETTINGS and PING, `EndStream` for DATA and HEADERS. */
export const FrameFlag = {
  Ack: 0x1,
  EndStream: 0x1,
  EndHeaders: 0x4,
  Padded: 0x8,
  Priority: 0x20,
} as const;

/** Error codes of RST_STREAM and GOAWAY (RFC 9113 §7). */
export const ErrorCode = {
  NoError: 0x0,
  ProtocolError: 0x1,
  InternalError: 0x2,
  FlowControlError: 0x3,
  SettingsTimeout: 0x4,
  StreamClosed: 0x5,
  FrameSizeError: 0x6,
  RefusedStream: 0x7,
  Cancel: 0x8,
  CompressionError: 0x9,
  ConnectError: 0xa,
  EnhanceYourCalm: 0xb,
  InadequateSecurity: 0xc,
  Http11Required: 0xd,
} as const;

/** One of the codes in {@linkcode ErrorCode}. */
export type ErrorCode = typeof ErrorCode[keyof typeof ErrorCode];

/** The head of a frame. One object serves all frames of a connection in turn. */
export class FrameHead {
  /** Bytes of the payload. */
  length = 0;
  /** The type; it may be one that RFC 9113 does not define. */
  type = 0;
  /** Flags; those without a meaning for the type may be set. */
  flags = 0;
  /** The stream; 0 for the connection. */
  streamId = 0;
  /** Where the content of a payload begins and ends, after {@linkcode FrameHead.findContent}. */
  contentStart = 0;
  /** See {@linkcode FrameHead.contentStart}. */
  contentEnd = 0;

  /** Reads bytes[at, at + FRAME_HEAD_BYTES), which must all be there. Ignores the reserved bit. */
  read(bytes: Uint8Array, at: number): void {
    this.length = bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
    this.type = bytes[at + 3]!;
    this.flags = bytes[at + 4]!;
    this.streamId = readUint31(bytes, at + 5);
  }

  /** Whether a flag is set. */
  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /**
   * Checks what the head alone shows: the length that the type must have, and whether it belongs to a stream or
   * to the connection. Returns the error with which the connection must end, or NoError.
   *
   * Some of these could end a stream alone (RFC 9113 §5.4.2). No honest client makes any of them, and a client
   * must not be able to choose that skiff resets streams (CVE-2025-8671).
   */
  fault(): ErrorCode {
    if (this.length > FRAME_BYTES_MAX) return ErrorCode.FrameSizeError;
    const isOnStream = this.streamId !== 0;
    switch (this.type) {
      case FrameType.Data:
      case FrameType.Headers:
      case FrameType.Continuation:
        return fault(isOnStream, true);
      case FrameType.Priority:
        return fault(isOnStream, this.length === 5);
      case FrameType.ResetStream:
        return fault(isOnStream, this.length === 4);
      case FrameType.WindowUpdate:
        return fault(true, this.length === 4);
      case FrameType.Settings:
        return fault(
          !isOnStream,
          this.has(FrameFlag.Ack) ? this.length === 0 : this.length % 6 === 0,
        );
      case FrameType.Ping:
        return fault(!isOnStream, this.length === 8);
      case FrameType.GoAway:
        return fault(!isOnStream, this.length >= 8);
      case FrameType.PriorityUpdate:
        return fault(!isOnStream, this.length >= 4);
      case FrameType.PushPromise:
        return ErrorCode.ProtocolError;
      default:
        return ErrorCode.NoError;
    }
  }

  /**
   * Finds the content of a DATA or HEADERS frame between padding and priority, in a payload that begins at
   * bytes[at] and is all there. Returns whether there is room for it (RFC 9113 §6.1, §6.2); otherwise the
   * connection must end with PROTOCOL_ERROR.
   */
  findContent(bytes: Uint8Array, at: number): boolean {
    let start = at;
    let end = at + this.length;
    if (this.has(FrameFlag.Padded)) {
      if (start === end) return false;
      end -= bytes[start++]!;
    }
    if (this.type === FrameType.Headers && this.has(FrameFlag.Priority)) {
      start += 5;
    }
    this.contentStart = start;
    this.contentEnd = end;
    return start <= end;
  }
}

function fault(isRightPlace: boolean, isRightLength: boolean): ErrorCode {
  if (!isRightPlace) return ErrorCode.ProtocolError;
  return isRightLength ? ErrorCode.NoError : ErrorCode.FrameSizeError;
}

/** Writes the head of a frame to out[at…], and returns the index after it. */
export function writeFrameHead(
  out: Uint8Array,
  at: number,
  length: number,
  type: number,
  flags: number,
  streamId: number,
): number {
  out[at] = length >> 16;
  out[at + 1] = length >> 8;
  out[at + 2] = length;
  out[at + 3] = type;
  out[at + 4] = flags;
  return writeUint32(out, at + 5, streamId);
}

/** How many DATA frames content of at most `allowed` bytes makes in `room` bytes, heads included; at least one. */
export function framesFor(allowed: number, room: number): number {
  const frameBytes = FRAME_HEAD_BYTES + FRAME_BYTES_MAX;
  return Math.max(
    1,
    Math.ceil(Math.min(allowed / FRAME_BYTES_MAX, room / frameBytes)),
  );
}

/**
 * Makes DATA frames of out[start, end), at least one, and writes them to out[at…]. Returns the index after them. The
 * content moves behind the heads, so `start` must leave room for all of these. The last frame gets `flags`.
 */
export function writeDataFrames(
  out: Uint8Array,
  at: number,
  start: number,
  end: number,
  flags: number,
  streamId: number,
): number {
  do {
    const next = Math.min(start + FRAME_BYTES_MAX, end);
    const length = next - start;
    const type = FrameType.Data;
    const to = at + FRAME_HEAD_BYTES;
    if (to < start) out.copyWithin(to, start, next);
    writeFrameHead(out, at, length, type, next === end ? flags : 0, streamId);
    at = to + length;
    start = next;
  } while (start < end);
  return at;
}

/** Reads 32 bits without the highest, which is reserved wherever a stream id or an increment stands. */
export function readUint31(bytes: Uint8Array, at: number): number {
  return (bytes[at]! & 0x7f) << 24 | bytes[at + 1]! << 16 |
    bytes[at + 2]! << 8 | bytes[at + 3]!;
}

/** Reads 32 bits. */
export function readUint32(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! & 0x80) << 24 | readUint31(bytes, at)) >>> 0;
}

/** Writes 32 bits, and returns the index after them. */
export function writeUint32(
  out: Uint8Array,
  at: number,
  value: number,
): number {
  out[at] = value >>> 24;
  out[at + 1] = value >>> 16;
  out[at + 2] = value >>> 8;
  out[at + 3] = value;
  return at + 4;
}
