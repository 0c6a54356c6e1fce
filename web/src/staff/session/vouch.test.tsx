import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { Schemas } from "../../api/client";
import { type Texts, TextsProvider } from "../../texts/texts";
import type { Session } from "../data";
import * as data from "../data";
import { staffTexts } from "../texts";
import { answersOf, mayVouch, Vouch } from "./Vouch";

beforeEach(() => localStorage.clear());
afterEach(cleanup);

const question = (item: Schemas["ConsentItem"], required: boolean) => ({ item, required, text: `I agree to ${item}.` });
const ASKED: Schemas["ConsentAsked"] = { text_version: "v3", introduction: "Software asks.", questions: [question("interview", true), question("recording", false)], given: null };
const SESSION = { session_id: "s", status: "INITIALIZED", consent: null, user_details: { name: "Ada", email: "a@example.com" } } as unknown as Session;

describe("who may vouch", () => {
  const consent = (...by: string[]) => ({ given_by: by[0], entries: by.map((one) => ({ by: one })) }) as unknown as Session["consent"];
  it("is an owner, before the start, while the candidate has answered nothing", () => {
    expect(mayVouch(SESSION)).toBe(true);
    expect(mayVouch({ status: "QUEUED", consent: consent("u1") })).toBe(true);
    expect(mayVouch({ status: "INITIALIZED", consent: consent("u1", "candidate") })).toBe(false);
    expect(mayVouch({ status: "IN_PROGRESS", consent: null })).toBe(false);
  });
});

it("never sends a no to something required, which would end the interview", () => {
  expect(answersOf(ASKED.questions, {})).toEqual({ recording: false });
  expect(answersOf(ASKED.questions, { interview: true })).toEqual({ interview: true, recording: false });
});

it("records what was agreed to, once somebody stands for it", async () => {
  vi.spyOn(data, "consentWords").mockResolvedValue(ASKED);
  const sent = vi.spyOn(data, "vouch").mockResolvedValue({} as Schemas["ConsentAnswer"]);
  const closed = vi.fn();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <TextsProvider value={staffTexts("en") as Texts<string>}>
        <Vouch session={SESSION} isOpen onClose={closed} />
      </TextsProvider>
    </QueryClientProvider>,
  );
  fireEvent.click(await screen.findByLabelText(/I vouch that/));
  expect(screen.getByRole("button", { name: "Record it" })).toHaveProperty("disabled", true);
  fireEvent.click(screen.getByLabelText(/I agree to interview/));
  fireEvent.click(screen.getByRole("button", { name: "Record it" }));
  await vi.waitFor(() => expect(closed).toHaveBeenCalled());
  expect(sent).toHaveBeenCalledWith("s", { interview: true, recording: false }, "v3");
});
