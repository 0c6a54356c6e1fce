/** A report's versions and where each stands; building it anew, another chance for one that was given up, and files. */

import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { offer } from "../../api/calls";
import { Badge, Button, Check, Choice, Notice, type Tone, Window } from "../../ui/parts";
import { Problem } from "../parts";
import { type Form, FORMS, rebuild, reportFile, requeue, type Version } from "../reviewing";
import { useTexts } from "../texts";

const TONES: Record<Version["status"], Tone> = { queued: "warn", building: "accent", partial: "warn", ready: "good", failed: "bad" };

/** Whether nothing more will come of the newest by itself; none at all is on its way. Pure. */
export function isSettled(versions: readonly Version[] | undefined): boolean {
  const status = versions?.[0]?.status;
  return status === "ready" || status === "failed";
}

/** What comes after where it stands: how far it is, or why it is no further. Pure. */
export function detailOf(stands: string): string {
  const at = stands.indexOf(": ");
  return at < 0 ? "" : stands.slice(at + 2);
}

export function VersionBadge({ version }: { version: Version }) {
  const { t } = useTexts();
  return <Badge tone={TONES[version.status]}>{t(`report.status.${version.status}`)}</Badge>;
}

interface VersionsProps {
  session_id: string;
  /** The newest first; at least one. */
  versions: readonly Version[];
  chosen: number | null;
  onChoose: (version: number | null) => void;
}

export function ReportVersions({ session_id, versions, chosen, onChoose }: VersionsProps) {
  const { t, moment, maybe } = useTexts();
  const newest = versions[0] as Version;
  const readable = versions.filter((one) => one.readable);
  const words = (one: Version) =>
    [
      t("report.version", { version: one.version }),
      one.ready_at ? moment(one.ready_at) : t(`report.status.${one.status}`),
      one.reason ? maybe(`report.reason.${one.reason}`, one.reason) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  return (
    <section className="card" aria-label={t("report.file")}>
      <div className="spread">
        <div className="row">
          <VersionBadge version={newest} />
          <span className="small soft">{words(newest)}</span>
          {newest.status === "failed" ? null : <span className="small">{detailOf(newest.stands)}</span>}
        </div>
        <Rebuild session_id={session_id} version={newest} />
      </div>
      {newest.status === "failed" ? <GivenUp session_id={session_id} version={newest} /> : null}
      {readable.length > 1 ? (
        <Choice
          label={t("report.choose")}
          value={String(chosen ?? "")}
          options={[{ value: "", label: t("report.newest") }, ...readable.map((one) => ({ value: String(one.version), label: words(one) }))]}
          onChange={(value) => onChoose(value ? Number(value) : null)}
        />
      ) : null}
      {readable.length ? <Downloads session_id={session_id} version={chosen} /> : null}
    </section>
  );
}

/** Why it was given up, and another chance. */
export function GivenUp({ session_id, version }: { session_id: string; version: Version }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => requeue(session_id),
    onSuccess: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ["report-versions", session_id] }), queries.invalidateQueries({ queryKey: ["report-queue"] })]),
  });
  return (
    <Notice tone="bad">
      <p>{t("report.failed", { failure: detailOf(version.stands), attempts: version.attempts })}</p>
      {again.error ? <Problem error={again.error} /> : null}
      <div>
        <Button size="small" isPending={again.isPending} onPress={() => again.mutate()}>
          {t("report.requeue")}
        </Button>
      </div>
    </Notice>
  );
}

function Rebuild({ session_id, version }: { session_id: string; version: Version }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [open, setOpen] = useState(false);
  const [afresh, setAfresh] = useState(false);
  const building = useMutation({
    mutationFn: () => rebuild(session_id, afresh),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["report-versions", session_id] });
      setOpen(false);
    },
  });
  const busy = version.status === "queued" || version.status === "building";
  return (
    <>
      <Button look="quiet" size="small" isDisabled={busy} onPress={() => setOpen(true)}>
        {t("report.rebuild")}
      </Button>
      <Window title={t("report.rebuild")} isOpen={open} onClose={() => setOpen(false)}>
        <p>{t("report.rebuild.words")}</p>
        <Check isSelected={afresh} onChange={setAfresh}>
          {t("report.rebuild.afresh")}
        </Check>
        {building.error ? <Problem error={building.error} /> : null}
        <div className="row row-end">
          <Button look="quiet" onPress={() => setOpen(false)}>
            {t("app.cancel")}
          </Button>
          <Button isPending={building.isPending} onPress={() => building.mutate()}>
            {t("report.rebuild")}
          </Button>
        </div>
      </Window>
    </>
  );
}

function Downloads({ session_id, version }: { session_id: string; version: number | null }) {
  const { t } = useTexts();
  const fetching = useMutation({
    mutationFn: (form: Form) => reportFile(session_id, form, version),
    onSuccess: ({ blob, name }) => offer(blob, name),
  });
  return (
    <>
      <div className="row" role="group" aria-label={t("report.download")}>
        <span className="small soft">{t("report.download")}:</span>
        {FORMS.map((form) => (
          <Button key={form} look="quiet" size="small" isPending={fetching.isPending && fetching.variables === form} onPress={() => fetching.mutate(form)}>
            {t(`report.form.${form}`)}
          </Button>
        ))}
      </div>
      {fetching.error ? <Problem error={fetching.error} /> : null}
    </>
  );
}
