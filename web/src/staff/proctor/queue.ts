/** The queue's rules as the pages need them: what it is filtered by, and which incident is next. Pure, but for `nextOf`. */

import { KINDS } from "../kinds";
import { type Queued, type QueueFilter, queuePage } from "./calls";

export const NO_FILTER: QueueFilter = { state: "", severity: "", kind: "", session_id: "", mine: false };
export const STATES = ["open", "second_opinion", "contested", "decided"] as const;
export const SEVERITIES = ["high", "medium", "low"] as const;

const PAGES = 8;
/** Pages of the queue that are looked through for the next incident. */

/** The filter that an address names; what it does not know is left out. */
export function filterOf(params: URLSearchParams): QueueFilter {
  const one = <Value extends string>(name: string, known: readonly Value[]) => known.find((value) => value === params.get(name)) ?? "";
  return {
    state: one("state", STATES),
    severity: one("severity", SEVERITIES),
    kind: one("kind", KINDS),
    session_id: params.get("session_id") ?? "",
    mine: params.get("mine") === "yes",
  };
}

/** The same as the part of an address after `?`. */
export function paramsOf(filter: QueueFilter): Record<string, string> {
  const { mine, ...words } = filter;
  const given = Object.entries(words).filter(([, value]) => value !== "");
  return { ...Object.fromEntries(given), ...(mine ? { mine: "yes" } : {}) };
}

/** Who holds an incident at a moment, or null. */
export const holder = (one: Queued, now: number): string | null =>
  one.claimed_by !== null && one.claim_until !== null && Date.parse(one.claim_until) > now ? one.claimed_by : null;

/** Whether somebody who judges may take an incident: it waits, nobody else holds it, and it asks for no second opinion on their own. */
export function isFree(one: Queued, user_id: string, now: number): boolean {
  const held = holder(one, now);
  const own = one.state === "second_opinion" && !one.blind; // what is not kept from a judge was decided by them
  return one.state !== "decided" && !own && (held === null || held === user_id);
}

/** The next incident for somebody, the severest and oldest that is free and not among those passed over; null where none is. */
export async function nextOf(filter: QueueFilter, user_id: string, passed: ReadonlySet<string>): Promise<Queued | null> {
  let cursor: string | null = null;
  for (let page = 0; page < PAGES; page += 1) {
    const found: Awaited<ReturnType<typeof queuePage>> = await queuePage(filter, cursor);
    const now = Date.now();
    const next = found.incidents.find((one) => !passed.has(one.incident_id) && isFree(one, user_id, now));
    if (next) return next;
    cursor = found.next_cursor;
    if (cursor === null) return null;
  }
  return null;
}
