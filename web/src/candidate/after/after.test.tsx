/** The page after the interview: what was noted, what was released, and one's own data. */

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { type Language, type Texts, TextsProvider } from "../../texts/texts";
import * as calls from "../calls";
import { Ended } from "../Ended";
import { Resume } from "../Resume";
import { candidateTexts } from "../texts";
import { feedbackOf } from "./feedback";

vi.mock("../calls");
const api = vi.mocked(calls);
afterEach(cleanup);

const seat = { session_id: "s", status: "COMPLETED", language: "en", consent: { questions: [], given: null } } as unknown as calls.Seat;
const incident: calls.NoticedOne = {
  incident_id: "i".repeat(32),
  kind: "phone",
  started_at: "2029-01-01T10:00:00Z",
  ended_at: null,
  state: "open",
  verdict: null,
  contested_at: null,
};
const content = {
  competencies: [
    { name: "Building", level: 4, level_words: "Clear", reason: "Names <b>steps</b>.", not_scorable: "", quotes: [{ text: "I tested it" }] },
    { name: "Explaining", not_scorable: "Too little was said.", quotes: [] },
  ],
  questions: [
    { text: "What did you build?", asked: true, answered: true, feedback: "A clear answer." },
    { text: "Never asked", asked: false, answered: false },
  ],
  models: ["qwen"],
};

beforeEach(() => {
  vi.clearAllMocks();
  api.noticed.mockResolvedValue([]);
  api.released.mockResolvedValue(null);
  api.raised.mockResolvedValue([]);
  api.readSession.mockResolvedValue({ progress: { answered: 2, total: 3 } } as calls.Session);
});

function show(page: React.ReactNode, language: Language = "en") {
  return render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <TextsProvider value={candidateTexts(language) as Texts<string>}>{page}</TextsProvider>
    </QueryClientProvider>,
  );
}

describe("the page after the interview", () => {
  it("shows neither notes nor feedback where there are none", async () => {
    show(<Ended seat={seat} declined={false} said="" />);
    await screen.findByText("The interview has ended. You answered 2 of 3 questions.");
    expect(screen.queryByText("What was noted")).toBeNull();
    expect(screen.queryByText("What your answers showed")).toBeNull();
  });
  it("lets each note be contested once, with words", async () => {
    api.noticed.mockResolvedValue([incident]);
    api.raise.mockImplementation(() => {
      api.noticed.mockResolvedValue([{ ...incident, state: "contested", contested_at: "2029-01-02T10:00:00Z" }]);
      return Promise.resolve({} as Awaited<ReturnType<typeof calls.raise>>);
    });
    show(<Ended seat={seat} declined={false} said="" />);
    await screen.findByText("A phone was seen");
    await userEvent.click(screen.getByRole("button", { name: "I see it differently" }));
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    expect(screen.getByText("Please write a few words.")).toBeTruthy();
    await userEvent.type(screen.getByLabelText("In your words"), "It was my calculator");
    await userEvent.click(screen.getByRole("button", { name: "Send" }));
    await screen.findByText("You disagreed");
    expect(api.raise).toHaveBeenCalledExactlyOnceWith(
      "s",
      "incident_contest",
      "It was my calculator",
      `contest-${incident.incident_id}`,
      incident.incident_id,
    );
    expect(screen.queryByRole("button", { name: "I see it differently" })).toBeNull();
  });
  it("says what became of a note, in German too", async () => {
    api.noticed.mockResolvedValue([{ ...incident, state: "decided", verdict: "dismissed" }]);
    show(<Ended seat={seat} declined={false} said="" />, "de");
    await screen.findByText("Ein Mensch hat es angesehen, und es bedeutet nichts.");
  });
  it("shows what was released, markup as text, and no level that is not there", async () => {
    api.released.mockResolvedValue({ session_id: "s", version: 1, released: true, note: "Thank you!", content });
    show(<Ended seat={seat} declined={false} said="" />);
    await screen.findByText("Thank you!");
    expect(screen.getByText("Level 4 of 5")).toBeTruthy();
    expect(screen.getByText("Names <b>steps</b>.")).toBeTruthy();
    expect(screen.getByText("Too little was said.")).toBeTruthy();
    expect(screen.getByText("A clear answer.")).toBeTruthy();
    expect(screen.queryByText("Never asked")).toBeNull();
    expect(screen.getAllByText(/Level . of 5/)).toHaveLength(1);
  });
  it("asks before it asks for erasure", async () => {
    api.askErasure.mockResolvedValue(undefined);
    show(<Ended seat={seat} declined={false} said="" />);
    await userEvent.click(screen.getByRole("button", { name: "Ask for erasure" }));
    expect(api.askErasure).not.toHaveBeenCalled();
    await userEvent.click(screen.getAllByRole("button", { name: "Ask for erasure" }).at(-1) as HTMLElement);
    await screen.findByText("Your request was sent.");
  });
  it("says nothing of notes, feedback or questions once everything is erased", async () => {
    show(<Ended seat={{ ...seat, status: "DELETED" }} declined={false} said="" />);
    expect(screen.getByText("Everything about this interview has been erased.")).toBeTruthy();
    expect(screen.queryByText("Your data")).toBeNull();
    expect(api.noticed).not.toHaveBeenCalled();
  });
});

describe("feedback", () => {
  it("is read from whatever comes", () => {
    expect(feedbackOf({})).toEqual({ competencies: [], questions: [], models: [] });
    expect(feedbackOf({ competencies: ["x", null], questions: 3, models: "y" }).competencies).toEqual([]);
  });
});

describe("a résumé", () => {
  const taken: calls.Resume = {
    session_id: "s",
    kind: "pdf",
    size_bytes: 9,
    pages: 1,
    characters: 2100,
    uploaded_at: "2029-01-01T10:00:00Z",
    uploaded_by: "candidate",
  };
  const chooser = () => document.querySelector<HTMLInputElement>("input[type=file]") as HTMLInputElement;
  it("is handed in and taken back", async () => {
    api.resumeOf.mockResolvedValue(null);
    api.giveResume.mockResolvedValue(taken);
    api.forgetResume.mockResolvedValue(undefined);
    show(<Resume seat={seat} />);
    const file = new File(["%PDF-1.7"], "cv.pdf", { type: "application/pdf" });
    await userEvent.upload(chooser(), file);
    await screen.findByText("Your résumé was taken (PDF, 2100 characters).");
    await userEvent.click(screen.getByRole("button", { name: "Remove it" }));
    await waitFor(() => expect(screen.queryByText(/was taken/)).toBeNull());
  });
  it("that cannot be read says why", async () => {
    const { CallError } = await import("../../api/calls");
    api.resumeOf.mockResolvedValue(null);
    api.giveResume.mockRejectedValue(new CallError("resume_no_text", "", 422));
    show(<Resume seat={seat} />);
    await userEvent.upload(chooser(), new File(["x"], "cv.txt", { type: "text/plain" }));
    await screen.findByText(/There is no text in it/);
  });
});
