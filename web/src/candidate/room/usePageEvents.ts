/** What the page notices about itself, counted, and kept until the API has it. What the plan does not look for, it drops. */

import { useEffect } from "react";

import { type BrowserEvent, tell } from "../calls";

const SEND_MS = 2000;
const MOST_WAITING = 500;
const MOST_A_CALL = 100;

export function usePageEvents(session_id: string): void {
  useEffect(() => {
    let waiting: BrowserEvent[] = [];
    let next: number | null = null; // known once the API has told what it has
    let sending = false;

    const note = (kind: BrowserEvent["kind"]) => {
      if (waiting.length >= MOST_WAITING) return;
      waiting.push({ kind, at: new Date().toISOString(), seq: -1 });
    };
    const send = async () => {
      if (sending || (next !== null && waiting.length === 0)) return;
      sending = true;
      try {
        next ??= (await tell(session_id, [])) + 1;
        const first = next;
        const batch = waiting.slice(0, MOST_A_CALL).map((event, place) => ({ ...event, seq: first + place }));
        if (batch.length) {
          await tell(session_id, batch);
          next = first + batch.length;
          waiting = waiting.slice(batch.length);
        }
      } catch {
        // it stays in the box, and is sent the next time
      } finally {
        sending = false;
      }
    };
    const seen = () => {
      note(document.hidden ? "tab_hidden" : "tab_shown");
      void send();
    };
    const blurred = () => note("window_blur");
    const focused = () => note("window_focus");
    const pasted = () => note("paste");
    const full = () => note(document.fullscreenElement ? "fullscreen_entered" : "fullscreen_left");
    document.addEventListener("visibilitychange", seen);
    document.addEventListener("paste", pasted);
    document.addEventListener("fullscreenchange", full);
    addEventListener("blur", blurred);
    addEventListener("focus", focused);
    if ((screen as Screen & { isExtended?: boolean }).isExtended) note("second_screen");
    const timer = setInterval(() => void send(), SEND_MS);
    return () => {
      clearInterval(timer);
      document.removeEventListener("visibilitychange", seen);
      document.removeEventListener("paste", pasted);
      document.removeEventListener("fullscreenchange", full);
      removeEventListener("blur", blurred);
      removeEventListener("focus", focused);
      void send();
    };
  }, [session_id]);
}
