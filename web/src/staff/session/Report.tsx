/** The report: scores with their reasons, and the words that they rest on one press away. */

import { useMutation, useQuery } from "@tanstack/react-query";

import { ask, callError, offer } from "../../api/calls";
import { clock } from "../../texts/texts";
import { Badge, Button, Loading, Notice } from "../../ui/parts";
import { Fact } from "../Account";
import { report } from "../data";
import { Loaded, Problem } from "../parts";
import { api } from "../session";
import { useTexts } from "../texts";
import { type CompetencyResult, contentOf, type Quote, type ReportContent } from "./content";

export interface ReportProps {
  session_id: string;
  /** Plays from a moment, in ms since 1970; null where there is no recording. */
  onPlay: ((at: number) => void) | null;
  onShow: (seq: number) => void;
}

export function Report({ session_id, onPlay, onShow }: ReportProps) {
  const { t } = useTexts();
  const read = useQuery({
    queryKey: ["report", session_id],
    queryFn: () => report(session_id),
    refetchInterval: (query) => (query.state.data?.status === "ready" || query.state.data?.status === "failed" ? false : 4000),
  });
  if (read.error && callError(read.error).code === "report_not_found") return <p className="card">{t("report.none")}</p>;
  return (
    <Loaded query={read}>
      {(data) => {
        const content = contentOf(data.content);
        if (data.status === "failed") return <Notice tone="bad">{t("report.failed", { failure: data.failure })}</Notice>;
        if (!content) return <Loading>{t("report.making", { progress: data.progress || data.status })}</Loading>;
        return <Content session_id={session_id} content={content} onPlay={onPlay} onShow={onShow} />;
      }}
    </Loaded>
  );
}

function Content({ session_id, content, onPlay, onShow }: ReportProps & { content: ReportContent }) {
  const { t } = useTexts();
  const zero = Date.parse(content.session.zero_at);
  const play = onPlay && ((quote: Quote) => onPlay(zero + 1000 * quote.at_s));
  return (
    <>
      <Notice>{t("report.people")}</Notice>
      {content.notices.length ? (
        <section className="card">
          <h2>{t("report.notices")}</h2>
          <ul>
            {content.notices.map((one) => (
              <li key={one.code + one.text}>{one.text}</li>
            ))}
          </ul>
        </section>
      ) : null}
      {content.summary ? <p className="card lines">{content.summary}</p> : null}
      <section className="card">
        <div className="spread">
          <h2>{t("report.summary")}</h2>
          <Download session_id={session_id} />
        </div>
        {content.competencies.map((one) => (
          <Competency key={one.id} result={one} onPlay={play} onShow={onShow} />
        ))}
      </section>
      <section className="card">
        <h2>{t("report.questions")}</h2>
        <ol className="stack stack-s">
          {content.questions.map((one) => (
            <li key={one.question_id}>
              {one.text}{" "}
              <span className="small soft">
                {!one.asked ? t("report.not_asked") : !one.answered ? t("report.unanswered") : t("report.words", { words: one.answer_words, time: clock(one.answer_s) })}
              </span>
              {one.first_answer_seq === null ? null : (
                <Button look="plain" size="small" onPress={() => onShow(one.first_answer_seq as number)}>
                  {t("report.show")}
                </Button>
              )}
            </li>
          ))}
        </ol>
      </section>
      <Figures content={content} />
    </>
  );
}

function Competency({ result, onPlay, onShow }: { result: CompetencyResult; onPlay: ((quote: Quote) => void) | null; onShow: (seq: number) => void }) {
  const { t } = useTexts();
  return (
    <article className="group">
      <div className="spread">
        <h3>{result.name}</h3>
        {result.level === null ? (
          <Badge tone="warn">{t("report.not_scorable", { why: result.not_scorable })}</Badge>
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
      {result.level_words ? <p className="soft">{result.level_words}</p> : null}
      {result.reason ? <p>{result.reason}</p> : null}
      {result.quotes.map((quote) => (
        <blockquote className="quote" key={`${quote.seq} ${quote.at_s} ${quote.text}`}>
          <p>“{quote.text}”</p>
          <div className="row">
            {onPlay ? (
              <Button look="plain" size="small" onPress={() => onPlay(quote)}>
                {t("report.play")}
              </Button>
            ) : null}
            <Button look="plain" size="small" onPress={() => onShow(quote.seq)}>
              {t("report.show")}
            </Button>
          </div>
        </blockquote>
      ))}
    </article>
  );
}

function Figures({ content }: { content: ReportContent }) {
  const { t, language } = useTexts();
  const { figures, cost, versions } = content;
  const money = new Intl.NumberFormat(language, { style: "currency", currency: "USD", maximumFractionDigits: 4 });
  const share = figures.candidate_share;
  return (
    <section className="card">
      <h2>{t("report.figures")}</h2>
      <dl className="facts">
        <Fact name={t("report.figures.candidate")} value={clock(figures.candidate_s)} />
        <Fact name={t("report.figures.interviewer")} value={clock(figures.interviewer_s)} />
        <Fact name={t("report.figures.silence")} value={clock(figures.silence_s)} />
        <Fact name={t("report.figures.share")} value={share === null ? "–" : `${Math.round(100 * share)} %`} />
        <Fact name={t("report.figures.delay")} value={figures.interviewer_delay_s.p50 === null ? "–" : `${figures.interviewer_delay_s.p50.toFixed(2)} s`} />
        <Fact name={t("report.figures.follow_ups")} value={figures.follow_ups} />
        <Fact name={t("report.cost")} value={money.format(cost.interview_usd + cost.scoring_usd)} />
        <Fact name={t("report.versions")} value={[...Object.values(versions.models), `plan ${versions.plan_version}`].join(", ")} />
      </dl>
    </section>
  );
}

function Download({ session_id }: { session_id: string }) {
  const { t } = useTexts();
  const fetching = useMutation({
    mutationFn: () =>
      ask(api.GET("/api/parallel_interview/session/{session_id}/report.{form}", { params: { path: { session_id, form: "html" } }, parseAs: "blob" })) as unknown as Promise<Blob>,
    onSuccess: (page) => offer(page, `report-${session_id.slice(0, 8)}.html`),
  });
  return (
    <>
      <Button look="quiet" size="small" isPending={fetching.isPending} onPress={() => fetching.mutate()}>
        {t("report.download")}
      </Button>
      {fetching.error ? <Problem error={fetching.error} /> : null}
    </>
  );
}
