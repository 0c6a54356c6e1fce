/**
 * The fields of a plan: all that it holds but the ids of competencies and questions. Those the page gives once and
 * leaves, since scores, reports and comparisons name by them what they speak of.
 */

import type { ReactNode } from "react";

import type { Schemas } from "../../api/client";
import { Button, Check } from "../../ui/parts";
import type { PlanContent } from "../data";
import { useTexts } from "../texts";
import { Basics, Interviewer, useChoices } from "./Basics";
import { BLANK_RUBRIC, idOf, moved, withLevel, withoutCompetency, withVariant } from "./draft";
import { PlanChoice, PlanField, PlanNumber, Wrong } from "./fields";
import { Judging, Keeps } from "./PlanKeeps";

type Change = (plan: PlanContent) => void;
type Competency = Schemas["Competency"];
type Question = Schemas["Question"];

export function PlanEditor({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  return (
    <>
      <Basics plan={plan} onChange={onChange} />
      <Interviewer plan={plan} onChange={onChange} />
      <Competencies plan={plan} onChange={onChange} />
      <Questions plan={plan} onChange={onChange} />
      <Judging plan={plan} onChange={onChange} />
      <Keeps plan={plan} onChange={onChange} />
    </>
  );
}

function Competencies({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  const put = (place: number, part: Partial<Competency>) =>
    onChange({ ...plan, competencies: plan.competencies.map((one, at) => (at === place ? { ...one, ...part } : one)) });
  const add = () => {
    const id = idOf("competency", plan.competencies.map((one) => one.id));
    onChange({ ...plan, competencies: [...plan.competencies, { id, name: "", description: "" }] });
  };
  const rubric = useChoices()?.general_rubric;
  const isGeneral = (one: Competency) => !one.rubric || JSON.stringify(one.rubric) === JSON.stringify(rubric);
  const general = (place: number, yes: boolean) => {
    const next: Competency = { ...(plan.competencies[place] as Competency), rubric: [...BLANK_RUBRIC] };
    if (yes) delete next.rubric;
    onChange({ ...plan, competencies: plan.competencies.map((one, at) => (at === place ? next : one)) });
  };
  return (
    <section className="card">
      <h2>{t("plan.competencies")}</h2>
      {plan.competencies.map((one, place) => (
        <fieldset className="group" key={one.id}>
          <legend>{t("plan.competency", { number: place + 1 })}</legend>
          <PlanField at={`competencies.${place}.name`} label={t("plan.competency.name")} isRequired maxLength={100} value={one.name} onChange={(name) => put(place, { name })} />
          <PlanField at={`competencies.${place}.description`} label={t("plan.competency.description")} rows={2} maxLength={1000} value={one.description ?? ""} onChange={(description) => put(place, { description })} />
          <Check isSelected={isGeneral(one)} onChange={(yes) => general(place, yes)}>
            {t("plan.rubric.general")}
          </Check>
          {one.rubric && !isGeneral(one) ? (
            <details open>
              <summary>{t("plan.rubric")}</summary>
              <div className="stack more">
                {one.rubric.map((words, level) => (
                  <PlanField
                    key={level}
                    at={`competencies.${place}.rubric.${level}`}
                    label={t("plan.level", { level: level + 1 })}
                    rows={2}
                    isRequired
                    maxLength={500}
                    value={words}
                    onChange={(next) => put(place, { rubric: withLevel(one.rubric as string[], level, next) })}
                  />
                ))}
              </div>
            </details>
          ) : null}
          <Row>
            <Button look="plain" size="small" isDisabled={plan.competencies.length < 2} onPress={() => onChange(withoutCompetency(plan, one.id))}>
              {t("app.remove")}
            </Button>
          </Row>
        </fieldset>
      ))}
      <Row>
        <Button look="quiet" isDisabled={plan.competencies.length >= 50} onPress={add}>
          {t("plan.competency.add")}
        </Button>
      </Row>
    </section>
  );
}

function Questions({ plan, onChange }: { plan: PlanContent; onChange: Change }) {
  const { t } = useTexts();
  const set = (questions: Question[]) => onChange({ ...plan, questions });
  const put = (place: number, part: Partial<Question>) =>
    set(plan.questions.map((one, at) => (at === place ? { ...one, ...part } : one)));
  const add = () => {
    const id = idOf(`q${plan.questions.length + 1}`, plan.questions.map((one) => one.id));
    set([...plan.questions, { id, text: "", competency: plan.competencies[0]?.id ?? "", max_follow_ups: 1 }]);
  };
  return (
    <section className="card">
      <h2>{t("plan.questions")}</h2>
      <Check
        name="adaptive"
        isSelected={plan.adaptive ?? false}
        isDisabled={!plan.adaptive && !plan.questions.some((one) => one.variants)}
        onChange={(adaptive) => onChange({ ...plan, adaptive })}
      >
        {t("plan.adaptive")}
      </Check>
      <Wrong at="adaptive" />
      <Wrong at="questions" />
      {plan.questions.map((one, place) => (
        <fieldset className="group" key={one.id}>
          <legend>{t("plan.question", { number: place + 1 })}</legend>
          <PlanField at={`questions.${place}.text`} label={t("plan.question.text")} rows={2} isRequired maxLength={1000} value={one.text} onChange={(text) => put(place, { text })} />
          <div className="fields">
            <PlanChoice
              at={`questions.${place}.competency`}
              label={t("plan.question.competency")}
              value={one.competency}
              options={plan.competencies.map((each) => ({ value: each.id, label: each.name || each.id }))}
              onChange={(competency) => put(place, { competency })}
            />
            <PlanChoice
              at={`questions.${place}.max_follow_ups`}
              label={t("plan.question.follow_ups")}
              value={String(one.max_follow_ups ?? 1)}
              options={["0", "1", "2", "3"].map((value) => ({ value, label: value }))}
              onChange={(value) => put(place, { max_follow_ups: Number(value) })}
            />
            <PlanNumber
              at={`questions.${place}.max_s`}
              label={t("plan.question.max_s")}
              min={10}
              max={3600}
              value={one.max_s ?? null}
              onChange={(max_s) => put(place, { max_s })}
            />
          </div>
          <details open={Boolean(one.variants)}>
            <summary>{t("plan.question.variants")}</summary>
            <div className="stack more">
              {(["easier", "harder"] as const).map((which) => (
                <PlanField
                  key={which}
                  at={`questions.${place}.variants.${which}`}
                  label={t(`plan.question.${which}`)}
                  rows={2}
                  maxLength={1000}
                  value={one.variants?.[which] ?? ""}
                  onChange={(words) => put(place, { variants: withVariant(one.variants, which, words) })}
                />
              ))}
            </div>
          </details>
          <Check isSelected={one.optional ?? false} onChange={(optional) => put(place, { optional })}>
            {t("plan.question.optional")}
          </Check>
          <Row>
            <Button look="plain" size="small" isDisabled={place === 0} onPress={() => set(moved(plan.questions, place, -1))}>
              {t("plan.up")}
            </Button>
            <Button look="plain" size="small" isDisabled={place === plan.questions.length - 1} onPress={() => set(moved(plan.questions, place, 1))}>
              {t("plan.down")}
            </Button>
            <Button look="plain" size="small" isDisabled={plan.questions.length < 2} onPress={() => set(plan.questions.filter((_, at) => at !== place))}>
              {t("app.remove")}
            </Button>
          </Row>
        </fieldset>
      ))}
      <Row>
        <Button look="quiet" isDisabled={plan.questions.length >= 50} onPress={add}>
          {t("plan.question.add")}
        </Button>
      </Row>
    </section>
  );
}

function Row({ children }: { children: ReactNode }) {
  return <div className="row">{children}</div>;
}
