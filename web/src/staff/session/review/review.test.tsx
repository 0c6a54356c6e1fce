import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { cleanup, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";

import { type Texts, TextsProvider } from "../../../texts/texts";
import type { Session } from "../../data";
import * as api from "../../reviewing";
import { staffTexts } from "../../texts";
import { Report } from "../Report";
import { Review } from "./Review";

vi.mock("../../reviewing", { spy: true });

const EVIL = "<img src=x onerror='window.evil=1'>";
const session = { session_id: "s", status: "COMPLETED", owner_id: "u" } as Session;
const at = "2026-01-01T00:00:00Z";
const scale = (withheld: boolean) =>
  ({ session_id: "s", withheld, given: [], competencies: [{ id: "c", name: EVIL, description: "", rubric: ["a", "b", "see", "d", "e"] }] }) as unknown as api.Scale;
const version = (status: api.Version["status"], stands: string) =>
  ({ session_id: "s", version: 1, status, stands, reason: "", readable: status === "ready", queued_at: at, ready_at: null, attempts: 3 }) as api.Version;

function shown(page: ReactNode) {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  queries.setQueryData(["me"], { user_id: "u" });
  return render(
    <QueryClientProvider client={queries}>
      <TextsProvider value={staffTexts("en") as Texts<string>}>{page}</TextsProvider>
    </QueryClientProvider>,
  );
}

beforeEach(() => {
  vi.mocked(api.ownScores).mockResolvedValue(scale(true));
  vi.mocked(api.released).mockResolvedValue({ session_id: "s", version: null, with_levels: false, note: "", by: null, at: null });
  vi.mocked(api.decisions).mockResolvedValue({ session_id: "s", current: null, history: [] });
});
afterEach(cleanup);

it("presets no decision, and takes none without a reason", async () => {
  const user = userEvent.setup();
  vi.mocked(api.decide).mockImplementation((session_id, decision, reason) => {
    const entry = { session_id, n: 0, decision, reason, by: "u", at, report_version: null };
    vi.mocked(api.decisions).mockResolvedValue({ session_id, current: entry, history: [entry] });
    return Promise.resolve(entry);
  });
  shown(<Review session={session} />);
  const go = await screen.findByRole("button", { name: "Decide" });
  for (const radio of screen.getAllByRole("radio")) expect((radio as HTMLInputElement).checked).toBe(false);
  await user.click(screen.getByRole("radio", { name: "Reject" }));
  expect(go).toHaveProperty("disabled", true);
  await user.type(screen.getByLabelText("Reason"), EVIL);
  await user.click(go);
  await screen.findByText(EVIL, { selector: "li p" });
  expect(api.decide).toHaveBeenCalledWith("s", "reject", EVIL);
  expect(document.querySelector("img")).toBeNull();
});

it("says beside the decision that it erases whoever declined to be kept", async () => {
  const declined = { ...session, consent: { items: { interview: true, retention: false } } } as unknown as Session;
  shown(<Review session={declined} />);
  await screen.findByText(/did not agree to be kept/);
  cleanup();
  shown(<Review session={session} />);
  await screen.findByRole("button", { name: "Decide" });
  expect(screen.queryByText(/did not agree to be kept/)).toBeNull();
});

it("gives scores by the rubric's words, and only those that were chosen", async () => {
  const user = userEvent.setup();
  vi.mocked(api.giveScores).mockResolvedValue({} as Awaited<ReturnType<typeof api.giveScores>>);
  shown(<Review session={session} />);
  await user.click(await screen.findByRole("radio", { name: "3" }));
  expect(screen.getByText("see", { selector: "p" })).toBeTruthy();
  await user.click(screen.getByRole("button", { name: "Keep my scores" }));
  await waitFor(() => expect(api.giveScores).toHaveBeenCalledWith("s", { c: { level: 3, note: "" } }));
});

it("can be judged only once the interview is over", () => {
  shown(<Review session={{ ...session, status: "IN_PROGRESS" }} />);
  expect(screen.queryAllByRole("radio")).toEqual([]);
});

it("shows nothing of the model's before one's own scores where the plan is blind", async () => {
  vi.mocked(api.versions).mockResolvedValue({ session_id: "s", versions: [version("ready", "ready")] });
  vi.mocked(api.report).mockResolvedValue({ content: null } as Awaited<ReturnType<typeof api.report>>);
  const onScore = vi.fn();
  shown(<Report session={session} onPlay={null} onShow={() => undefined} onScore={onScore} />);
  await userEvent.click(await screen.findByRole("button", { name: "Give my own scores" }));
  expect(onScore).toHaveBeenCalled();
  expect(screen.queryByText("Scores")).toBeNull();
});

it("says why a report was given up, and gives it another chance", async () => {
  vi.mocked(api.versions).mockResolvedValue({ session_id: "s", versions: [version("failed", "failed: the model is away")] });
  vi.mocked(api.requeue).mockResolvedValue(version("queued", "queued"));
  shown(<Report session={session} onPlay={null} onShow={() => undefined} onScore={() => undefined} />);
  await screen.findByText("The report was given up after 3 attempts: the model is away");
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(api.requeue).toHaveBeenCalledWith("s");
});
