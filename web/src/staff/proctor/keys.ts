/** The keys of the pages on which incidents are judged. One letter does it, unless somebody is writing or has switched them off. */

import { useEffect, useRef, useSyncExternalStore } from "react";

import type { Reason, Verdict } from "./calls";

export const VERDICTS: readonly Verdict[] = ["confirmed", "dismissed", "unsure"];
export const VERDICT_KEYS: Readonly<Record<Verdict, string>> = { confirmed: "c", dismissed: "d", unsure: "u" };
/** The reasons that go with a verdict (interview/review.py), in the order of their keys: 1, 2, … */
export const REASONS: Readonly<Record<Verdict, readonly Reason[]>> = {
  confirmed: ["as_filed", "in_part"],
  dismissed: ["not_so", "harmless", "accommodated", "technical"],
  unsure: ["evidence_unclear", "evidence_missing"],
};

export interface Pressed {
  /** The verdict that now stands, before a reason is given. */
  verdict: Verdict | null;
  /** Given once both are there. */
  decision: { verdict: Verdict; reason: Reason } | null;
}

/** What a key does to the verdict that stands; null where it does nothing. Pure. */
export function pressed(verdict: Verdict | null, key: string): Pressed | null {
  const chosen = VERDICTS.find((one) => VERDICT_KEYS[one] === key);
  if (chosen) return { verdict: chosen, decision: null };
  if (verdict === null) return null;
  if (key === "Escape") return { verdict: null, decision: null };
  const reason = /^[1-9]$/.test(key) ? REASONS[verdict]?.[Number(key) - 1] : undefined;
  return reason ? { verdict, decision: { verdict, reason } } : null;
}

const WRITTEN_IN = "textarea, select, [contenteditable], input:not([type=checkbox], [type=radio], [type=range], [type=button])";

/** What a key press means: the key, `leave` for Escape out of a field, or null where it belongs to somebody else. Pure. */
export function keyOf(event: KeyboardEvent): string | null {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return null;
  const target = event.target instanceof Element ? event.target : null;
  if (target?.closest("[role=dialog], [role=alertdialog]")) return null;
  if (target?.matches(WRITTEN_IN)) return event.key === "Escape" ? "leave" : null;
  if (event.key.startsWith("Arrow") && target?.matches("audio, input")) return null;
  return event.key.length === 1 ? event.key.toLowerCase() : event.key;
}

/** Whether a handler took the key. */
export type OnKey = (key: string) => boolean;

/** Follow the keys while a page is there. */
export function useKeys(onKey: OnKey): void {
  const on = useKeysOn();
  const handler = useRef(onKey);
  useEffect(() => {
    handler.current = onKey;
  });
  useEffect(() => {
    if (!on) return;
    const down = (event: KeyboardEvent) => {
      const key = keyOf(event);
      if (key === null) return;
      if (key === "leave") {
        if (event.target instanceof HTMLElement) event.target.blur();
      } else if (handler.current(key)) event.preventDefault();
    };
    window.addEventListener("keydown", down);
    return () => window.removeEventListener("keydown", down);
  }, [on]);
}

// a taste, and nothing about a person; somebody who talks to their computer, or tires, can do without
const STORED = "keys";
const listeners = new Set<() => void>();

export function useKeysOn(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => localStorage.getItem(STORED) !== "off",
  );
}

export function switchKeys(on: boolean): void {
  if (on) localStorage.removeItem(STORED);
  else localStorage.setItem(STORED, "off");
  for (const listener of listeners) listener();
}
