/** The row of buttons: sound, microphone, ask to repeat, report, end. */

import { useLocalParticipant, useRoomContext } from "@livekit/components-react";
import { RoomEvent } from "livekit-client";
import { useEffect, useState } from "react";

import { LANGUAGES } from "../../texts/texts";
import { Button } from "../../ui/parts";
import type { Seat } from "../calls";
import { useTexts } from "../texts";
import { REPEAT } from "./progress";

export interface ControlsProps {
  seat: Seat;
  /** Whether there may be a microphone at all. */
  usable: boolean;
  onRepeat: (words: string) => Promise<void>;
  onProblem: () => void;
  onEnd: () => void;
}

export function Controls({ seat, usable, onRepeat, onProblem, onEnd }: ControlsProps) {
  const { t } = useTexts();
  const room = useRoomContext();
  const { isMicrophoneEnabled, localParticipant } = useLocalParticipant();
  const silent = useSilenced();
  const language = LANGUAGES.find((one) => one === seat.language) ?? "en";
  const toggle = () => void localParticipant.setMicrophoneEnabled(!isMicrophoneEnabled).catch(() => undefined);
  return (
    <div className="controls">
      {silent ? <Button onPress={() => void room.startAudio()}>{t("room.listen")}</Button> : null}
      {usable ? (
        <Button look="quiet" aria-pressed={!isMicrophoneEnabled} onPress={toggle}>
          {isMicrophoneEnabled ? t("room.mute") : t("room.unmute")}
        </Button>
      ) : null}
      <Button look="quiet" onPress={() => void onRepeat(REPEAT[language]).catch(() => undefined)}>
        {t("room.repeat")}
      </Button>
      <Button look="quiet" onPress={onProblem}>
        {t("room.problem")}
      </Button>
      <Button look="danger" onPress={onEnd}>
        {t("room.end")}
      </Button>
    </div>
  );
}

/** Whether the browser holds the sound back until something is pressed. */
function useSilenced(): boolean {
  const room = useRoomContext();
  const [silent, setSilent] = useState(false);
  useEffect(() => {
    const look = () => setSilent(!room.canPlaybackAudio);
    room.on(RoomEvent.AudioPlaybackStatusChanged, look);
    return () => void room.off(RoomEvent.AudioPlaybackStatusChanged, look);
  }, [room]);
  return silent;
}
