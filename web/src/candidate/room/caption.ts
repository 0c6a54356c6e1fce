/** From a text stream of the room to lines of the captions. */

import type { Line } from "./progress";

/** What is needed of livekit-client's `TextStreamReader`. */
export type Stream = AsyncIterable<string> & { info: { id: string; attributes?: Record<string, string> | undefined } };

/**
 * Show a stream as it comes. One stream is one segment or a newer version of it; segments of one id replace each other.
 *
 * Never rejects: a stream that ends in its middle, as all do when the connection goes, leaves what came of it as a
 * finished line. That the connection went is shown by the room itself.
 */
export async function caption(reader: Stream, identity: string, show: (line: Line) => void): Promise<void> {
  const attributes = reader.info.attributes ?? {};
  const key = `${identity}/${attributes["lk.segment_id"] ?? reader.info.id}`;
  const mine = identity.startsWith("candidate-");
  let final = !mine || attributes["lk.transcription_final"] !== "false";
  let text = "";
  try {
    for await (const piece of reader) {
      text += piece;
      // the interviewer's stream is open while it speaks; of the candidate's words each version is a stream of its own
      show({ key, mine, text, final: mine && final });
    }
  } catch {
    final = true; // nothing newer comes
  }
  if (text) show({ key, mine, text, final });
}
