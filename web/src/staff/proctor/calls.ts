/** What the pages of those who judge incidents ask of the API. */

import { ask } from "../../api/calls";
import type { Schemas } from "../../api/client";
import { api, type Me } from "../session";

export type Queued = Schemas["QueuedIncident"];
export type Context = Schemas["IncidentContext"];
export type Verdict = Schemas["Verdict"];
export type Reason = Schemas["Reason"];
export type Kind = Schemas["IncidentKind"];
export type Watchable = Schemas["WatchableView"];

const of = (incident_id: string) => ({ params: { path: { incident_id } } });

export interface QueueFilter {
  state: Schemas["ReviewState"] | "";
  severity: Schemas["Severity"] | "";
  kind: Kind | "";
  session_id: string;
  mine: boolean;
}

export function queuePage({ state, severity, kind, session_id, mine }: QueueFilter, cursor: string | null) {
  const query = {
    limit: 25,
    ...(state ? { state } : {}),
    ...(severity ? { severity } : {}),
    ...(kind ? { kind } : {}),
    ...(session_id ? { session_id } : {}),
    ...(mine ? { mine } : {}),
    ...(cursor ? { cursor } : {}),
  };
  return ask(api.GET("/api/incidents", { params: { query } }));
}

export const readIncident = (id: string) => ask(api.GET("/api/incidents/{incident_id}", of(id)));
export const claim = (id: string) => ask(api.POST("/api/incidents/{incident_id}/claim", of(id)));
export const release = (id: string) => ask(api.POST("/api/incidents/{incident_id}/release", of(id)));
export const decide = (id: string, body: Schemas["DecideIncidentRequest"]) =>
  ask(api.POST("/api/incidents/{incident_id}/decide", { ...of(id), body }));
export const askSecond = (id: string, note: string) =>
  ask(api.POST("/api/incidents/{incident_id}/second-opinion", { ...of(id), body: { note } }));
export const agreement = () => ask(api.GET("/api/incidents/agreement"));

export const evidence = (incident_id: string, name: string) =>
  ask(
    api.GET("/api/incidents/{incident_id}/evidence/{name}", { params: { path: { incident_id, name } }, parseAs: "blob" }),
  ) as unknown as Promise<Blob>;

export const watchablePage = (cursor: string | null) =>
  ask(api.GET("/api/watchable", { params: { query: { limit: 24, ...(cursor ? { cursor } : {}) } } }));
const session = (session_id: string) => ({ params: { path: { session_id } } });
export const watch = (id: string) => ask(api.POST("/api/parallel_interview/session/{session_id}/watch", session(id)));
export const addIncident = (id: string, body: Schemas["AddRequest"]) =>
  ask(api.POST("/api/parallel_interview/session/{session_id}/incidents", { ...session(id), body }));

/** Whether an account judges incidents, or only sees those of its own interviews. */
export const judges = (me: Me) => me.role === "proctor" || me.role === "admin";
