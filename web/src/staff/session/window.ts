/** When a session can be started, as a form has it: pure. */

import type { Schemas } from "../../api/client";

/** A moment as an input of type `datetime-local` takes it, in the reader's own time zone; empty for none. */
export function localTime(iso: string | null): string {
  if (!iso) return "";
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

type Window = Pick<Schemas["RescheduleRequest"], "not_before" | "not_after">;

/** What is sent for what was filled in: only what has changed. An earliest time that was emptied is taken away. */
export function windowOf(before: { not_before: string | null; not_after: string }, from: string, to: string): Window {
  const iso = (local: string) => new Date(local).toISOString();
  return {
    ...(from !== localTime(before.not_before) ? { not_before: from ? iso(from) : null } : {}),
    ...(to && to !== localTime(before.not_after) ? { not_after: iso(to) } : {}),
  };
}
