/** From when on something that is looked for counts, where that is not as the house has it. */

import type { Schemas } from "../../api/client";
import { useTexts } from "../texts";
import { useChoices } from "./Basics";
import { withThreshold } from "./draft";
import { PlanNumber } from "./fields";

type Kind = Schemas["IncidentKind"];
type Thresholds = Record<string, Schemas["KindThreshold"]>;

interface ThresholdsProps {
  /** Those that are looked for. */
  kinds: readonly Kind[];
  value: Thresholds;
  onChange: (value: Thresholds) => void;
}

export function ThresholdFields({ kinds, value, onChange }: ThresholdsProps) {
  const { t, number } = useTexts();
  const house = new Map(useChoices()?.kinds.map((one) => [one.kind, one]));
  return (
    <details>
      <summary>{t("plan.thresholds")}</summary>
      <div className="stack more">
        <p className="field-help">{t("plan.thresholds.help")}</p>
        {kinds.map((kind) => {
          const one = house.get(kind);
          const set = (part: "after_s" | "threshold") => (limit: number | null) => onChange(withThreshold(value, kind, part, limit));
          return (
            <fieldset className="group" key={kind}>
              <legend>{t(`kind.${kind}`)}</legend>
              <div className="fields">
                <PlanNumber
                  at={`proctoring.thresholds.${kind}.after_s`}
                  label={t("plan.after_s")}
                  help={one ? t("plan.threshold.house", { value: number(one.after_s) }) : null}
                  min={0.2}
                  max={600}
                  step="any"
                  value={value[kind]?.after_s ?? null}
                  onChange={set("after_s")}
                />
                <PlanNumber
                  at={`proctoring.thresholds.${kind}.threshold`}
                  label={t("plan.threshold")}
                  help={
                    <>
                      {t(`signal.${kind}`)} {one ? t(`plan.threshold.range.${one.sense}`, { low: number(one.lowest), high: number(one.highest), value: number(one.threshold) }) : null}
                    </>
                  }
                  min={one?.lowest}
                  max={one?.highest}
                  step="any"
                  value={value[kind]?.threshold ?? null}
                  onChange={set("threshold")}
                />
              </div>
            </fieldset>
          );
        })}
      </div>
    </details>
  );
}
