/** One new interview: a plan or some questions, a name and an email; then the link. */

import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { useSearchParams } from "react-router";

import type { Schemas } from "../../api/client";
import { Button, Check, Choice, Field, Notice, PageTitle } from "../../ui/parts";
import { createSession } from "../data";
import { CopyLine, Go, Problem } from "../parts";
import { PlanSelect } from "../plans/PlanSelect";
import { useTexts } from "../texts";
import { type Accommodations, AccommodationFields, adjustmentsOf } from "./Accommodations";

interface Draft {
  name: string;
  email: string;
  plan_id: string;
  questions: string;
  minutes: string;
  language: string;
  not_before: string;
  not_after: string;
  reference: string;
  accommodations: Accommodations;
  send: boolean;
}

/** What is sent for what was filled in; what was left empty is not sent. Pure. */
export function requestOf(draft: Draft): Schemas["CreateRequest"] {
  const accommodations = adjustmentsOf(draft.accommodations);
  const lines = draft.questions.split("\n").map((line) => line.trim()).filter(Boolean);
  return {
    name: draft.name.trim(),
    email: draft.email.trim(),
    send: draft.send,
    ...(draft.plan_id ? { plan_id: draft.plan_id } : { questions: lines }),
    ...(Number(draft.minutes) > 0 ? { duration_s: Math.round(Number(draft.minutes) * 60) } : {}),
    ...(draft.language ? { language: draft.language } : {}),
    ...(draft.not_before ? { not_before: new Date(draft.not_before).toISOString() } : {}),
    ...(draft.not_after ? { not_after: new Date(draft.not_after).toISOString() } : {}),
    ...(draft.reference.trim() ? { reference: draft.reference.trim() } : {}),
    ...(accommodations ? { accommodations } : {}),
  };
}

export default function CreateSession() {
  const { t } = useTexts();
  const [search] = useSearchParams();
  const blank: Draft = {
    name: "", email: "", plan_id: search.get("plan") ?? "", questions: "", minutes: "", language: "", not_before: "",
    not_after: "", reference: "", accommodations: {}, send: false,
  };
  const [draft, setDraft] = useState(blank);
  const creating = useMutation({ mutationFn: () => createSession(requestOf(draft)) });
  const set = <Name extends keyof Draft>(name: Name) => (value: Draft[Name]) => setDraft((old) => ({ ...old, [name]: value }));
  const go = (event: FormEvent) => {
    event.preventDefault();
    creating.mutate();
  };
  const answer = creating.data;
  if (answer) {
    return (
      <section className="card">
        <PageTitle>{t("create.done")}</PageTitle>
        <CopyLine label={t("create.link", { name: answer.user_details.name })} help={t("create.link.help")} value={answer.invite_url} />
        <Mail state={answer.mail} />
        <div className="row">
          <Go to={`/app/sessions/${answer.session_id}`}>{t("create.open")}</Go>
          <Button
            look="quiet"
            onPress={() => {
              creating.reset();
              setDraft({ ...blank, plan_id: draft.plan_id });
            }}
          >
            {t("create.another")}
          </Button>
        </div>
      </section>
    );
  }
  return (
    <form className="card" onSubmit={go}>
      <PageTitle>{t("create.title")}</PageTitle>
      <div className="fields">
        <Field label={t("create.name")} isRequired maxLength={200} value={draft.name} onChange={set("name")} />
        <Field label={t("create.email")} type="email" isRequired maxLength={254} value={draft.email} onChange={set("email")} />
      </div>
      <PlanChoice value={draft.plan_id} onChange={set("plan_id")} />
      {draft.plan_id ? null : (
        <Field label={t("create.questions")} help={t("create.questions.help")} rows={6} isRequired value={draft.questions} onChange={set("questions")} />
      )}
      <details>
        <summary>{t("create.more")}</summary>
        <div className="stack more">
          <div className="fields">
            <Field label={t("create.not_before")} type="datetime-local" value={draft.not_before} onChange={set("not_before")} />
            <Field label={t("create.not_after")} type="datetime-local" value={draft.not_after} onChange={set("not_after")} />
            <Field label={t("create.minutes")} inputMode="numeric" value={draft.minutes} onChange={set("minutes")} />
            <Choice
              label={t("create.language")}
              value={draft.language}
              options={[
                { value: "", label: t("create.language.plan") },
                { value: "en", label: "English" },
                { value: "de", label: "Deutsch" },
              ]}
              onChange={set("language")}
            />
            <Field label={t("create.reference")} maxLength={100} value={draft.reference} onChange={set("reference")} />
          </div>
          <AccommodationFields value={draft.accommodations} onChange={set("accommodations")} />
        </div>
      </details>
      <Check isSelected={draft.send} onChange={set("send")}>
        {t("create.send")}
      </Check>
      {creating.error ? <Problem error={creating.error} /> : null}
      <div className="row">
        <Button type="submit" isPending={creating.isPending}>
          {t("create.go")}
        </Button>
        <Go to="/app/sessions" look="plain">
          {t("app.cancel")}
        </Go>
      </div>
    </form>
  );
}

export function Mail({ state }: { state: Schemas["MailState"] }) {
  const { t } = useTexts();
  if (state === "not_asked") return null;
  return <Notice tone={state === "queued" ? "good" : "warn"}>{t(`create.mail.${state}`)}</Notice>;
}

/** The plan of new interviews, or none: then the questions are written where it is used. */
function PlanChoice({ value, onChange }: { value: string; onChange: (plan_id: string) => void }) {
  const { t } = useTexts();
  return <PlanSelect label={t("create.plan")} none={t("create.plan.questions")} value={value} onChange={onChange} />;
}
