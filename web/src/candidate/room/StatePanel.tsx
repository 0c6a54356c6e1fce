/** At a glance: who speaks, which question it is, how far along, and how much time is left. */

import { useEffect, useState } from "react";

import { Meter } from "../../ui/parts";
import type { Seat } from "../calls";
import { useTexts } from "../texts";
import { type InterviewerState, minutesLeft } from "./progress";
import type { Told } from "./useRoom";

export function StatePanel({ seat, told, shown }: { seat: Seat; told: Told | null; shown: InterviewerState }) {
  const { t, maybe } = useTexts();
  const since = useSince(told);
  const news = told?.news ?? null;
  const left = minutesLeft(news, since);
  const place =
    news?.stage === "questions" && news.total
      ? t("room.question", { number: Math.min(news.answered + 1, news.total), total: news.total })
      : maybe(`room.stage.${news?.stage ?? ""}`, seat.title);
  const percent = news?.total ? (100 * news.answered) / news.total : 0;
  return (
    <section className="state">
      <div className={`orb ${shown}`} aria-hidden="true">
        <span />
        <span />
        <span />
      </div>
      <div className="state-words">
        <p className="strong" role="status">
          {t(`room.state.${shown}`)}
        </p>
        <p className="small soft number">
          {place}
          {left === null ? "" : ` · ${left < 1 ? t("room.left.last") : t("room.left", { minutes: left })}`}
        </p>
      </div>
      <div className="state-meter">
        <Meter hideLabel label={t("room.progress")} percent={percent} />
      </div>
      <p className="question" lang={seat.language}>
        {news?.question ?? ""}
      </p>
    </section>
  );
}

/** Milliseconds since it was told, looked at every few seconds. */
function useSince(told: Told | null): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, []);
  return told ? Math.max(0, now - told.at) : 0;
}
