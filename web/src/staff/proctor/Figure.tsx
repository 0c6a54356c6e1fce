/** What was measured around the incident, with the threshold by which it was judged. */

import { useTexts } from "../texts";
import { offsetOf } from "./around";
import type { Context } from "./calls";

const WIDTH = 600;
const HEIGHT = 120;
const FOOT = 18;

export interface Plot {
  /** Points of the line, as an SVG has them. */
  points: string;
  threshold_y: number;
  from_s: number;
  to_s: number;
  low: number;
  high: number;
  /** The stretch of the incident itself. */
  begins_x: number;
  ends_x: number;
}

/** Where the figures, the threshold and the incident lie in the picture; null without figures. Pure. */
export function plotOf({ figures, incident }: Pick<Context, "figures" | "incident">): Plot | null {
  if (!figures.length) return null;
  const zero = Date.parse(incident.started_at);
  const at = (iso: string) => (Date.parse(iso) - zero) / 1000;
  const times = figures.map((one) => at(one.at));
  const values = figures.map((one) => one.value);
  const end_s = at(incident.ended_at ?? incident.started_at);
  const from_s = Math.min(0, ...times);
  const to_s = Math.max(end_s, from_s + 1, ...times);
  const least = Math.min(incident.threshold, ...values);
  const most = Math.max(incident.threshold, ...values);
  const x = (seconds: number) => (WIDTH * (seconds - from_s)) / (to_s - from_s);
  const y = (value: number) => 6 + (HEIGHT - FOOT - 12) * (1 - (value - least) / (most - least || 1));
  return {
    points: times.map((time, place) => `${x(time).toFixed(1)},${y(values[place] ?? 0).toFixed(1)}`).join(" "),
    threshold_y: y(incident.threshold),
    from_s,
    to_s,
    low: Math.min(...values),
    high: Math.max(...values),
    begins_x: x(0),
    ends_x: Math.max(x(end_s), x(0) + 3),
  };
}

export function Figure({ context }: { context: Context }) {
  const { t, maybe, number } = useTexts();
  const plot = plotOf(context);
  const name = maybe(`figure.${context.figure}`, context.figure);
  return (
    <section className="card">
      <h2>{t("review.figure")}</h2>
      {plot ? (
        <>
          <svg className="figure" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={name}>
            <rect className="span" x={plot.begins_x} y={0} width={plot.ends_x - plot.begins_x} height={HEIGHT - FOOT} />
            <line className="threshold" x1={0} x2={WIDTH} y1={plot.threshold_y} y2={plot.threshold_y} />
            <polyline points={plot.points} />
            {context.figures.length === 1 ? <circle cx={plot.points.split(",")[0]} cy={plot.points.split(",")[1]} r={4} /> : null}
            <text x={0} y={HEIGHT - 3}>
              {offsetOf(plot.from_s)}
            </text>
            <text x={WIDTH} y={HEIGHT - 3} textAnchor="end">
              {offsetOf(plot.to_s)}
            </text>
          </svg>
          <p className="small">
            {t("review.figure.words", { figure: name, low: number(plot.low), high: number(plot.high), threshold: number(context.incident.threshold) })}
          </p>
        </>
      ) : (
        <p className="soft">{t("review.figure.none")}</p>
      )}
    </section>
  );
}
