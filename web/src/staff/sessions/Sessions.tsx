/** The list of interviews: filters, search, page after page by cursor; what goes on is shown as it goes on. */

import { type InfiniteData, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { Badge, Choice, Field, Loading, Meter, PageTitle } from "../../ui/parts";
import { type Session, type SessionFilter, sessionPage, type Status } from "../data";
import { MoreButton, TablePane, usePaged } from "../lists";
import { Go, Problem, StatusBadge } from "../parts";
import { PlanSelect } from "../plans/PlanSelect";
import { type InterviewNews, useStream } from "../stream";
import { useTexts } from "../texts";

const STATUSES: readonly Status[] = ["INITIALIZED", "QUEUED", "IN_PROGRESS", "PAUSED", "COMPLETED", "ABANDONED", "EXPIRED", "FAILED"];
const SORTS = ["created_at", "updated_at", "not_after"] as const;
const NO_FILTER: SessionFilter = { status: "", candidate: "", plan_id: "", sort: "created_at", created_from: "", created_to: "" };

type Page = Awaited<ReturnType<typeof sessionPage>>;

export default function Sessions() {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [filter, setFilter] = useState(NO_FILTER);
  const pages = usePaged(["sessions", filter], (cursor) => sessionPage(filter, cursor), { refetchInterval: 30_000, placeholderData: (before) => before });
  const live = useStream((news) => {
    queries.setQueriesData<InfiniteData<Page>>({ queryKey: ["sessions"] }, (old) => old && withNews(old, news));
  });
  const change = (part: Partial<SessionFilter>) => setFilter((old) => ({ ...old, ...part }));
  const sessions = pages.data?.pages.flatMap((page) => page.sessions) ?? [];
  const filtered = filter !== NO_FILTER && JSON.stringify(filter) !== JSON.stringify(NO_FILTER);
  return (
    <>
      <div className="spread">
        <div className="row">
          <PageTitle>{t("sessions.title")}</PageTitle>
          {live ? <Badge tone="good">{t("sessions.live")}</Badge> : null}
        </div>
        <div className="row">
          <Go to="/app/people" look="plain">
            {t("people.title")}
          </Go>
          <Go to="/app/sessions/bulk" look="quiet">
            {t("sessions.bulk")}
          </Go>
          <Go to="/app/sessions/new">{t("sessions.new")}</Go>
        </div>
      </div>
      <search className="filters">
        <Field label={t("sessions.search")} type="search" value={filter.candidate} onChange={(candidate) => change({ candidate })} />
        <Choice
          label={t("sessions.status")}
          value={filter.status}
          options={[{ value: "" as const, label: t("sessions.all") }, ...STATUSES.map((value) => ({ value, label: t(`status.${value}`) }))]}
          onChange={(status) => change({ status })}
        />
        <PlanSelect label={t("sessions.plan")} none={t("sessions.all")} value={filter.plan_id} onChange={(plan_id) => change({ plan_id })} />
        <Choice
          label={t("sessions.sort")}
          value={filter.sort}
          options={SORTS.map((value) => ({ value, label: t(`sessions.sort.${value}`) }))}
          onChange={(sort) => change({ sort })}
        />
        <Field label={t("sessions.from")} type="date" value={filter.created_from} onChange={(created_from) => change({ created_from })} />
        <Field label={t("sessions.to")} type="date" value={filter.created_to} onChange={(created_to) => change({ created_to })} />
      </search>
      {pages.error ? <Problem error={pages.error} onAgain={() => void pages.refetch()} /> : null}
      {pages.isPending ? <Loading>{t("app.loading")}</Loading> : null}
      {pages.data && sessions.length === 0 ? (
        <section className="card">
          <p>{filtered ? t("sessions.nothing") : t("sessions.empty")}</p>
          {filtered ? null : (
            <div>
              <Go to="/app/sessions/new">{t("sessions.new")}</Go>
            </div>
          )}
        </section>
      ) : null}
      {sessions.length ? <Table sessions={sessions} /> : null}
      <MoreButton pages={pages} />
    </>
  );
}

/** Put what the stream tells into what is shown; what is not shown is left to the next look. Pure. */
export function withNews(data: InfiniteData<Page>, news: readonly InterviewNews[]): InfiniteData<Page> {
  const by = new Map(news.map((one) => [one.session_id, one]));
  const fresh = (session: Session): Session => {
    const one = by.get(session.session_id);
    if (!one) return session;
    return { ...session, status: one.status, progress: one.progress, presence: one.presence, attempt: one.attempt };
  };
  return { ...data, pages: data.pages.map((page) => ({ ...page, sessions: page.sessions.map(fresh) })) };
}

function Table({ sessions }: { sessions: readonly Session[] }) {
  const { t, moment } = useTexts();
  return (
    <TablePane label={t("sessions.title")}>
      <table className="cards-on-phones">
        <thead>
          <tr>
            <th scope="col">{t("sessions.candidate")}</th>
            <th scope="col">{t("sessions.status")}</th>
            <th scope="col">{t("sessions.plan")}</th>
            <th scope="col">{t("sessions.progress")}</th>
            <th scope="col">{t("sessions.created")}</th>
          </tr>
        </thead>
        <tbody>
          {sessions.map((one) => (
            <tr key={one.session_id}>
              <th scope="row">
                <Link to={`/app/sessions/${one.session_id}`}>{one.user_details?.name ?? t("sessions.erased")}</Link>
                <div className="small soft">{one.user_details?.email}</div>
              </th>
              <td>
                <StatusBadge status={one.status} />
              </td>
              <td>{one.interview_config?.title ?? ""}</td>
              <td>
                <Meter
                  label={t("sessions.answered", { answered: one.progress.answered, total: one.progress.total })}
                  percent={one.progress.percent}
                />
              </td>
              <td className="small">{moment(one.created_at)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </TablePane>
  );
}
