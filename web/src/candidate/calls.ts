/** What the candidate's page asks of the API. Its seat is an httpOnly cookie; the page itself holds no secret. */

import { ask, done, orNull } from "../api/calls";
import { createApi, type Schemas } from "../api/client";

export type Seat = Schemas["SeatAnswer"];
export type ConsentItem = Schemas["ConsentItem"];
export type Items = Partial<Record<ConsentItem, boolean>>;
export type Session = Schemas["CandidateSessionView"];
export type StartAnswer = Schemas["StartAnswer"];
export type Queue = Schemas["QueueView"];
export type ProblemKind = Schemas["ProblemKind"];
export type BrowserEvent = Schemas["EventGiven"];
export type NoticedOne = Schemas["NoticedView"];
export type Resume = Schemas["ResumeAnswer"];

/** The way into the room. */
export interface Way {
  url: string;
  token: string;
}

const api = createApi("");

/** The link's secret stays behind `#`: it is read once, and taken out of the address bar and of history once used. */
let secret = location.hash.slice(1);

export async function openSeat(): Promise<Seat> {
  if (!secret) return ask(api.GET("/api/invites/seat"));
  const seat = await ask(api.POST("/api/invites/open", { body: { secret } }));
  secret = "";
  history.replaceState(null, "", location.pathname);
  return seat;
}

const of = (session_id: string) => ({ params: { path: { session_id } } });

export function giveConsent(seat: Seat, items: Items) {
  const body = { items: items as Record<string, boolean>, text_version: seat.consent.text_version };
  return ask(api.POST("/api/parallel_interview/session/{session_id}/consent", { ...of(seat.session_id), body }));
}

export const start = (session_id: string) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/start", of(session_id)));

export async function freshWay(session_id: string): Promise<Way> {
  const answer = await ask(api.POST("/api/parallel_interview/session/{session_id}/token", of(session_id)));
  return { url: answer.livekit_url, token: answer.livekit_token };
}

export async function readSession(session_id: string): Promise<Session> {
  const session = await ask(api.GET("/api/parallel_interview/session/{session_id}", of(session_id)));
  if (session.view !== "candidate") throw new Error("an owner's view was sent to a candidate");
  return session;
}

export const end = (session_id: string) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/end", of(session_id)));

export const raise = (session_id: string, kind: ProblemKind, text: string, ref: string, incident_id: string | null = null) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/problems", { ...of(session_id), body: { kind, text, ref, incident_id } }));

export async function raised(session_id: string) {
  return (await ask(api.GET("/api/parallel_interview/session/{session_id}/problems", of(session_id)))).problems;
}

/** What was filed about oneself. */
export async function noticed(session_id: string): Promise<NoticedOne[]> {
  return (await ask(api.GET("/api/parallel_interview/session/{session_id}/noticed", of(session_id)))).incidents;
}

/** One's own version of the report, or null while the people who invited have not released it. */
export const released = (session_id: string) =>
  orNull("report_not_released", ask(api.GET("/api/parallel_interview/session/{session_id}/report/candidate", of(session_id))));

const CV = "/api/parallel_interview/session/{session_id}/cv";

export const resumeOf = (session_id: string): Promise<Resume | null> => orNull("resume_not_found", ask(api.GET(CV, of(session_id))));
export const forgetResume = (session_id: string) => done(api.DELETE(CV, of(session_id)));

/** Hand in a résumé. What it is the API tells by its content; a browser that does not know its type says that it is text. */
export const giveResume = (session_id: string, file: File): Promise<Resume> =>
  ask(
    api.POST(CV, {
      ...of(session_id),
      body: file as unknown as string, // bytes, which the document can only call a string
      bodySerializer: (body: unknown) => body as string,
      headers: { "Content-Type": file.type || "text/plain" },
    }),
  );

/** Tell what the page noticed about itself; returns the highest number that need not be sent again. */
export async function tell(session_id: string, events: BrowserEvent[]): Promise<number> {
  const body = { events, sent_at: new Date().toISOString() };
  const answer = await ask(api.POST("/api/parallel_interview/session/{session_id}/events", { ...of(session_id), body }));
  return answer.acknowledged ?? 0;
}

export const ownData = () => ask(api.GET("/api/privacy/my-data", { parseAs: "blob" })) as Promise<Blob>;
export const askErasure = () => done(api.POST("/api/privacy/my-erasure"));

/** How long the server takes to answer, in ms: the best of three. Throws where it does not. */
export async function roundTrip(): Promise<number> {
  let best = Infinity;
  for (let turn = 0; turn < 3; turn += 1) {
    const began = performance.now();
    await done(api.GET("/healthz", { cache: "no-store" }));
    best = Math.min(best, performance.now() - began);
  }
  return Math.round(best);
}
