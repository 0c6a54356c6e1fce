/** Groups of candidates as they are typed or pasted: pure. They are sent for one answer, and kept nowhere. */

import type { Schemas } from "../../api/client";

export type Grouped = Schemas["Grouped"];
export const MAX_GROUPED = 1000;

export interface Groups {
  groups: Grouped[];
  /** Lines (from 1) that name nobody or no group. */
  wrong: number[];
}

/** Read lines of `email or session id, group`, separated by comma, semicolon or tab; of one person the last line counts. */
export function groupsOf(text: string): Groups {
  const found = new Map<string, Grouped>();
  const wrong: number[] = [];
  text.split("\n").forEach((line, place) => {
    if (!line.trim()) return;
    const [who = "", ...rest] = line.split(/[,;\t]/).map((part) => part.trim().replace(/^"(.*)"$/, "$1"));
    const group = rest.join(", ").trim();
    if (!who || !group || group.length > 100) wrong.push(place + 1);
    else found.set(who.toLowerCase(), who.includes("@") ? { email: who, group } : { session_id: who, group });
  });
  return { groups: [...found.values()], wrong };
}

/** Lines to fill in: one for each candidate, without a group yet. */
export function linesFor(session_ids: readonly string[]): string {
  return session_ids.map((id) => `${id}, `).join("\n");
}
