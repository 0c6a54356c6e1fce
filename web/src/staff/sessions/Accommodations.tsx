/** How an interview is adjusted so that a candidate can show what they can do; none of it says why. */

import type { Schemas } from "../../api/client";
import { Check, Field, NumberField } from "../../ui/parts";
import { useTexts } from "../texts";

export type Accommodations = Schemas["Accommodations"];

const SWITCHES = ["typing_only", "captions", "longer_thinking_time", "tic", "low_vision", "head_covering", "helper_present"] as const;

/** What is set; null where nothing is. Pure. */
export function adjustmentsOf(given: Accommodations): Accommodations | null {
  const set = Object.entries(given).filter(([, value]) => Boolean(value));
  return set.length ? (Object.fromEntries(set) as Accommodations) : null;
}

interface AccommodationProps {
  value: Accommodations;
  onChange: (value: Accommodations) => void;
  /** What was found wrong in one of them. */
  faultAt?: (name: "extra_time_percent" | "notes") => string | undefined;
}

export function AccommodationFields({ value, onChange, faultAt = () => undefined }: AccommodationProps) {
  const { t } = useTexts();
  return (
    <fieldset className="group">
      <legend>{t("accommodations.title")}</legend>
      <NumberField
        label={t("accommodations.extra_time_percent")}
        name="accommodations.extra_time_percent"
        min={0}
        max={100}
        error={faultAt("extra_time_percent")}
        value={value.extra_time_percent || null}
        onChange={(percent) => onChange({ ...value, extra_time_percent: percent ?? 0 })}
      />
      {SWITCHES.map((name) => (
        <Check key={name} isSelected={value[name] ?? false} onChange={(yes) => onChange({ ...value, [name]: yes })}>
          {t(`accommodations.${name}`)}
        </Check>
      ))}
      <Field
        label={t("accommodations.notes")}
        help={t("accommodations.notes.help")}
        name="accommodations.notes"
        rows={2}
        maxLength={1000}
        error={faultAt("notes")}
        value={value.notes ?? ""}
        onChange={(notes) => onChange({ ...value, notes })}
      />
    </fieldset>
  );
}
