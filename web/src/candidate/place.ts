/** Which page a session's state asks for: pure. */

import type { Seat } from "./calls";

export type Place = "before" | "early" | "expired" | "running" | "queue" | "failed" | "ended" | "declined";

/** Where a candidate who comes now belongs. Times are compared in milliseconds. */
export function placeOf(seat: Seat, now: number): Place {
  switch (seat.status) {
    case "IN_PROGRESS":
    case "PAUSED":
      return "running";
    case "QUEUED":
      return "queue";
    case "FAILED":
      return "failed";
    case "COMPLETED":
    case "ABANDONED":
    case "DELETED":
      return "ended";
    case "EXPIRED":
      return declined(seat) ? "declined" : now >= Date.parse(seat.not_after) ? "expired" : "ended";
    case "INITIALIZED":
      if (now >= Date.parse(seat.not_after)) return "expired";
      return seat.not_before !== null && now < Date.parse(seat.not_before) ? "early" : "before";
  }
}

/** Whether something was declined without which there is no interview. */
export function declined(seat: Seat): boolean {
  const given = seat.consent.given;
  return given !== null && seat.consent.questions.some((one) => one.required && given[one.item] === false);
}

/** Whether all that is needed has been agreed to. */
export function agreed(seat: Seat): boolean {
  const given = seat.consent.given;
  return given !== null && seat.consent.questions.every((one) => !one.required || given[one.item] === true);
}
