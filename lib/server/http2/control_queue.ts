/**
 * Control queue: the control frames of an HTTP/2 connection that wait for the
 * next write.
 *
 * @module
 */

import {
  GO_AWAY_BYTES,
  PING_BYTES,
  RESET_STREAM_BYTES,
  SETTINGS_ACK_BYTES,
  settingsBytes,
  type SettingValue,
  WINDOW_UPDATE_BYTES,
  writeGoAway,
  writePing,
  writeResetStream,
  writeSettings,
  writeSettingsAck,
  writeWindowUpdate,
} from "../../http/http2/control_frames.ts";
import type { ErrorCode } from "../../http/http2/frames.ts";

/** Most bytes of control frames that wait for a client that does not read. Beyond: the connection ends. */
export const CONTROL_BYTES_MAX = 16 * 1024;

/** Room to begin with for control frames. */
const CONTROL_BYTES = 256;

/** Collects control frames in their order. */
export class ControlQueue {
  #bytes = new Uint8Array(CONTROL_BYTES);
  #length = 0;

  /** How many bytes wait. */
  get length(): number {
    return this.#length;
  }

  /** Whether more wait than a client that reads ever lets come together. */
  get isFlooded(): boolean {
    return this.#length > CONTROL_BYTES_MAX;
  }

  /** Appends SETTINGS. */
  settings(values: readonly SettingValue[]): void {
    this.#reserve(settingsBytes(values));
    this.#length = writeSettings(this.#bytes, this.#length, values);
  }

  /** Acknowledges SETTINGS. */
  settingsAck(): void {
    this.#reserve(SETTINGS_ACK_BYTES);
    this.#length = writeSettingsAck(this.#bytes, this.#length);
  }

  /** Appends a PING with the eight bytes of `data` at `from`. */
  ping(data: Uint8Array, from: number, isAck: boolean): void {
    this.#reserve(PING_BYTES);
    this.#length = writePing(this.#bytes, this.#length, data, from, isAck);
  }

  /** Appends RST_STREAM. */
  reset(streamId: number, code: ErrorCode): void {
    this.#reserve(RESET_STREAM_BYTES);
    this.#length = writeResetStream(this.#bytes, this.#length, streamId, code);
  }

  /** Appends WINDOW_UPDATE. */
  windowUpdate(streamId: number, increment: number): void {
    this.#reserve(WINDOW_UPDATE_BYTES);
    this.#length = writeWindowUpdate(
      this.#bytes,
      this.#length,
      streamId,
      increment,
    );
  }

  /** Appends GOAWAY. */
  goAway(lastStreamId: number, code: ErrorCode): void {
    this.#reserve(GO_AWAY_BYTES);
    this.#length = writeGoAway(this.#bytes, this.#length, lastStreamId, code);
  }

  /** Moves all frames to the start of `into`, which has room for them. Returns their number of bytes. */
  moveTo(into: Uint8Array): number {
    const length = this.#length;
    into.set(this.#bytes.subarray(0, length));
    this.#length = 0;
    if (this.#bytes.length > CONTROL_BYTES) {
      this.#bytes = new Uint8Array(CONTROL_BYTES);
    }
    return length;
  }

  #reserve(bytes: number): void {
    const needed = this.#length + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = new Uint8Array(2 * needed);
    larger.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = larger;
  }
}
