/** From an answer of the API to its data, or to one kind of error that pages can show. */

import { isProblem } from "./client";

export class CallError extends Error {
  constructor(
    /** The problem's code, or `offline` where no answer came. */
    readonly code: string,
    message: string,
    readonly status: number,
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }

  /** Whether it may be well again by itself: nobody answered, or said to come back. */
  get passes(): boolean {
    return this.code === "offline" || this.status === 502 || this.status === 503 || this.status === 504;
  }
}

interface Answered<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** Wait for an answer; return its data, or throw a `CallError`. */
export async function ask<Data>(asked: Promise<Answered<Data>>): Promise<NonNullable<Data>> {
  const { data, error, response } = await reached(asked);
  if (response.ok) return data as NonNullable<Data>;
  if (isProblem(error)) throw new CallError(error.code, error.message, response.status, error.details);
  throw new CallError("no_problem", `${response.status}`, response.status);
}

/** The same for an answer that has no body. */
export async function done(asked: Promise<Answered<unknown>>): Promise<void> {
  await ask<unknown>(asked);
}

/** The same, but null where it is refused with this code: what is asked for is not there, and that is an answer. */
export async function orNull<Data>(code: string, asked: Promise<Data>): Promise<Data | null> {
  try {
    return await asked;
  } catch (error) {
    if (callError(error).code === code) return null;
    throw error;
  }
}

/** A name for something that is sent, by which a repeat is known as one. */
export const freshKey = (): string => crypto.randomUUID?.() ?? `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;

export interface NamedFile {
  blob: Blob;
  name: string;
}

/** Wait for a file, asked for with `parseAs: "blob"`; its name is the one that the server gives it, or else `name`. */
export async function askFile(asked: Promise<Answered<unknown>>, name: string): Promise<NamedFile> {
  const answered = await reached(asked);
  const blob = (await ask<unknown>(Promise.resolve(answered))) as Blob;
  return { blob, name: fileNameOf(answered.response.headers.get("Content-Disposition")) ?? name };
}

/** The file's name in a `Content-Disposition`; null where it says none. Pure. */
export function fileNameOf(disposition: string | null): string | null {
  return /filename="([^"/\\]+)"/.exec(disposition ?? "")?.[1] ?? null;
}

async function reached<Data>(asked: Promise<Answered<Data>>): Promise<Answered<Data>> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof CallError) throw error;
    throw new CallError("offline", error instanceof Error ? error.message : "", 0);
  }
}

/** Wait for something whose failure is shown where it was asked for. */
export const settled = (asked: Promise<unknown>): Promise<void> => asked.then(() => undefined, () => undefined);

export function callError(error: unknown): CallError {
  if (error instanceof CallError) return error;
  return new CallError("page", error instanceof Error ? error.message : String(error), 0);
}

/** Offer bytes as a file. */
export function offer(blob: Blob, name: string): void {
  const address = URL.createObjectURL(blob);
  const link = document.createElement("a");
  link.href = address;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
