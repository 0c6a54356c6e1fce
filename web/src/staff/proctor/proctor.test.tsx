import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { type Texts, TextsProvider } from "../../texts/texts";
import { staffTexts } from "../texts";
import { aroundOf, offsetOf, wordsOf } from "./around";
import type { Context, Queued } from "./calls";
import { plotOf } from "./Figure";
import { Judge, NO_DRAFT } from "./Judge";
import { pressed, switchKeys, useKeys } from "./keys";
import { Legend } from "./Legend";
import { filterOf, isFree, NO_FILTER, paramsOf } from "./queue";
import { wants } from "./useWatch";

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const waiting = { incident_id: "1", state: "open", blind: false, claimed_by: null, claim_until: null } as Queued;
const noon = Date.parse("2026-01-01T12:00:00Z");

describe("two key presses", () => {
  it("decide: the verdict, then its reason", () => {
    expect(pressed(null, "d")).toEqual({ verdict: "dismissed", decision: null });
    expect(pressed("dismissed", "3")?.decision).toEqual({ verdict: "dismissed", reason: "accommodated" });
    expect(pressed("unsure", "2")?.decision).toEqual({ verdict: "unsure", reason: "evidence_missing" });
  });
  it("decide nothing without a verdict, or by a number that is no reason", () => {
    expect(pressed(null, "1")).toBeNull();
    expect(pressed("confirmed", "3")).toBeNull();
    expect(pressed("confirmed", "0")).toBeNull();
  });
  it("can change the verdict, or take it back", () => {
    expect(pressed("confirmed", "u")?.verdict).toBe("unsure");
    expect(pressed("confirmed", "Escape")).toEqual({ verdict: null, decision: null });
  });
});

describe("keys", () => {
  const seen: string[] = [];
  function Page() {
    useKeys((key) => {
      seen.push(key);
      return true;
    });
    return (
      <TextsProvider value={staffTexts("en") as Texts<string>}>
        <textarea aria-label="Note" />
        <input type="checkbox" aria-label="Second" />
        <Legend shortcuts={[{ keys: ["c"], words: "confirm" }]} />
      </TextsProvider>
    );
  }
  beforeEach(() => void seen.splice(0));
  it("are heard on the page and on a box that is ticked", () => {
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "C" });
    fireEvent.keyDown(screen.getByLabelText("Second"), { key: "s" });
    expect(seen).toEqual(["c", "s"]);
  });
  it("belong to who writes, and Escape leaves the field", () => {
    render(<Page />);
    const note = screen.getByLabelText("Note");
    note.focus();
    fireEvent.keyDown(note, { key: "c" });
    expect(document.activeElement).toBe(note);
    fireEvent.keyDown(note, { key: "Escape" });
    expect(document.activeElement).not.toBe(note);
    expect(seen).toEqual([]);
  });
  it("do nothing with the browser's own, or while one is held down", () => {
    render(<Page />);
    fireEvent.keyDown(document.body, { key: "c", ctrlKey: true });
    fireEvent.keyDown(document.body, { key: "c", repeat: true });
    expect(seen).toEqual([]);
  });
  it("can be switched off, and then are not shown", () => {
    render(<Page />);
    expect(screen.getByText("confirm")).toBeTruthy();
    fireEvent.click(screen.getByLabelText("Use these keys"));
    fireEvent.keyDown(document.body, { key: "c" });
    expect(screen.queryByText("confirm")).toBeNull();
    expect(seen).toEqual([]);
    switchKeys(true);
    expect(localStorage.length).toBe(0);
  });
});

describe("the queue", () => {
  it("keeps its filter in the address, and drops what it does not know", () => {
    const filter = { ...NO_FILTER, severity: "high" as const, mine: true };
    expect(filterOf(new URLSearchParams(paramsOf(filter)))).toEqual(filter);
    expect(filterOf(new URLSearchParams("severity=worst&kind=phone"))).toEqual({ ...NO_FILTER, kind: "phone" });
    expect(paramsOf(NO_FILTER)).toEqual({});
  });
  it("offers what nobody else holds", () => {
    const held = { ...waiting, claimed_by: "other", claim_until: "2026-01-01T12:01:00Z" };
    expect(isFree(waiting, "me", noon)).toBe(true);
    expect(isFree(held, "me", noon)).toBe(false);
    expect(isFree(held, "other", noon)).toBe(true);
    expect(isFree(held, "me", noon + 61_000)).toBe(true);
  });
  it("asks nobody for a second opinion on their own", () => {
    expect(isFree({ ...waiting, state: "second_opinion", blind: true }, "me", noon)).toBe(true);
    expect(isFree({ ...waiting, state: "second_opinion", blind: false }, "me", noon)).toBe(false);
    expect(isFree({ ...waiting, state: "decided" }, "me", noon)).toBe(false);
  });
});

describe("what was around an incident", () => {
  const incident = { ...waiting, started_at: "2026-01-01T12:00:00Z", ended_at: "2026-01-01T12:00:05Z", threshold: 0.5 } as Queued;
  const context = {
    incident,
    transcript: [{ turn_id: "t", offset_s: -3, text: "<b>hm</b>" }],
    timeline: [
      { at: "2026-01-01T11:00:00Z", what: "session IN_PROGRESS", offset_s: -3600 },
      { at: "2026-01-01T12:00:02Z", what: "page tab_hidden", offset_s: 2 },
    ],
    others: [{ ...waiting, incident_id: "2", started_at: "2026-01-01T11:59:30Z" }],
    figures: [],
  } as unknown as Context;
  it("stands in one order, the incident's beginning among it, and what is far away elsewhere", () => {
    expect(aroundOf(context).map((one) => one.what)).toEqual(["other", "said", "this", "happened"]);
  });
  it("is told from the incident's beginning", () => {
    expect([offsetOf(-12.2), offsetOf(65), offsetOf(-0.2)]).toEqual(["−0:12", "+1:05", "+0:00"]);
  });
  it("is put into words, also what is not known yet", () => {
    const words = (what: string) => wordsOf(staffTexts("en"), what);
    expect(words("page tab_hidden")).toBe("Page: hidden");
    expect(words("session PAUSED")).toBe("Interview: Paused");
    expect(words("comet near")).toBe("comet near");
  });
  it("is drawn with the threshold between the figures, and not at all without figures", () => {
    expect(plotOf(context)).toBeNull();
    const figures = [0, 1].map((value) => ({ at: `2026-01-01T12:00:0${value}Z`, value }));
    const plot = plotOf({ incident, figures });
    expect([plot?.low, plot?.high, plot?.from_s, plot?.to_s]).toEqual([0, 1, 0, 5]);
    expect(plot?.threshold_y).toBeCloseTo(51);
  });
});

it("a click on a verdict shows its reasons, and one on a reason decides", () => {
  const decided: string[] = [];
  const shown = (verdict: "dismissed" | null) => (
    <TextsProvider value={staffTexts("en") as Texts<string>}>
      <Judge draft={{ ...NO_DRAFT, verdict }} busy={false} note={null} onDraft={() => undefined} onDecide={(...both) => decided.push(both.join())} onSkip={() => undefined} />
    </TextsProvider>
  );
  const page = render(shown(null));
  expect(screen.queryByText("harmless")).toBeNull();
  page.rerender(shown("dismissed"));
  fireEvent.click(screen.getByRole("button", { name: /harmless/ }));
  expect(decided).toEqual(["dismissed,harmless"]);
  expect(screen.getByRole("status").textContent).toContain("2: harmless");
});

it("a room is watched by its candidate's camera, and heard only when that is wished", () => {
  const [video, audio] = [{ kind: "video" }, { kind: "audio" }] as Parameters<typeof wants>[0][];
  expect(video && wants(video, "candidate-1", false)).toBe(true);
  expect(video && wants(video, "interviewer-1", true)).toBe(false);
  expect(audio && [wants(audio, "candidate-1", false), wants(audio, "interviewer-1", true)]).toEqual([false, true]);
});
