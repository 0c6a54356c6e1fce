import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, describe, expect, it } from "vitest";

import { fill, localeOf, preferred, type Texts, TextsProvider } from "../texts/texts";
import { About } from "./About";
import type { Seat } from "./calls";
import { withoutKey } from "./Consent";
import { agreed, placeOf } from "./place";
import { minutesLeft, newsOf, stateOf, troubleOf, withLine } from "./room/progress";
import { roomState } from "./room/useRoom";
import { SEAT } from "./testing";
import { candidateTexts } from "./texts";

afterEach(cleanup);

const seat: Seat = {
  ...SEAT,
  not_after: "2030-01-01T00:00:00Z",
  consent: {
    ...SEAT.consent,
    introduction: "<b>Who</b>\nWhat",
    questions: [
      { item: "interview", required: true, text: "I agree" },
      { item: "recording", required: false, text: "Sound" },
    ],
  },
};
const before = Date.parse("2029-01-01T00:00:00Z");
const consent = (given: Record<string, boolean>) => ({ ...seat, consent: { ...seat.consent, given } });

describe("where a candidate belongs", () => {
  it("follows the status, the window, and what was declined", () => {
    expect(placeOf(seat, before)).toBe("before");
    expect(placeOf({ ...seat, not_before: "2029-06-01T00:00:00Z" }, before)).toBe("early");
    expect(placeOf(seat, Date.parse("2030-01-02T00:00:00Z"))).toBe("expired");
    expect(placeOf({ ...seat, status: "PAUSED" }, before)).toBe("running");
    expect(placeOf({ ...consent({ interview: false }), status: "EXPIRED" }, before)).toBe("declined");
    expect(placeOf({ ...seat, status: "EXPIRED" }, before)).toBe("ended");
  });
  it("goes on without what is optional", () => {
    expect(agreed(consent({ interview: true, recording: false }))).toBe(true);
    expect(agreed(consent({ interview: false }))).toBe(false);
    expect(agreed(seat)).toBe(false);
  });
  it("has words for what declining means, in both languages", () => {
    for (const item of ["interview", "recording", "camera", "face_comparison", "retention"]) {
      for (const required of [true, false]) {
        for (const language of ["en", "de"] as const) expect(candidateTexts(language).maybe(withoutKey(item, required), "")).not.toBe("");
      }
    }
  });
});

describe("what the room shows", () => {
  const bytes = (told: unknown) => new TextEncoder().encode(JSON.stringify(told));
  const news = newsOf(bytes({ stage: "questions", answered: 1, total: 3, state: "listening", trouble: ["tts"], microphone: "muted", time_left_s: 125 }));
  it("reads progress, whatever is sent", () => {
    expect(news?.answered).toBe(1);
    expect(newsOf(new TextEncoder().encode("no json"))).toBeNull();
    expect(newsOf(bytes("text"))).toBeNull();
    expect(newsOf(bytes({ total: "three" }))?.total).toBe(0);
  });
  it("tells the gravest trouble first", () => {
    expect(troubleOf(news)).toBe("tts");
    expect(troubleOf(null)).toBeNull();
  });
  it("counts the time down by itself, and stands still in a pause", () => {
    expect(minutesLeft(news, 0)).toBe(3);
    expect(minutesLeft(news, 70_000)).toBe(1);
    expect(minutesLeft(news && { ...news, state: "paused" }, 0)).toBeNull();
  });
  it("says that it reconnects rather than what was told before", () => {
    expect(stateOf("in", news)).toBe("listening");
    expect(stateOf("reconnecting", news)).toBe("reconnecting");
  });
  it("replaces a caption by its newer version, and never a final one by an earlier", () => {
    const first = withLine([], { key: "a", mine: true, text: "I", final: false });
    const second = withLine(first, { key: "a", mine: true, text: "I built", final: true });
    expect(second).toHaveLength(1);
    expect(withLine(second, { key: "a", mine: true, text: "I", final: false })).toBe(second);
  });
  it("counts a return only after a loss", () => {
    const start = { phase: "connecting", returns: 0, told: null, lines: [], microphoneFailed: false, cameraFailed: false } as const;
    const joined = roomState(start, { kind: "phase", phase: "in" });
    const lost = roomState(joined, { kind: "phase", phase: "reconnecting" });
    expect(joined.returns).toBe(0);
    expect(roomState(lost, { kind: "phase", phase: "in" }).returns).toBe(1);
  });
});

describe("texts", () => {
  it("fill in values and leave what is unknown", () => expect(fill("{a} of {b}", { a: 1 })).toBe("1 of {b}"));
  it("follow the browser's language where there is one", () => {
    expect(preferred(["fr", "de-AT"])).toBe("de");
    expect(preferred(["fr"])).toBe("en");
  });
  it("write dates as the reader does", () => {
    expect(localeOf("en", ["de", "en-GB", "en-US"])).toBe("en-GB");
    expect(localeOf("de", ["en-GB"])).toBe("de");
  });
  it("show markup of people as text", () => {
    let went = 0;
    render(
      <QueryClientProvider client={new QueryClient()}>
        <TextsProvider value={candidateTexts("en") as Texts<string>}>
          <About seat={seat} onNext={() => (went += 1)} />
        </TextsProvider>
      </QueryClientProvider>,
    );
    expect(screen.getByText("<b>Who</b>")).toBeTruthy();
    fireEvent.click(screen.getByRole("button", { name: "Continue" }));
    expect(went).toBe(1);
  });
});
