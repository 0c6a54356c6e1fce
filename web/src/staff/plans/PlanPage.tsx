/** One plan: its editor with a preview beside it, or the preview alone where it is not one's own. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useNavigate, useParams } from "react-router";

import { callError, offer } from "../../api/calls";
import { Badge, Button, Check, Confirm, Notice, PageTitle } from "../../ui/parts";
import { archivePlan, clonePlan, exportPlan, newPlan, type PlanAnswer, type PlanContent, readPlan, savePlan } from "../data";
import { Go, Loaded, Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { EMPTY } from "./draft";
import { PlanEditor } from "./PlanEditor";
import { PlanPreview } from "./PlanPreview";

export default function PlanPage({ me }: { me: Me }) {
  const { id = "new" } = useParams();
  if (id === "new") return <Editing key="new" me={me} />;
  return <Existing key={id} id={id} me={me} />;
}

function Existing({ id, me }: { id: string; me: Me }) {
  const plan = useQuery({ queryKey: ["plan", id], queryFn: () => readPlan(id), refetchOnWindowFocus: false });
  return (
    <Loaded query={plan}>
      {(data) => {
        const mine = !data.ready_made && !data.archived_at && (data.owner_id === me.user_id || me.role === "admin");
        return mine ? <Editing key={data.version} me={me} saved={data} /> : <Reading plan={data} />;
      }}
    </Loaded>
  );
}

function Reading({ plan }: { plan: PlanAnswer }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const cloning = useMutation({
    mutationFn: () => clonePlan(plan.plan_id, t("plans.clone.title", { title: plan.plan.title }).slice(0, 200)),
    onSuccess: (copy) => navigate(`/app/plans/${encodeURIComponent(copy.plan_id)}`),
  });
  return (
    <>
      <div className="spread">
        <PageTitle>{plan.plan.title}</PageTitle>
        <div className="row">
          {plan.archived_at ? <Badge tone="warn">{t("plans.archived")}</Badge> : <Go to={`/app/sessions/new?plan=${encodeURIComponent(plan.plan_id)}`}>{t("plan.use")}</Go>}
          <Button look="quiet" isPending={cloning.isPending} onPress={() => cloning.mutate()}>
            {t("plans.clone")}
          </Button>
          <Export id={plan.plan_id} />
        </div>
      </div>
      {cloning.error ? <Problem error={cloning.error} /> : null}
      <PlanPreview plan={plan.plan} />
    </>
  );
}

function Export({ id }: { id: string }) {
  const { t } = useTexts();
  const exporting = useMutation({ mutationFn: () => exportPlan(id), onSuccess: (yaml) => offer(yaml, "plan.yaml") });
  return (
    <Button look="quiet" isPending={exporting.isPending} onPress={() => exporting.mutate()}>
      {t("plan.export")}
    </Button>
  );
}

function Editing({ saved }: { me: Me; saved?: PlanAnswer }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [plan, setPlan] = useState<PlanContent>(saved?.plan ?? EMPTY);
  const [shared, setShared] = useState(saved?.shared ?? false);
  const [archiving, setArchiving] = useState(false);
  const saving = useMutation({
    mutationFn: () => (saved ? savePlan(saved.plan_id, { plan, shared, version: saved.version }) : newPlan({ plan, shared })),
    onSuccess: (answer) => {
      void queries.invalidateQueries({ queryKey: ["plans"] });
      if (saved) queries.setQueryData(["plan", saved.plan_id], answer);
      else void navigate(`/app/plans/${encodeURIComponent(answer.plan_id)}`, { replace: true });
    },
  });
  const archive = async () => {
    if (!saved) return;
    await archivePlan(saved.plan_id);
    await queries.invalidateQueries({ queryKey: ["plans"] });
    await navigate("/app/plans");
  };
  return (
    <>
      <div className="spread">
        <div className="row">
          <PageTitle>{plan.title || t("plans.new")}</PageTitle>
          {saved ? <Badge>{t("plan.version", { version: saved.version })}</Badge> : null}
        </div>
        {saved ? (
          <div className="row">
            <Go to={`/app/sessions/new?plan=${encodeURIComponent(saved.plan_id)}`} look="quiet">
              {t("plan.use")}
            </Go>
            <Export id={saved.plan_id} />
            <Button look="plain" onPress={() => setArchiving(true)}>
              {t("plan.archive")}
            </Button>
          </div>
        ) : null}
      </div>
      <Tabs>
        <TabList className="tabs" aria-label={t("plans.title")}>
          <Tab className="tab" id="edit">
            {t("plan.edit")}
          </Tab>
          <Tab className="tab" id="preview">
            {t("plan.preview")}
          </Tab>
        </TabList>
        <TabPanel className="tab-panel" id="edit" shouldForceMount>
          <form
            className="stack"
            onSubmit={(event) => {
              event.preventDefault();
              saving.mutate();
            }}
          >
            <PlanEditor plan={plan} onChange={setPlan} />
            <Check isSelected={shared} onChange={setShared}>
              {t("plan.shared")}
            </Check>
            {saving.error ? <SaveProblem error={saving.error} /> : null}
            {saving.isSuccess ? <Notice tone="good">{t("app.saved")}</Notice> : null}
            <div className="row">
              <Button type="submit" isPending={saving.isPending}>
                {t("app.save")}
              </Button>
              <Go to="/app/plans" look="plain">
                {t("app.back")}
              </Go>
            </div>
          </form>
        </TabPanel>
        <TabPanel className="tab-panel" id="preview">
          <PlanPreview plan={plan} />
        </TabPanel>
      </Tabs>
      <Confirm
        title={t("plan.archive")}
        words={t("plan.archive.words")}
        yes={t("plan.archive")}
        no={t("app.cancel")}
        danger
        isOpen={archiving}
        onClose={() => setArchiving(false)}
        onYes={archive}
      />
    </>
  );
}

/** What is wrong with a plan, by the path in it. */
function SaveProblem({ error }: { error: unknown }) {
  const { details } = callError(error);
  const errors = Array.isArray(details["errors"]) ? (details["errors"] as Record<string, unknown>[]) : [];
  return (
    <>
      <Problem error={error} />
      {errors.length ? (
        <ul className="field-error">
          {errors.map((one) => {
            const where = String(one["path"] ?? one["loc"] ?? one["field"] ?? "");
            const what = String(one["message"] ?? one["msg"] ?? "");
            return <li key={where + what}>{`${where}: ${what}`}</li>;
          })}
        </ul>
      ) : null}
    </>
  );
}
