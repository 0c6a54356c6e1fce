/** The interview itself. Nothing moves while a question is asked: each part has its place from the beginning. */

import { RoomAudioRenderer, RoomContext } from "@livekit/components-react";
import { useQuery } from "@tanstack/react-query";
import { useEffect, useState } from "react";

import { callError } from "../../api/calls";
import { Button, Confirm, Notice, PageTitle } from "../../ui/parts";
import { end, readSession, type Seat, type Way } from "../calls";
import type { Devices } from "../DeviceCheck";
import { Frame } from "../Frame";
import { ProblemWindow } from "../ProblemWindow";
import { TakenOver } from "../Standstill";
import { errorWords, useTexts } from "../texts";
import { Captions } from "./Captions";
import { Controls } from "./Controls";
import { stateOf, troubleOf } from "./progress";
import { SelfView } from "./SelfView";
import { StatePanel } from "./StatePanel";
import { TypeBox } from "./TypeBox";
import { usePageEvents } from "./usePageEvents";
import { useRoom } from "./useRoom";

const LOOK_MS = 5000;

export interface RoomProps {
  seat: Seat;
  way: Way;
  devices: Devices;
  onOver: (status: Seat["status"]) => void;
}

export default function Room({ seat, way, devices, onOver }: RoomProps) {
  const texts = useTexts();
  const { t } = texts;
  const [taken, setTaken] = useState(false);
  const handles = useRoom(seat, way, devices, onOver, () => setTaken(true));
  usePageEvents(seat.session_id);
  const session = useStatus(seat, taken, onOver, () => setTaken(true));
  const [ending, setEnding] = useState(false);
  const [writing, setWriting] = useState(false);
  const [failure, setFailure] = useState("");
  const { room, state } = handles;
  const news = state.told?.news ?? null;
  const paused = session === "PAUSED";
  const shown = paused ? "paused" : stateOf(state.phase, news);

  const finish = async () => {
    setFailure("");
    try {
      const answer = await end(seat.session_id);
      await handles.leave();
      onOver(answer.status);
    } catch (error) {
      setFailure(t("room.end.failed", { message: errorWords(texts, callError(error)) }));
    }
  };

  if (taken) {
    return (
      <Frame title={seat.title}>
        <TakenOver />
      </Frame>
    );
  }
  return (
    <RoomContext.Provider value={room}>
      <RoomAudioRenderer />
      <main className="room">
        <div className="visually-hidden">
          <PageTitle>{t("room.title")}</PageTitle>
        </div>
        <StatePanel seat={seat} told={state.told} shown={shown} />
        <div className="room-middle">
          <div className="room-talk">
            <Banner state={state} paused={paused} failure={failure} onAgain={handles.rejoin} />
            <Captions lines={state.lines} />
          </div>
          <SelfView seat={seat} failed={state.cameraFailed} />
        </div>
        <TypeBox onSend={handles.type} />
        <Controls
          seat={seat}
          usable={!seat.typing_only}
          onRepeat={handles.type}
          onProblem={() => setWriting(true)}
          onEnd={() => setEnding(true)}
        />
      </main>
      <ProblemWindow seat={seat} isOpen={writing} onClose={() => setWriting(false)} />
      <Confirm
        title={t("room.end.title")}
        words={t("room.end.words")}
        yes={t("room.end.yes")}
        no={t("room.end.no")}
        danger
        isOpen={ending}
        onClose={() => setEnding(false)}
        onYes={finish}
      />
    </RoomContext.Provider>
  );
}

/** Look now and then how the session stands: that it is paused, over, or taken over is not always told in the room. */
function useStatus(seat: Seat, taken: boolean, onOver: RoomProps["onOver"], onTaken: () => void): Seat["status"] | undefined {
  const looked = useQuery({
    queryKey: ["session", "room"],
    queryFn: () => readSession(seat.session_id),
    refetchInterval: LOOK_MS,
    enabled: !taken,
    staleTime: 0,
    gcTime: 0,
  });
  const status = looked.data?.status;
  const code = looked.error ? callError(looked.error).code : "";
  useEffect(() => {
    if (code === "seat_taken_over" || code === "seat_closed") onTaken();
    else if (status && !["IN_PROGRESS", "PAUSED", "QUEUED", "INITIALIZED"].includes(status)) onOver(status);
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [status, code]);
  return status;
}

/** What must be known now lies over the captions, so that nothing below is pushed about. */
function Banner({ state, paused, failure, onAgain }: { state: ReturnType<typeof useRoom>["state"]; paused: boolean; failure: string; onAgain: () => void }) {
  const { t } = useTexts();
  const trouble = troubleOf(state.told?.news ?? null);
  const [backSeen, setBackSeen] = useState(0);
  useEffect(() => {
    if (state.returns <= backSeen) return;
    const timer = setTimeout(() => setBackSeen(state.returns), 6000);
    return () => clearTimeout(timer);
  }, [state.returns, backSeen]);
  return (
    <div className="banner">
      {failure ? <Notice tone="bad">{failure}</Notice> : null}
      {state.phase === "lost" ? (
        <Notice tone="bad">
          <p>{t("room.lost")}</p>
          <Button size="small" onPress={onAgain}>
            {t("room.again")}
          </Button>
        </Notice>
      ) : state.phase === "reconnecting" ? (
        <Notice tone="warn">{t("room.reconnecting")}</Notice>
      ) : paused ? (
        <Notice>
          <p className="strong">{t("room.paused.title")}</p>
          <p>{t("room.paused.words")}</p>
        </Notice>
      ) : state.returns > backSeen ? (
        <Notice tone="good">{t("room.back")}</Notice>
      ) : trouble ? (
        <Notice tone="warn">{t(`room.trouble.${trouble}`)}</Notice>
      ) : state.microphoneFailed ? (
        <Notice tone="warn">{t("room.microphone.failed")}</Notice>
      ) : null}
    </div>
  );
}
