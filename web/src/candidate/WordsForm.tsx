/** Words to the people who invited. Nothing is sent without any. */

import type { UseMutationResult } from "@tanstack/react-query";
import { type FormEvent, type ReactNode, useState } from "react";

import { callError } from "../api/calls";
import { Button, Field, Notice, WindowRow } from "../ui/parts";
import { errorWords, useTexts } from "./texts";

interface WordsFormProps {
  sending: Pick<UseMutationResult<unknown, Error, string>, "mutate" | "isPending" | "isSuccess" | "error">;
  onClose: () => void;
  /** What stands above the words. */
  children?: ReactNode;
}

export function WordsForm({ sending, onClose, children }: WordsFormProps) {
  const texts = useTexts();
  const { t } = texts;
  const [words, setWords] = useState("");
  const [empty, setEmpty] = useState(false);
  const send = (event: FormEvent) => {
    event.preventDefault();
    setEmpty(!words.trim());
    if (words.trim()) sending.mutate(words.trim(), { onSuccess: () => setWords("") });
  };
  return (
    <form className="stack" onSubmit={send} noValidate>
      {children}
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
      <WindowRow close={t("problem.close")} onClose={onClose}>
        <Button type="submit" isPending={sending.isPending}>
          {t("problem.send")}
        </Button>
      </WindowRow>
    </form>
  );
}
