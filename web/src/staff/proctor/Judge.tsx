/** A verdict and its reason: two presses of keys or two clicks; with a note, and somebody else asked too, where wanted. */

import type { Ref } from "react";

import { Button, Check, Field } from "../../ui/parts";
import { useTexts } from "../texts";
import type { Reason, Verdict } from "./calls";
import { REASONS, VERDICT_KEYS, VERDICTS } from "./keys";
import { Key } from "./Legend";

export interface Draft {
  verdict: Verdict | null;
  note: string;
  second: boolean;
}

export const NO_DRAFT: Draft = { verdict: null, note: "", second: false };

export interface JudgeProps {
  draft: Draft;
  busy: boolean;
  onDraft: (part: Partial<Draft>) => void;
  onDecide: (verdict: Verdict, reason: Reason) => void;
  onSkip: () => void;
  /** What is around the note's field, so that a key can go there. */
  note: Ref<HTMLDivElement>;
}

export function Judge({ draft, busy, onDraft, onDecide, onSkip, note }: JudgeProps) {
  const { t } = useTexts();
  const { verdict } = draft;
  const reasons = verdict ? REASONS[verdict] : [];
  return (
    <section className="card judge" aria-label={t("review.judge")}>
      <div className="judge-row">
        <div className="row">
          {VERDICTS.map((one) => (
            <Button key={one} look={one === verdict ? "main" : "quiet"} isPending={busy} aria-expanded={one === verdict} onPress={() => onDraft({ verdict: one === verdict ? null : one })}>
              {t(`review.verdict.${one}`)} <Key of={VERDICT_KEYS[one]} />
            </Button>
          ))}
        </div>
        <div ref={note}>
          <Field label={t("review.note")} hideLabel placeholder={t("review.note.key")} rows={1} maxLength={4000} value={draft.note} onChange={(text) => onDraft({ note: text })} />
        </div>
        <Check isSelected={draft.second} onChange={(second) => onDraft({ second })}>
          {t("review.second")} <Key of="s" />
        </Check>
        <Button look="plain" isPending={busy} onPress={onSkip}>
          {t("review.skip")} <Key of="x" />
        </Button>
      </div>
      {verdict ? (
        <div className="row" role="group" aria-label={t("review.why")}>
          <span className="strong">{t("review.why")}</span>
          {reasons.map((reason, place) => (
            <Button key={reason} look="quiet" isPending={busy} onPress={() => onDecide(verdict, reason)}>
              <Key of={place + 1} /> {t(`reason.${reason}`)}
            </Button>
          ))}
        </div>
      ) : null}
      <p role="status" className="visually-hidden">
        {verdict
          ? t("review.choose", {
              verdict: t(`review.verdict.${verdict}`),
              reasons: reasons.map((reason, place) => `${place + 1}: ${t(`reason.${reason}`)}`).join("; "),
            })
          : ""}
      </p>
    </section>
  );
}
