/** What waits for somebody to judge it: the severest first, then the oldest. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link, useLocation, useNavigate, useSearchParams } from "react-router";

import { Badge, Button, Check, Choice, Loading, PageTitle, type Tone } from "../../ui/parts";
import { KINDS } from "../kinds";
import { MoreButton, TablePane, usePaged } from "../lists";
import { Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { claim, judges, type Queued, type QueueFilter, queuePage, release } from "./calls";
import { useKeys } from "./keys";
import { Legend } from "./Legend";
import { filterOf, holder, isFree, NO_FILTER, paramsOf, SEVERITIES, STATES } from "./queue";

export const SEVERITY_TONES: Record<Queued["severity"], Tone | undefined> = { low: undefined, medium: "warn", high: "bad" };

export default function Queue({ me }: { me: Me }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const navigate = useNavigate();
  const [params, setParams] = useSearchParams();
  const told = (useLocation().state as { said?: string } | null)?.said ?? "";
  const [said, say] = useState(told);
  const list = useRef<HTMLDivElement>(null);
  const filter = filterOf(params);
  const pages = usePaged(["queue", filter], (cursor) => queuePage(filter, cursor), { refetchInterval: 15_000, placeholderData: (before) => before });
  const incidents = pages.data?.pages.flatMap((page) => page.incidents) ?? [];
  const people = Object.assign({}, ...(pages.data?.pages.map((page) => page.people) ?? [])) as Record<string, string>;
  const taking = useMutation({
    mutationFn: (one: Queued) => (holder(one, Date.now()) === me.user_id ? release(one.incident_id) : claim(one.incident_id)),
    onSuccess: (now) => say(t(now.claimed_by ? "queue.taken" : "queue.released", { kind: t(`kind.${now.kind}`) })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["queue"] }),
  });
  const change = (part: Partial<QueueFilter>) => setParams(paramsOf({ ...filter, ...part }), { replace: true });
  const search = params.size ? `?${params}` : "";

  useKeys((key) => {
    const rows = [...(list.current?.querySelectorAll<HTMLAnchorElement>("a[data-incident]") ?? [])];
    const at = rows.findIndex((row) => row.closest("tr")?.contains(document.activeElement));
    const step = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 }[key];
    if (step !== undefined) {
      rows[at < 0 ? 0 : Math.min(rows.length - 1, Math.max(0, at + step))]?.focus();
      return rows.length > 0;
    }
    const chosen = incidents.find((one) => one.incident_id === rows[Math.max(at, 0)]?.dataset["incident"]);
    if (!chosen) return false;
    if (key === "t" && judges(me) && !taking.isPending) {
      taking.mutate(chosen);
      return true;
    }
    // in a row Enter opens its link by itself
    if (key === "Enter" && !document.activeElement?.matches("a, button, input, select")) {
      void navigate(`/app/incidents/${chosen.incident_id}${search}`);
      return true;
    }
    return false;
  });

  return (
    <>
      <div className="stack stack-s">
        <PageTitle>{t("queue.title")}</PageTitle>
        <p className="soft">{t("queue.words")}</p>
      </div>
      <p role="status" className={said ? "notice good" : "visually-hidden"}>
        {said}
      </p>
      <Filters filter={filter} judge={judges(me)} onChange={change} />
      <Legend
        shortcuts={[
          { keys: ["j", "k", "↓", "↑"], words: t("keys.move") },
          { keys: [t("keys.enter")], words: t("keys.open") },
          ...(judges(me) ? [{ keys: ["t"], words: t("keys.take") }] : []),
        ]}
      />
      {pages.error ? <Problem error={pages.error} onAgain={() => void pages.refetch()} /> : null}
      {taking.error ? <Problem error={taking.error} /> : null}
      {pages.isPending ? <Loading>{t("app.loading")}</Loading> : null}
      {pages.data && !incidents.length ? (
        <p className="card">{JSON.stringify(filter) === JSON.stringify(NO_FILTER) ? t("queue.empty") : t("queue.nothing")}</p>
      ) : null}
      {incidents.length ? (
        <TablePane ref={list} label={t("queue.title")}>
          <Table incidents={incidents} people={people} me={me} search={search} onTake={(one) => taking.mutate(one)} />
        </TablePane>
      ) : null}
      <MoreButton pages={pages} />
    </>
  );
}

interface FiltersProps {
  filter: QueueFilter;
  judge: boolean;
  onChange: (part: Partial<QueueFilter>) => void;
}

function Filters({ filter, judge, onChange }: FiltersProps) {
  const { t } = useTexts();
  const all = { value: "" as const, label: t("queue.all") };
  return (
    <>
      <search className="filters">
        <Choice
          label={t("queue.state")}
          value={filter.state}
          options={[{ value: "" as const, label: t("queue.waiting") }, ...STATES.map((value) => ({ value, label: t(`review.state.${value}`) }))]}
          onChange={(state) => onChange({ state })}
        />
        <Choice
          label={t("queue.severity")}
          value={filter.severity}
          options={[all, ...SEVERITIES.map((value) => ({ value, label: t(`severity.${value}`) }))]}
          onChange={(severity) => onChange({ severity })}
        />
        <Choice
          label={t("queue.kind")}
          value={filter.kind}
          options={[all, ...KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))]}
          onChange={(kind) => onChange({ kind })}
        />
        {judge ? (
          <Check isSelected={filter.mine} onChange={(mine) => onChange({ mine })}>
            {t("queue.mine")}
          </Check>
        ) : null}
      </search>
      {filter.session_id ? (
        <div className="row">
          <span>{t("queue.of_session")}</span>
          <Button look="plain" size="small" onPress={() => onChange({ session_id: "" })}>
            {t("queue.of_all")}
          </Button>
        </div>
      ) : null}
    </>
  );
}

interface TableProps {
  incidents: readonly Queued[];
  people: Readonly<Record<string, string>>;
  me: Me;
  search: string;
  onTake: (one: Queued) => void;
}

function Table({ incidents, people, me, search, onTake }: TableProps) {
  const { t, moment } = useTexts();
  const now = Date.now(); // eslint-disable-line react-hooks/purity -- who holds what is looked at anew every 15 s
  return (
    <table className="cards-on-phones">
      <thead>
        <tr>
          <th scope="col">{t("queue.kind")}</th>
          <th scope="col">{t("queue.severity")}</th>
          <th scope="col">{t("queue.state")}</th>
          <th scope="col">{t("queue.filed")}</th>
          <th scope="col">{t("queue.evidence")}</th>
          <th scope="col">{t("queue.held")}</th>
        </tr>
      </thead>
      <tbody>
        {incidents.map((one) => {
          const held = holder(one, now);
          const mine = held === me.user_id;
          return (
            <tr key={one.incident_id}>
              <th scope="row">
                <Link to={`/app/incidents/${one.incident_id}${search}`} data-incident={one.incident_id}>
                  {t(`kind.${one.kind}`)}
                </Link>
              </th>
              <td>
                <Badge tone={SEVERITY_TONES[one.severity]}>{t(`severity.${one.severity}`)}</Badge>
              </td>
              <td>
                <StateBadge incident={one} />
              </td>
              <td className="small">{moment(one.filed_at)}</td>
              <td className="small">{t("queue.pieces", { count: one.evidence_count })}</td>
              <td>
                <div className="row">
                  {held ? <span>{mine ? t("queue.you") : (people[held] ?? t("queue.somebody"))}</span> : null}
                  {judges(me) && isFree(one, me.user_id, now) ? (
                    <Button look="quiet" size="small" onPress={() => onTake(one)}>
                      {mine ? t("queue.release") : t("queue.take")}
                    </Button>
                  ) : null}
                </div>
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

export function StateBadge({ incident }: { incident: Pick<Queued, "state" | "verdict"> }) {
  const { t } = useTexts();
  const tone = incident.state === "contested" ? "warn" : incident.state === "second_opinion" ? "accent" : undefined;
  return (
    <span className="row">
      <Badge tone={tone}>{t(`review.state.${incident.state}`)}</Badge>
      {incident.verdict ? <Badge>{t(`review.decided.${incident.verdict}`)}</Badge> : null}
    </span>
  );
}
