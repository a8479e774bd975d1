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

/** Bytes of a SETTINGS frame. */
export function settingsBytes(values: readonly SettingValue[]): number {
  return FRAME_HEAD_BYTES + 6 * values.length;
}

/** Writes a SETTINGS frame to out[at…], and returns the index after it. */
export function writeSettings(
  out: Uint8Array,
  at: number,
  values: readonly SettingValue[],
): number {
  const length = 6 * values.length;
  at = writeFrameHead(out, at, length, FrameType.Settings, 0, 0);
  for (const [setting, value] of values) {
    out[at] = setting >> 8;
    out[at + 1] = setting;
    at = writeUint32(out, at + 2, value);
  }
  return at;
}

/** Bytes of a SETTINGS frame that acknowledges another. */
export const SETTINGS_ACK_BYTES: number = FRAME_HEAD_BYTES;

/** Acknowledges a SETTINGS frame; returns the index after it. */
export function writeSettingsAck(out: Uint8Array, at: number): number {
  return writeFrameHead(out, at, 0, FrameType.Settings, FrameFlag.Ack, 0);
}

/** Bytes of a PING frame. */
export const PING_BYTES: number = FRAME_HEAD_BYTES + 8;

/** Writes a PING frame with the eight bytes of `data` from `from` on; returns the index after it. */
export function writePing(
  out: Uint8Array,
  at: number,
  data: Uint8Array,
  from: number,
  isAck: boolean,
): number {
  at = writeFrameHead(out, at, 8, FrameType.Ping, isAck ? FrameFlag.Ack : 0, 0);
  for (let i = 0; i < 8; i++) out[at + i] = data[from + i]!;
  return at + 8;
}

/** Bytes of an RST_STREAM frame. */
export const RESET_STREAM_BYTES: number = FRAME_HEAD_BYTES + 4;

/** Writes an RST_STREAM frame; returns the index after it. */
export function writeResetStream(
  out: Uint8Array,
  at: number,
  streamId: number,
  code: ErrorCode,
): number {
  at = writeFrameHead(out, at, 4, FrameType.ResetStream, 0, streamId);
  return writeUint32(out, at, code);
}

/** Bytes of a WINDOW_UPDATE frame. */
export const WINDOW_UPDATE_BYTES: number = FRAME_HEAD_BYTES + 4;

/** Writes a WINDOW_UPDATE frame for a stream, or for the connection with stream 0; returns the index after it. */
export function writeWindowUpdate(
  out: Uint8Array,
  at: number,
  streamId: number,
  increment: number,
): number {
  at = writeFrameHead(out, at, 4, FrameType.WindowUpdate, 0, streamId);
  return writeUint32(out, at, increment);
}

/** Bytes of a GOAWAY frame without debug data. */
export const GO_AWAY_BYTES: number = FRAME_HEAD_BYTES + 8;

/** Writes a GOAWAY frame, which names the last stream that is served; returns the index after it. */
export function writeGoAway(
  out: Uint8Array,
  at: number,
  lastStreamId: number,
  code: ErrorCode,
): number {
  at = writeFrameHead(out, at, 8, FrameType.GoAway, 0, 0);
  return writeUint32(out, writeUint32(out, at, lastStreamId), code);
}
