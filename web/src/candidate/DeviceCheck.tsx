/** Trying out browser, connection, microphone, sound and camera. Nothing here keeps anybody from the interview. */

import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type ReactNode, useEffect, useRef, useState } from "react";

import { callError } from "../api/calls";
import { Button, Choice, Meter, Notice, PageTitle } from "../ui/parts";
import { freshWay, roundTrip, type Seat, start, type Way } from "./calls";
import { errorWords, useTexts } from "./texts";
import { type Microphone, useMicrophone } from "./useMicrophone";

const SLOW_MS = 300;

/** What was chosen, for the room; nothing chosen is the browser's own choice. */
export interface Devices {
  microphoneId?: string | undefined;
  microphoneRefused?: boolean;
}

export interface DeviceCheckProps {
  seat: Seat;
  /** Whether the interview has begun before. */
  resumes: boolean;
  onDevices: (devices: Devices) => void;
  onQueue: () => void;
  onEnter: (way: Way) => void;
}

export function DeviceCheck({ seat, resumes, onDevices, onQueue, onEnter }: DeviceCheckProps) {
  const texts = useTexts();
  const { t } = texts;
  const queries = useQueryClient();
  const microphone = useMicrophone();
  const running = seat.status === "IN_PROGRESS" || seat.status === "PAUSED";
  const refused = microphone.state === "denied" || microphone.state === "missing" || microphone.state === "busy";
  useEffect(() => {
    // what carries the voice is fetched while the devices are tried out
    void import("./room/Room");
  }, []);
  const entering = useMutation({
    mutationFn: async () => {
      onDevices({ microphoneId: microphone.deviceId, microphoneRefused: refused });
      if (running) return onEnter(await freshWay(seat.session_id));
      const answer = await start(seat.session_id);
      if (answer.status === "QUEUED") return onQueue();
      if (!answer.livekit_url || !answer.livekit_token) throw new Error(t("error.other"));
      onEnter({ url: answer.livekit_url, token: answer.livekit_token });
    },
    onError: (error) => {
      // the session is not what this page thinks: what it is says which page comes
      if (callError(error).status === 409 || callError(error).status === 401) void queries.invalidateQueries({ queryKey: ["seat"] });
    },
  });
  const camera = seat.watches_camera && seat.consent.given?.["camera"] === true;
  const begin = running ? t("check.return") : refused || seat.typing_only ? t("check.begin.typing") : t("check.begin");
  return (
    <>
      <div className="stack stack-s">
        <PageTitle>{t("check.title")}</PageTitle>
        <p className="soft">{running || resumes ? t("check.running") : t("check.lead")}</p>
      </div>
      <section className="card">
        <BrowserCheck />
        <NetworkCheck />
        {seat.typing_only ? (
          <Point title={t("check.microphone")}>{t("check.typing")}</Point>
        ) : (
          <MicrophoneCheck microphone={microphone} />
        )}
        <SpeakerCheck />
        {camera ? <CameraCheck /> : null}
      </section>
      {entering.error ? <Notice tone="bad">{errorWords(texts, callError(entering.error))}</Notice> : null}
      <div className="row">
        <Button isPending={entering.isPending} onPress={() => entering.mutate()}>
          {entering.isPending ? t("check.starting") : begin}
        </Button>
      </div>
    </>
  );
}

type Mark = "good" | "warn" | "bad" | "none";
const SIGNS: Record<Mark, string> = { good: "✓", warn: "!", bad: "✕", none: "" };

function Point({ title, mark = "none", children }: { title: string; mark?: Mark; children: ReactNode }) {
  return (
    <div className="point">
      <span className={`mark ${mark}`} aria-hidden="true">
        {SIGNS[mark]}
      </span>
      <div className="stack stack-s">
        <h2 className="point-title">{title}</h2>
        {children}
      </div>
    </div>
  );
}

function BrowserCheck() {
  const { t } = useTexts();
  const can = typeof RTCPeerConnection !== "undefined" && typeof WebSocket !== "undefined" && Boolean(navigator.mediaDevices);
  return (
    <Point title={t("check.browser")} mark={can ? "good" : "bad"}>
      <p>{can ? t("check.browser.good") : t("check.browser.bad")}</p>
    </Point>
  );
}

function NetworkCheck() {
  const { t } = useTexts();
  const trip = useQuery({ queryKey: ["trip"], queryFn: roundTrip, staleTime: 0, gcTime: 0, retry: 1 });
  if (trip.isFetching) return <Point title={t("check.network")}>{<p>{t("check.network.testing")}</p>}</Point>;
  if (trip.error || trip.data === undefined) {
    return (
      <Point title={t("check.network")} mark="bad">
        <p role="alert">{t("check.network.bad")}</p>
        <Again onPress={() => void trip.refetch()} />
      </Point>
    );
  }
  const slow = trip.data > SLOW_MS;
  return (
    <Point title={t("check.network")} mark={slow ? "warn" : "good"}>
      <p>{t(slow ? "check.network.slow" : "check.network.good", { ms: trip.data })}</p>
    </Point>
  );
}

function Again({ onPress }: { onPress: () => void }) {
  const { t } = useTexts();
  return (
    <div>
      <Button look="quiet" size="small" onPress={onPress}>
        {t("check.again")}
      </Button>
    </div>
  );
}

function MicrophoneCheck({ microphone }: { microphone: Microphone }) {
  const { t } = useTexts();
  const { state, level, heard, devices, deviceId, ask } = microphone;
  switch (state) {
    case "unasked":
    case "asking":
      return (
        <Point title={t("check.microphone")}>
          <div>
            <Button look="quiet" isPending={state === "asking"} onPress={() => void ask()}>
              {t("check.microphone.ask")}
            </Button>
          </div>
        </Point>
      );
    case "open":
      return (
        <Point title={t("check.microphone")} mark={heard ? "good" : "none"}>
          <p role="status">{heard ? t("check.microphone.heard") : t("check.microphone.say")}</p>
          {/* loudness is felt by its logarithm */}
          <Meter hideLabel tone="good" label={t("check.microphone.level")} percent={100 + 25 * Math.log10(Math.max(level, 1e-4))} />
          {devices.length > 1 && deviceId ? (
            <Choice
              label={t("check.microphone.which")}
              value={deviceId}
              options={devices.map((device) => ({ value: device.deviceId, label: device.label || device.deviceId.slice(0, 8) }))}
              onChange={(id) => void ask(id)}
            />
          ) : null}
        </Point>
      );
    case "denied":
    case "missing":
    case "busy":
      return (
        <Point title={t("check.microphone")} mark="warn">
          <p role="alert">{t(`check.microphone.${state}`)}</p>
          <Again onPress={() => void ask()} />
        </Point>
      );
  }
}

function SpeakerCheck() {
  const { t } = useTexts();
  const [played, setPlayed] = useState(false);
  return (
    <Point title={t("check.speaker")} mark={played ? "good" : "none"}>
      <div>
        <Button
          look="quiet"
          onPress={() => {
            playTones();
            setPlayed(true);
          }}
        >
          {t("check.speaker.play")}
        </Button>
      </div>
      <p role="status">{played ? t("check.speaker.heard") : ""}</p>
    </Point>
  );
}

/** Three rising tones, 0.3 s each; made here, so that nothing has to be fetched. */
function playTones(): void {
  const context = new AudioContext();
  [440, 554, 659].forEach((frequency, place) => {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const from = context.currentTime + 0.35 * place;
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0, from);
    volume.gain.linearRampToValueAtTime(0.25, from + 0.03);
    volume.gain.linearRampToValueAtTime(0, from + 0.3);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + 0.3);
  });
  setTimeout(() => void context.close(), 2000);
}

function CameraCheck() {
  const { t } = useTexts();
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [refused, setRefused] = useState(false);
  const picture = useRef<HTMLVideoElement>(null);
  useEffect(() => {
    if (!stream) return;
    if (picture.current) picture.current.srcObject = stream;
    return () => stream.getTracks().forEach((track) => track.stop());
  }, [stream]);
  const ask = async () => {
    try {
      setRefused(false);
      setStream(await navigator.mediaDevices.getUserMedia({ video: true }));
    } catch {
      setRefused(true); // whatever the reason: the interview goes on without it
    }
  };
  return (
    <Point title={t("check.camera")} mark={stream ? "good" : refused ? "warn" : "none"}>
      {stream ? (
        <>
          <video ref={picture} className="mirror" muted autoPlay playsInline aria-label={t("check.camera.picture")} />
          <p>{t("check.camera.good")}</p>
        </>
      ) : refused ? (
        <>
          <p role="alert">{t("check.camera.denied")}</p>
          <Again onPress={() => void ask()} />
        </>
      ) : (
        <div>
          <Button look="quiet" onPress={() => void ask()}>
            {t("check.camera.ask")}
          </Button>
        </div>
      )}
    </Point>
  );
}
