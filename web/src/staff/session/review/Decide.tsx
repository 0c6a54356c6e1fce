/** The decision: never preset, always with a reason, and what was decided before stays in sight. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";

import { Badge, Button, Field, Notice, Radios, type Tone } from "../../../ui/parts";
import type { Session } from "../../data";
import { Loaded, Problem, useWho } from "../../parts";
import { decide, type DecisionKind, decisions } from "../../reviewing";
import { useTexts } from "../../texts";

export const DECISIONS: readonly DecisionKind[] = ["advance", "hold", "reject"];
const TONES: Record<DecisionKind, Tone> = { advance: "good", hold: "warn", reject: "bad" };

export function DecisionBadge({ decision }: { decision: DecisionKind }) {
  const { t } = useTexts();
  return <Badge tone={TONES[decision]}>{t(`decision.${decision}`)}</Badge>;
}

export function Decide({ session }: { session: Session }) {
  const { t, moment } = useTexts();
  const who = useWho(session.owner_id);
  const known = useQuery({ queryKey: ["decisions", session.session_id], queryFn: () => decisions(session.session_id) });
  return (
    <section className="card" aria-labelledby="decision">
      <h2 id="decision">{t("decision.title")}</h2>
      <Loaded query={known}>
        {(data) => (
          <>
            {data.history.length ? (
              <ul className="plain stack stack-s" aria-label={t("decision.history")}>
                {data.history.map((one, place) => (
                  <li key={one.n} className={place ? "soft" : ""}>
                    <div className="row">
                      <DecisionBadge decision={one.decision} />
                      <span className="small soft">
                        {t("decision.by", { who: who(one.by), when: moment(one.at) })}
                        {one.report_version === null ? "" : ` · ${t("report.version", { version: one.report_version })}`}
                      </span>
                    </div>
                    <p className="lines">{one.reason}</p>
                  </li>
                ))}
              </ul>
            ) : (
              <p className="soft">{t("decision.none")}</p>
            )}
            {session.consent?.items["retention"] === false ? <Notice tone="warn">{t("decision.erases")}</Notice> : null}
            <Form key={data.history.length} session_id={session.session_id} again={data.history.length > 0} />
          </>
        )}
      </Loaded>
    </section>
  );
}

function Form({ session_id, again }: { session_id: string; again: boolean }) {
  const { t } = useTexts();
  const queries = useQueryClient();
  const [decision, setDecision] = useState<DecisionKind | null>(null);
  const [reason, setReason] = useState("");
  const deciding = useMutation({
    mutationFn: (chosen: DecisionKind) => decide(session_id, chosen, reason.trim()),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["decisions", session_id] }),
  });
  const go = (event: FormEvent) => {
    event.preventDefault();
    if (decision) deciding.mutate(decision);
  };
  return (
    <form className="stack" onSubmit={go}>
      <Radios
        label={again ? t("decision.again") : t("decision.choose")}
        value={decision}
        options={DECISIONS.map((value) => ({ value, label: t(`decision.${value}`) }))}
        onChange={setDecision}
      />
      <Field label={t("decision.reason")} help={t("decision.reason.help")} rows={3} isRequired maxLength={4000} value={reason} onChange={setReason} />
      {deciding.error ? <Problem error={deciding.error} /> : null}
      <div>
        <Button type="submit" isDisabled={!decision || !reason.trim()} isPending={deciding.isPending}>
          {t("decision.go")}
        </Button>
      </div>
    </form>
  );
}
