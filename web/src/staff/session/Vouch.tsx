/** Consent that a candidate gave elsewhere, such as on paper: an owner reads the words and vouches for the answer. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { callError } from "../../api/calls";
import type { Schemas } from "../../api/client";
import { Badge, Button, Check, Window, WindowRow } from "../../ui/parts";
import { consentWords, type Session, vouch } from "../data";
import { Loaded, Problem } from "../parts";
import { useTexts } from "../texts";

/** Whether an owner may still vouch: before the start, and as long as the candidate has answered nothing. Pure. */
export function mayVouch({ status, consent }: Pick<Session, "status" | "consent">): boolean {
  const theirs = consent && [consent.given_by, ...(consent.entries ?? []).map((one) => one.by)].includes("candidate");
  return (status === "INITIALIZED" || status === "QUEUED") && !theirs;
}

/** What is sent: no answer to something required would end the interview, so that is left out where it is not agreed to. Pure. */
export function answersOf(questions: readonly Schemas["ConsentQuestion"][], agreed: Readonly<Record<string, boolean>>): Record<string, boolean> {
  return Object.fromEntries(questions.flatMap(({ item, required }) => (agreed[item] || !required ? [[item, agreed[item] ?? false]] : [])));
}

export function Vouch({ session, isOpen, onClose }: { session: Session; isOpen: boolean; onClose: () => void }) {
  const { t } = useTexts();
  const words = useQuery({ queryKey: ["consent-words", session.session_id], queryFn: () => consentWords(session.session_id), enabled: isOpen });
  return (
    <Window title={t("vouch.title")} isOpen={isOpen} onClose={onClose}>
      <Loaded query={words}>{(asked) => <Asked key={asked.text_version} session={session} asked={asked} onClose={onClose} />}</Loaded>
    </Window>
  );
}

function Asked({ session, asked, onClose }: { session: Session; asked: Schemas["ConsentAsked"]; onClose: () => void }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [agreed, setAgreed] = useState<Record<string, boolean>>({ ...asked.given });
  const [sure, setSure] = useState(false);
  const language = session.interview_config?.language ?? "en";
  const vouching = useMutation({
    mutationFn: () => vouch(session.session_id, answersOf(asked.questions, agreed), asked.text_version),
    onSuccess: onClose,
    onError: (error) => {
      if (callError(error).code === "consent_text_changed") void queries.invalidateQueries({ queryKey: ["consent-words", session.session_id] });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["session", session.session_id] }),
  });
  const lacks = asked.questions.some((one) => one.required && !agreed[one.item]);
  return (
    <>
      <p>{t("vouch.words")}</p>
      <details>
        <summary>{t("vouch.introduction")}</summary>
        <p className="lines more" lang={language}>
          {asked.introduction}
        </p>
      </details>
      <fieldset className="group">
        <legend>{t("vouch.items", { name: session.user_details?.name ?? "" })}</legend>
        {asked.questions.map((one) => (
          <Check key={one.item} isSelected={agreed[one.item] ?? false} onChange={(yes) => setAgreed({ ...agreed, [one.item]: yes })}>
            <span lang={language}>{one.text}</span> {one.required ? <Badge tone="accent">{t("vouch.required")}</Badge> : null}
          </Check>
        ))}
      </fieldset>
      <Check isSelected={sure} onChange={setSure}>
        {t("vouch.sure")}
      </Check>
      {lacks ? <p className="field-help">{t("vouch.lacks")}</p> : null}
      {vouching.error ? <Problem error={vouching.error} /> : null}
      <WindowRow close={t("app.cancel")} onClose={onClose}>
        <Button isDisabled={lacks || !sure} isPending={vouching.isPending} onPress={() => vouching.mutate()}>
          {t("vouch.go")}
        </Button>
      </WindowRow>
    </>
  );
}
