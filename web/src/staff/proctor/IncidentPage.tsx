/** One incident with what is needed to judge it; once it is judged, the next in the queue comes by itself. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Link, useNavigate, useParams, useSearchParams } from "react-router";

import { callError } from "../../api/calls";
import { Badge, PageTitle } from "../../ui/parts";
import { Loaded, Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { Around } from "./Around";
import { askSecond, claim, type Context, decide, judges, readIncident, type Reason, release, type Verdict } from "./calls";
import { clipsOf, Evidence, stillsOf } from "./Evidence";
import { Figure } from "./Figure";
import { Judge, NO_DRAFT } from "./Judge";
import { pressed, useKeys } from "./keys";
import { Legend } from "./Legend";
import { SEVERITY_TONES, StateBadge } from "./Queue";
import { filterOf, isFree, nextOf } from "./queue";
import { Contest, History, Standing } from "./Standing";
import { Strip } from "./Strip";
import { useClaim } from "./useClaim";

export default function IncidentPage({ me }: { me: Me }) {
  const { id = "" } = useParams();
  const [params] = useSearchParams();
  const { t } = useTexts();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [said, say] = useState("");
  const done = useRef({ decided: 0, skipped: 0 });
  const passed = useRef(new Set<string>());
  const search = params.size ? `?${params}` : "";
  const context = useQuery({
    queryKey: ["incident", id],
    queryFn: () => readIncident(id),
    staleTime: Infinity, // every look is noted in the audit log
    gcTime: 0,
    refetchOnWindowFocus: false,
  });
  const goOn = async (words: string) => {
    passed.current.add(id);
    const next = await nextOf(filterOf(params), me.user_id, passed.current).catch(() => null); // the queue shows what is wrong
    await queries.invalidateQueries({ queryKey: ["queue"] });
    if (next) {
      say(words);
      await navigate(`/app/incidents/${next.incident_id}${search}`);
    } else await navigate(`/app/incidents${search}`, { state: { said: t("queue.done", { said: words }) } });
  };
  const decided = (verdict: Verdict, reason: Reason) => {
    done.current.decided += 1;
    return goOn(t("review.said", { verdict: t(`review.decided.${verdict}`), reason: t(`reason.${reason}`), count: done.current.decided }));
  };
  const skipped = () => {
    done.current.skipped += 1;
    return goOn(t("review.skipped", { count: done.current.skipped }));
  };
  return (
    <>
      <p role="status" className={said ? "notice good" : "visually-hidden"}>
        {said}
      </p>
      <Loaded query={context}>
        {(data) => (
          <One
            key={id}
            context={data}
            me={me}
            search={search}
            onDecided={decided}
            onSkipped={skipped}
            onChanged={() => void context.refetch()}
          />
        )}
      </Loaded>
    </>
  );
}

interface OneProps {
  context: Context;
  me: Me;
  search: string;
  onDecided: (verdict: Verdict, reason: Reason) => Promise<void>;
  onSkipped: () => Promise<void>;
  onChanged: () => void;
}

function One({ context, me, search, onDecided, onSkipped, onChanged }: OneProps) {
  const navigate = useNavigate();
  const { incident } = context;
  const id = incident.incident_id;
  const stills = stillsOf(context);
  const [shown, setShown] = useState(() => Math.max(0, stills.findIndex((one) => one.name === "at")));
  const [draft, setDraft] = useState(NO_DRAFT);
  const note = useRef<HTMLDivElement>(null);
  const held = useClaim(incident, me);
  const mayJudge = judges(me) && isFree({ ...incident, claimed_by: null }, me.user_id, 0) && !held.error;

  const deciding = useMutation({
    mutationFn: async ({ verdict, reason }: { verdict: Verdict; reason: Reason }) => {
      const body = { verdict, reason, note: draft.note.trim(), second_opinion: draft.second };
      try {
        await decide(id, body);
      } catch (error) {
        if (callError(error).code !== "not_claimed") throw error;
        await claim(id); // it had not arrived yet, or ran out
        await decide(id, body);
      }
      held.settled();
      await onDecided(verdict, reason);
    },
    onError: () => setDraft((old) => ({ ...old, verdict: null })),
  });
  const skipping = useMutation({
    mutationFn: async () => {
      held.settled();
      if (held.held) await release(id);
      await onSkipped();
    },
  });
  const asking = useMutation({ mutationFn: () => askSecond(id, draft.note.trim()), onSuccess: onChanged });
  const busy = deciding.isPending || skipping.isPending;
  const toQueue = `/app/incidents${search}`;

  useKeys((key) => {
    if (key === "q") return void navigate(toQueue), true;
    if (key === "p") return sound();
    if (key === "ArrowRight" || key === "ArrowLeft") {
      if (stills.length > 1) setShown((shown + (key === "ArrowRight" ? 1 : stills.length - 1)) % stills.length);
      return stills.length > 1;
    }
    if (busy) return false;
    if (key === "x" && judges(me)) return skipping.mutate(), true;
    if (!mayJudge) return false;
    if (key === "n") return note.current?.querySelector("textarea")?.focus(), true;
    if (key === "s") return setDraft({ ...draft, second: !draft.second }), true;
    const now = pressed(draft.verdict, key);
    if (!now) return false;
    setDraft({ ...draft, verdict: now.verdict });
    if (now.decision) deciding.mutate(now.decision);
    return true;
  });

  const failed = deciding.error ?? skipping.error ?? asking.error;
  return (
    <>
      <Head context={context} me={me} toQueue={toQueue} />
      <Contest context={context} />
      <Standing context={context} me={me} claim={held} busy={asking.isPending} onAskSecond={() => asking.mutate()} />
      <div className="review">
        <Evidence context={context} shown={shown} onShow={setShown} />
        <Around context={context} />
      </div>
      <div className="dock">
        {failed ? <Problem error={failed} /> : null}
        {mayJudge ? (
          <Judge
            draft={draft}
            busy={busy}
            note={note}
            onDraft={(part) => setDraft({ ...draft, ...part })}
            onDecide={(verdict, reason) => deciding.mutate({ verdict, reason })}
            onSkip={() => skipping.mutate()}
          />
        ) : null}
        <Keys judge={mayJudge} skips={judges(me)} stills={stills.length > 1} sounds={clipsOf(context).length > 0} />
      </div>
      <div className="review">
        <div className="stack">
          <Figure context={context} />
          <History context={context} />
        </div>
        <Strip context={context} />
      </div>
    </>
  );
}

/** Play or stop the first clip that is there. */
function sound(): boolean {
  const clip = document.querySelector<HTMLAudioElement>("audio[data-clip]");
  if (!clip) return false;
  if (clip.paused) void clip.play();
  else clip.pause();
  return true;
}

function Head({ context, me, toQueue }: { context: Context; me: Me; toQueue: string }) {
  const { t, maybe, moment, number } = useTexts();
  const { incident, session } = context;
  const seconds = incident.ended_at ? (Date.parse(incident.ended_at) - Date.parse(incident.started_at)) / 1000 : null;
  const measured = t("review.measured_by", { percent: Math.round(100 * incident.confidence), detector: `${incident.detector} ${incident.detector_version}` });
  return (
    <div className="stack stack-s">
      <div className="spread">
        <div className="row">
          <PageTitle>{t(`kind.${incident.kind}`)}</PageTitle>
          <Badge tone={SEVERITY_TONES[incident.severity]}>{t(`severity.${incident.severity}`)}</Badge>
          <StateBadge incident={incident} />
        </div>
        <div className="row">
          {me.role === "proctor" ? null : <Link to={`/app/sessions/${incident.session_id}`}>{t("review.to_session")}</Link>}
          <Link to={toQueue}>{t("review.to_queue")}</Link>
        </div>
      </div>
      <p className="soft">
        {[
          t("review.session", { title: session.title, language: maybe(`language.${session.language}`, session.language) }),
          moment(incident.started_at),
          seconds === null ? t("review.goes_on") : t("review.lasted", { seconds: number(seconds, 1) }),
          incident.detector === "person" ? t("review.by_person") : measured,
        ].join(" · ")}
      </p>
      <p>
        <span className="soft">{t("review.accommodations")}:</span>{" "}
        {session.accommodations.length
          ? session.accommodations.map((one) => maybe(`accommodations.${one}`, one)).join(", ")
          : t("review.accommodations.none")}
      </p>
    </div>
  );
}

function Keys({ judge, skips, stills, sounds }: { judge: boolean; skips: boolean; stills: boolean; sounds: boolean }) {
  const { t } = useTexts();
  const judging = [
    { keys: ["c", "d", "u"], words: t("keys.verdict") },
    { keys: ["1", "2", "…"], words: t("keys.reason") },
    { keys: [t("keys.escape")], words: t("keys.undo") },
    { keys: ["n"], words: t("keys.note") },
  ];
  return (
    <Legend
      shortcuts={[
        ...(judge ? judging : []),
        ...(stills ? [{ keys: ["←", "→"], words: t("keys.still") }] : []),
        ...(sounds ? [{ keys: ["p"], words: t("keys.sound") }] : []),
        ...(skips && !judge ? [{ keys: ["x"], words: t("keys.skip") }] : []),
        { keys: ["q"], words: t("keys.queue") },
      ]}
    />
  );
}
