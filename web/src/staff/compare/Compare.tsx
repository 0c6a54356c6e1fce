/** The candidates of one plan side by side, newest first: no ranking and no total. Below it, how far people and model
 *  agree, and how groups fare. */

import { useState } from "react";
import { Link, useSearchParams } from "react-router";

import type { Schemas } from "../../api/client";
import { sentence } from "../../texts/sentences";
import { Badge, Check, Loading, Notice, PageTitle } from "../../ui/parts";
import { MoreButton, TablePane, usePaged } from "../lists";
import { Problem, StatusBadge } from "../parts";
import { PlanSelect } from "../plans/PlanSelect";
import { comparison } from "../reviewing";
import { DecisionBadge } from "../session/review/Decide";
import { useTexts } from "../texts";
import { Agreement } from "./Agreement";
import { Impact } from "./Impact";

type Row = Schemas["ComparedRow"];
type Competency = Schemas["ComparedCompetency"];

/** Competencies of several pages, each once, with the spread over all rows that are shown. Pure. */
export function columnsOf(pages: readonly Schemas["Comparison"][]): Competency[] {
  const rows = pages.flatMap((page) => page.rows);
  const names = new Map(pages.flatMap((page) => page.competencies.map((one) => [one.id, one.name] as const)));
  return [...names].map(([id, name]) => ({ id, name, spread: spreadOf(rows.flatMap((row) => row.scores[id]?.level ?? [])) }));
}

/** How levels are spread. Pure. */
export function spreadOf(levels: readonly number[]): Schemas["ScoreSpread"] {
  const sorted = [...levels].sort((a, b) => a - b);
  const n = sorted.length;
  if (!n) return { n, lowest: null, median: null, highest: null };
  const [low, high] = [sorted[Math.ceil(n / 2) - 1] ?? 0, sorted[Math.floor(n / 2)] ?? 0];
  return { n, lowest: sorted[0] ?? null, median: (low + high) / 2, highest: sorted[n - 1] ?? null };
}

export default function Compare() {
  const { t } = useTexts();
  const [search, setSearch] = useSearchParams();
  const plan_id = search.get("plan") ?? "";
  return (
    <>
      <PageTitle>{t("compare.title")}</PageTitle>
      <PlanSelect label={t("sessions.plan")} none={t("compare.choose")} value={plan_id} onChange={(plan) => setSearch(plan ? { plan } : {}, { replace: true })} />
      {plan_id ? <OnPlan key={plan_id} plan_id={plan_id} /> : <p className="card">{t("compare.words")}</p>}
    </>
  );
}

function OnPlan({ plan_id }: { plan_id: string }) {
  const { t } = useTexts();
  const [decidedOnly, setDecidedOnly] = useState(false);
  const pages = usePaged(["comparison", plan_id], (cursor) => comparison(plan_id, cursor));
  if (pages.error) return <Problem error={pages.error} onAgain={() => void pages.refetch()} />;
  if (!pages.data) return <Loading>{t("app.loading")}</Loading>;
  const all = pages.data.pages.flatMap((page) => page.rows);
  const rows = decidedOnly ? all.filter((row) => row.decision) : all;
  if (!all.length) return <p className="card">{t("compare.empty")}</p>;
  return (
    <>
      <Notice>{t("compare.note")}</Notice>
      <Check isSelected={decidedOnly} onChange={setDecidedOnly}>
        {t("compare.decided_only")}
      </Check>
      <Table rows={rows} competencies={columnsOf(pages.data.pages)} />
      <MoreButton pages={pages} />
      <Agreement plan_id={plan_id} names={new Map(columnsOf(pages.data.pages).map((one) => [one.id, one.name]))} />
      <Impact plan_id={plan_id} rows={all} />
    </>
  );
}

function Table({ rows, competencies }: { rows: readonly Row[]; competencies: readonly Competency[] }) {
  const { t, moment } = useTexts();
  return (
    <TablePane label={t("compare.title")}>
      <table>
        <thead className="wrapping">
          <tr>
            <th scope="col">{t("sessions.candidate")}</th>
            {competencies.map((one) => (
              <th key={one.id} scope="col">
                {one.name}
              </th>
            ))}
            <th scope="col">{t("decision.title")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.session_id}>
              <th scope="row">
                <Link to={`/app/sessions/${row.session_id}?tab=report`}>{row.name}</Link>
                <div className="row small soft">
                  {row.status === "COMPLETED" ? null : <StatusBadge status={row.status} />}
                  {row.ended_at ? moment(row.ended_at) : ""}
                </div>
              </th>
              {competencies.map((one) => (
                <td key={one.id}>
                  <Level score={row.scores[one.id]} has_report={row.report_version !== null} />
                </td>
              ))}
              <td>
                {row.decision ? <DecisionBadge decision={row.decision} /> : <span className="soft">{t("compare.undecided")}</span>}
                <div>
                  <Link className="small" to={`/app/sessions/${row.session_id}?tab=review`}>
                    {t("compare.open")}
                  </Link>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
        <tfoot>
          <tr>
            <th scope="row">{t("compare.spread")}</th>
            {competencies.map(({ id, spread }) => (
              <td key={id} className="small">
                {spread.n ? t("compare.spread.of", { lowest: spread.lowest ?? "", median: spread.median ?? "", highest: spread.highest ?? "", n: spread.n }) : t("app.none")}
              </td>
            ))}
            <td />
          </tr>
        </tfoot>
      </table>
    </TablePane>
  );
}

function Level({ score, has_report }: { score: Schemas["ComparedScore"] | undefined; has_report: boolean }) {
  const { t, language } = useTexts();
  if (!score) return <span className="soft">{t("compare.not_measured")}</span>;
  if (score.withheld) return <Badge>{t("compare.withheld")}</Badge>;
  return (
    <>
      {score.level !== null ? (
        <span title={t("report.confidence", { percent: Math.round(100 * score.confidence) })}>
          <span className="strong">{score.level}</span> <span className="small soft">({Math.round(100 * score.confidence)} %)</span>
        </span>
      ) : (
        <span className="small soft">{sentence(score.not_scorable, language) || t(has_report ? "compare.not_scored" : "compare.no_report")}</span>
      )}
      {score.people.length ? <div className="small">{t("compare.people", { levels: score.people.join(", ") })}</div> : null}
    </>
  );
}
