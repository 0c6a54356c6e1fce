/** The stills before, at and after the moment, one of them large; and the clips of sound. Fetched with the token, never by an address. */

import { useQuery } from "@tanstack/react-query";

import { Button } from "../../ui/parts";
import { Problem } from "../parts";
import { useTexts } from "../texts";
import { useObjectUrl } from "../useObjectUrl";
import { type Context, evidence } from "./calls";

type Piece = Context["evidence"][number];

export const stillsOf = (context: Context): Piece[] => context.evidence.filter((one) => one.media_type.startsWith("image/"));
export const clipsOf = (context: Context): Piece[] => context.evidence.filter((one) => one.media_type.startsWith("audio/"));

function usePiece(incident_id: string, name: string) {
  const piece = useQuery({
    queryKey: ["evidence", incident_id, name],
    queryFn: () => evidence(incident_id, name),
    staleTime: Infinity,
    gcTime: 60_000, // every look is noted in the audit log, so that none is taken twice; and nothing stays for long
  });
  return { url: useObjectUrl(piece.data), error: piece.error };
}

export interface EvidenceProps {
  context: Context;
  /** Which still is large. */
  shown: number;
  onShow: (place: number) => void;
}

export function Evidence({ context, shown, onShow }: EvidenceProps) {
  const { t } = useTexts();
  const stills = stillsOf(context);
  const clips = clipsOf(context);
  const large = stills[shown];
  return (
    <section className="card" aria-label={t("review.evidence")}>
      <h2>{t("review.evidence")}</h2>
      {large ? <Still key={large.name} piece={large} context={context} /> : null}
      {stills.length > 1 ? (
        <div className="row">
          {stills.map((one, place) => (
            <MomentButton key={one.name} piece={one} isShown={place === shown} onShow={() => onShow(place)} />
          ))}
        </div>
      ) : null}
      {clips.map((one, place) => (
        <Clip key={one.name} piece={one} number={place + 1} context={context} />
      ))}
      {stills.length || clips.length ? null : <p className="soft">{t("review.evidence.none")}</p>}
    </section>
  );
}

function MomentButton({ piece, isShown, onShow }: { piece: Piece; isShown: boolean; onShow: () => void }) {
  const { t, maybe } = useTexts();
  const words = maybe(`incidents.still.${piece.name}`, piece.name);
  return (
    <Button look={isShown ? "main" : "quiet"} size="small" aria-label={t("review.still.show", { moment: words })} onPress={onShow}>
      {words}
    </Button>
  );
}

function Still({ piece, context }: { piece: Piece; context: Context }) {
  const { t, maybe, moment } = useTexts();
  const { url, error } = usePiece(context.incident.incident_id, piece.name);
  const words = maybe(`incidents.still.${piece.name}`, piece.name);
  return (
    <figure className="still">
      {error ? <Problem error={error} /> : null}
      {url ? (
        <img src={url} alt={t("review.still", { kind: t(`kind.${context.incident.kind}`), moment: words })} />
      ) : (
        <div className="still-waits" />
      )}
      <figcaption className="small soft">{t("review.taken", { moment: words, at: moment(piece.taken_at, "time") })}</figcaption>
    </figure>
  );
}

function Clip({ piece, number, context }: { piece: Piece; number: number; context: Context }) {
  const { t } = useTexts();
  const { url, error } = usePiece(context.incident.incident_id, piece.name);
  const words = t("review.clip", { number, seconds: Math.round(piece.duration_s ?? 0) });
  return (
    <div className="stack stack-s">
      <span className="small">{words}</span>
      {error ? <Problem error={error} /> : null}
      {url ? <audio controls src={url} aria-label={words} data-clip={number} /> : null}
    </div>
  );
}
