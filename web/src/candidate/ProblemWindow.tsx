/** Writing to the people who invited, before, during and after the interview; and what they answered. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { callError } from "../api/calls";
import { Button, Choice, Field, Notice, Window } from "../ui/parts";
import { type ProblemKind, raise, raised, type Seat } from "./calls";
import { errorWords, useTexts } from "./texts";

const KINDS: readonly ProblemKind[] = [
  "technical",
  "accommodation",
  "question",
  "misheard",
  "incident_contest",
  "human_alternative",
  "erasure_request",
  "other",
];

export interface ProblemWindowProps {
  seat: Seat;
  isOpen: boolean;
  onClose: () => void;
  first?: ProblemKind;
}

export function ProblemWindow({ seat, isOpen, onClose, first = "technical" }: ProblemWindowProps) {
  const { t } = useTexts();
  return (
    <Window title={t("problem.title")} isOpen={isOpen} onClose={onClose}>
      <Form seat={seat} first={first} onClose={onClose} />
      <Written seat={seat} />
    </Window>
  );
}

function Form({ seat, first, onClose }: { seat: Seat; first: ProblemKind; onClose: () => void }) {
  const texts = useTexts();
  const { t } = texts;
  const queries = useQueryClient();
  const [kind, setKind] = useState<ProblemKind>(first);
  const [words, setWords] = useState("");
  const [empty, setEmpty] = useState(false);
  // of what is in the box: sent again after a broken connection, it is raised once
  const [ref, setRef] = useState(newRef);
  const sending = useMutation({
    mutationFn: () => raise(seat.session_id, kind, words.trim(), ref),
    onSuccess: () => {
      setWords("");
      setRef(newRef());
      return queries.invalidateQueries({ queryKey: ["raised"] });
    },
  });
  const send = (event: FormEvent) => {
    event.preventDefault();
    setEmpty(!words.trim());
    if (words.trim()) sending.mutate();
  };
  return (
    <form className="stack" onSubmit={send} noValidate>
      <Choice
        label={t("problem.kind")}
        value={kind}
        options={KINDS.map((value) => ({ value, label: t(`problem.kind.${value}`) }))}
        onChange={setKind}
      />
      <Field
        label={t("problem.words")}
        rows={4}
        maxLength={4000}
        value={words}
        onChange={setWords}
        error={empty && !words.trim() ? t("problem.empty") : undefined}
      />
      {sending.isSuccess ? <Notice tone="good">{t("problem.sent")}</Notice> : null}
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

const newRef = () => crypto.randomUUID?.() ?? `page-${Date.now()}-${Math.random().toString(36).slice(2)}`;

function Written({ seat }: { seat: Seat }) {
  const { t, moment } = useTexts();
  const written = useQuery({ queryKey: ["raised"], queryFn: () => raised(seat.session_id), refetchInterval: 15_000 });
  if (!written.data?.length) return null;
  return (
    <section className="stack stack-s" aria-label={t("problem.list")}>
      <h3>{t("problem.list")}</h3>
      <ul className="stack stack-s" aria-live="polite">
        {written.data.map((one) => (
          <li key={one.problem_id}>
            <span className="lines">{one.text}</span>
            <br />
            <span className="small soft">
              {moment(one.raised_at)} ·{" "}
              {one.answer ? t("problem.answered", { answer: one.answer }) : one.state === "open" ? t("problem.open") : t("problem.seen")}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
