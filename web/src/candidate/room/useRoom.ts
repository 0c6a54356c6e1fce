/** The LiveKit room of one interview: joins, publishes, listens, and comes back by itself after a loss. */

import { ConnectionState, createLocalAudioTrack, type LocalTrack, type Participant, Room, RoomEvent, Track, type TrackPublication } from "livekit-client";
import { useCallback, useEffect, useReducer, useRef, useState } from "react";

import { callError } from "../../api/calls";
import { freshWay, readSession, type Seat, type Way } from "../calls";
import type { Devices } from "../DeviceCheck";
import { caption } from "./caption";
import { type Line, type News, newsOf, withLine } from "./progress";

const REJOIN_MS = [300, 700, 1500, 3000, 5000, 8000, 8000, 8000, 8000, 8000, 8000, 8000];
/** Together about 75 s: the interviewer waits for 120. */

export type Phase = "connecting" | "in" | "reconnecting" | "lost";

export interface Told {
  news: News;
  at: number;
}

export interface RoomState {
  phase: Phase;
  /** How often we came back. */
  returns: number;
  told: Told | null;
  lines: readonly Line[];
  microphoneFailed: boolean;
  cameraFailed: boolean;
}

type Happened =
  | { kind: "phase"; phase: Phase }
  | { kind: "told"; told: Told }
  | { kind: "line"; line: Line }
  | { kind: "cut" }
  | { kind: "microphone"; failed: boolean }
  | { kind: "camera"; failed: boolean };

const BEGIN: RoomState = { phase: "connecting", returns: 0, told: null, lines: [], microphoneFailed: false, cameraFailed: false };

export function roomState(state: RoomState, happened: Happened): RoomState {
  switch (happened.kind) {
    case "phase": {
      const back = happened.phase === "in" && state.phase === "reconnecting";
      return { ...state, phase: happened.phase, returns: state.returns + (back ? 1 : 0) };
    }
    case "told":
      return { ...state, told: happened.told };
    case "line":
      return { ...state, lines: withLine(state.lines, happened.line) };
    case "cut":
      // of what was just being said nothing more comes: after a return it has new segments
      return { ...state, lines: state.lines.map((line) => (line.final ? line : { ...line, final: true })) };
    case "microphone":
      return { ...state, microphoneFailed: happened.failed };
    case "camera":
      return { ...state, cameraFailed: happened.failed };
  }
}

export interface Handles {
  room: Room;
  state: RoomState;
  type: (text: string) => Promise<void>;
  rejoin: () => void;
  leave: () => Promise<void>;
}

const RUNNING = new Set(["IN_PROGRESS", "PAUSED", "QUEUED"]);

/** Stay in the room until it is left. `onOver` is told the status where the session does not go on any more. */
export function useRoom(seat: Seat, way: Way, devices: Devices, onOver: (status: Seat["status"]) => void, onTaken: () => void): Handles {
  const [room] = useState(() => new Room({ adaptiveStream: true, dynacast: true, disconnectOnPageLeave: true }));
  const [state, dispatch] = useReducer(roomState, BEGIN);
  const leaving = useRef(false);
  const typed = useRef(0);
  const muted = useRef(false);
  const callbacks = useRef({ onOver, onTaken });
  useEffect(() => {
    callbacks.current = { onOver, onTaken };
  });

  const publish = useCallback(async () => {
    const me = room.localParticipant;
    if (!seat.typing_only && !devices.microphoneRefused) {
      const wanted = devices.microphoneId ? { deviceId: devices.microphoneId } : {};
      // who has muted themselves before the connection was lost is muted from the first sample on
      const opened = muted.current
        ? createLocalAudioTrack(wanted).then((track) => track.mute()).then((track) => me.publishTrack(track as LocalTrack))
        : me.setMicrophoneEnabled(true, wanted);
      const failed = await opened.then(() => false, () => true);
      dispatch({ kind: "microphone", failed });
    }
    if (seat.watches_camera && seat.consent.given?.["camera"]) {
      const failed = await me.setCameraEnabled(true).then(() => false, () => true);
      dispatch({ kind: "camera", failed });
    }
  }, [room, seat, devices]);

  /** Join, by a way that is given or by fresh ones, until it succeeds, the session is over, or nothing helps. */
  const join = useCallback(
    async (first: Way | null) => {
      for (let turn = 0; turn <= REJOIN_MS.length && !leaving.current; turn += 1) {
        try {
          const next = first && turn === 0 ? first : await wayBack(seat.session_id);
          if (leaving.current) return;
          if (typeof next === "string") return callbacks.current.onOver(next);
          await room.connect(next.url, next.token);
          dispatch({ kind: "phase", phase: "in" });
          return await publish();
        } catch (error) {
          const { code } = callError(error);
          if (code === "seat_taken_over" || code === "seat_closed") return callbacks.current.onTaken();
          await pause(REJOIN_MS[turn] ?? 0);
        }
      }
      if (!leaving.current) dispatch({ kind: "phase", phase: "lost" });
    },
    [room, seat.session_id, publish],
  );

  useEffect(() => {
    leaving.current = false;
    const show = (line: Line) => dispatch({ kind: "line", line });
    const reconnecting = () => dispatch({ kind: "phase", phase: "reconnecting" });
    const back = () => dispatch({ kind: "phase", phase: "in" });
    const gone = () => {
      if (leaving.current || room.state !== ConnectionState.Disconnected) return;
      reconnecting();
      dispatch({ kind: "cut" });
      void join(null);
    };
    const data = (bytes: Uint8Array, _from: unknown, _kind: unknown, topic?: string) => {
      const news = topic === "viva.progress" ? newsOf(bytes) : null;
      if (news) dispatch({ kind: "told", told: { news, at: Date.now() } });
    };
    const mute = (now: boolean) => (of: TrackPublication, by: Participant) => {
      if (by === room.localParticipant && of.source === Track.Source.Microphone) muted.current = now;
    };
    room.on(RoomEvent.TrackMuted, mute(true)).on(RoomEvent.TrackUnmuted, mute(false));
    // the first is a try that keeps the session, the second one that begins it anew
    room.on(RoomEvent.SignalReconnecting, reconnecting).on(RoomEvent.Reconnecting, reconnecting);
    room.on(RoomEvent.Reconnected, back).on(RoomEvent.DataReceived, data);
    room.registerTextStreamHandler("lk.transcription", (reader, from) => void caption(reader, from.identity, show));
    // a connect that fails is told by its error; from then on, by this event
    const inside = () => void room.off(RoomEvent.Disconnected, gone).on(RoomEvent.Disconnected, gone);
    room.on(RoomEvent.Connected, inside);
    void join(way);
    return () => {
      leaving.current = true;
      room.removeAllListeners();
      room.unregisterTextStreamHandler("lk.transcription");
      void room.disconnect();
    };
    // the room is joined once; a newer way is fetched where it is needed
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [room]);

  const type = async (text: string) => {
    await room.localParticipant.sendText(text, { topic: "lk.chat" });
    typed.current += 1;
    dispatch({ kind: "line", line: { key: `typed/${typed.current}`, mine: true, text, final: true } });
  };
  const rejoin = () => {
    dispatch({ kind: "phase", phase: "reconnecting" });
    void join(null);
  };
  const leave = async () => {
    leaving.current = true;
    await room.disconnect();
  };
  return { room, state, type, rejoin, leave };
}

/** A fresh way in, or the status where there is none any more. Throws where nobody answers. */
async function wayBack(session_id: string): Promise<Way | Seat["status"]> {
  const { status } = await readSession(session_id);
  return RUNNING.has(status) ? freshWay(session_id) : status;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
