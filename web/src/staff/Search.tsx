/** Words in the transcripts of one's own interviews. Each call looks at some of them, the newest first. */

import { type FormEvent, useState } from "react";
import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { Button, Field, Loading, PageTitle } from "../ui/parts";
import { MoreButton, usePaged } from "./lists";
import { Problem } from "./parts";
import { PlanSelect } from "./plans/PlanSelect";
import { search } from "./reviewing";
import { useTexts } from "./texts";

interface Asked {
  q: string;
  plan_id: string;
}

/** What was found, between what stands before and after it. The API counts characters, not a browser's half ones. Pure. */
export function around({ excerpt, start, end }: Pick<Schemas["FoundTurn"], "excerpt" | "start" | "end">): [string, string, string] {
  const letters = Array.from(excerpt);
  return [letters.slice(0, start).join(""), letters.slice(start, end).join(""), letters.slice(end).join("")];
}

export default function Search() {
  const { t } = useTexts();
  const [draft, setDraft] = useState<Asked>({ q: "", plan_id: "" });
  const [asked, setAsked] = useState<Asked | null>(null);
  const go = (event: FormEvent) => {
    event.preventDefault();
    setAsked({ ...draft, q: draft.q.trim() });
  };
  return (
    <>
      <PageTitle>{t("search.title")}</PageTitle>
      <search>
        <form className="card" onSubmit={go}>
          <div className="fields">
            <Field label={t("search.words")} help={t("search.help")} type="search" isRequired minLength={2} maxLength={200} value={draft.q} onChange={(q) => setDraft({ ...draft, q })} />
            <PlanSelect label={t("sessions.plan")} none={t("sessions.all")} value={draft.plan_id} onChange={(plan_id) => setDraft({ ...draft, plan_id })} />
          </div>
          <div>
            <Button type="submit">{t("search.go")}</Button>
          </div>
        </form>
      </search>
      {asked ? <Found key={JSON.stringify(asked)} asked={asked} /> : null}
    </>
  );
}

function Found({ asked }: { asked: Asked }) {
  const { t, moment } = useTexts();
  const pages = usePaged(["search", asked], (cursor) => search(asked.q, asked.plan_id, cursor), {
    refetchOnWindowFocus: false,
    gcTime: 0, // what people said is not kept in the page's memory for longer than it is shown
  });
  if (pages.error) return <Problem error={pages.error} onAgain={() => void pages.refetch()} />;
  if (!pages.data) return <Loading>{t("search.looking")}</Loading>;
  const sessions = pages.data.pages.flatMap((page) => page.sessions);
  const looked = pages.data.pages.reduce((sum, page) => sum + page.looked_at, 0);
  return (
    <>
      <p role="status">{t("search.looked", { found: sessions.length, looked })}</p>
      {sessions.map((one) => (
        <article className="card" key={one.session_id}>
          <div className="spread">
            <h2>
              <Link to={`/app/sessions/${one.session_id}`}>{one.candidate}</Link>
            </h2>
            <span className="small soft">
              {one.plan_title} · {moment(one.created_at)}
            </span>
          </div>
          <ul className="plain stack stack-s">
            {one.turns.map((turn) => (
              <Hit key={turn.turn_id} session_id={one.session_id} turn={turn} />
            ))}
          </ul>
          {one.more ? <p className="small soft">{t("search.more_turns")}</p> : null}
        </article>
      ))}
      <MoreButton pages={pages}>{t("search.further")}</MoreButton>
    </>
  );
}

function Hit({ session_id, turn }: { session_id: string; turn: Schemas["FoundTurn"] }) {
  const { t } = useTexts();
  const [before, words, after] = around(turn);
  return (
    <li>
      <span className="small soft">{t(turn.speaker === "interviewer" ? "transcript.interviewer" : "transcript.candidate")}: </span>
      {before}
      <mark>{words}</mark>
      {after}{" "}
      <Link className="small" to={`/app/sessions/${session_id}?tab=transcript#turn-${turn.seq}`}>
        {t("report.show")}
      </Link>
    </li>
  );
}
