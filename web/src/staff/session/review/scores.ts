/** One's own scores while they are filled in: pure. */

import type { Schemas } from "../../../api/client";

export type Given = "1" | "2" | "3" | "4" | "5" | "none";
export const LEVELS: readonly Given[] = ["1", "2", "3", "4", "5", "none"];

export interface OwnDraft {
  level: Given | null;
  note: string;
}

/** What is sent: only what was chosen, and a note with it. */
export function scoresOf(draft: Readonly<Record<string, OwnDraft>>): Schemas["OwnScoresRequest"]["scores"] {
  const chosen = Object.entries(draft).filter(([, one]) => one.level !== null);
  return Object.fromEntries(
    chosen.map(([id, { level, note }]) => [id, { level: level === "none" ? null : Number(level), note: note.trim() }]),
  );
}

/** The latest level of everybody who gave one for a competency, oldest first. */
export function peoplesLevels(given: readonly Schemas["OwnScoresView"][], competency: string): { by: string; level: number }[] {
  const latest = new Map(given.map((one) => [one.by, one]));
  return [...latest.values()].flatMap(({ by, scores }) => {
    const level = scores[competency]?.level;
    return level == null ? [] : [{ by, level }];
  });
}
