/** How an interview is adjusted so that a candidate can show what they can do; none of it says why. */

import type { Schemas } from "../../api/client";
import { Check, Field } from "../../ui/parts";
import { useTexts } from "../texts";

export type Accommodations = Schemas["Accommodations"];

const SWITCHES = ["typing_only", "captions", "longer_thinking_time", "tic", "low_vision", "head_covering", "helper_present"] as const;

/** What is set; null where nothing is. Pure. */
export function adjustmentsOf(given: Accommodations): Accommodations | null {
  const set = Object.entries(given).filter(([, value]) => Boolean(value));
  return set.length ? (Object.fromEntries(set) as Accommodations) : null;
}

export function AccommodationFields({ value, onChange }: { value: Accommodations; onChange: (value: Accommodations) => void }) {
  const { t } = useTexts();
  return (
    <fieldset className="group">
      <legend>{t("accommodations.title")}</legend>
      <Field
        label={t("accommodations.extra_time_percent")}
        inputMode="numeric"
        value={value.extra_time_percent ? String(value.extra_time_percent) : ""}
        onChange={(percent) => onChange({ ...value, extra_time_percent: Math.max(0, Math.round(Number(percent) || 0)) })}
      />
      {SWITCHES.map((name) => (
        <Check key={name} isSelected={value[name] ?? false} onChange={(yes) => onChange({ ...value, [name]: yes })}>
          {t(`accommodations.${name}`)}
        </Check>
      ))}
    </fieldset>
  );
}
