/** Plans: one's own, shared and ready-made ones; new, copied or imported. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link, useNavigate } from "react-router";

import type { Schemas } from "../../api/client";
import { Badge, Button, Choice, Field, Loading, Notice, PageTitle } from "../../ui/parts";
import { clonePlan, importPlan, planPage } from "../data";
import { FileButton, MoreButton, TablePane, usePaged } from "../lists";
import { Go, Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { faultsOf } from "./faults";
import { FaultList } from "./fields";

const WHICH = ["own", "shared", "ready", "archived"] as const;

export default function Plans({ me }: { me: Me }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [which, setWhich] = useState<Schemas["Which"]>("own");
  const [title, setTitle] = useState("");
  const pages = usePaged(["plans", which, title], (cursor) => planPage(which, title, cursor), { placeholderData: (before) => before });
  const opened = (plan: { plan_id: string }) => {
    void queries.invalidateQueries({ queryKey: ["plans"] });
    void navigate(`/app/plans/${encodeURIComponent(plan.plan_id)}`);
  };
  const importing = useMutation({ mutationFn: async (file: File) => importPlan(await file.text()), onSuccess: opened });
  const cloning = useMutation({
    mutationFn: (plan: Schemas["PlanRow"]) => clonePlan(plan.plan_id, t("plans.clone.title", { title: plan.title }).slice(0, 200)),
    onSuccess: opened,
  });
  const plans = pages.data?.pages.flatMap((page) => page.plans) ?? [];
  const failed = importing.error ?? cloning.error ?? pages.error;
  const faults = faultsOf(importing.error);
  return (
    <>
      <div className="spread">
        <PageTitle>{t("plans.title")}</PageTitle>
        <div className="row">
          <FileButton accept=".yaml,.yml" onFile={importing.mutate}>
            {t("plans.import")}
          </FileButton>
          <Go to="/app/plans/new">{t("plans.new")}</Go>
        </div>
      </div>
      <search className="filters">
        <Choice
          label={t("plans.title")}
          value={which}
          options={WHICH.map((value) => ({ value, label: t(`plans.which.${value}`) }))}
          onChange={setWhich}
        />
        <Field label={t("plans.find")} type="search" value={title} onChange={setTitle} />
      </search>
      {failed && !faults.length ? <Problem error={failed} /> : null}
      {faults.length ? (
        <Notice tone="bad">
          <p>{t("plans.import.faults")}</p>
          <FaultList faults={faults} />
        </Notice>
      ) : null}
      {pages.isPending ? <Loading>{t("app.loading")}</Loading> : null}
      {pages.data && !plans.length ? <p className="card">{t("plans.empty")}</p> : null}
      {plans.length ? (
        <PlanTable plans={plans} me={me} inUse={which !== "archived"} onClone={(plan) => cloning.mutate(plan)} />
      ) : null}
      <MoreButton pages={pages} />
    </>
  );
}

interface PlanTableProps {
  plans: readonly Schemas["PlanRow"][];
  me: Me;
  inUse: boolean;
  onClone: (plan: Schemas["PlanRow"]) => void;
}

function PlanTable({ plans, me, inUse, onClone }: PlanTableProps) {
  const { t, moment } = useTexts();
  return (
    <TablePane label={t("plans.title")}>
      <table className="cards-on-phones">
        <thead>
          <tr>
            <th scope="col">{t("plan.title")}</th>
            <th scope="col">{t("plans.questions")}</th>
            <th scope="col">{t("plan.minutes")}</th>
            <th scope="col">{t("plan.language")}</th>
            <th scope="col">{t("plans.changed")}</th>
            <th scope="col">
              <span className="visually-hidden">{t("plan.use")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {plans.map((plan) => (
            <tr key={plan.plan_id}>
              <th scope="row">
                <Link to={`/app/plans/${encodeURIComponent(plan.plan_id)}`}>{plan.title}</Link>{" "}
                {plan.shared && plan.owner_id === me.user_id ? <Badge>{t("plans.which.shared")}</Badge> : null}
                <div className="small soft">{plan.job_role}</div>
              </th>
              <td>{plan.question_count}</td>
              <td>{Math.round(plan.duration_s / 60)}</td>
              <td>{plan.language}</td>
              <td className="small">{plan.ready_made ? "" : moment(plan.updated_at)}</td>
              <td>
                <div className="row">
                  {inUse ? (
                    <Go to={`/app/sessions/new?plan=${encodeURIComponent(plan.plan_id)}`} look="plain">
                      {t("plan.use")}
                    </Go>
                  ) : null}
                  <Button look="plain" onPress={() => onClone(plan)}>
                    {t("plans.clone")}
                  </Button>
                </div>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </TablePane>
  );
}
