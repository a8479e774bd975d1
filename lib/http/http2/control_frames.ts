/**
 * Frames that carry no part of a message: SETTINGS, PING, RST_STREAM,
 * WINDOW_UPDATE and GOAWAY (RFC 9113 §6).
 *
 * @module
 */

import {
  ErrorCode,
  FRAME_BYTES_MAX,
  FRAME_HEAD_BYTES,
  FrameFlag,
  FrameType,
  INT31_MAX,
  readUint32,
  writeFrameHead,
  writeUint32,
} from "./frames.ts";

/** Identifiers of settings (RFC 9113 §6.5.2; RFC 9218 §2.1 for the last). */
export const Http2Setting = {
  HeaderTableSize: 0x1,
  EnablePush: 0x2,
  MaxConcurrentStreams: 0x3,
  InitialWindowSize: 0x4,
  MaxFrameSize: 0x5,
  MaxHeaderListSize: 0x6,
  NoRfc7540Priorities: 0x9,
} as const;

/** The window of a connection and of each stream until the client changes it (RFC 9113 §6.9.2). */
export const INITIAL_WINDOW_BYTES = 65_535;

/** The largest value of MaxFrameSize (RFC 9113 §4.2). */
const FRAME_SIZE_MAX = 0xff_ffff;

/**
 * The settings of a client that skiff obeys. It needs no other: its frames are no longer than every peer must
 * accept, it never pushes, and its encoder uses no dynamic table.
 */
export class PeerSettings {
  /** The window with which each stream begins, in bytes. */
  initialWindowBytes = INITIAL_WINDOW_BYTES;

  /**
   * Reads the payload bytes[start, end) of a SETTINGS frame, whose length is a multiple of six. Returns the error
   * with which the connection must end, or NoError.
   */
  read(bytes: Uint8Array, start: number, end: number): ErrorCode {
    for (let at = start; at < end; at += 6) {
      const value = readUint32(bytes, at + 2);
      switch (bytes[at]! << 8 | bytes[at + 1]!) {
        case Http2Setting.EnablePush:
        case Http2Setting.NoRfc7540Priorities:
          if (value > 1) return ErrorCode.ProtocolError;
          break;
        case Http2Setting.InitialWindowSize:
          if (value > INT31_MAX) return ErrorCode.FlowControlError;
          this.initialWindowBytes = value;
          break;
        case Http2Setting.MaxFrameSize:
          if (value < FRAME_BYTES_MAX || value > FRAME_SIZE_MAX) {
            return ErrorCode.ProtocolError;
          }
      }
    }
    return ErrorCode.NoError;
  }
}

/** A setting and its value. */
export type SettingValue = readonly [setting: number, value: number];

/** Makes a SETTINGS frame. */
export function settingsFrame(values: readonly SettingValue[]): Uint8Array {
  const payload = values.flatMap((
    [setting, value],
  ) => [setting >> 8, setting, ...uint32(value)]);
  return makeFrame(FrameType.Settings, 0, 0, payload);
}

/** The SETTINGS frame that acknowledges another. */
export const SETTINGS_ACK: Uint8Array = makeFrame(
  FrameType.Settings,
  FrameFlag.Ack,
  0,
  [],
);

/** Makes a PING frame with eight bytes of data. */
export function pingFrame(data: Uint8Array, isAck: boolean): Uint8Array {
  return makeFrame(FrameType.Ping, isAck ? FrameFlag.Ack : 0, 0, data);
}

/** Makes an RST_STREAM frame. */
export function resetStreamFrame(
  streamId: number,
  code: ErrorCode,
): Uint8Array {
  return makeFrame(FrameType.ResetStream, 0, streamId, uint32(code));
}

/** Makes a WINDOW_UPDATE frame for a stream, or for the connection with stream 0. */
export function windowUpdateFrame(
  streamId: number,
  increment: number,
): Uint8Array {
  return makeFrame(FrameType.WindowUpdate, 0, streamId, uint32(increment));
}

/** Makes a GOAWAY frame without debug data, which names the last stream that is served. */
export function goAwayFrame(lastStreamId: number, code: ErrorCode): Uint8Array {
  const payload = [...uint32(lastStreamId), ...uint32(code)];
  return makeFrame(FrameType.GoAway, 0, 0, payload);
}

function makeFrame(
  type: number,
  flags: number,
  streamId: number,
  payload: ArrayLike<number>,
): Uint8Array {
  const frame = new Uint8Array(FRAME_HEAD_BYTES + payload.length);
  writeFrameHead(frame, 0, payload.length, type, flags, streamId);
  frame.set(payload, FRAME_HEAD_BYTES);
  return frame;
}

/** The four bytes of a 32-bit value. */
function uint32(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  writeUint32(bytes, 0, value);
  return bytes;
}
