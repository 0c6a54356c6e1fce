/** The queue of what candidates raised, open ones first; each is answered where it stands. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { sentence } from "../texts/sentences";
import { Badge, Button, Choice, Field, Loading, PageTitle } from "../ui/parts";
import { answerProblem, problemPage, sessionProblems } from "./data";
import { MoreButton, usePaged } from "./lists";
import { Problem } from "./parts";
import { useTexts } from "./texts";

/** What the queue and a session's own list both tell of a problem. */
type Queued = Pick<
  Schemas["QueuedProblem"],
  "problem_id" | "session_id" | "kind" | "raised_at" | "text" | "proposed" | "state" | "outcome" | "answer" | "turn_id"
>;
type Shown = "" | "open" | "answered";

/** A session's id, also where its page's address was pasted. Pure. */
export function sessionIn(text: string): string {
  return /\/sessions\/([^/?#]+)/.exec(text)?.[1] ?? text.trim();
}

export default function Problems() {
  const { t } = useTexts();
  const [state, setState] = useState<Shown>("open");
  const pages = usePaged(["problems", state], (cursor) => problemPage(state, cursor), { refetchInterval: 30_000 });
  const problems = pages.data?.pages.flatMap((page) => page.problems) ?? [];
  return (
    <>
      <div className="spread">
        <PageTitle>{t("problems.title")}</PageTitle>
        <Choice
          label={t("sessions.status")}
          hideLabel
          value={state}
          options={[
            { value: "open", label: t("problems.open") },
            { value: "answered", label: t("problems.answered") },
            { value: "", label: t("problems.all") },
          ]}
          onChange={setState}
        />
      </div>
      {pages.error ? <Problem error={pages.error} onAgain={() => void pages.refetch()} /> : null}
      {pages.isPending ? <Loading>{t("app.loading")}</Loading> : null}
      {pages.data && !problems.length ? <p className="card">{t("problems.empty")}</p> : null}
      {problems.map((one) => (
        <One key={one.problem_id} problem={one} />
      ))}
      <MoreButton pages={pages} />
    </>
  );
}

/** What a session's candidate raised; nothing where they raised nothing. */
export function Raised({ session_id }: { session_id: string }) {
  const { t } = useTexts();
  const read = useQuery({ queryKey: ["problems", "of", session_id], queryFn: () => sessionProblems(session_id) });
  if (read.error) return <Problem error={read.error} onAgain={() => void read.refetch()} />;
  if (!read.data?.problems.length) return null;
  return (
    <section className="stack" aria-labelledby="raised">
      <h2 id="raised">{t("problems.title")}</h2>
      {read.data.problems.map((one) => (
        <One key={one.problem_id} problem={one} here />
      ))}
    </section>
  );
}

function One({ problem, here }: { problem: Queued; here?: boolean }) {
  const { t, moment, language } = useTexts();
  return (
    <article className="card">
      <div className="spread">
        <div className="row">
          <Badge tone={problem.kind === "human_alternative" || problem.kind === "technical" ? "warn" : "accent"}>{t(`problem.kind.${problem.kind}`)}</Badge>
          <span className="small soft">{moment(problem.raised_at)}</span>
        </div>
        {here ? null : <Link to={`/app/sessions/${problem.session_id}`}>{t("problems.session")}</Link>}
      </div>
      <p className="lines">{sentence(problem.text, language)}</p>
      {problem.proposed ? <p>{t("problems.proposed", { text: problem.proposed })}</p> : null}
      {problem.state === "open" ? (
        <Answer problem={problem} />
      ) : (
        <div className="notice good">
          <span className="strong">{t(`problems.outcome.${problem.outcome}`)}</span>
          <span className="lines">{problem.answer}</span>
        </div>
      )}
    </article>
  );
}

function Answer({ problem }: { problem: Queued }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [text, setText] = useState("");
  const [outcome, setOutcome] = useState<"answer" | "declined" | "correction" | "redo">("answer");
  const [redone, setRedone] = useState("");
  const [correction, setCorrection] = useState(problem.proposed ?? "");
  const answering = useMutation({
    mutationFn: () =>
      answerProblem(problem.problem_id, {
        outcome,
        ...(text.trim() ? { text: text.trim() } : {}),
        ...(outcome === "correction" && problem.turn_id ? { correction: { turn_id: problem.turn_id, text: correction } } : {}),
        ...(outcome === "redo" ? { redo_session_id: sessionIn(redone) } : {}),
      }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["problems"] }),
  });
  const outcomes = problem.turn_id ? (["answer", "correction", "redo", "declined"] as const) : (["answer", "redo", "declined"] as const);
  const send = (event: FormEvent) => {
    event.preventDefault();
    answering.mutate();
  };
  return (
    <form className="stack" onSubmit={send}>
      <Field label={t("problems.answer.label")} rows={3} isRequired maxLength={4000} value={text} onChange={setText} />
      <div className="fields">
        <Choice
          label={t("problems.outcome")}
          value={outcome}
          options={outcomes.map((value) => ({ value, label: t(`problems.outcome.${value}`) }))}
          onChange={setOutcome}
        />
        {outcome === "correction" ? (
          <Field label={t("problems.correction")} rows={2} isRequired value={correction} onChange={setCorrection} />
        ) : null}
        {outcome === "redo" ? <Field label={t("problems.redo")} help={t("problems.redo.help")} isRequired value={redone} onChange={setRedone} /> : null}
      </div>
      {answering.error ? <Problem error={answering.error} /> : null}
      <div>
        <Button type="submit" isPending={answering.isPending}>
          {t("problems.send")}
        </Button>
      </div>
    </form>
  );
}
