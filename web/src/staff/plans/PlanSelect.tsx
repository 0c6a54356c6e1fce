/** A choice of one of the plans that one may use, by where they come from. */

import { useQuery } from "@tanstack/react-query";
import { useId } from "react";

import { planPage } from "../data";
import { Problem } from "../parts";
import { useTexts } from "../texts";

interface PlanSelectProps {
  label: string;
  value: string;
  /** What it says where no plan is chosen. */
  none: string;
  onChange: (plan_id: string) => void;
}

export function PlanSelect({ label, value, none, onChange }: PlanSelectProps) {
  const { t } = useTexts();
  const plans = useQuery({
    queryKey: ["plans", "choice"],
    queryFn: async () => {
      const [own, shared, ready] = await Promise.all([planPage("own", "", null), planPage("shared", "", null), planPage("ready", "", null)]);
      return { own: own.plans, shared: shared.plans, ready: ready.plans };
    },
  });
  const id = useId();
  const known = plans.data && Object.values(plans.data).some((group) => group.some((plan) => plan.plan_id === value));
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select id={id} className="input" value={value} onChange={(event) => onChange(event.target.value)}>
        <option value="">{none}</option>
        {(["own", "shared", "ready"] as const).map((which) =>
          plans.data?.[which].length ? (
            <optgroup key={which} label={t(`create.plan.group.${which}`)}>
              {plans.data[which].map((plan) => (
                <option key={plan.plan_id} value={plan.plan_id}>
                  {plan.title} ({plan.language}, {plan.question_count})
                </option>
              ))}
            </optgroup>
          ) : null,
        )}
        {value && !known ? <option value={value}>{plans.isPending ? "…" : t("create.plan.one_off")}</option> : null}
      </select>
      {plans.error ? <Problem error={plans.error} /> : null}
    </div>
  );
}
