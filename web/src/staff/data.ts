/** What the pages ask of the API, each thing by its name. */

import { ask, askFile, done, freshKey } from "../api/calls";
import type { Schemas } from "../api/client";
import { api } from "./session";

export type Session = Schemas["SessionView"];
export type Status = Schemas["Status"];
export type PlanContent = Schemas["PlanContent"];
export type PlanAnswer = Schemas["PlanAnswer"];
export type Turn = Schemas["Turn"];

const of = (session_id: string) => ({ params: { path: { session_id } } });
const once = () => ({ "Idempotency-Key": freshKey() });

export interface SessionFilter {
  status: Status | "";
  candidate: string;
  plan_id: string;
  sort: Schemas["SortBy"];
  created_from: string;
  created_to: string;
}

export function sessionPage(filter: SessionFilter, cursor: string | null) {
  const query = {
    limit: 25,
    sort: filter.sort,
    order: filter.sort === "not_after" ? ("asc" as const) : ("desc" as const),
    ...(filter.status ? { status: [filter.status] } : {}),
    ...(filter.candidate ? { candidate: filter.candidate } : {}),
    ...(filter.plan_id ? { plan_id: filter.plan_id } : {}),
    ...(filter.created_from ? { created_from: new Date(filter.created_from).toISOString() } : {}),
    ...(filter.created_to ? { created_to: new Date(`${filter.created_to}T23:59:59`).toISOString() } : {}),
    ...(cursor ? { cursor } : {}),
  };
  return ask(api.GET("/api/parallel_interview/sessions", { params: { query } }));
}

export async function readSession(session_id: string): Promise<Session> {
  const session = await ask(api.GET("/api/parallel_interview/session/{session_id}", of(session_id)));
  if (session.view !== "owner") throw new Error("a candidate's view was sent to an owner");
  return session;
}

export const createSession = (body: Schemas["CreateRequest"]) =>
  ask(api.POST("/api/parallel_interview/create", { body, params: { header: once() } }));

export const transcript = (id: string) =>
  ask(api.GET("/api/parallel_interview/session/{session_id}/transcript", of(id)));
export const outline = (id: string) =>
  ask(api.GET("/api/parallel_interview/session/{session_id}/recording/outline", of(id)));
export const evaluations = (id: string) =>
  ask(api.GET("/api/parallel_interview/session/{session_id}/evaluations", of(id)));
export const incidents = (id: string) =>
  ask(api.GET("/api/parallel_interview/session/{session_id}/incidents", of(id)));
export const links = (id: string) => ask(api.GET("/api/parallel_interview/session/{session_id}/invite", of(id)));
export const sessionProblems = (id: string) =>
  ask(api.GET("/api/parallel_interview/session/{session_id}/problems", of(id)));

export const pause = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/pause", of(id)));
export const goOn = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/resume", of(id)));
export const extend = (id: string, seconds: number) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/extend", { ...of(id), body: { seconds } }));
export const endSession = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/end", of(id)));
export const eraseSession = (id: string) => done(api.DELETE("/api/parallel_interview/session/{session_id}", of(id)));
export const renewLink = (id: string, send: boolean) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/invite/renew", { ...of(id), body: { send } }));
export const revokeLinks = (id: string, send: boolean) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/invite/revoke", { ...of(id), body: { send } }));
export const redo = (id: string, reason: string) =>
  ask(
    api.POST("/api/parallel_interview/session/{session_id}/redo", {
      params: { path: { session_id: id }, header: once() },
      body: { reason },
    }),
  );
export const reschedule = (id: string, body: Schemas["RescheduleRequest"]) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/reschedule", { ...of(id), body }));
export const consentWords = (id: string) => ask(api.GET("/api/parallel_interview/session/{session_id}/consent", of(id)));
export const vouch = (id: string, items: Record<string, boolean>, text_version: string) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/consent", { ...of(id), body: { items, text_version } }));
export const startSession = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/start", of(id)));

export const exportPerson = (email: string) => askFile(api.POST("/api/privacy/export", { body: { email }, parseAs: "blob" }), "personal-data.zip");
export const erasePerson = (email: string) => ask(api.POST("/api/privacy/erase", { body: { email } }));
export const anonymise = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/anonymise", of(id)));

export const still = (session_id: string, incident_id: string, moment: string) =>
  ask(
    api.GET("/api/parallel_interview/session/{session_id}/incidents/{incident_id}/stills/{moment}", {
      params: { path: { session_id, incident_id, moment: moment as "at" } },
      parseAs: "blob",
    }),
  ) as Promise<Blob>;

export function planPage(which: Schemas["Which"], title: string, cursor: string | null) {
  const query = { which, limit: 50, ...(title ? { title } : {}), ...(cursor ? { cursor } : {}) };
  return ask(api.GET("/api/plans", { params: { query } }));
}

const plan = (plan_id: string) => ({ params: { path: { plan_id } } });
// the client forgets that a rubric has five levels
const answered = (asked: Promise<unknown>) => asked as Promise<PlanAnswer>;
export const planChoices = () => ask(api.GET("/api/plans/choices"));
export const readPlan = (id: string) => answered(ask(api.GET("/api/plans/{plan_id}", plan(id))));
export const savePlan = (id: string, body: Schemas["PlanUpdateRequest"]) =>
  answered(ask(api.PUT("/api/plans/{plan_id}", { ...plan(id), body })));
export const newPlan = (body: Schemas["PlanRequest"]) =>
  answered(ask(api.POST("/api/plans", { body, params: { header: once() } })));
export const clonePlan = (plan_id: string, title: string) =>
  answered(ask(api.POST("/api/plans/{plan_id}/clone", { params: { path: { plan_id }, header: once() }, body: { title } })));
export const archivePlan = (id: string) => done(api.DELETE("/api/plans/{plan_id}", plan(id)));
export const exportPlan = (id: string) =>
  ask(api.GET("/api/plans/{plan_id}/export", { ...plan(id), parseAs: "blob" })) as unknown as Promise<Blob>;

export function importPlan(yaml: string) {
  return ask(
    api.POST("/api/plans/import", {
      params: { header: once() },
      body: yaml as never, // YAML, as it is
      bodySerializer: (body: unknown) => body as string,
      headers: { "Content-Type": "application/yaml" },
    }),
  );
}

export function bulk(csv: string, plan_id: string, dry_run: boolean, send: boolean) {
  return ask(
    api.POST("/api/parallel_interview/bulk", {
      params: { query: { dry_run, send, ...(plan_id ? { plan_id } : {}) }, header: once() },
      body: csv,
      bodySerializer: (body: unknown) => body as string,
      headers: { "Content-Type": "text/csv" },
    }),
  );
}

export function problemPage(state: Schemas["ProblemState"] | "", cursor: string | null) {
  const query = { limit: 25, ...(state ? { state } : {}), ...(cursor ? { cursor } : {}) };
  return ask(api.GET("/api/problems", { params: { query } }));
}
export const answerProblem = (problem_id: string, body: Schemas["AnswerRequest"]) =>
  ask(api.POST("/api/problems/{problem_id}/answer", { params: { path: { problem_id } }, body }));

export const monitoring = () => ask(api.GET("/api/monitoring"));
