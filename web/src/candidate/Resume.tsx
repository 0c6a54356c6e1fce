/** Handing in a résumé, before the interview begins. Nobody has to, and it is gone once the report is there. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef } from "react";

import { callError } from "../api/calls";
import { Button, Notice } from "../ui/parts";
import { forgetResume, giveResume, resumeOf, type Seat } from "./calls";
import { errorWords, useTexts } from "./texts";

const TAKEN = ".pdf,.docx,.txt,application/pdf,text/plain";
const MOST_BYTES = 10_000_000;

export function Resume({ seat }: { seat: Seat }) {
  const texts = useTexts();
  const { t } = texts;
  const chooser = useRef<HTMLInputElement>(null);
  const queries = useQueryClient();
  const key = ["resume"];
  const there = useQuery({ queryKey: key, queryFn: () => resumeOf(seat.session_id) });
  const giving = useMutation({
    mutationFn: (file: File) => giveResume(seat.session_id, file),
    onSuccess: (resume) => queries.setQueryData(key, resume),
  });
  const removing = useMutation({
    mutationFn: () => forgetResume(seat.session_id),
    onSuccess: () => queries.setQueryData(key, null),
  });
  const given = there.data;
  const failure = giving.error ?? removing.error;
  const tooLarge = (giving.variables?.size ?? 0) > MOST_BYTES;
  return (
    <details className="card resume">
      <summary>{t("resume.title")}</summary>
      <p>{t("resume.words")}</p>
      {given ? (
        <Notice tone="good">{t("resume.there", { kind: given.kind.toUpperCase(), characters: given.characters })}</Notice>
      ) : null}
      {/* the button below opens it, by pointer and keyboard alike */}
      <input
        ref={chooser}
        type="file"
        accept={TAKEN}
        hidden
        onChange={(event) => {
          const file = event.target.files?.[0];
          if (file) giving.mutate(file);
          event.target.value = ""; // the same file may be chosen again
        }}
      />
      {failure ? (
        <Notice tone="bad">{tooLarge ? t("error.body_too_large") : errorWords(texts, callError(failure))}</Notice>
      ) : null}
      <div className="row">
        <Button look="quiet" isPending={giving.isPending} onPress={() => chooser.current?.click()}>
          {given ? t("resume.replace") : t("resume.choose")}
        </Button>
        {given ? (
          <Button look="plain" isPending={removing.isPending} onPress={() => removing.mutate()}>
            {t("resume.remove")}
          </Button>
        ) : null}
      </div>
      {giving.isPending ? <p role="status">{t("resume.reading")}</p> : null}
    </details>
  );
}
