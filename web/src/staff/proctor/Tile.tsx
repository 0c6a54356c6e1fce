import type { RemoteTrack } from "livekit-client";
import { useEffect, useRef, useState } from "react";
import { Link } from "react-router";

import { Badge, Button } from "../../ui/parts";
import { Problem } from "../parts";
import { useTexts } from "../texts";
import type { Watchable } from "./calls";
import { Mark } from "./Mark";
import { useWatch } from "./useWatch";

export interface TileProps {
  room: Watchable;
  /** Whether it is joined without being asked for. */
  joins: boolean;
  heard: boolean;
  /** The server's clock less the page's, in ms. */
  skew_ms: number;
  mayMark: boolean;
  onHear: (heard: boolean) => void;
}

/** One room in the grid. */
export function Tile({ room, joins, heard, skew_ms, mayMark, onHear }: TileProps) {
  const { t, moment } = useTexts();
  const [turn, setTurn] = useState(joins ? 1 : 0);
  const [marking, setMarking] = useState<number | null>(null);
  const { phase, picture, sounds, error } = useWatch(room.session_id, turn, heard);
  return (
    <article className="card watched" aria-label={room.title}>
      <div className="picture">
        {picture ? <Picture track={picture} label={t("live.picture", { title: room.title })} /> : null}
        {phase === "joining" ? <p role="status">{t("live.joining")}</p> : null}
        {phase === "in" && !picture ? <p>{t("live.waiting")}</p> : null}
        {phase === "gone" && !error ? <p role="status">{t("live.gone")}</p> : null}
      </div>
      {sounds.map((track) => (heard ? <Sound key={track.sid} track={track} /> : null))}
      {error ? <Problem error={error} /> : null}
      <div className="stack stack-s">
        <div className="spread">
          <h2>{room.title}</h2>
          {phase === "in" ? (
            <Button look="plain" size="small" onPress={() => setTurn(0)}>
              {t("live.leave")}
            </Button>
          ) : null}
        </div>
        <div className="row small">
          <Badge tone={room.candidate_here ? "good" : "warn"}>{room.candidate_here ? t("live.here") : t("live.away")}</Badge>
          {room.started_at ? <span className="soft">{t("live.since", { at: moment(room.started_at, "time") })}</span> : null}
          {room.waiting ? <Link to={`/app/incidents?session_id=${room.session_id}`}>{t("live.waits", { count: room.waiting })}</Link> : null}
        </div>
      </div>
      <div className="row">
        {phase === "in" ? (
          <>
            <Button look="quiet" size="small" onPress={() => onHear(!heard)}>
              {heard ? t("live.sound.off") : t("live.sound.on")}
            </Button>
            {mayMark ? (
              <Button look="quiet" size="small" onPress={() => setMarking(Date.now() + skew_ms)}>
                {t("live.mark")}
              </Button>
            ) : null}
          </>
        ) : phase === "joining" ? null : (
          <Button look="quiet" size="small" onPress={() => setTurn((old) => old + 1)}>
            {t("live.watch")}
          </Button>
        )}
      </div>
      <Mark key={marking} room={room} at={marking} onClose={() => setMarking(null)} />
    </article>
  );
}

function Picture({ track, label }: { track: RemoteTrack; label: string }) {
  const element = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    const shown = element.current;
    if (!shown) return;
    track.attach(shown);
    return () => void track.detach(shown);
  }, [track]);
  return <video ref={element} muted playsInline autoPlay aria-label={label} />;
}

function Sound({ track }: { track: RemoteTrack }) {
  const element = useRef<HTMLAudioElement>(null);
  useEffect(() => {
    const heard = element.current;
    if (!heard) return;
    track.attach(heard);
    return () => void track.detach(heard);
  }, [track]);
  return <audio ref={element} autoPlay />;
}
