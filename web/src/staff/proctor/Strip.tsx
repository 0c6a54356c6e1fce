/** The whole interview on one line: where in it the incident lies, and what else was noticed. */

import { Link } from "react-router";

import { useTexts } from "../texts";
import { offsetOf, wordsOf } from "./around";
import type { Context } from "./calls";
import { StateBadge } from "./Queue";

const WIDTH = 900;
const LEFT = 110;
const ROWS = { this: 6, others: 28, events: 50 } as const;

export function Strip({ context }: { context: Context }) {
  const texts = useTexts();
  const { t } = texts;
  const { incident, others, timeline, session } = context;
  const marks = [
    ...timeline.map((one) => Date.parse(one.until ?? one.at)),
    ...others.map((one) => Date.parse(one.ended_at ?? one.started_at)),
    Date.parse(incident.ended_at ?? incident.started_at) + 1000,
  ];
  const from = Math.min(Date.parse(session.started_at ?? incident.started_at), Date.parse(incident.started_at));
  const to = session.ended_at ? Date.parse(session.ended_at) : Math.max(...marks);
  const whole = Math.max(1000, to - from);
  const x = (at: number) => LEFT + (WIDTH - LEFT - 4) * Math.min(1, Math.max(0, (at - from) / whole));
  const bar = (key: string, row: number, kind: string, start: string, end: string | null, words: string) => (
    <rect key={key} className={kind} x={x(Date.parse(start))} y={row} height={16} width={Math.max(4, x(Date.parse(end ?? start)) - x(Date.parse(start)))}>
      <title>{words}</title>
    </rect>
  );
  return (
    <section className="card">
      <h2>{t("review.timeline")}</h2>
      <svg className="timeline" viewBox={`0 0 ${WIDTH} 74`} role="img" aria-label={t("review.timeline")}>
        {(["this", "others", "events"] as const).map((row) => (
          <text key={row} x={0} y={ROWS[row] + 13}>
            {t(`review.timeline.${row}`)}
          </text>
        ))}
        {bar("this", ROWS.this, "gap", incident.started_at, incident.ended_at, t(`kind.${incident.kind}`))}
        {others.map((one) => bar(one.incident_id, ROWS.others, "incident", one.started_at, one.ended_at, t(`kind.${one.kind}`)))}
        {timeline.map((one, place) => bar(`e${place}`, ROWS.events, "interviewer", one.at, one.until, wordsOf(texts, one.what)))}
      </svg>
      <details>
        <summary>{t("review.timeline.events")}</summary>
        <ol className="plain-list small">
          {timeline.map((one, place) => (
            <li key={place}>
              <span className="soft number">{offsetOf(one.offset_s)}</span> {wordsOf(texts, one.what)}
            </li>
          ))}
        </ol>
      </details>
      <h3>{t("review.others")}</h3>
      {others.length ? (
        <ul className="plain stack stack-s">
          {others.map((one) => (
            <li key={one.incident_id} className="row small">
              <span className="soft number">{offsetOf((Date.parse(one.started_at) - Date.parse(incident.started_at)) / 1000)}</span>
              <Link to={`/app/incidents/${one.incident_id}`}>{t(`kind.${one.kind}`)}</Link>
              <StateBadge incident={one} />
            </li>
          ))}
        </ul>
      ) : (
        <p className="soft">{t("review.others.none")}</p>
      )}
    </section>
  );
}
