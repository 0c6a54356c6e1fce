/** Of a plan: how people judge, for whom it is adjusted, and what is kept, watched and agreed to. */

import type { Schemas } from "../../api/client";
import { Check } from "../../ui/parts";
import type { PlanContent } from "../data";
import { KINDS } from "../kinds";
import { AccommodationFields } from "../sessions/Accommodations";
import { useTexts } from "../texts";
import { PlanChoice, PlanNumber, useFault, Wrong } from "./fields";
import { ThresholdFields } from "./Thresholds";

type Change = (plan: PlanContent) => void;

/** What a plan may make a condition of the interview; the interview itself always is. */
const OPTIONAL: readonly Schemas["ConsentItem"][] = ["recording", "camera", "face_comparison", "retention"];

export function Judging({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  const faults = { extra_time_percent: useFault("accommodations.extra_time_percent"), notes: useFault("accommodations.notes") };
  return (
    <section className="card">
      <h2>{t("plan.judging")}</h2>
      <Check isSelected={plan.blind_scoring ?? false} onChange={(blind_scoring) => onChange({ ...plan, blind_scoring })}>
        {t("plan.blind")}
      </Check>
      <details>
        <summary>{t("plan.accommodations")}</summary>
        <div className="more">
          <AccommodationFields value={plan.accommodations ?? {}} onChange={(accommodations) => onChange({ ...plan, accommodations })} faultAt={(name) => faults[name]} />
        </div>
      </details>
    </section>
  );
}

export function Keeps({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  const set = (part: Partial<PlanContent>) => onChange({ ...plan, ...part });
  const proctoring = plan.proctoring ?? {};
  const required = new Set(plan.consent?.required ?? []);
  const need = (item: Schemas["ConsentItem"], yes: boolean) => {
    const next = OPTIONAL.filter((one) => (one === item ? yes : required.has(one)));
    set({ consent: { ...plan.consent, required: ["interview", ...next] } });
  };
  const kinds = new Set(proctoring.kinds);
  const looked = KINDS.filter((kind) => kinds.has(kind));
  const toggle = (kind: Schemas["IncidentKind"], yes: boolean) => {
    const next = KINDS.filter((one) => (one === kind ? yes : kinds.has(one)));
    set({ proctoring: { ...proctoring, kinds: next } });
  };
  return (
    <section className="card">
      <h2>{t("plan.keeps")}</h2>
      <Check isSelected={plan.recording?.audio ?? true} onChange={(audio) => set({ recording: { ...plan.recording, audio } })}>
        {t("plan.audio")}
      </Check>
      <Check isSelected={proctoring.enabled ?? true} onChange={(enabled) => set({ proctoring: { ...proctoring, enabled } })}>
        {t("plan.proctoring")}
      </Check>
      {(proctoring.enabled ?? true) ? (
        <fieldset className="group">
          <legend>{t("plan.kinds")}</legend>
          <div className="fields">
            {KINDS.map((kind) => (
              <Check key={kind} isSelected={kinds.has(kind)} onChange={(yes) => toggle(kind, yes)}>
                {t(`kind.${kind}`)}
              </Check>
            ))}
          </div>
          <Wrong at="proctoring.kinds" deep />
          {looked.length ? (
            <ThresholdFields kinds={looked} value={proctoring.thresholds ?? {}} onChange={(thresholds) => set({ proctoring: { ...proctoring, thresholds } })} />
          ) : null}
          <Check isSelected={proctoring.blur_bystanders ?? false} onChange={(blur_bystanders) => set({ proctoring: { ...proctoring, blur_bystanders } })}>
            {t("plan.blur")}
          </Check>
          <PlanNumber
            at="proctoring.evidence_days"
            label={t("plan.evidence_days")}
            min={1}
            max={3650}
            value={proctoring.evidence_days ?? null}
            onChange={(evidence_days) => set({ proctoring: { ...proctoring, evidence_days } })}
          />
        </fieldset>
      ) : null}
      <fieldset className="group">
        <legend>{t("plan.consent")}</legend>
        <p className="field-help">{t("plan.consent.help")}</p>
        {OPTIONAL.map((item) => (
          <Check key={item} isSelected={required.has(item)} onChange={(yes) => need(item, yes)}>
            {t(`consent.${item}`)}
          </Check>
        ))}
        <Wrong at="consent.required" deep />
      </fieldset>
      <div className="fields">
        <PlanNumber
          at="retention_days"
          label={t("plan.retention")}
          min={1}
          max={3650}
          value={plan.retention_days ?? null}
          onChange={(retention_days) => set({ retention_days })}
        />
        <PlanChoice
          at="second_seat"
          label={t("plan.seat")}
          value={plan.second_seat ?? "takes_over"}
          options={[
            { value: "takes_over" as const, label: t("plan.seat.takes_over") },
            { value: "refused" as const, label: t("plan.seat.refused") },
          ]}
          onChange={(second_seat) => set({ second_seat })}
        />
      </div>
    </section>
  );
}
