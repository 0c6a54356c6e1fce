/** Of a plan: what it is called, for what job it is, and how the interviewer is and sounds. */

import { useQuery } from "@tanstack/react-query";

import type { Schemas } from "../../api/client";
import { planChoices, type PlanContent } from "../data";
import { useTexts } from "../texts";
import { PlanChoice, PlanField, PlanNumber } from "./fields";

type Change = (plan: PlanContent) => void;

/** What a plan may name in this house; while it is not known, what the plan names. */
export function useChoices(): Schemas["PlanChoices"] | undefined {
  return useQuery({ queryKey: ["plan-choices"], queryFn: planChoices, staleTime: 60_000 }).data;
}

export function Basics({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  const set = (part: Partial<PlanContent>) => onChange({ ...plan, ...part });
  const language = plan.language ?? "en";
  const languages = useChoices()?.languages ?? [language];
  return (
    <section className="card">
      <h2>{t("plan.basics")}</h2>
      <div className="fields">
        <PlanField at="title" label={t("plan.title")} help={t("plan.title.help")} isRequired maxLength={200} value={plan.title} onChange={(title) => set({ title })} />
        <PlanField at="job_role" label={t("plan.job_role")} maxLength={100} value={plan.job_role ?? ""} onChange={(job_role) => set({ job_role })} />
        <PlanChoice
          at="language"
          label={t("plan.language")}
          value={language}
          options={[...new Set([...languages, language])].map((value) => ({ value, label: languageName(value) }))}
          onChange={(next) => set({ language: next })}
        />
        <PlanNumber
          at="duration_s"
          label={t("plan.minutes")}
          isRequired
          min={1}
          max={240}
          step="any"
          value={minutesOf(plan.duration_s ?? 1800)}
          onChange={(minutes) => set({ duration_s: Math.round((minutes ?? NaN) * 60) })}
        />
      </div>
      <PlanField at="job_description" label={t("plan.job_description")} rows={5} maxLength={5000} value={plan.job_description ?? ""} onChange={(job_description) => set({ job_description })} />
    </section>
  );
}

const ENGINES = ["stt", "llm", "tts"] as const;

export function Interviewer({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  const set = (part: Partial<PlanContent>) => onChange({ ...plan, ...part });
  const known = useChoices()?.engines;
  const engines = plan.engines ?? {};
  const optionsOf = (kind: (typeof ENGINES)[number]) => {
    const chosen = engines[kind] ?? "";
    const there = (known?.[kind] ?? []).map((name) => ({ value: name, label: name }));
    const gone = chosen && known && !there.some((one) => one.value === chosen) ? [{ value: chosen, label: t("plan.engine.gone", { name: chosen }) }] : [];
    const loading = chosen && !known ? [{ value: chosen, label: chosen }] : [];
    return [{ value: "", label: t("plan.engine.usual") }, ...there, ...gone, ...loading];
  };
  return (
    <section className="card">
      <h2>{t("plan.interviewer.card")}</h2>
      <div className="fields">
        <PlanField at="interviewer_name" label={t("plan.interviewer")} maxLength={60} value={plan.interviewer_name ?? ""} onChange={(interviewer_name) => set({ interviewer_name })} />
        <PlanField at="voice" label={t("plan.voice")} help={t("plan.voice.help")} maxLength={64} value={plan.voice ?? ""} onChange={(voice) => set({ voice })} />
        <PlanNumber
          at="speaking_speed"
          label={t("plan.speed")}
          isRequired
          min={0.5}
          max={2}
          step="any"
          value={plan.speaking_speed ?? 1}
          onChange={(speed) => set({ speaking_speed: speed ?? NaN })}
        />
      </div>
      <fieldset className="group">
        <legend>{t("plan.engines")}</legend>
        <p className="field-help">{t("plan.engines.help")}</p>
        <div className="fields">
          {ENGINES.map((kind) => (
            <PlanChoice
              key={kind}
              at={`engines.${kind}`}
              label={t(`plan.engine.${kind}`)}
              value={engines[kind] ?? ""}
              options={optionsOf(kind)}
              onChange={(name) => set({ engines: { ...engines, [kind]: name } })}
            />
          ))}
        </div>
      </fieldset>
    </section>
  );
}

const minutesOf = (seconds: number) => Math.round((seconds / 60) * 100) / 100;

/** A language's name in itself. */
const languageName = (code: string) => new Intl.DisplayNames([code], { type: "language" }).of(code) ?? code;
