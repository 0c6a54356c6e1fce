/** Who spoke when, what was noticed when, and what was not recorded; a press plays from there. */

import type { Schemas } from "../../api/client";
import { clock } from "../../texts/texts";
import type { Turn } from "../data";
import { useTexts } from "../texts";

const WIDTH = 900;
const LEFT = 90;
const ROWS = { candidate: 6, interviewer: 26, incidents: 46, gaps: 66 } as const;

export interface TimelineProps {
  turns: readonly Turn[];
  incidents: readonly Schemas["IncidentView"][];
  gaps: readonly Schemas["GapView"][];
  /** The recording's first sample, in ms since 1970, or when the first turn began. */
  zero: number;
  duration_s: number;
  position: number;
  onPlay: (seconds: number) => void;
}

export function Timeline({ turns, incidents, gaps, zero, duration_s, position, onPlay }: TimelineProps) {
  const { t, maybe } = useTexts();
  const whole = Math.max(duration_s, 1);
  const x = (seconds: number) => LEFT + ((WIDTH - LEFT) * Math.min(Math.max(seconds, 0), whole)) / whole;
  const since = (iso: string) => (Date.parse(iso) - zero) / 1000;
  const bar = (key: string, row: number, kind: string, from: number, to: number, words: string) => (
    <rect key={key} className={kind} x={x(from)} y={row} width={Math.max(2, x(to) - x(from))} height={14} onClick={() => onPlay(from)}>
      <title>{words}</title>
    </rect>
  );
  return (
    <section className="card" aria-label={t("timeline.title")}>
      <div className="across" tabIndex={0}>
        <svg className="timeline" viewBox={`0 0 ${WIDTH} 96`} role="img" aria-label={t("timeline.title")}>
          {(["candidate", "interviewer", "incidents", "gaps"] as const).map((row) => (
            <text key={row} x={0} y={ROWS[row] + 11}>
              {t(`timeline.${row}`)}
            </text>
          ))}
          {turns.map((turn) => bar(`t${turn.seq}`, ROWS[turn.speaker], turn.speaker, since(turn.started_at), since(turn.ended_at), turn.text))}
          {incidents.map((one) =>
            bar(one.incident_id, ROWS.incidents, "incident", since(one.started_at), since(one.ended_at ?? one.started_at), t(`kind.${one.kind}`)),
          )}
          {gaps.map((gap) => bar(gap.started_at, ROWS.gaps, "gap", gap.start_s, gap.end_s, maybe(`gap.${gap.reason}`, gap.reason)))}
          <line className="cursor" x1={x(position)} x2={x(position)} y1={0} y2={82} />
          <text x={LEFT} y={94}>
            0:00
          </text>
          <text x={WIDTH} y={94} textAnchor="end">
            {clock(whole)}
          </text>
        </svg>
      </div>
    </section>
  );
}
