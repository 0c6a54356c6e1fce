/** Where an incident stands: what was decided, who looks at it, what the candidate says to it, and everything before. */

import { Badge, Button, Notice } from "../../ui/parts";
import { Problem } from "../parts";
import type { Me } from "../session";
import { useTexts } from "../texts";
import { type Context, judges } from "./calls";
import type { Claim } from "./useClaim";

function useName(context: Context): (by: string | null) => string {
  const { t } = useTexts();
  return (by) => (by === "candidate" ? t("review.candidate") : (context.people[by ?? ""] ?? t("queue.somebody")));
}

/** What the candidate wrote against it, where they did. */
export function Contest({ context }: { context: Context }) {
  const { t, moment } = useTexts();
  const contested = context.history.filter((one) => one.act === "contested");
  return contested.map((one) => (
    <Notice key={one.at} tone="warn">
      <strong>{t("review.contest")}</strong>
      <p className="lines">{one.note}</p>
      <p className="small soft">{moment(one.at)}</p>
    </Notice>
  ));
}

export interface StandingProps {
  context: Context;
  me: Me;
  claim: Claim;
  busy: boolean;
  onAskSecond: () => void;
}

export function Standing({ context, me, claim, busy, onAskSecond }: StandingProps) {
  const { t, moment } = useTexts();
  const name = useName(context);
  const { incident } = context;
  const own = judges(me) && incident.state === "second_opinion" && !incident.blind;
  return (
    <>
      {incident.verdict && incident.reason && incident.decided_at ? (
        <div className="notice">
          <p>
            {t("review.decided", {
              verdict: t(`review.decided.${incident.verdict}`),
              reason: t(`reason.${incident.reason}`),
              name: name(incident.decided_by),
              at: moment(incident.decided_at),
            })}
          </p>
          {judges(me) && incident.state === "decided" ? (
            <Button look="quiet" size="small" isPending={busy} onPress={onAskSecond}>
              {t("review.ask_second")}
            </Button>
          ) : null}
        </div>
      ) : null}
      {incident.blind ? <Notice>{t("review.blind")}</Notice> : null}
      {own ? <Notice>{t("review.first_was_you")}</Notice> : null}
      {judges(me) ? null : <p className="soft">{t("review.owner")}</p>}
      {claim.error?.code === "claimed" ? (
        <Notice tone="warn">
          <p>{incident.claimed_by ? t("review.held_by", { name: name(incident.claimed_by) }) : t("error.claimed")}</p>
          <Button look="quiet" size="small" onPress={claim.again}>
            {t("review.try")}
          </Button>
        </Notice>
      ) : claim.error ? (
        <Problem error={claim.error} onAgain={claim.again} />
      ) : null}
    </>
  );
}

/** Everything that was done to it, oldest first; while a second opinion is asked for, only what the candidate wrote. */
export function History({ context }: { context: Context }) {
  const { t, moment } = useTexts();
  const name = useName(context);
  return (
    <section className="card">
      <h2>{t("review.history")}</h2>
      {context.history.length ? null : <p className="soft">{t("review.history.none")}</p>}
      <ol className="plain stack stack-s">
        {context.history.map((one, place) => (
          <li key={place}>
            <div className="row small">
              <span className="soft number">{moment(one.at)}</span>
              <span>
                <strong>{name(one.by)}</strong> {t(`review.act.${one.act}`)}
              </span>
              {one.verdict ? <Badge>{t(`review.decided.${one.verdict}`)}</Badge> : null}
              {one.reason ? <span>{t(`reason.${one.reason}`)}</span> : null}
            </div>
            {one.note ? <p className="lines small">{one.note}</p> : null}
          </li>
        ))}
      </ol>
    </section>
  );
}
