/** Of a plan: how people judge, for whom it is adjusted, and what is kept, watched and agreed to. */

import type { Schemas } from "../../api/client";
import { Check, Choice, Field } from "../../ui/parts";
import type { PlanContent } from "../data";
import { AccommodationFields } from "../sessions/Accommodations";
import { useTexts } from "../texts";

type Change = (plan: PlanContent) => void;

/** What a plan may make a condition of the interview; the interview itself always is. */
const OPTIONAL: readonly Schemas["ConsentItem"][] = ["recording", "camera", "face_comparison", "retention"];
const KINDS: readonly Schemas["IncidentKind"][] = [
  "no_face", "second_face", "different_person", "head_away", "gaze_away", "camera_off", "camera_covered", "camera_dark",
  "camera_frozen", "still_picture", "phone", "second_voice", "tab_hidden", "window_blur", "fullscreen_left", "paste",
  "second_screen", "second_seat",
];


export function Judging({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  return (
    <section className="card">
      <h2>{t("plan.judging")}</h2>
      <Check isSelected={plan.blind_scoring ?? false} onChange={(blind_scoring) => onChange({ ...plan, blind_scoring })}>
        {t("plan.blind")}
      </Check>
      <details>
        <summary>{t("plan.accommodations")}</summary>
        <div className="more">
          <AccommodationFields value={plan.accommodations ?? {}} onChange={(accommodations) => onChange({ ...plan, accommodations })} />
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
  const kinds = new Set(proctoring.kinds ?? []);
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
      <Check isSelected={proctoring.enabled ?? false} onChange={(enabled) => set({ proctoring: { ...proctoring, enabled } })}>
        {t("plan.proctoring")}
      </Check>
      {proctoring.enabled ? (
        <fieldset className="group">
          <legend>{t("plan.kinds")}</legend>
          <div className="fields">
            {KINDS.map((kind) => (
              <Check key={kind} isSelected={kinds.has(kind)} onChange={(yes) => toggle(kind, yes)}>
                {t(`kind.${kind}`)}
              </Check>
            ))}
          </div>
          <Check isSelected={proctoring.blur_bystanders ?? false} onChange={(blur_bystanders) => set({ proctoring: { ...proctoring, blur_bystanders } })}>
            {t("plan.blur")}
          </Check>
          <Field
            label={t("plan.evidence_days")}
            type="number"
            value={proctoring.evidence_days ? String(proctoring.evidence_days) : ""}
            onChange={(days) => set({ proctoring: { ...proctoring, evidence_days: days ? Number(days) : null } })}
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
      </fieldset>
      <div className="fields">
        <Field
          label={t("plan.retention")}
          type="number"
          value={plan.retention_days ? String(plan.retention_days) : ""}
          onChange={(days) => set({ retention_days: days ? Number(days) : null })}
        />
        <Choice
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
