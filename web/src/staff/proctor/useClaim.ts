import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";

import { callError, type CallError } from "../../api/calls";
import type { Me } from "../session";
import { claim, judges, type Queued, release } from "./calls";
import { holder, isFree } from "./queue";

const MOST_MS = 240_000;
const LEAST_MS = 10_000;

export interface Claim {
  /** Whether it is ours to decide about. */
  held: boolean;
  error: CallError | null;
  again: () => void;
  /** Decided, or put back by hand: nothing is given back when the page is left. */
  settled: () => void;
}

/** Take an incident while its page is open, keep it as long as one looks, and give it back undecided when one leaves. */
export function useClaim(incident: Queued, me: Me): Claim {
  const id = incident.incident_id;
  const [mineBefore] = useState(() => holder(incident, Date.now()) === me.user_id);
  const settled = useRef(false);
  const wanted = judges(me) && isFree({ ...incident, claimed_by: null }, me.user_id, 0);
  const claiming = useQuery({
    queryKey: ["claim", id],
    queryFn: () => claim(id),
    enabled: wanted,
    retry: (count, error) => callError(error).passes && count < 100,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchInterval: (query) => {
      const until = query.state.data?.claim_until;
      if (!until || query.state.error) return false;
      return Math.min(MOST_MS, Math.max(LEAST_MS, (Date.parse(until) - Date.now()) / 2));
    },
    refetchIntervalInBackground: false, // who looks elsewhere lets it run out
  });
  const held = Boolean(claiming.data) && !claiming.error;
  const holds = useRef(false);
  useEffect(() => {
    holds.current = held;
  }, [held]);
  useEffect(
    () => () => {
      // where this does not arrive, the claim runs out by itself
      if (holds.current && !mineBefore && !settled.current) release(id).catch(() => undefined);
    },
    [id, mineBefore],
  );
  return {
    held,
    error: claiming.error ? callError(claiming.error) : null,
    again: () => void claiming.refetch(),
    settled: () => {
      settled.current = true;
    },
  };
}
