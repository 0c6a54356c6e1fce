/** What the interviewer tells the page, and what the page makes of it: pure. */

import type { Language } from "../../texts/texts";

export interface News {
  stage: string;
  question_id: string | null;
  question: string;
  answered: number;
  total: number;
  state: string;
  trouble: readonly string[];
  microphone: string;
  time_left_s: number | null;
}

/** Read a progress message; what it lacks, or has wrong, is left at its empty value. */
export function newsOf(bytes: Uint8Array): News | null {
  let told: unknown;
  try {
    told = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return null;
  }
  if (typeof told !== "object" || told === null) return null;
  const fields = told as Record<string, unknown>;
  const text = (name: string) => (typeof fields[name] === "string" ? fields[name] : "");
  const whole = (name: string) => (typeof fields[name] === "number" ? fields[name] : 0);
  return {
    stage: text("stage"),
    question_id: text("question_id") || null,
    question: text("question"),
    answered: whole("answered"),
    total: whole("total"),
    state: text("state"),
    trouble: Array.isArray(fields["trouble"]) ? fields["trouble"].map(String) : [],
    microphone: text("microphone"),
    time_left_s: typeof fields["time_left_s"] === "number" ? fields["time_left_s"] : null,
  };
}

export type Trouble = "stt" | "tts" | "muted" | "silent" | "missing";

/** The one thing that the candidate should know now, the gravest first. */
export function troubleOf(news: News | null): Trouble | null {
  if (!news) return null;
  if (news.trouble.includes("stt")) return "stt";
  if (news.trouble.includes("tts")) return "tts";
  const microphone = (["muted", "silent", "missing"] as const).find((one) => one === news.microphone);
  return microphone ?? null;
}

/** Minutes left, counted down by the page from when it was told; null where nobody knows, or the clock stands. */
export function minutesLeft(news: News | null, sinceMs: number): number | null {
  if (news?.time_left_s == null || news.state === "paused") return null;
  return Math.max(0, Math.ceil((news.time_left_s - sinceMs / 1000) / 60));
}

export interface Line {
  key: string;
  mine: boolean;
  text: string;
  final: boolean;
}

const MOST_LINES = 400;

/** Put a caption in: a newer version of a segment replaces the older one, and a final one stays. */
export function withLine(lines: readonly Line[], line: Line): readonly Line[] {
  const place = lines.findIndex((one) => one.key === line.key);
  if (place < 0) return line.text ? [...lines, line].slice(-MOST_LINES) : lines;
  if (lines[place]?.final && !line.final) return lines;
  return lines.with(place, line);
}

export const KNOWN_STATES = ["speaking", "listening", "thinking", "closing", "paused"] as const;
export type InterviewerState = (typeof KNOWN_STATES)[number] | "connecting" | "waiting" | "reconnecting";

export function stateOf(phase: "connecting" | "in" | "reconnecting" | "lost", news: News | null): InterviewerState {
  if (phase === "connecting") return "connecting";
  if (phase !== "in") return "reconnecting";
  return KNOWN_STATES.find((state) => state === news?.state) ?? "waiting";
}

/** How a question is asked for again, in the interview's language. */
export const REPEAT: Record<Language, string> = {
  en: "Could you repeat the question, please?",
  de: "Können Sie die Frage bitte wiederholen?",
};
