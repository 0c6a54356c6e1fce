/** Never run: `make check` compiles it, so that the document's types are used as a page would use them. */

import { createApi, isProblem, type Problem, type Schemas } from "./client";

const api = createApi("https://viva.example.com", { token: () => null, keep: () => undefined });

export async function create(): Promise<string> {
  const { data, error } = await api.POST("/api/parallel_interview/create", {
    body: { name: "Amina Okafor", email: "amina@example.com", questions: ["Why?", { text: "How?", max_follow_ups: 2 }] },
    params: { header: { "Idempotency-Key": "one" } },
  });
  if (error) {
    const code: string = isProblem(error) ? error.code : "";
    throw new Error(code);
  }
  const recording: Schemas["RecordingPolicy"] = data.interview_config.recording;
  return `${data.session_id} ${recording.audio ?? true}`;
}

export async function title(session_id: string): Promise<string> {
  const { data } = await api.GET("/api/parallel_interview/session/{session_id}", { params: { path: { session_id } } });
  if (!data) return "";
  // `view` tells which of the two it is
  return data.view === "owner" ? (data.interview_config?.title ?? "") : data.title;
}

export async function start(session_id: string): Promise<number | "queued" | "consent"> {
  const { data, error } = await api.POST("/api/parallel_interview/session/{session_id}/start", {
    params: { path: { session_id } },
  });
  if (error) {
    if (error.code === "consent_missing") return "consent";
    throw new Error(error.message satisfies Problem["message"]);
  }
  return data.queue ? "queued" : data.attempt;
}

export async function refused(): Promise<void> {
  // @ts-expect-error a path that is not in the document
  await api.GET("/api/nothing");
  // @ts-expect-error a field of another type
  await api.POST("/api/invites/open", { body: { secret: 16 } });
  // @ts-expect-error a status that no session has
  await api.GET("/api/parallel_interview/sessions", { params: { query: { status: ["ASLEEP"] } } });
}
