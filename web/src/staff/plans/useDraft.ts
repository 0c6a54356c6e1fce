/** What is edited and not saved yet: kept while its page is away, so that another link loses nothing. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import type { PlanAnswer, PlanContent } from "../data";
import { EMPTY } from "./draft";

export interface Draft {
  plan: PlanContent;
  shared: boolean;
}

/** `saved` is the version that is edited: what others save meanwhile is not written over, saving is then refused. */
interface Kept extends Draft {
  saved: PlanAnswer | undefined;
}

const keyOf = (kept: PlanAnswer | undefined) => ["plan-draft", kept?.plan_id ?? "new"];
const stored = (saved: PlanAnswer | undefined): Draft => ({ plan: saved?.plan ?? EMPTY, shared: saved?.shared ?? false });
const same = (one: Draft, other: Draft) => JSON.stringify([one.plan, one.shared]) === JSON.stringify([other.plan, other.shared]);

/** The draft of a plan that is kept, or of a new one; `isBack` is whether it was left and found again. */
export function useDraft(kept: PlanAnswer | undefined) {
  const queries = useQueryClient();
  const key = keyOf(kept);
  const [found] = useState(() => queries.getQueryData<Kept>(key));
  const [saved, setSaved] = useState(found ? found.saved : kept);
  const [base, setBase] = useState(() => stored(saved));
  const [draft, setDraft] = useState<Draft>(found ? { plan: found.plan, shared: found.shared } : base);
  const [isBack, setIsBack] = useState(found !== undefined);
  const isChanged = !same(draft, base);
  useEffect(() => {
    if (isChanged) keep(queries, keyOf(kept), { ...draft, saved });
    else queries.removeQueries({ queryKey: keyOf(kept) });
  }, [queries, kept, draft, saved, isChanged]);
  useEffect(() => {
    if (!isChanged) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    addEventListener("beforeunload", ask);
    return () => removeEventListener("beforeunload", ask);
  }, [isChanged]);
  return {
    ...draft,
    saved,
    isChanged,
    isBack: isBack && isChanged,
    change: (part: Partial<Draft>) => setDraft((before) => ({ ...before, ...part })),
    /** What was sent is kept now, as this answer says. */
    wasSaved: (answer: PlanAnswer, sent: Draft) => {
      setBase(sent);
      setIsBack(false);
      queries.removeQueries({ queryKey: key });
      if (saved) setSaved(answer);
    },
    discard: () => {
      setSaved(kept);
      setBase(stored(kept));
      setDraft(stored(kept));
      setIsBack(false);
    },
  };
}

function keep(queries: QueryClient, key: readonly string[], draft: Kept) {
  // nobody observes it while its page is away: it would be dropped after five minutes
  queries.setQueryDefaults(key, { gcTime: Infinity });
  queries.setQueryData(key, draft);
}
