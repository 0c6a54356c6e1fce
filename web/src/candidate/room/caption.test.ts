import { DataStreamError, DataStreamErrorReason } from "livekit-client";
import { describe, expect, it } from "vitest";

import { caption, type Stream } from "./caption";
import type { Line } from "./progress";
import { type RoomState, roomState } from "./useRoom";

/** A stream of pieces that ends well, or as livekit-client ends all that are open when the room is left. */
function stream(pieces: readonly string[], attributes: Record<string, string>, cut = false): Stream {
  async function* read() {
    yield* pieces;
    if (cut) throw new DataStreamError("Room disconnected in the middle of receiving data", DataStreamErrorReason.AbnormalEnd);
  }
  return Object.assign(read(), { info: { id: "s1", attributes } });
}

async function shown(of: Stream, identity = "interviewer-1"): Promise<Line[]> {
  const lines: Line[] = [];
  await caption(of, identity, (line) => lines.push(line));
  return lines;
}

describe("a caption", () => {
  it("grows while the interviewer speaks, and is finished at its end", async () => {
    const lines = await shown(stream(["What ", "next?"], { "lk.segment_id": "a" }));
    expect(lines.map(({ text, final }) => [text, final])).toEqual([
      ["What ", false],
      ["What next?", false],
      ["What next?", true],
    ]);
    expect(new Set(lines.map((line) => line.key))).toEqual(new Set(["interviewer-1/a"]));
  });
  it("of the candidate is finished when the recogniser says so", async () => {
    const going = await shown(stream(["I"], { "lk.transcription_final": "false" }), "candidate-1");
    expect(going.at(-1)).toEqual({ key: "candidate-1/s1", mine: true, text: "I", final: false });
    const done = await shown(stream(["I did"], { "lk.transcription_final": "true" }), "candidate-1");
    expect(done.at(-1)?.final).toBe(true);
  });
  it("that the connection cuts off stays as far as it came, and nothing is left unhandled", async () => {
    const lines = await shown(stream(["What did "], { "lk.segment_id": "a" }, true));
    expect(lines.at(-1)).toEqual({ key: "interviewer-1/a", mine: false, text: "What did ", final: true });
    expect(await shown(stream([], {}, true))).toEqual([]);
  });
  it("that was just being said goes no further once the room is left", () => {
    const line = { key: "a", mine: true, text: "I", final: false };
    const state: RoomState = { phase: "in", returns: 0, told: null, lines: [line], microphoneFailed: false, cameraFailed: false };
    expect(roomState(state, { kind: "cut" }).lines).toEqual([{ ...line, final: true }]);
  });
});
