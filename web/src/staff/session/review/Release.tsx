/** What of the report the candidate may read: nothing until somebody says so, and it can be taken back. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { sentence } from "../../../texts/sentences";
import { Button, Check, Field, Notice } from "../../../ui/parts";
import type { Session } from "../../data";
import { Loaded, Problem, useWho } from "../../parts";
import { candidateReport, release, released, takeBack } from "../../reviewing";
import { useTexts } from "../../texts";
import { candidateContentOf } from "../content";

export function Release({ session }: { session: Session }) {
  const { t, moment } = useTexts();
  const who = useWho(session.owner_id);
  const queries = useQueryClient();
  const id = session.session_id;
  const [levels, setLevels] = useState(false);
  const [note, setNote] = useState("");
  const known = useQuery({ queryKey: ["release", id], queryFn: () => released(id) });
  const acting = useMutation({
    mutationFn: (act: () => Promise<unknown>) => act(),
    onSettled: () => queries.invalidateQueries({ queryKey: ["release", id] }),
  });
  return (
    <section className="card" aria-labelledby="release">
      <h2 id="release">{t("release.title")}</h2>
      <Loaded query={known}>
        {(data) =>
          data.version === null ? (
            <>
              <p className="soft">{t("release.none")}</p>
              <Check isSelected={levels} onChange={setLevels}>
                {t("release.levels")}
              </Check>
              <Preview session_id={id} with_levels={levels} />
              <Field label={t("release.note")} rows={3} maxLength={4000} value={note} onChange={setNote} />
              <div>
                <Button isPending={acting.isPending} onPress={() => acting.mutate(() => release(id, levels, note.trim()))}>
                  {t("release.go")}
                </Button>
              </div>
            </>
          ) : (
            <>
              <Notice tone="good">
                <p>
                  {t(data.with_levels ? "release.with" : "release.without", {
                    version: data.version,
                    who: who(data.by ?? ""),
                    when: data.at ? moment(data.at) : t("app.none"),
                  })}
                </p>
                {data.note ? <p className="lines">{data.note}</p> : null}
              </Notice>
              <div>
                <Button look="quiet" isPending={acting.isPending} onPress={() => acting.mutate(() => takeBack(id))}>
                  {t("release.take_back")}
                </Button>
              </div>
            </>
          )
        }
      </Loaded>
      {acting.error ? <Problem error={acting.error} /> : null}
    </section>
  );
}

/** What the candidate would read, before anybody lets them. It is fetched when it is asked for: reading it is noted. */
function Preview({ session_id, with_levels }: { session_id: string; with_levels: boolean }) {
  const { t, language } = useTexts();
  const [open, setOpen] = useState(false);
  const read = useQuery({
    queryKey: ["candidate-report", session_id, with_levels],
    queryFn: () => candidateReport(session_id, with_levels),
    enabled: open,
  });
  if (!open) {
    return (
      <div>
        <Button look="quiet" onPress={() => setOpen(true)}>
          {t("release.preview")}
        </Button>
      </div>
    );
  }
  return (
    <Loaded query={read}>
      {(data) => {
        const content = candidateContentOf(data.content);
        if (!content) return <p>{t("report.unreadable")}</p>;
        return (
          <div className="group">
            <p className="small soft">{sentence(content.how_it_came_about, language)}</p>
            {content.competencies.map((one) => (
              <div key={one.id} className="stack stack-s">
                <h3>{one.name}</h3>
                {one.level == null ? null : <p>{t("report.level", { level: one.level })}</p>}
                <p>{one.reason || sentence(one.not_scorable, language)}</p>
                {one.quotes.map((quote) => (
                  <blockquote className="quote" key={`${quote.seq} ${quote.at_s} ${quote.text}`}>
                    {t("app.quoted", { text: quote.text })}
                  </blockquote>
                ))}
              </div>
            ))}
            <ol>
              {content.questions.map((one) => (
                <li key={one.question_id}>
                  {one.text} <span className="soft">{one.feedback}</span>
                </li>
              ))}
            </ol>
          </div>
        );
      }}
    </Loaded>
  );
}
