/** What the room's page says over and under the captions, whatever happens to the connection and the interview. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Room as LiveKitRoom } from "livekit-client";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Texts, TextsProvider } from "../../texts/texts";
import * as calls from "../calls";
import { candidateTexts } from "../texts";
import { newsOf } from "./progress";
import Room from "./Room";
import { type Handles, type RoomState, useRoom } from "./useRoom";

vi.mock("../calls");
vi.mock("./useRoom");
const api = vi.mocked(calls);
afterEach(cleanup);

const seat = {
  session_id: "s",
  title: "Sales",
  status: "IN_PROGRESS",
  language: "en",
  typing_only: false,
  watches_camera: false,
  consent: { given: {} },
} as unknown as calls.Seat;

const told = (fields: Record<string, unknown>): RoomState["told"] => {
  const news = newsOf(new TextEncoder().encode(JSON.stringify({ stage: "questions", total: 3, answered: 1, ...fields })));
  return news && { news, at: Date.now() };
};
const steady: RoomState = { phase: "in", returns: 0, told: null, lines: [], microphoneFailed: false, cameraFailed: false };
const handles: Omit<Handles, "state"> = { room: new LiveKitRoom(), type: vi.fn(), rejoin: vi.fn(), leave: vi.fn(() => Promise.resolve()) };

function enter(state: Partial<RoomState>, onOver: (status: calls.Seat["status"]) => void = () => undefined) {
  vi.mocked(useRoom).mockReturnValue({ ...handles, state: { ...steady, ...state } });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TextsProvider value={candidateTexts("en") as Texts<string>}>
        <Room seat={seat} way={{ url: "", token: "" }} devices={{}} onOver={onOver} />
      </TextsProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  vi.clearAllMocks();
  api.readSession.mockResolvedValue({ status: "IN_PROGRESS" } as calls.Session);
  api.tell.mockResolvedValue(0);
  api.raised.mockResolvedValue([]);
});

describe("the room", () => {
  it.each<[string, Partial<RoomState>, RegExp]>([
    ["a connection that was lost", { phase: "reconnecting" }, /We are bringing you back/],
    ["a return", { returns: 1 }, /You are back/],
    ["a recogniser that is away", { told: told({ trouble: ["stt"] }) }, /We cannot hear you just now/],
    ["a voice that is away", { told: told({ trouble: ["tts"] }) }, /Please read the captions/],
    ["a muted microphone", { told: told({ microphone: "muted" }) }, /Your microphone is off/],
    ["a microphone that was not given", { microphoneFailed: true }, /You can type your answers instead/],
  ])("says %s", (_name, state, words) => {
    enter(state);
    expect(screen.getByText(words)).toBeTruthy();
  });

  it("says that it is paused, and that the time stands still", async () => {
    api.readSession.mockResolvedValue({ status: "PAUSED" } as calls.Session);
    enter({ told: told({ state: "listening", time_left_s: 600 }) });
    await screen.findByText("The interview is paused");
    expect(screen.getByText("Paused")).toBeTruthy();
  });

  it("can be tried again where it could not be brought back", async () => {
    enter({ phase: "lost" });
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(handles.rejoin).toHaveBeenCalledOnce();
  });

  it("announces captions politely once they are final, and by whom", () => {
    enter({
      lines: [
        { key: "a", mine: false, text: "What did you <i>build</i>?", final: true },
        { key: "b", mine: true, text: "I built", final: false },
      ],
    });
    const log = screen.getByRole("log");
    expect(log.getAttribute("aria-live")).toBe("polite");
    expect(within(log).getByText("What did you <i>build</i>?")).toBeTruthy();
    expect(within(log).queryByText("I built")).toBeNull();
    expect(screen.getByText("I built").closest("[aria-live]")?.getAttribute("aria-live")).toBe("off");
  });

  it("keeps captions in the order in which they were begun, whichever is finished first", () => {
    enter({
      lines: [
        { key: "a", mine: true, text: "I built", final: false },
        { key: "b", mine: false, text: "Mm-hm.", final: true },
      ],
    });
    const placed = (words: string) => Number(screen.getByText(words).closest("p")?.style.order);
    expect(placed("I built")).toBeLessThan(placed("Mm-hm."));
  });

  it("asks before it ends, and says what stands in the way", async () => {
    const { CallError } = await import("../../api/calls");
    api.end.mockRejectedValueOnce(new CallError("offline", "", 0));
    const over = vi.fn();
    enter({}, over);
    await userEvent.click(screen.getByRole("button", { name: "End" }));
    expect(api.end).not.toHaveBeenCalled();
    await userEvent.click(screen.getByRole("button", { name: "End the interview" }));
    await screen.findByText("It could not be ended: No connection to the server. Check your network.");
    expect(over).not.toHaveBeenCalled();
  });

  it("goes on to the end page where somebody else has ended it", async () => {
    api.readSession.mockResolvedValue({ status: "COMPLETED" } as calls.Session);
    const over = vi.fn();
    enter({}, over);
    await vi.waitFor(() => expect(over).toHaveBeenCalledWith("COMPLETED"));
  });
});
