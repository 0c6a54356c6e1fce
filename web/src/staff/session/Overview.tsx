/** The session at a glance: facts, consent, link, conditions, and the answers as they are evaluated. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";

import { callError } from "../../api/calls";
import { sentence } from "../../texts/sentences";
import { clock } from "../../texts/texts";
import { Badge, Button, Check } from "../../ui/parts";
import { Fact } from "../Account";
import { evaluations, links, renewLink, revokeLinks, type Session } from "../data";
import { CopyLine, Loaded, Problem, useWho } from "../parts";
import { Raised } from "../Problems";
import { adjustmentsOf } from "../sessions/Accommodations";
import { Mail } from "../sessions/CreateSession";
import { useTexts } from "../texts";
import { PersonalData } from "./PersonalData";
import { mayVouch, Vouch } from "./Vouch";

/** Afterwards the answers are in the report alone: who only looks in here can still give their own scores unled. */
export function Overview({ session }: { session: Session }) {
  const over = ["COMPLETED", "ABANDONED", "EXPIRED", "DELETED"].includes(session.status);
  return (
    <>
      <Facts session={session} />
      {over ? null : <InviteLink session={session} />}
      <Conditions session={session} />
      {session.status === "DELETED" ? null : <Raised session_id={session.session_id} />}
      <PersonalData session={session} />
      {["QUEUED", "IN_PROGRESS", "PAUSED"].includes(session.status) ? <Answers session={session} /> : null}
    </>
  );
}

function Facts({ session }: { session: Session }) {
  const { t, moment, maybe, money, language } = useTexts();
  const who = useWho(session.owner_id);
  const [vouching, setVouching] = useState(false);
  const when = (iso: string | null) => (iso ? moment(iso) : t("app.none"));
  const config = session.interview_config;
  const consent = session.consent ? Object.entries(session.consent.items) : [];
  const until = moment(session.not_after);
  const adjusted = Object.entries(adjustmentsOf(session.accommodations ?? {}) ?? {});
  return (
    <section className="card">
      <h2>{t("session.facts")}</h2>
      <dl className="facts">
        <Fact name={t("sessions.plan")} value={config?.title ?? t("app.none")} />
        <Fact name={t("session.language")} value={config ? maybe(`language.${config.language}`, config.language) : t("app.none")} />
        <Fact name={t("session.length")} value={clock(session.allowed_s)} />
        <Fact
          name={t("session.window")}
          value={session.not_before ? t("session.window.between", { from: moment(session.not_before), to: until }) : t("session.window.until", { to: until })}
        />
        <Fact name={t("session.started")} value={when(session.started_at)} />
        <Fact name={t("session.ended")} value={when(session.ended_at)} />
        {session.end_reason ? <Fact name={t("session.reason")} value={sentence(session.end_reason, language)} /> : null}
        {session.queue ? (
          <Fact name={t("session.queue")} value={t("session.queue.place", { position: session.queue.position, wait: clock(session.queue.expected_wait_s) })} />
        ) : null}
        {session.reference ? <Fact name={t("session.reference")} value={session.reference} /> : null}
        <Fact name={t("session.stage")} value={t(`stage.${session.progress.stage}`)} />
        {session.status === "IN_PROGRESS" ? (
          <Fact name={t("session.here")} value={session.presence.joined_at ? t("session.here.in") : t("session.here.out")} />
        ) : null}
        <Fact name={t("session.cost")} value={money((session.usage.cost_micro_usd ?? 0) / 1e6, 4)} />
      </dl>
      <div className="row">
        <span className="soft">{t("session.consent")}:</span>
        {consent.length
          ? consent.map(([item, yes]) => (
              <Badge key={item} tone={yes ? "good" : "warn"}>
                {yes ? "✓" : "✕"} {maybe(`consent.${item}`, item)}
              </Badge>
            ))
          : t("session.consent.none")}
        {session.consent ? (
          <span className="small soft">
            {t("session.consent.by", {
              who: session.consent.given_by === "candidate" ? t("session.consent.candidate") : who(session.consent.given_by),
              when: moment(session.consent.given_at),
            })}
          </span>
        ) : null}
        {mayVouch(session) ? (
          <Button look="plain" size="small" onPress={() => setVouching(true)}>
            {t("vouch.open")}
          </Button>
        ) : null}
      </div>
      <Vouch session={session} isOpen={vouching} onClose={() => setVouching(false)} />
      {adjusted.length ? (
        <div className="row">
          <span className="soft">{t("accommodations.title")}:</span>
          {adjusted.map(([name, value]) => (
            <Badge key={name}>
              {maybe(`accommodations.${name}`, name)}
              {typeof value === "boolean" ? "" : `: ${value}`}
            </Badge>
          ))}
        </div>
      ) : null}
      {config && session.started_at ? <Link to={`/app/compare?plan=${encodeURIComponent(config.plan_id)}`}>{t("session.compare")}</Link> : null}
      {session.redo_of ? <Link to={`/app/sessions/${session.redo_of}`}>{t("session.redo.link")}</Link> : null}
      {session.redone_by ? <Link to={`/app/sessions/${session.redone_by}`}>{t("session.redone.link")}</Link> : null}
    </section>
  );
}

function InviteLink({ session }: { session: Session }) {
  const { t, moment } = useTexts();
  const queries = useQueryClient();
  const [send, setSend] = useState(false);
  const id = session.session_id;
  const known = useQuery({ queryKey: ["links", id], queryFn: () => links(id) });
  const changed = () => queries.invalidateQueries({ queryKey: ["links", id] });
  const renewing = useMutation({ mutationFn: () => renewLink(id, send), onSuccess: changed });
  const revoking = useMutation({ mutationFn: () => revokeLinks(id, send), onSuccess: changed });
  const failed = renewing.error ?? revoking.error;
  return (
    <section className="card">
      <h2>{t("session.link")}</h2>
      <Loaded query={known}>
        {(data) => (
          <p>
            {data.state === "good" && !data.valid_until
              ? t("session.link.state.good.open", { count: data.opened_count })
              : t(`session.link.state.${data.state}`, { when: data.valid_until ? moment(data.valid_until) : t("app.none"), count: data.opened_count })}
          </p>
        )}
      </Loaded>
      {renewing.data ? (
        <>
          <CopyLine label={t("create.link", { name: session.user_details?.name ?? "" })} help={t("create.link.help")} value={renewing.data.invite_url} />
          <Mail state={renewing.data.mail} />
        </>
      ) : null}
      <p className="field-help">{t("session.link.renew.help")}</p>
      <Check isSelected={send} onChange={setSend}>
        {t("session.link.send")}
      </Check>
      {failed ? <Problem error={failed} /> : null}
      <div className="row">
        <Button look="quiet" isPending={renewing.isPending} onPress={() => renewing.mutate()}>
          {t("session.link.renew")}
        </Button>
        <Button look="plain" isPending={revoking.isPending} onPress={() => revoking.mutate()}>
          {t("session.link.revoke")}
        </Button>
      </div>
    </section>
  );
}

function Conditions({ session }: { session: Session }) {
  const { t, moment } = useTexts();
  // going on after a pause needs an interviewer too, and is no trouble
  const replaced = session.history.filter((one) => one.target === "IN_PROGRESS" && (one.source === "IN_PROGRESS" || one.source === "FAILED")).length;
  const none = !session.conditions.length && !replaced && !session.seat_changes.length;
  return (
    <section className="card">
      <h2>{t("session.conditions")}</h2>
      {none ? (
        <p className="soft">{t("session.conditions.good")}</p>
      ) : (
        <ul>
          {replaced ? <li>{t("session.conditions.attempts", { count: replaced })}</li> : null}
          {session.seat_changes.length ? <li>{t("session.conditions.seats", { count: session.seat_changes.length })}</li> : null}
          {session.conditions.map((one) => (
            <li key={`${one.kind} ${one.since}`}>
              {t("session.conditions.engine", {
                kind: t(`engine.${one.kind}`),
                state: t(`engine.${one.state}`),
                from: moment(one.since, "time"),
                to: one.until ? moment(one.until, "time") : t("session.now"),
              })}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

const isBlind = (error: unknown) => callError(error).code === "own_scores_first";

function Answers({ session }: { session: Session }) {
  const { t, language } = useTexts();
  const running = session.status === "IN_PROGRESS" || session.status === "PAUSED";
  const read = useQuery({
    queryKey: ["evaluations", session.session_id],
    queryFn: () => evaluations(session.session_id),
    // whoever has to score first is not told before: see the answer below
    refetchInterval: (query) => (running && !isBlind(query.state.error) ? 5000 : false),
  });
  return (
    <section className="card">
      <h2>{t("session.answers")}</h2>
      {isBlind(read.error) ? (
        <p className="soft">{t("answers.blind")}</p>
      ) : (
      <Loaded query={read}>
        {(data) =>
          data.evaluations.length ? (
            <ol className="stack">
              {data.evaluations.map((one) => (
                <li key={one.question_id}>
                  <p className="strong">{one.question}</p>
                  {one.result ? (
                    <>
                      <p>
                        {one.result.level === null ? (
                          <Badge tone="warn">{t("report.not_scorable", { why: sentence(one.result.not_scorable, language) })}</Badge>
                        ) : (
                          <Badge tone="accent">{t("report.level", { level: one.result.level })}</Badge>
                        )}{" "}
                        {one.result.feedback}
                      </p>
                      {one.result.quotes.map((quote) => (
                        <blockquote className="quote" key={`${quote.seq} ${quote.start}`}>
                          {t("app.quoted", { text: quote.text })}
                        </blockquote>
                      ))}
                    </>
                  ) : (
                    <p className="soft">{one.status === "failed" ? t("answers.failed") : t("answers.waiting")}</p>
                  )}
                </li>
              ))}
            </ol>
          ) : (
            <p className="soft">{t("answers.empty")}</p>
          )
        }
      </Loaded>
      )}
    </section>
  );
}
