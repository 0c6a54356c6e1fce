/** The stream of changes: server-sent events, read with `fetch`, since a browser's `EventSource` sends no token. */

import { useEffect, useRef, useState } from "react";

import type { Schemas } from "../api/client";
import { accessToken, resume } from "./session";

export type InterviewNews = Schemas["InterviewView"];

const BACK_MS = 3000;

export interface StreamEvent {
  event: string;
  data: string;
  id: string;
}

/** Take whole events off the front of what has arrived; return them and what is left. Pure. */
export function eventsIn(text: string): [StreamEvent[], string] {
  const blocks = text.replace(/\r\n/g, "\n").split("\n\n");
  const rest = blocks.pop() ?? "";
  const events = blocks.map((block) => {
    const event = { event: "message", data: "", id: "" };
    for (const line of block.split("\n")) {
      const [name = "", ...value] = line.split(":");
      const words = value.join(":").replace(/^ /, "");
      if (name === "event" || name === "id") event[name] = words;
      else if (name === "data") event.data += (event.data ? "\n" : "") + words;
    }
    return event;
  });
  return [events.filter((event) => event.data !== "" || event.event !== "message"), rest];
}

/** Follow one's interviews. Returns whether the stream is open now; while it is not, it is tried again. */
export function useStream(onNews: (news: readonly InterviewNews[], whole: boolean) => void): boolean {
  const [open, setOpen] = useState(false);
  const listener = useRef(onNews);
  useEffect(() => {
    listener.current = onNews;
  });
  useEffect(() => {
    const stop = new AbortController();
    void follow(stop.signal, setOpen, (news, whole) => listener.current(news, whole));
    return () => stop.abort();
  }, []);
  return open;
}

async function follow(
  stop: AbortSignal,
  onOpen: (open: boolean) => void,
  onNews: (news: readonly InterviewNews[], whole: boolean) => void,
): Promise<void> {
  let last = "";
  while (!stop.aborted) {
    try {
      if (!(await resume())) return;
      const headers: Record<string, string> = { Authorization: `Bearer ${accessToken() ?? ""}` };
      if (last) headers["Last-Event-ID"] = last;
      const response = await fetch("/api/monitoring/stream", { headers, signal: stop });
      if (!response.ok || !response.body) throw new Error(String(response.status));
      onOpen(true);
      const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
      let text = "";
      for (;;) {
        const { value, done } = await reader.read();
        if (done) break;
        const [events, rest] = eventsIn(text + value);
        text = rest;
        for (const one of events) {
          last = one.id || last;
          if (one.event === "snapshot") onNews((JSON.parse(one.data) as { interviews: InterviewNews[] }).interviews, true);
          if (one.event === "session") onNews([JSON.parse(one.data) as InterviewNews], false);
          if (one.event === "reload") last = "";
        }
      }
    } catch {
      // whatever it was: the page is refreshed without it, and it is tried again
    }
    if (stop.aborted) return;
    onOpen(false);
    await new Promise((resolve) => setTimeout(resolve, BACK_MS));
  }
}
