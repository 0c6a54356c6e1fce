import { Badge } from "../../ui/parts";
import type { PlanContent } from "../data";
import { useTexts } from "../texts";

/** A plan as somebody reads it who wants to know what will be asked and measured. */
export function PlanPreview({ plan }: { plan: PlanContent }) {
  const { t } = useTexts();
  const name = new Map(plan.competencies.map((one) => [one.id, one.name]));
  return (
    <div className="stack" lang={plan.language ?? "en"}>
      <section className="card">
        <h2>{plan.title}</h2>
        <p className="soft">
          {[plan.job_role, t("app.minutes", { minutes: Math.round((plan.duration_s ?? 1800) / 60) }), plan.language].filter(Boolean).join(" · ")}
        </p>
        {plan.job_description ? <p className="lines">{plan.job_description}</p> : null}
      </section>
      <section className="card">
        <h2>{t("plan.questions")}</h2>
        <ol className="stack">
          {plan.questions.map((one) => (
            <li key={one.id}>
              {one.text} <Badge>{name.get(one.competency) ?? one.competency}</Badge>
            </li>
          ))}
        </ol>
      </section>
      <section className="card">
        <h2>{t("plan.competencies")}</h2>
        {plan.competencies.map((one) => (
          <div key={one.id} className="stack stack-s">
            <h3>{one.name}</h3>
            {one.description ? <p className="soft">{one.description}</p> : null}
            {one.rubric ? (
              <ol>
                {one.rubric.map((words) => (
                  <li key={words}>{words}</li>
                ))}
              </ol>
            ) : (
              <p className="small soft">{t("plan.rubric.general")}</p>
            )}
          </div>
        ))}
      </section>
    </div>
  );
}
