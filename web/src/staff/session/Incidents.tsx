import { useQuery } from "@tanstack/react-query";
import { Link } from "react-router";

import type { Schemas } from "../../api/client";
import { Badge, Button, Notice, type Tone } from "../../ui/parts";
import { still } from "../data";
import { StateBadge } from "../proctor/Queue";
import { useTexts } from "../texts";
import { useObjectUrl } from "../useObjectUrl";

type Incident = Schemas["IncidentView"];
const TONES: Record<Schemas["Severity"], Tone | undefined> = { low: undefined, medium: "warn", high: "bad" };

/** What proctoring filed, with its pictures. Nothing follows from it by itself. */
export function Incidents({ incidents, onPlay }: { incidents: readonly Incident[]; onPlay: ((at: number) => void) | null }) {
  const { t, moment } = useTexts();
  if (!incidents.length) return <p className="card">{t("incidents.empty")}</p>;
  return (
    <>
      <Notice>{t("incidents.note")}</Notice>
      {incidents.map((one) => (
        <article className="card" key={one.incident_id}>
          <div className="spread">
            <div className="row">
              <h2>{t(`kind.${one.kind}`)}</h2>
              <Badge tone={TONES[one.severity]}>{t(`severity.${one.severity}`)}</Badge>
              <StateBadge incident={one} />
            </div>
            <span className="small soft">
              {moment(one.started_at, "time")}
              {one.ended_at ? ` – ${moment(one.ended_at, "time")}` : ""}
            </span>
          </div>
          <p className="small soft">
            {one.detector === "person"
              ? t("review.by_person")
              : t("incidents.confidence", {
                  percent: Math.round(100 * one.confidence),
                  detector: one.detector === "page" ? t("incidents.by_page") : `${one.detector} ${one.detector_version}`,
                })}
          </p>
          <div className="stills">
            {one.stills.map((each) => (
              <Still key={each.moment} incident={one} moment={each.moment} />
            ))}
          </div>
          <div className="row">
            <Link to={`/app/incidents/${one.incident_id}`}>{t("incidents.context")}</Link>
            {onPlay ? (
              <Button look="quiet" size="small" onPress={() => onPlay(Date.parse(one.started_at) - 3000)}>
                {t("incidents.play")}
              </Button>
            ) : null}
          </div>
        </article>
      ))}
    </>
  );
}

function Still({ incident, moment }: { incident: Incident; moment: string }) {
  const { t, maybe } = useTexts();
  const picture = useQuery({
    queryKey: ["still", incident.incident_id, moment],
    queryFn: () => still(incident.session_id, incident.incident_id, moment),
    staleTime: Infinity,
  });
  const url = useObjectUrl(picture.data);
  if (!url) return null;
  return (
    <figure>
      <img src={url} alt={t("incidents.still", { moment: maybe(`incidents.still.${moment}`, moment) })} />
      <figcaption className="small soft">{maybe(`incidents.still.${moment}`, moment)}</figcaption>
    </figure>
  );
}
