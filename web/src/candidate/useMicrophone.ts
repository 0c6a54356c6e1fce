/** The microphone for trying out: asked for, measured, and let go again. */

import { useCallback, useEffect, useRef, useState } from "react";

export type MicrophoneState = "unasked" | "asking" | "open" | "denied" | "missing" | "busy";

/** From what level on somebody is heard: about -50 dB of full scale. */
export const HEARD = 0.02;

export interface Microphone {
  state: MicrophoneState;
  /** 0 to 1: the loudest of the last moment. */
  level: number;
  heard: boolean;
  devices: MediaDeviceInfo[];
  deviceId: string | undefined;
  ask: (deviceId?: string) => Promise<void>;
}

/** Why a device was not given, from the browser's error. */
export function refusalOf(error: unknown): "denied" | "missing" | "busy" {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotFoundError" || name === "OverconstrainedError") return "missing";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "denied";
}

export function useMicrophone(): Microphone {
  const [state, setState] = useState<MicrophoneState>("unasked");
  const [stream, setStream] = useState<MediaStream | null>(null);
  const [devices, setDevices] = useState<MediaDeviceInfo[]>([]);
  const { level, heard } = useLevel(stream);

  const ask = useCallback(async (deviceId?: string) => {
    setState("asking");
    try {
      const audio = deviceId ? { deviceId: { exact: deviceId } } : true;
      const opened = await navigator.mediaDevices.getUserMedia({ audio });
      setStream(opened);
      setState("open");
      // names are only told once the microphone was given
      const all = await navigator.mediaDevices.enumerateDevices();
      setDevices(all.filter((device) => device.kind === "audioinput" && device.deviceId !== ""));
    } catch (error) {
      setStream(null);
      setState(refusalOf(error));
    }
  }, []);

  useEffect(() => {
    if (!stream) return;
    return () => stream.getTracks().forEach((track) => track.stop());
  }, [stream]);

  const deviceId = stream?.getAudioTracks()[0]?.getSettings().deviceId;
  return { state, level, heard, devices, deviceId, ask };
}

function useLevel(stream: MediaStream | null): { level: number; heard: boolean } {
  const [level, setLevel] = useState(0);
  const [heard, setHeard] = useState(false);
  const heardNow = useRef(false);
  useEffect(() => {
    if (!stream) return;
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    analyser.fftSize = 1024;
    context.createMediaStreamSource(stream).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples);
      const loudest = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
      setLevel(Math.min(1, loudest));
      if (loudest > HEARD && !heardNow.current) {
        heardNow.current = true;
        setHeard(true);
      }
    }, 100);
    return () => {
      clearInterval(timer);
      void context.close();
    };
  }, [stream]);
  return { level: stream ? level : 0, heard };
}
