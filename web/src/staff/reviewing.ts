/** What the pages ask of the API about reports and what people do with them. */

import { ask, askFile, callError, done, type NamedFile } from "../api/calls";
import type { Schemas } from "../api/client";
import { api } from "./session";

export type Version = Schemas["ReportVersionView"];
export type DecisionKind = Schemas["DecideRequest"]["decision"];
export type Scale = Schemas["OwnScoresList"];
export type Form = "html" | "pdf" | "json" | "csv" | "md";
export const FORMS: readonly Form[] = ["html", "pdf", "json", "csv", "md"];

const of = (session_id: string) => ({ params: { path: { session_id } } });

export const report = (session_id: string, version: number | null) =>
  ask(
    api.GET("/api/parallel_interview/session/{session_id}/report", {
      params: { path: { session_id }, ...(version === null ? {} : { query: { version } }) },
    }),
  );
export const versions = (id: string) => ask(api.GET("/api/parallel_interview/session/{session_id}/report/versions", of(id)));
export const rebuild = (id: string, afresh: boolean) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/report/rebuild", { ...of(id), body: { afresh } }));
export const requeue = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/report/requeue", of(id)));

const FILE_TRIES = 15;
const FILE_PAUSE_MS = 1500;

/** The report as a file. What is not made yet is waited for, as often as is bearable. */
export async function reportFile(session_id: string, form: Form, version: number | null): Promise<NamedFile> {
  for (let turn = 1; ; turn += 1) {
    try {
      return await askFile(
        api.GET("/api/parallel_interview/session/{session_id}/report.{form}", {
          params: { path: { session_id, form }, ...(version === null ? {} : { query: { version } }) },
          parseAs: "blob",
        }),
        `report-${session_id.slice(0, 8)}.${form}`,
      );
    } catch (error) {
      if (callError(error).code !== "rendering_under_way" || turn >= FILE_TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, FILE_PAUSE_MS));
    }
  }
}

export const decisions = (id: string) => ask(api.GET("/api/parallel_interview/session/{session_id}/decisions", of(id)));
export const decide = (id: string, decision: DecisionKind, reason: string) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/decisions", { ...of(id), body: { decision, reason } }));

// the client forgets that a rubric has five levels
export const ownScores = (id: string) =>
  ask(api.GET("/api/parallel_interview/session/{session_id}/own-scores", of(id))) as Promise<Scale>;
export const giveScores = (id: string, scores: Schemas["OwnScoresRequest"]["scores"]) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/own-scores", { ...of(id), body: { scores } }));

export const released = (id: string) => ask(api.GET("/api/parallel_interview/session/{session_id}/report/release", of(id)));
export const release = (id: string, with_levels: boolean, note: string) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/report/release", { ...of(id), body: { with_levels, note } }));
export const takeBack = (id: string) => done(api.DELETE("/api/parallel_interview/session/{session_id}/report/release", of(id)));

export const candidateReport = (session_id: string, with_levels: boolean) =>
  ask(
    api.GET("/api/parallel_interview/session/{session_id}/report/candidate", {
      params: { path: { session_id }, query: { with_levels } },
    }),
  );

export const correctTurn = (id: string, body: Schemas["CorrectRequest"]) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/corrections", { ...of(id), body }));

export const reportQueue = () => ask(api.GET("/api/reports/queue"));
export const comparison = (plan_id: string, cursor: string | null) =>
  ask(api.GET("/api/reports/comparison", { params: { query: { plan_id, limit: 20, ...(cursor ? { cursor } : {}) } } }));
export const agreement = (plan_id: string) => ask(api.GET("/api/reports/agreement", { params: { query: { plan_id } } }));
export const impact = (body: Schemas["ImpactRequest"]) => ask(api.POST("/api/reports/impact", { body }));
export const impactFile = (body: Schemas["ImpactRequest"]) =>
  askFile(api.POST("/api/reports/impact.csv", { body, parseAs: "blob" }), "impact-ratios.csv");
export const search = (q: string, plan_id: string, cursor: string | null) =>
  ask(api.GET("/api/reports/search", { params: { query: { q, ...(plan_id ? { plan_id } : {}), ...(cursor ? { cursor } : {}) } } }));
