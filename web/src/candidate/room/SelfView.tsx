import { useLocalParticipant } from "@livekit/components-react";
import type { LocalParticipant } from "livekit-client";
import { useEffect, useRef, useState } from "react";

import { Meter } from "../../ui/parts";
import type { Seat } from "../calls";
import { useTexts } from "../texts";

/** One's own picture, where the camera is watched, and how loud one's microphone is. */
export function SelfView({ seat, failed }: { seat: Seat; failed: boolean }) {
  const { t } = useTexts();
  const { cameraTrack, isMicrophoneEnabled, localParticipant } = useLocalParticipant();
  const picture = useRef<HTMLVideoElement>(null);
  const track = cameraTrack?.track;
  useEffect(() => {
    const element = picture.current;
    if (!track || !element) return;
    track.attach(element);
    return () => void track.detach(element);
  }, [track]);
  const wanted = seat.watches_camera && seat.consent.given?.["camera"] === true;
  if (!wanted && seat.typing_only) return null;
  return (
    <aside className="self">
      {wanted ? (
        failed ? (
          <p className="small soft">{t("room.camera.failed")}</p>
        ) : (
          <video ref={picture} className="mirror" muted playsInline aria-label={t("room.camera")} />
        )
      ) : null}
      {seat.typing_only ? null : <Level label={t("room.microphone")} of={localParticipant} on={isMicrophoneEnabled} />}
    </aside>
  );
}

function Level({ label, of, on }: { label: string; of: LocalParticipant; on: boolean }) {
  const [level, setLevel] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setLevel(of.audioLevel), 200);
    return () => clearInterval(timer);
  }, [of]);
  return <Meter label={label} tone="good" percent={on ? Math.sqrt(level) * 140 : 0} />;
}
