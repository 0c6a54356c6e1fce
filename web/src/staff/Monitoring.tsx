/** The house at a glance: streamed, and refreshed every 30 s anyway. Small charts show the minutes that the page has seen. */

import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link } from "react-router";

import type { Schemas } from "../api/client";
import { clock } from "../texts/texts";
import { Badge, Meter, PageTitle } from "../ui/parts";
import { Chart } from "./Chart";
import { monitoring } from "./data";
import { TablePane } from "./lists";
import { Loaded, StatusBadge } from "./parts";
import { type InterviewNews, useStream } from "./stream";
import { useTexts } from "./texts";

type Figures = Schemas["MonitoringAnswer"];

const REFRESH_MS = 30_000;
const KEPT = 60;

interface Sample {
  rpm: number;
  active: number;
  queue: number;
  errors: number;
  cost: number;
}

/** Interviews as they are after some news: running ones are shown, others go. Pure. */
export function withInterviews(old: readonly InterviewNews[], news: readonly InterviewNews[], whole: boolean): InterviewNews[] {
  const by = new Map((whole ? [] : old).map((one) => [one.session_id, one]));
  for (const one of news) by.set(one.session_id, one);
  return [...by.values()].filter((one) => ["IN_PROGRESS", "PAUSED", "QUEUED"].includes(one.status));
}

export default function Monitoring() {
  const { t } = useTexts();
  const [samples, setSamples] = useState<readonly Sample[]>([]);
  const [interviews, setInterviews] = useState<readonly InterviewNews[] | null>(null);
  const figures = useQuery({
    queryKey: ["monitoring"],
    queryFn: async () => {
      const got = await monitoring();
      setInterviews(got.interviews);
      setSamples((old) => [...old, sampleOf(got)].slice(-KEPT));
      return got;
    },
    refetchInterval: REFRESH_MS,
    refetchIntervalInBackground: true,
  });
  const live = useStream((news, whole) => setInterviews((old) => withInterviews(old ?? [], news, whole)));
  // a change of an interview changes the totals: they are looked at a moment later, once for many changes
  const changes = interviews?.map((one) => one.status + one.session_id).join();
  const { refetch } = figures;
  useEffect(() => {
    const timer = setTimeout(() => void refetch(), 1500);
    return () => clearTimeout(timer);
  }, [changes, refetch]);
  return (
    <>
      <div className="row">
        <PageTitle>{t("monitor.title")}</PageTitle>
        <Badge tone={live ? "good" : "warn"}>{live ? t("monitor.live") : t("monitor.waiting")}</Badge>
      </div>
      <Loaded query={figures}>{(data) => <Board data={data} samples={samples} interviews={interviews ?? data.interviews} />}</Loaded>
    </>
  );
}

function sampleOf(got: Figures): Sample {
  return { rpm: got.requests_per_minute, active: got.active, queue: got.queue.length, errors: 100 * got.error_rate, cost: got.cost_today };
}

function Board({ data, samples, interviews }: { data: Figures; samples: readonly Sample[]; interviews: readonly InterviewNews[] }) {
  const { t, number, percent, money } = useTexts();
  const ready = Object.values(data.workers).reduce((sum, kind) => sum + kind.ready, 0);
  return (
    <>
      <div className="tiles">
        <Tile name={t("monitor.active")} value={number(data.active)} series={samples.map((one) => one.active)} />
        <Tile name={t("monitor.rpm")} value={number(data.requests_per_minute)} series={samples.map((one) => one.rpm)} />
        <Tile name={t("monitor.error_rate")} value={percent(data.error_rate, 1)} series={samples.map((one) => one.errors)} />
        <Tile name={t("monitor.queue")} value={number(data.queue.length)} series={samples.map((one) => one.queue)} />
        <Tile name={t("monitor.cost")} value={money(data.cost_today)} series={samples.map((one) => one.cost)} />
        <Tile name={t("monitor.uptime")} value={clock(data.uptime_s)} />
        <Tile name={t("monitor.requests")} value={number(data.requests)} />
        <Tile name={t("monitor.completed")} value={number(data.completed)} />
        <Tile name={t("monitor.completion")} value={percent(data.completion_rate, 1)} />
        <Tile name={t("monitor.duration")} value={data.average_duration_s === null ? "–" : clock(data.average_duration_s)} />
        <Tile name={t("monitor.wait")} value={clock(data.queue.longest_wait_s)} />
        <Tile name={t("monitor.reports")} value={number(data.reports_waiting)} />
        <Tile name={t("monitor.workers")} value={number(ready)} />
        <Used name={t("monitor.pool")} used={data.pool.in_use} most={data.pool.maximum} />
        <Used name={t("monitor.seats")} used={data.seats.taken} most={data.seats.maximum} />
        {data.provider_slots.map((slot) => (
          <Used key={slot.provider} name={`${t("monitor.slots")}: ${slot.provider}`} used={slot.in_use} most={slot.maximum} />
        ))}
      </div>
      <Interviews interviews={interviews} />
    </>
  );
}

function Tile({ name, value, series }: { name: string; value: string; series?: readonly number[] }) {
  const { t } = useTexts();
  return (
    <section className="tile">
      <h2>{name}</h2>
      <p className="tile-value number">{value}</p>
      {series ? <Chart label={t("monitor.chart", { name })} values={series} /> : null}
    </section>
  );
}

function Used({ name, used, most }: { name: string; used: number; most: number }) {
  const { t } = useTexts();
  return (
    <section className="tile">
      <h2>{name}</h2>
      <p className="tile-value number">{t("monitor.of", { used, most })}</p>
      <Meter hideLabel label={name} percent={most ? (100 * used) / most : 0} />
    </section>
  );
}

function Interviews({ interviews }: { interviews: readonly InterviewNews[] }) {
  const { t, moment } = useTexts();
  return (
    <section className="stack" aria-labelledby="now">
      <h2 id="now">{t("monitor.interviews")}</h2>
      {interviews.length ? (
        <TablePane label={t("monitor.interviews")}>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("sessions.plan")}</th>
                <th scope="col">{t("sessions.status")}</th>
                <th scope="col">{t("monitor.questions")}</th>
                <th scope="col">{t("monitor.running")}</th>
                <th scope="col">{t("monitor.activity")}</th>
              </tr>
            </thead>
            <tbody>
              {interviews.map((one) => (
                <tr key={one.session_id}>
                  <th scope="row">
                    <Link to={`/app/sessions/${one.session_id}`}>{one.title || one.session_id.slice(0, 8)}</Link>
                  </th>
                  <td>
                    <StatusBadge status={one.status} />
                  </td>
                  <td>
                    <Meter label={t("sessions.answered", { answered: one.progress.answered, total: one.progress.total })} percent={one.progress.percent} />
                  </td>
                  <td className="number">
                    <Running news={one} />
                  </td>
                  <td className="number">{moment(one.last_activity_at, "time")}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </TablePane>
      ) : (
        <p className="soft">{t("monitor.none")}</p>
      )}
    </section>
  );
}

/** The duration as it was told, and counted on from there while it runs. */
function Running({ news }: { news: InterviewNews }) {
  const [seconds, setSeconds] = useState(news.duration_s);
  useEffect(() => {
    const from = Date.now();
    const show = () => setSeconds(news.duration_s + (news.status === "IN_PROGRESS" ? (Date.now() - from) / 1000 : 0));
    show();
    const timer = setInterval(show, 1000);
    return () => clearInterval(timer);
  }, [news]);
  return <>{clock(seconds)}</>;
}
