/** One's own scores, by the plan's rubric; where the plan is blind they come before the model's. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import type { Schemas } from "../../../api/client";
import { sentence } from "../../../texts/sentences";
import { Badge, Button, Field, Notice, Radios } from "../../../ui/parts";
import type { Session } from "../../data";
import { Loaded, Problem, useWho } from "../../parts";
import { giveScores, ownScores, type Scale } from "../../reviewing";
import { useTexts } from "../../texts";
import { LEVELS, type OwnDraft, scoresOf } from "./scores";

export function OwnScores({ session }: { session: Session }) {
  const { t } = useTexts();
  const [again, setAgain] = useState(false);
  const known = useQuery({ queryKey: ["own-scores", session.session_id], queryFn: () => ownScores(session.session_id) });
  return (
    <section className="card" aria-labelledby="own-scores">
      <h2 id="own-scores">{t("own.title")}</h2>
      <Loaded query={known}>
        {(data) => (
          <>
            {data.withheld ? <Notice tone="warn">{t("own.blind")}</Notice> : null}
            {data.given.map((one) => (
              <GivenScores key={`${one.by} ${one.n}`} given={one} scale={data} owner_id={session.owner_id} />
            ))}
            {again || !data.given.length ? (
              <Form session_id={session.session_id} scale={data} onDone={() => setAgain(false)} />
            ) : (
              <div>
                <Button look="quiet" onPress={() => setAgain(true)}>
                  {t("own.again")}
                </Button>
              </div>
            )}
          </>
        )}
      </Loaded>
    </section>
  );
}

function GivenScores({ given, scale, owner_id }: { given: Schemas["OwnScoresView"]; scale: Scale; owner_id: string }) {
  const { t, moment } = useTexts();
  const who = useWho(owner_id);
  return (
    <div className="group">
      <div className="row">
        <span className="strong">{t("decision.by", { who: who(given.by), when: moment(given.at) })}</span>
        <Badge tone={given.blind ? "good" : undefined}>{given.blind ? t("own.was_blind") : t("own.was_seen")}</Badge>
      </div>
      <dl className="facts">
        {scale.competencies
          .filter((one) => one.id in given.scores)
          .map((one) => (
            <div key={one.id}>
              <dt>{one.name}</dt>
              <dd>
                {given.scores[one.id]?.level == null ? t("own.none") : t("report.level", { level: given.scores[one.id]?.level ?? "" })}
                <span className="lines soft"> {given.scores[one.id]?.note}</span>
              </dd>
            </div>
          ))}
      </dl>
    </div>
  );
}

function Form({ session_id, scale, onDone }: { session_id: string; scale: Scale; onDone: () => void }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Record<string, OwnDraft>>({});
  const giving = useMutation({
    mutationFn: () => giveScores(session_id, scoresOf(draft)),
    onSuccess: async () => {
      for (const key of ["own-scores", "report", "evaluations"]) await queries.invalidateQueries({ queryKey: [key, session_id] });
      onDone();
    },
  });
  const go = (event: FormEvent) => {
    event.preventDefault();
    giving.mutate();
  };
  return (
    <form className="stack" onSubmit={go}>
      {scale.competencies.map((one) => (
        <Competency
          key={one.id}
          competency={one}
          draft={draft[one.id] ?? { level: null, note: "" }}
          onChange={(next) => setDraft((old) => ({ ...old, [one.id]: next }))}
        />
      ))}
      {giving.error ? <Problem error={giving.error} /> : null}
      <div>
        <Button type="submit" isDisabled={!Object.keys(scoresOf(draft)).length} isPending={giving.isPending}>
          {t("own.go")}
        </Button>
      </div>
    </form>
  );
}

interface CompetencyProps {
  competency: Scale["competencies"][number];
  draft: OwnDraft;
  onChange: (draft: OwnDraft) => void;
}

function Competency({ competency, draft, onChange }: CompetencyProps) {
  const { t, language } = useTexts();
  const words = draft.level && draft.level !== "none" ? competency.rubric?.[Number(draft.level) - 1] : null;
  return (
    <div className="group">
      <Radios
        label={competency.name}
        value={draft.level}
        options={LEVELS.map((value) => ({ value, label: value === "none" ? t("own.none") : value }))}
        onChange={(level) => onChange({ ...draft, level })}
      />
      {competency.description ? <p className="small soft">{competency.description}</p> : null}
      <p className="small" aria-live="polite">
        {words ? sentence(words, language) : null}
      </p>
      {competency.rubric ? (
        <details>
          <summary className="small">{t("own.rubric")}</summary>
          <ol className="small">
            {competency.rubric.map((each, place) => (
              <li key={place}>{sentence(each, language)}</li>
            ))}
          </ol>
        </details>
      ) : null}
      <Field label={t("own.note", { name: competency.name })} maxLength={2000} value={draft.note} onChange={(note) => onChange({ ...draft, note })} />
    </div>
  );
}
