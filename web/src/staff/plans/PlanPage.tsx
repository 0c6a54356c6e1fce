/** One plan: its editor with a preview beside it, or the preview alone where it is not one's own. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useRef, useState } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useNavigate, useParams } from "react-router";

import { offer } from "../../api/calls";
import { Badge, Button, Check, Confirm, Notice, PageTitle } from "../../ui/parts";
import { archivePlan, clonePlan, exportPlan, newPlan, type PlanAnswer, readPlan, savePlan } from "../data";
import { Go, Loaded, Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { type Fault, faultsOf, standing } from "./faults";
import { FaultList, Faulty, goTo, unfold } from "./fields";
import { PlanEditor } from "./PlanEditor";
import { PlanPreview } from "./PlanPreview";
import { type Draft, useDraft } from "./useDraft";

export default function PlanPage({ me }: { me: Me }) {
  const { id = "new" } = useParams();
  if (id === "new") return <Editing key="new" />;
  return <Existing key={id} id={id} me={me} />;
}

function Existing({ id, me }: { id: string; me: Me }) {
  const plan = useQuery({ queryKey: ["plan", id], queryFn: () => readPlan(id), refetchOnWindowFocus: false });
  return (
    <Loaded query={plan}>
      {(data) => {
        const mine = !data.ready_made && !data.archived_at && (data.owner_id === me.user_id || me.role === "admin");
        return mine ? <Editing key={data.plan_id} kept={data} /> : <Reading plan={data} />;
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

function Editing({ kept }: { kept?: PlanAnswer }) {
  const { t } = useTexts();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const draft = useDraft(kept);
  const { saved, plan, shared } = draft;
  const [archiving, setArchiving] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  const saving = useMutation({
    mutationFn: (sent: Draft) => (saved ? savePlan(saved.plan_id, { ...sent, version: saved.version }) : newPlan(sent)),
    onSuccess: (answer, sent) => {
      draft.wasSaved(answer, sent);
      void queries.invalidateQueries({ queryKey: ["plans"] });
      queries.setQueryData(["plan", answer.plan_id], answer);
      if (!saved) void navigate(`/app/plans/${encodeURIComponent(answer.plan_id)}`, { replace: true });
    },
  });
  const faults = saving.error ? standing(faultsOf(saving.error), saving.variables.plan, plan) : [];
  const save = (event: FormEvent) => {
    event.preventDefault();
    saving.mutate({ plan, shared });
  };
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
      {draft.isBack ? (
        <Notice tone="warn">
          <p>{t("plan.unsaved.back")}</p>
          <Button look="quiet" size="small" onPress={draft.discard}>
            {t("plan.unsaved.discard")}
          </Button>
        </Notice>
      ) : null}
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
          {/* a field that the browser complains about cannot be shown while it is folded away */}
          <form className="stack" ref={form} onSubmit={save} onInvalidCapture={(event) => unfold(event.target as Element)}>
            <Faulty faults={faults}>
              <PlanEditor plan={plan} onChange={(next) => draft.change({ plan: next })} />
            </Faulty>
            <Check isSelected={shared} onChange={(yes) => draft.change({ shared: yes })}>
              {t("plan.shared")}
            </Check>
            {saving.error ? <SaveProblem error={saving.error} faults={faults} onGo={(where) => form.current && goTo(form.current, where)} /> : null}
            {saving.isSuccess && !draft.isChanged ? <Notice tone="good">{t("plan.saved", { version: saving.data.version })}</Notice> : null}
            <div className="row">
              <Button type="submit" isPending={saving.isPending}>
                {t("app.save")}
              </Button>
              <Go to="/app/plans" look="plain">
                {t("app.back")}
              </Go>
              {draft.isChanged ? <span className="small soft">{t("plan.unsaved")}</span> : null}
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

/** Why a plan was not saved: what is wrong with it, each of which leads to its field, or what else there was. */
function SaveProblem({ error, faults, onGo }: { error: unknown; faults: readonly Fault[]; onGo: (where: string) => void }) {
  const { t } = useTexts();
  if (!faultsOf(error).length) return <Problem error={error} />;
  return faults.length ? (
    <Notice tone="bad">
      <p>{t("plan.faults")}</p>
      <FaultList faults={faults} onGo={onGo} />
    </Notice>
  ) : null;
}
