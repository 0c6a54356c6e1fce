/** The recording in pieces that a browser's own player takes: a minute of WAV at a time, fetched when it is needed. */

import { CallError } from "../../api/calls";
import { isProblem } from "../../api/client";
import { accessToken, resume } from "../session";

const HEADER_BYTES = 44;
export const WINDOW_S = 60;

export interface Format {
  channels: number;
  rate: number;
  /** Bytes of one second. */
  perSecond: number;
}

/** Read a WAV header of 44 bytes, 16-bit PCM; null where it is something else. Pure. */
export function formatOf(header: DataView): Format | null {
  if (header.byteLength < HEADER_BYTES || header.getUint32(0) !== 0x52494646 || header.getUint16(34, true) !== 16) return null;
  const channels = header.getUint16(22, true);
  const rate = header.getUint32(24, true);
  return { channels, rate, perSecond: channels * rate * 2 };
}

/** The header of a WAV with so many bytes of samples. Pure. */
export function headerOf({ channels, rate, perSecond }: Format, bytes: number): ArrayBuffer {
  const header = new DataView(new ArrayBuffer(HEADER_BYTES));
  const text = (at: number, word: string) => [...word].forEach((letter, place) => header.setUint8(at + place, letter.charCodeAt(0)));
  text(0, "RIFF");
  header.setUint32(4, 36 + bytes, true);
  text(8, "WAVEfmt ");
  header.setUint32(16, 16, true);
  header.setUint16(20, 1, true);
  header.setUint16(22, channels, true);
  header.setUint32(24, rate, true);
  header.setUint32(28, perSecond, true);
  header.setUint16(32, channels * 2, true);
  header.setUint16(34, 16, true);
  text(36, "data");
  header.setUint32(40, bytes, true);
  return header.buffer;
}

/** Bytes of the file that hold a window, both ends included. Pure. */
export function rangeOf(format: Format, window: number): [number, number] {
  const from = HEADER_BYTES + window * WINDOW_S * format.perSecond;
  return [from, from + WINDOW_S * format.perSecond - 1];
}

export interface Piece {
  url: string;
  from_s: number;
}

/** One session's recording. Where the server knows no ranges, the whole is fetched once. */
export class Recording {
  private format: Promise<Format | Blob> | null = null;
  private readonly pieces = new Map<number, Promise<Piece>>();

  constructor(private readonly session_id: string) {}

  /** The piece that holds a moment. Throws `CallError`. */
  async at(seconds: number): Promise<Piece> {
    this.format ??= this.look();
    const format = await this.format;
    const window = format instanceof Blob ? 0 : Math.floor(Math.max(0, seconds) / WINDOW_S);
    let piece = this.pieces.get(window);
    if (!piece) {
      piece = format instanceof Blob ? Promise.resolve({ url: URL.createObjectURL(format), from_s: 0 }) : this.fetchPiece(format, window);
      this.pieces.set(window, piece);
      piece.catch(() => this.pieces.delete(window)); // it may be tried again
    }
    return piece;
  }

  /** Whether pieces are windows, so that another comes after one. */
  async windowed(): Promise<boolean> {
    return !((await this.format) instanceof Blob);
  }

  close(): void {
    for (const piece of this.pieces.values()) piece.then(({ url }) => URL.revokeObjectURL(url), () => undefined);
    this.pieces.clear();
  }

  private async look(): Promise<Format | Blob> {
    const response = await this.get(0, HEADER_BYTES - 1);
    if (response.status !== 206) return response.blob();
    const format = formatOf(new DataView(await response.arrayBuffer()));
    if (!format) throw new CallError("page", "the recording is no WAV of 16 bits", 0);
    return format;
  }

  private async fetchPiece(format: Format, window: number): Promise<Piece> {
    const response = await this.get(...rangeOf(format, window));
    const samples = await response.arrayBuffer();
    const wav = new Blob([headerOf(format, samples.byteLength), samples], { type: "audio/wav" });
    return { url: URL.createObjectURL(wav), from_s: window * WINDOW_S };
  }

  private async get(from: number, to: number): Promise<Response> {
    await resume();
    const headers = { Authorization: `Bearer ${accessToken() ?? ""}`, Range: `bytes=${from}-${to}` };
    const response = await fetch(`/api/parallel_interview/session/${this.session_id}/recording`, { headers });
    if (response.ok) return response;
    const problem: unknown = await response.json().catch(() => null);
    if (isProblem(problem)) throw new CallError(problem.code, problem.message, response.status);
    throw new CallError("no_problem", String(response.status), response.status);
  }
}
