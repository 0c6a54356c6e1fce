/** What was noted about the candidate, what became of it, and the way to disagree with each. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { callError } from "../../api/calls";
import { Badge, Button, Notice, Window } from "../../ui/parts";
import { type NoticedOne, noticed, raise, type Seat } from "../calls";
import { errorWords, useTexts } from "../texts";
import { WordsForm } from "../WordsForm";

const LOOK_MS = 30_000;

export function Noticed({ seat }: { seat: Seat }) {
  const texts = useTexts();
  const { t, maybe, moment } = texts;
  const [contesting, setContesting] = useState<NoticedOne | null>(null);
  const asked = useQuery({ queryKey: ["noticed"], queryFn: () => noticed(seat.session_id), refetchInterval: LOOK_MS });
  // until it is known that there is something, nothing is shown that would worry anybody
  if (asked.data?.length === 0 || (!asked.data && !asked.error)) return null;
  return (
    <section className="card" aria-labelledby="noticed">
      <h2 id="noticed">{t("noticed.title")}</h2>
      <p>{t("noticed.words")}</p>
      {asked.data ? null : <Notice tone="bad">{errorWords(texts, callError(asked.error))}</Notice>}
      <ul className="plain-list">
        {asked.data?.map((one) => (
          <li key={one.incident_id} className="noticed">
            <div className="stack stack-s">
              <p className="strong">{maybe(`noticed.kind.${one.kind}`, one.kind)}</p>
              <p className="small soft">{moment(one.started_at, "short")}</p>
              <p className="small">{t(becameOf(one))}</p>
            </div>
            {one.contested_at ? (
              <Badge tone="accent">{t("noticed.contested")}</Badge>
            ) : (
              <Button look="quiet" size="small" onPress={() => setContesting(one)}>
                {t("noticed.contest")}
              </Button>
            )}
          </li>
        ))}
      </ul>
      <Window title={t("noticed.contest")} isOpen={contesting !== null} onClose={() => setContesting(null)}>
        {contesting ? <ContestForm seat={seat} one={contesting} onClose={() => setContesting(null)} /> : null}
      </Window>
    </section>
  );
}

/** What became of it, as a key of the catalogue. */
export function becameOf(one: Pick<NoticedOne, "state" | "verdict">) {
  if (one.state !== "decided" || one.verdict === null) return "noticed.state.waiting";
  return `noticed.state.${one.verdict}` as const;
}

interface ContestFormProps {
  seat: Seat;
  one: NoticedOne;
  onClose: () => void;
}

function ContestForm({ seat, one, onClose }: ContestFormProps) {
  const { t, maybe } = useTexts();
  const queries = useQueryClient();
  const sending = useMutation({
    // one of each: a second press, or one after a broken connection, is harmless
    mutationFn: (words: string) => raise(seat.session_id, "incident_contest", words, `contest-${one.incident_id.slice(-56)}`, one.incident_id),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: ["noticed"] }), queries.invalidateQueries({ queryKey: ["raised"] })]);
      onClose();
    },
  });
  return (
    <WordsForm sending={sending} onClose={onClose}>
      <p className="strong">{maybe(`noticed.kind.${one.kind}`, one.kind)}</p>
      <p>{t("noticed.contest.words")}</p>
    </WordsForm>
  );
}
