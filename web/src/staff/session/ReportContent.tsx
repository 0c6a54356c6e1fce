/** What a report says: scores with their reasons, and the words that they rest on one press away. */

import type { Schemas } from "../../api/client";
import { sentence } from "../../texts/sentences";
import { clock } from "../../texts/texts";
import { Badge, Button, Notice } from "../../ui/parts";
import { Fact } from "../Account";
import { useWho } from "../parts";
import { useTexts } from "../texts";
import type { AnswerResult, CompetencyResult, Conditions, QuestionResult, Quote, ReportContent } from "./content";
import { peoplesLevels } from "./review/scores";

export interface ContentProps {
  content: ReportContent;
  /** What people gave; empty where nobody did. */
  given: readonly Schemas["OwnScoresView"][];
  owner_id: string;
  /** Plays from a moment, in ms since 1970; null where there is no recording. */
  onPlay: ((at: number) => void) | null;
  onShow: (seq: number) => void;
}

export function Content({ content, given, owner_id, onPlay, onShow }: ContentProps) {
  const { t, language } = useTexts();
  const zero = Date.parse(content.session.zero_at);
  const play = onPlay && ((quote: Said) => onPlay(zero + 1000 * quote.at_s));
  const show = (quote: Said) => {
    onShow(quote.seq);
    play?.(quote);
  };
  return (
    <>
      <Notice>{t("report.people")}</Notice>
      {content.notices.length ? (
        <section className="card">
          <h2>{t("report.notices")}</h2>
          <ul>
            {content.notices.map((one) => (
              <li key={one.code + one.text}>{sentence(one.text, language)}</li>
            ))}
          </ul>
        </section>
      ) : null}
      {content.instructions?.length ? (
        <Notice tone="warn">
          <p>{t("report.instructions")}</p>
          {content.instructions.map((one) => (
            <Words key={`${one.seq} ${one.at_s} ${one.text}`} quote={one} onPlay={play} onShow={show} />
          ))}
        </Notice>
      ) : null}
      {content.summary ? <p className="card lines">{content.summary}</p> : null}
      <section className="card">
        <h2>{t("report.summary")}</h2>
        {content.competencies.map((one) => (
          <Competency key={one.id} result={one} people={peoplesLevels(given, one.id)} owner_id={owner_id} onPlay={play} onShow={show} />
        ))}
      </section>
      <Questions questions={content.questions} onTurn={onShow} onPlay={play} onShow={show} />
      {content.conditions ? <Circumstances conditions={content.conditions} /> : null}
      <Figures content={content} />
    </>
  );
}

type Said = Pick<Quote, "seq" | "text" | "at_s">;

interface Listening {
  onPlay: ((quote: Said) => void) | null;
  /** Goes to the turn, and plays from there where there is a recording. */
  onShow: (quote: Said) => void;
}

interface QuestionsProps extends Listening {
  questions: readonly QuestionResult[];
  /** Goes to a turn, without a sound. */
  onTurn: (seq: number) => void;
}

function Questions({ questions, onTurn, onPlay, onShow }: QuestionsProps) {
  const { t } = useTexts();
  // what was typed took no time to say
  const amount = (one: QuestionResult) =>
    one.answer_s ? t("report.words", { words: one.answer_words, time: clock(one.answer_s) }) : t("report.words.typed", { words: one.answer_words });
  return (
    <section className="card">
      <h2>{t("report.questions")}</h2>
      <ol className="stack stack-s">
        {questions.map((one) => (
          <li key={one.question_id}>
            {one.text}{" "}
            <span className="small soft">
              {!one.asked ? t("report.not_asked") : !one.answered ? t("report.unanswered") : amount(one)}
            </span>
            {one.evaluation ? <Answer result={one.evaluation} onPlay={onPlay} onShow={onShow} /> : null}
            {one.first_answer_seq === null || one.evaluation?.quotes.length ? null : (
              <Button look="plain" size="small" onPress={() => onTurn(one.first_answer_seq as number)}>
                {t("report.show")}
              </Button>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}

interface CompetencyProps extends Listening {
  result: CompetencyResult;
  people: readonly { by: string; level: number }[];
  owner_id: string;
}

function Competency({ result, people, owner_id, onPlay, onShow }: CompetencyProps) {
  const { t, language } = useTexts();
  const who = useWho(owner_id);
  return (
    <article className="group">
      <div className="spread">
        <h3>{result.name}</h3>
        {result.level === null ? (
          <Badge tone="warn">{t("report.not_scorable", { why: sentence(result.not_scorable, language) })}</Badge>
        ) : (
          <div className="row">
            <span className="levels" aria-hidden="true">
              {[1, 2, 3, 4, 5].map((level) => (
                <span key={level} className={level <= (result.level ?? 0) ? "full" : ""} />
              ))}
            </span>
            <span className="strong">{t("report.level", { level: result.level })}</span>
            <span className="small soft">{t("report.confidence", { percent: Math.round(100 * result.confidence) })}</span>
          </div>
        )}
      </div>
      {result.level_words ? <p className="soft">{sentence(result.level_words, language)}</p> : null}
      {result.reason ? <p>{result.reason}</p> : null}
      {result.passes?.length ? <p className="small soft">{t("report.passes", { levels: result.passes.join(", ") })}</p> : null}
      {people.length ? (
        <p className="small">{t("report.own", { levels: people.map((one) => `${one.level} (${who(one.by)})`).join(", ") })}</p>
      ) : null}
      {result.quotes.map((quote) => (
        <Words key={`${quote.seq} ${quote.at_s} ${quote.text}`} quote={quote} onPlay={onPlay} onShow={onShow} />
      ))}
    </article>
  );
}

/** What the candidate said, word for word, and the two ways to it. */
function Words({ quote, onPlay, onShow }: Listening & { quote: Said }) {
  const { t } = useTexts();
  return (
    <blockquote className="quote">
      <p>{t("app.quoted", { text: quote.text })}</p>
      <div className="row">
        {onPlay ? (
          <Button look="plain" size="small" onPress={() => onPlay(quote)}>
            {t("report.play")}
          </Button>
        ) : null}
        <Button look="plain" size="small" onPress={() => onShow(quote)}>
          {t("report.show")}
        </Button>
      </div>
    </blockquote>
  );
}

function Answer({ result, onPlay, onShow }: Listening & { result: AnswerResult }) {
  const { t, language } = useTexts();
  return (
    <div className="stack stack-s">
      <p>
        {result.level === null ? (
          <Badge tone="warn">{t("report.not_scorable", { why: sentence(result.not_scorable, language) })}</Badge>
        ) : (
          <Badge tone="accent">{t("report.level", { level: result.level })}</Badge>
        )}{" "}
        {result.feedback}
      </p>
      {result.quotes.map((quote) => (
        <Words key={`${quote.seq} ${quote.at_s} ${quote.text}`} quote={quote} onPlay={onPlay} onShow={onShow} />
      ))}
    </div>
  );
}

function Circumstances({ conditions }: { conditions: Conditions }) {
  const { t, percent } = useTexts();
  return (
    <section className="card">
      <h2>{t("report.conditions")}</h2>
      <dl className="facts">
        <Fact name={t("report.conditions.sure")} value={percent(conditions.transcription_confidence)} />
        <Fact name={t("report.conditions.unsure")} value={conditions.low_confidence_turns} />
        <Fact name={t("report.conditions.typed")} value={conditions.typed_turns} />
        <Fact name={t("report.conditions.replaced")} value={Math.max(0, conditions.interviewer_attempts - 1)} />
        <Fact name={t("report.conditions.paused")} value={clock(conditions.paused_s)} />
        <Fact name={t("report.conditions.absent")} value={clock(conditions.absent_s ?? 0)} />
        <Fact name={t("report.conditions.gap")} value={clock(conditions.recording_longest_gap_s)} />
        <Fact name={t("report.conditions.database")} value={clock(conditions.database_away_s ?? 0)} />
      </dl>
    </section>
  );
}

function Figures({ content }: { content: ReportContent }) {
  const { t, number, percent, money } = useTexts();
  const { figures, cost, versions } = content;
  const delay_s = figures.interviewer_delay_s.p50;
  return (
    <section className="card">
      <h2>{t("report.figures")}</h2>
      <dl className="facts">
        <Fact name={t("report.figures.candidate")} value={clock(figures.candidate_s)} />
        <Fact name={t("report.figures.interviewer")} value={clock(figures.interviewer_s)} />
        <Fact name={t("report.figures.silence")} value={clock(figures.silence_s)} />
        <Fact name={t("report.figures.share")} value={percent(figures.candidate_share)} />
        <Fact name={t("report.figures.delay")} value={delay_s === null ? t("app.none") : t("report.seconds", { seconds: number(delay_s, 1) })} />
        <Fact name={t("report.figures.follow_ups")} value={figures.follow_ups} />
        <Fact name={t("report.cost")} value={money(cost.interview_usd + cost.scoring_usd, 4)} />
        <Fact name={t("report.versions")} value={[...new Set(Object.values(versions.models)), t("report.versions.plan", { version: versions.plan_version })].join(", ")} />
      </dl>
    </section>
  );
}
