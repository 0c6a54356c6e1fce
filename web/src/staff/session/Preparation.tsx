/** Before the start: what will be asked, the candidate's résumé, and questions of their own, which only a person approves. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";

import { Badge, Button, Choice, Field, Notice } from "../../ui/parts";
import type { Session } from "../data";
import { FileButton } from "../lists";
import { Loaded, Problem } from "../parts";
import { approve, deleteResume, giveResume, type Proposal, proposals, propose, reject, type Resume, resume, RESUME_FILES, type Run } from "../preparing";
import { useTexts } from "../texts";

export function Preparation({ session }: { session: Session }) {
  const { t } = useTexts();
  const open = session.status === "INITIALIZED";
  return (
    <>
      <section className="card" aria-labelledby="asked">
        <h2 id="asked">{t("preparation.questions")}</h2>
        <ol className="stack stack-s">
          {session.interview_config?.questions.map((one) => (
            <li key={one.id}>
              {one.text} {one.id.startsWith("own-") ? <Badge tone="accent">{t("preparation.own")}</Badge> : null}
            </li>
          ))}
        </ol>
      </section>
      {open ? null : <Notice>{t("preparation.begun")}</Notice>}
      <ResumeCard session_id={session.session_id} open={open} />
      <Proposals session={session} open={open} />
    </>
  );
}

function ResumeCard({ session_id, open }: { session_id: string; open: boolean }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const known = useQuery({ queryKey: ["resume-of", session_id], queryFn: () => resume(session_id) });
  const changed = () => queries.invalidateQueries({ queryKey: ["resume-of", session_id] });
  const giving = useMutation({ mutationFn: (file: File) => giveResume(session_id, file), onSettled: changed });
  const deleting = useMutation({ mutationFn: () => deleteResume(session_id), onSettled: changed });
  const failed = giving.error ?? deleting.error;
  return (
    <section className="card" aria-labelledby="resume">
      <h2 id="resume">{t("resume.title")}</h2>
      <p className="field-help">{t("resume.words")}</p>
      <Loaded query={known}>{(data) => <p>{data ? <What resume={data} /> : t("resume.none")}</p>}</Loaded>
      {giving.isPending ? <p role="status">{t("resume.reading")}</p> : null}
      {failed ? <Problem error={failed} /> : null}
      <div className="row">
        {open ? (
          <FileButton accept={RESUME_FILES} onFile={giving.mutate}>
            {known.data ? t("resume.replace") : t("resume.give")}
          </FileButton>
        ) : null}
        {known.data ? (
          <Button look="plain" isPending={deleting.isPending} onPress={() => deleting.mutate()}>
            {t("resume.delete")}
          </Button>
        ) : null}
      </div>
    </section>
  );
}

function What({ resume: one }: { resume: Resume }) {
  const { t, moment } = useTexts();
  const kind = one.kind === "text" ? "TXT" : one.kind.toUpperCase();
  return t(`resume.by.${one.uploaded_by}`, {
    kind: one.pages ? t("resume.pages", { kind, count: one.pages }) : kind,
    characters: one.characters,
    when: moment(one.uploaded_at),
  });
}

const LIMITS = ["3", "5", "10"] as const;

function Proposals({ session, open }: { session: Session; open: boolean }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const id = session.session_id;
  const [limit, setLimit] = useState<(typeof LIMITS)[number]>("5");
  const known = useQuery({
    queryKey: ["proposals", id],
    queryFn: () => proposals(id),
    refetchInterval: (query) => (query.state.data?.runs.some(isUnderWay) ? 3000 : false),
  });
  const asking = useMutation({
    mutationFn: () => propose(id, Number(limit)),
    onSettled: () => queries.invalidateQueries({ queryKey: ["proposals", id] }),
  });
  return (
    <section className="card" aria-labelledby="proposals">
      <h2 id="proposals">{t("proposals.title")}</h2>
      <p className="field-help">{t("proposals.words")}</p>
      {open ? (
        <div className="row">
          <Choice label={t("proposals.limit")} value={limit} options={LIMITS.map((value) => ({ value, label: value }))} onChange={setLimit} />
          <Button look="quiet" isPending={asking.isPending} onPress={() => asking.mutate()}>
            {t("proposals.ask")}
          </Button>
        </div>
      ) : null}
      {asking.error ? <Problem error={asking.error} /> : null}
      <Loaded query={known}>
        {(data) => (
          <>
            {data.runs.length ? null : <p className="soft">{t("proposals.none")}</p>}
            {[...data.runs].reverse().map((run) => (
              <OneRun key={run.version} session_id={id} run={run} open={open} />
            ))}
          </>
        )}
      </Loaded>
    </section>
  );
}

function isUnderWay(run: Run): boolean {
  return run.status === "queued" || run.status === "working";
}

function OneRun({ session_id, run, open }: { session_id: string; run: Run; open: boolean }) {
  const { t, moment, maybe } = useTexts();
  const dropped = Object.entries(run.dropped);
  return (
    <div className="group">
      <div className="row">
        <Badge tone={run.status === "failed" ? "bad" : isUnderWay(run) ? "warn" : "good"}>{t(`proposals.run.${run.status}`)}</Badge>
        <span className="small soft">{moment(run.asked_at)}</span>
      </div>
      {run.failure ? <p className="small">{run.failure}</p> : null}
      {run.status === "ready" && !run.proposals.length ? <p>{t("proposals.nothing")}</p> : null}
      {run.proposals.map((one) => (
        <OneProposal key={one.proposal_id} session_id={session_id} proposal={one} open={open} />
      ))}
      {dropped.length ? (
        <p className="small soft">
          {t("proposals.dropped")} {dropped.map(([why, count]) => `${maybe(`proposals.dropped.${why}`, why)} (${count})`).join(", ")}
        </p>
      ) : null}
    </div>
  );
}

function OneProposal({ session_id, proposal, open }: { session_id: string; proposal: Proposal; open: boolean }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [text, setText] = useState(proposal.text);
  const changed = text.trim() !== proposal.text;
  const deciding = useMutation({
    mutationFn: (yes: boolean) => (yes ? approve(session_id, proposal.proposal_id, changed ? text.trim() : null) : reject(session_id, proposal.proposal_id)),
    onSuccess: async () => {
      for (const key of ["proposals", "session"]) await queries.invalidateQueries({ queryKey: [key, session_id] });
    },
  });
  return (
    <article className="stack stack-s">
      <div className="row">
        <Badge tone={proposal.state === "approved" ? "good" : undefined}>{t(`proposals.state.${proposal.state}`)}</Badge>
        <span className="small soft">
          {t(`proposals.from.${proposal.source}`)} · {proposal.competency}
        </span>
      </div>
      {open ? (
        <Field label={t("proposals.text")} rows={2} maxLength={300} value={text} onChange={setText} />
      ) : (
        <p>{proposal.text}</p>
      )}
      <figure className="stack stack-s">
        <figcaption className="small soft">{t("proposals.passage")}</figcaption>
        <blockquote className="quote">“{proposal.passage}”</blockquote>
      </figure>
      {deciding.error ? <Problem error={deciding.error} /> : null}
      {open ? (
        <div className="row">
          {proposal.state === "approved" && !changed ? null : (
            <Button look="quiet" size="small" isDisabled={!text.trim()} isPending={deciding.isPending} onPress={() => deciding.mutate(true)}>
              {t(proposal.state === "approved" ? "proposals.reword" : "proposals.approve")}
            </Button>
          )}
          {proposal.state === "rejected" ? null : (
            <Button look="plain" size="small" isPending={deciding.isPending} onPress={() => deciding.mutate(false)}>
              {t("proposals.reject")}
            </Button>
          )}
        </div>
      ) : null}
    </article>
  );
}
