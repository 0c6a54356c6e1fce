/** What was noted about the candidate, what became of it, and the way to disagree with each. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { callError } from "../../api/calls";
import { Badge, Button, Field, Notice, Window } from "../../ui/parts";
import { type NoticedOne, noticed, raise, type Seat } from "../calls";
import { type CandidateTexts, errorWords, useTexts } from "../texts";

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
        {contesting ? <ContestForm seat={seat} one={contesting} texts={texts} onClose={() => setContesting(null)} /> : null}
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
  texts: CandidateTexts;
  onClose: () => void;
}

function ContestForm({ seat, one, texts, onClose }: ContestFormProps) {
  const { t, maybe } = texts;
  const queries = useQueryClient();
  const [words, setWords] = useState("");
  const [empty, setEmpty] = useState(false);
  const sending = useMutation({
    // one of each: a second press, or one after a broken connection, is harmless
    mutationFn: () =>
      raise(seat.session_id, "incident_contest", words.trim(), `contest-${one.incident_id.slice(-56)}`, one.incident_id),
    onSuccess: async () => {
      await Promise.all([queries.invalidateQueries({ queryKey: ["noticed"] }), queries.invalidateQueries({ queryKey: ["raised"] })]);
      onClose();
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setEmpty(!words.trim());
    if (words.trim()) sending.mutate();
  };
  return (
    <form className="stack" onSubmit={send} noValidate>
      <p className="strong">{maybe(`noticed.kind.${one.kind}`, one.kind)}</p>
      <p>{t("noticed.contest.words")}</p>
      <Field
        label={t("problem.words")}
        rows={4}
        maxLength={4000}
        value={words}
        onChange={setWords}
        error={empty && !words.trim() ? t("problem.empty") : undefined}
      />
      {sending.error ? (
        <Notice tone="bad">{t("problem.failed", { message: errorWords(texts, callError(sending.error)) })}</Notice>
      ) : null}
      <div className="row row-end">
        <Button look="quiet" onPress={onClose}>
          {t("problem.close")}
        </Button>
        <Button type="submit" isPending={sending.isPending}>
          {t("problem.send")}
        </Button>
      </div>
    </form>
  );
}
