/** Writing to the people who invited, before, during and after the interview; and what they answered. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { freshKey } from "../api/calls";
import { Choice, Window } from "../ui/parts";
import { type ProblemKind, raise, raised, type Seat } from "./calls";
import { useTexts } from "./texts";
import { WordsForm } from "./WordsForm";

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
  const { t } = useTexts();
  const queries = useQueryClient();
  const [kind, setKind] = useState<ProblemKind>(first);
  // of what is in the box: sent again after a broken connection, it is raised once
  const [ref, setRef] = useState(freshKey);
  const sending = useMutation({
    mutationFn: (words: string) => raise(seat.session_id, kind, words, ref),
    onSuccess: () => {
      setRef(freshKey());
      return queries.invalidateQueries({ queryKey: ["raised"] });
    },
  });
  return (
    <WordsForm sending={sending} onClose={onClose}>
      <Choice
        label={t("problem.kind")}
        value={kind}
        options={KINDS.map((value) => ({ value, label: t(`problem.kind.${value}`) }))}
        onChange={setKind}
      />
    </WordsForm>
  );
}

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
