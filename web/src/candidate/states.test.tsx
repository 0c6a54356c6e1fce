/** Every state that an interview can be in has its page, in both languages, and says what to do. */

import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { CallError } from "../api/calls";
import { createQueries } from "../api/queries";
import type { CandidateKey } from "../texts/candidate.en";
import { App } from "./App";
import * as calls from "./calls";
import { SEAT } from "./testing";
import { candidateTexts } from "./texts";

vi.mock("./calls");
const api = vi.mocked(calls);
afterEach(cleanup);

const HOUR_MS = 3_600_000;
const at = (ms: number) => new Date(Date.now() + ms).toISOString();

const seat: calls.Seat = { ...SEAT, not_after: at(24 * HOUR_MS), consent: { ...SEAT.consent, given: { interview: true } } };
const queue = { position: 4, expected_wait_s: 300 };

beforeEach(() => {
  vi.clearAllMocks();
  api.noticed.mockResolvedValue([]);
  api.released.mockResolvedValue(null);
  api.raised.mockResolvedValue([]);
  api.resumeOf.mockResolvedValue(null);
  api.roundTrip.mockResolvedValue(20);
  api.readSession.mockResolvedValue({ progress: { answered: 1, total: 3 } } as calls.Session);
  api.start.mockResolvedValue({ status: "QUEUED", queue } as calls.StartAnswer);
});

function open() {
  render(
    <QueryClientProvider client={createQueries()}>
      <App />
    </QueryClientProvider>,
  );
}

const STATES: readonly [string, Partial<calls.Seat>, CandidateKey][] = [
  ["before", {}, "about.title"],
  ["too early", { not_before: at(HOUR_MS) }, "early.title"],
  ["a link that has run out", { not_after: at(-HOUR_MS) }, "expired.title"],
  ["an interview out of its window", { status: "EXPIRED", not_after: at(-HOUR_MS) }, "expired.title"],
  ["queue", { status: "QUEUED" }, "queue.title"],
  ["going on", { status: "IN_PROGRESS" }, "check.title"],
  ["paused", { status: "PAUSED" }, "check.title"],
  ["our fault", { status: "FAILED" }, "failed.title"],
  ["completed", { status: "COMPLETED" }, "end.title"],
  ["abandoned", { status: "ABANDONED" }, "end.title"],
  ["over without an answer", { status: "EXPIRED" }, "end.title"],
  ["erased", { status: "DELETED" }, "end.title"],
  ["declined", { status: "EXPIRED", consent: { ...seat.consent, given: { interview: false } } }, "end.declined.title"],
];

describe("a state", () => {
  it.each(STATES)("%s has its page", async (_name, state, key) => {
    api.openSeat.mockResolvedValue({ ...seat, ...state });
    open();
    await screen.findByRole("heading", { level: 1, name: candidateTexts("en").t(key) });
    await userEvent.selectOptions(screen.getByLabelText("Language"), "de");
    await screen.findByRole("heading", { level: 1, name: candidateTexts("de").t(key) });
    expect(document.documentElement.lang).toBe("de");
  });

  it("loading says so", () => {
    api.openSeat.mockReturnValue(new Promise(() => undefined));
    open();
    expect(screen.getByRole("status").textContent).toBe("Opening your invitation…");
  });

  it.each([
    ["offline", 0],
    ["storage_unavailable", 503],
  ])("outage (%s) says that it goes on trying, and does", async (code, status) => {
    api.openSeat.mockRejectedValueOnce(new CallError(code, "", status)).mockResolvedValue(seat);
    open();
    await screen.findByRole("heading", { name: "We cannot be reached at the moment" });
    await screen.findByRole("heading", { name: "Welcome" }, { timeout: 3000 });
  });

  it.each([
    ["invite_not_found", 404, "This link is not valid, or not any more."],
    ["invalid", 422, "This link is not complete."],
    ["seat_in_use", 409, "Your interview is open in another browser just now."],
    ["seat_closed", 401, "This link was withdrawn or renewed."],
    ["not_authenticated", 401, "To open your interview, use the link in your invitation."],
    ["something_new", 418, "Something is not as it should be: teapot"],
  ])("a closed way in (%s) says what to do", async (code, status, words) => {
    api.openSeat.mockRejectedValue(new CallError(code, "teapot", status));
    open();
    await screen.findByRole("heading", { name: "This invitation cannot be opened" });
    expect(screen.getByText((text) => text.startsWith(words))).toBeTruthy();
  });

  it("a link that is in use elsewhere says how to bring it here", async () => {
    api.openSeat.mockRejectedValue(new CallError("seat_taken_over", "", 401));
    open();
    await screen.findByRole("heading", { name: "Your interview is open elsewhere" });
  });

  it("queue tells the position, and what is in the way", async () => {
    api.openSeat.mockResolvedValue({ ...seat, status: "QUEUED" });
    open();
    await screen.findByText("about 5 min");
    expect(screen.getByRole("status").textContent).toBe("You are number 4 in the queue.");
  });

  it("a start that fails says why, and can be tried again", async () => {
    api.openSeat.mockResolvedValue({ ...seat, status: "FAILED" });
    api.start.mockRejectedValue(new CallError("daily_cost_ceiling", "", 503));
    open();
    await userEvent.click(await screen.findByRole("button", { name: "Start again" }));
    await userEvent.click(await screen.findByRole("button", { name: "Begin the interview" }));
    await screen.findByText(/No more interviews can begin today/);
    expect(screen.getByRole("button", { name: "Begin the interview" })).toBeTruthy();
  });
});
