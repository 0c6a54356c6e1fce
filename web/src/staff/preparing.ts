/** What the pages ask of the API before an interview: the résumé, proposed questions, and who is invited. */

import { ask, done, orNull } from "../api/calls";
import type { Schemas } from "../api/client";
import { api } from "./session";

export type Resume = Schemas["ResumeAnswer"];
export type Run = Schemas["ProposalRunView"];
export type Proposal = Schemas["ProposalView"];

const of = (session_id: string) => ({ params: { path: { session_id } } });

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  pdf: "application/pdf",
  docx: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
  txt: "text/plain",
};
export const RESUME_FILES = Object.keys(MEDIA_TYPES).map((ending) => `.${ending}`).join(",");

/** The type to send a file with, by its name; what it really is the server tells by its content. Pure. */
export function mediaTypeOf(name: string): string {
  return MEDIA_TYPES[name.toLowerCase().split(".").pop() ?? ""] ?? "text/plain";
}

/** The résumé that was handed in; null where there is none. */
export const resume = (id: string): Promise<Resume | null> =>
  orNull("resume_not_found", ask(api.GET("/api/parallel_interview/session/{session_id}/cv", of(id))));

export function giveResume(id: string, file: File) {
  return ask(
    api.POST("/api/parallel_interview/session/{session_id}/cv", {
      ...of(id),
      body: file as never, // the file, as it is
      bodySerializer: (body: unknown) => body as File,
      headers: { "Content-Type": mediaTypeOf(file.name) },
    }),
  );
}
export const deleteResume = (id: string) => done(api.DELETE("/api/parallel_interview/session/{session_id}/cv", of(id)));

export const proposals = (id: string) => ask(api.GET("/api/parallel_interview/session/{session_id}/proposals", of(id)));
export const propose = (id: string, limit: number) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/proposals", { ...of(id), body: { limit } }));

const one = (session_id: string, proposal_id: string) => ({ params: { path: { session_id, proposal_id } } });
export const approve = (id: string, proposal_id: string, text: string | null) =>
  ask(
    api.POST("/api/parallel_interview/session/{session_id}/proposals/{proposal_id}/approve", {
      ...one(id, proposal_id),
      body: text === null ? {} : { text },
    }),
  );
export const reject = (id: string, proposal_id: string) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/proposals/{proposal_id}/reject", one(id, proposal_id)));

export const correctCandidate = (id: string, body: Schemas["CandidateRequest"]) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/candidate", { ...of(id), body }));
