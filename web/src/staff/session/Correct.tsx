/** What was really said in a turn: kept beside what was recognised, which stays. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { Button, Check, Field, Window, WindowRow } from "../../ui/parts";
import type { Turn } from "../data";
import { Problem } from "../parts";
import { correctTurn } from "../reviewing";
import { useTexts } from "../texts";

export interface CorrectProps {
  turn: Turn;
  /** The words as they are read now. */
  words: string;
  onClose: () => void;
}

export function Correct({ turn, words, onClose }: CorrectProps) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [text, setText] = useState(words);
  const [reason, setReason] = useState("");
  const [rescore, setRescore] = useState(true);
  const correcting = useMutation({
    mutationFn: () => correctTurn(turn.session_id, { turn_id: turn.turn_id, text: text.trim(), reason: reason.trim(), rescore }),
    onSuccess: async () => {
      for (const key of ["transcript", "report-versions", "evaluations"]) await queries.invalidateQueries({ queryKey: [key, turn.session_id] });
      onClose();
    },
  });
  const go = (event: FormEvent) => {
    event.preventDefault();
    correcting.mutate();
  };
  return (
    <Window title={t("correct.title")} isOpen onClose={onClose}>
      <form className="stack" onSubmit={go}>
        <p>{t("correct.heard", { text: turn.text })}</p>
        <Field label={t("correct.text")} rows={4} isRequired maxLength={20_000} value={text} onChange={setText} autoFocus />
        <Field label={t("correct.reason")} maxLength={4000} value={reason} onChange={setReason} />
        <Check isSelected={rescore} onChange={setRescore}>
          {t("correct.rescore")}
        </Check>
        {correcting.error ? <Problem error={correcting.error} /> : null}
        <WindowRow close={t("app.cancel")} onClose={onClose}>
          <Button type="submit" isDisabled={!text.trim() || text.trim() === words} isPending={correcting.isPending}>
            {t("correct.go")}
          </Button>
        </WindowRow>
      </form>
    </Window>
  );
}
