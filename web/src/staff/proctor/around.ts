/** What was said and what happened around an incident, in one order. Pure. */

import type { Texts } from "../../texts/texts";
import type { StaffKey } from "../../texts/staff.en";
import type { Context, Queued } from "./calls";

export type Moment =
  | { key: string; offset_s: number; what: "said"; said: Context["transcript"][number] }
  | { key: string; offset_s: number; what: "happened"; happened: Context["timeline"][number] }
  | { key: string; offset_s: number; what: "other"; other: Queued }
  | { key: string; offset_s: 0; what: "this" };

const AROUND_S = 60;

/** The moments from a minute before an incident until a minute after it, the incident's own beginning among them. */
export function aroundOf({ incident, transcript, timeline, others }: Context): Moment[] {
  const zero = Date.parse(incident.started_at);
  const last = AROUND_S + (Date.parse(incident.ended_at ?? incident.started_at) - zero) / 1000;
  const since = (iso: string) => (Date.parse(iso) - zero) / 1000;
  const moments: Moment[] = [
    { key: "this", offset_s: 0, what: "this" },
    ...transcript.map((said) => ({ key: said.turn_id, offset_s: said.offset_s, what: "said" as const, said })),
    ...timeline.map((happened, place) => ({ key: `${place}`, offset_s: happened.offset_s, what: "happened" as const, happened })),
    ...others.map((other) => ({ key: other.incident_id, offset_s: since(other.started_at), what: "other" as const, other })),
  ];
  const near = moments.filter((one) => one.what === "said" || (one.offset_s >= -AROUND_S && one.offset_s <= last));
  return near.sort((one, next) => one.offset_s - next.offset_s);
}

/** Seconds from the incident's beginning as `−0:12`, `+1:05`. */
export function offsetOf(seconds: number): string {
  const whole = Math.round(Math.abs(seconds));
  return `${seconds < 0 && whole > 0 ? "−" : "+"}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** What happened in words: the API says `page tab_hidden`, `session PAUSED`, `stt degraded`. */
export function wordsOf({ maybe }: Texts<StaffKey>, what: string): string {
  const [area = "", ...rest] = what.split(" ");
  const plain = rest.join(" ");
  const prefix = { session: "status", stt: "engine", llm: "engine", tts: "engine" }[area] ?? area;
  return maybe(`happened.${area}`, what, { what: maybe(`${prefix}.${plain}`, plain) });
}
