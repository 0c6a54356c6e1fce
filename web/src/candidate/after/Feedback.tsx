/** One's own version of the report, once the people who invited have released it. */

import { useQuery } from "@tanstack/react-query";

import { callError } from "../../api/calls";
import { sentence } from "../../texts/sentences";
import { Badge, Notice } from "../../ui/parts";
import { released, type Seat } from "../calls";
import { errorWords, useTexts } from "../texts";
import { type FeedbackCompetency, feedbackOf } from "./feedback";

export function Feedback({ seat }: { seat: Seat }) {
  const texts = useTexts();
  const { t } = texts;
  const asked = useQuery({ queryKey: ["released"], queryFn: () => released(seat.session_id) });
  if (asked.error) return <Notice tone="bad">{errorWords(texts, callError(asked.error))}</Notice>;
  if (!asked.data) return null;
  const { competencies, questions, models } = feedbackOf(asked.data.content);
  return (
    <section className="card" aria-labelledby="feedback">
      <h2 id="feedback">{t("feedback.title")}</h2>
      <p>{t("feedback.words")}</p>
      {asked.data.note ? <p className="lines quote">{asked.data.note}</p> : null}
      {competencies.map((one) => (
        <Competency key={one.name} one={one} language={seat.language} />
      ))}
      {questions.length ? (
        <div className="stack stack-s">
          <h3>{t("feedback.questions")}</h3>
          <ol className="stack stack-s" lang={seat.language}>
            {questions.map((one) => (
              <li key={one.text}>
                <p className="strong">{one.text}</p>
                <p>{one.feedback || (one.answered ? "" : <span lang={texts.language}>{t("feedback.unanswered")}</span>)}</p>
              </li>
            ))}
          </ol>
        </div>
      ) : null}
      {models.length ? <p className="small soft">{t("feedback.models", { names: models.join(", ") })}</p> : null}
    </section>
  );
}

function Competency({ one, language }: { one: FeedbackCompetency; language: string }) {
  const texts = useTexts();
  const { t } = texts;
  return (
    <div className="stack stack-s">
      <h3>{one.name}</h3>
      {one.level === null ? null : (
        <p>
          <Badge tone="accent">{t("feedback.level", { level: one.level })}</Badge> <LevelWords words={one.levelWords} language={language} />
        </p>
      )}
      {one.reason ? <p lang={language}>{one.reason}</p> : <p>{sentence(one.notScorable, texts.language)}</p>}
      {one.quotes.map((quote) => (
        <blockquote key={quote} className="quote" lang={language}>
          {quote}
        </blockquote>
      ))}
    </div>
  );
}

/** The words of a level, as the plan has them; those of the general scale in the reader's language. */
function LevelWords({ words, language }: { words: string; language: string }) {
  const spoken = useTexts().language;
  const own = sentence(words, spoken);
  return <span lang={own === words ? language : spoken}>{own}</span>;
}
