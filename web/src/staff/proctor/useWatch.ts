/** One room, watched unseen: its candidate's camera, and once it is wished the sound of everybody in it. */

import { type RemoteTrack, type RemoteTrackPublication, Room, RoomEvent, Track } from "livekit-client";
import { useCallback, useEffect, useState } from "react";

import { callError, type CallError } from "../../api/calls";
import { watch } from "./calls";

export type Phase = "out" | "joining" | "in" | "gone";

export interface Watched {
  phase: Phase;
  picture: RemoteTrack | null;
  sounds: readonly RemoteTrack[];
  error: CallError | null;
}

const OUT: Watched = { phase: "out", picture: null, sounds: [], error: null };

/** Which publications are wanted: cameras of candidates always, sound only while it is on. Pure. */
export const wants = (publication: Pick<RemoteTrackPublication, "kind">, identity: string, sound: boolean): boolean =>
  publication.kind === Track.Kind.Video ? identity.startsWith("candidate-") : sound;

/** Watch while `turn` is not 0; another turn joins anew. Nothing is sent; what is not wanted is not received either. */
export function useWatch(session_id: string, turn: number, sound: boolean): Watched {
  const [room, setRoom] = useState<Room | null>(null);
  const [state, setState] = useState<Watched>(OUT);

  useEffect(() => {
    if (turn === 0) return;
    const joined = new Room({ adaptiveStream: true, disconnectOnPageLeave: true });
    let left = false;
    const tell = (part: Partial<Watched>) => left || setState((old) => ({ ...old, ...part }));
    const look = () => tell(tracksOf(joined));
    joined.on(RoomEvent.TrackSubscribed, look).on(RoomEvent.TrackUnsubscribed, look).on(RoomEvent.TrackMuted, look).on(RoomEvent.TrackUnmuted, look);
    joined.on(RoomEvent.ParticipantDisconnected, look);
    const join = async () => {
      tell({ ...OUT, phase: "joining" });
      try {
        const way = await watch(session_id);
        if (left) return;
        await joined.connect(way.livekit_url, way.livekit_token, { autoSubscribe: false });
        joined.on(RoomEvent.Disconnected, () => tell({ ...OUT, phase: "gone" }));
        tell({ phase: "in" });
        if (!left) setRoom(joined);
      } catch (error) {
        tell({ ...OUT, phase: "gone", error: callError(error) });
      }
    };
    void join();
    return () => {
      left = true;
      setRoom(null);
      setState(OUT);
      joined.removeAllListeners();
      void joined.disconnect();
    };
  }, [session_id, turn]);

  const choose = useCallback(() => {
    for (const person of room?.remoteParticipants.values() ?? []) {
      for (const publication of person.trackPublications.values()) publication.setSubscribed(wants(publication, person.identity, sound));
    }
  }, [room, sound]);
  useEffect(() => {
    if (!room) return;
    choose();
    room.on(RoomEvent.TrackPublished, choose).on(RoomEvent.ParticipantConnected, choose).on(RoomEvent.Reconnected, choose);
    return () => void room.off(RoomEvent.TrackPublished, choose).off(RoomEvent.ParticipantConnected, choose).off(RoomEvent.Reconnected, choose);
  }, [room, choose]);
  return state;
}

function tracksOf(room: Room): Pick<Watched, "picture" | "sounds"> {
  const all = [...room.remoteParticipants.values()].flatMap((person) => [...person.trackPublications.values()]);
  const tracks = all.flatMap((one) => (one.track && !one.isMuted ? [one.track] : []));
  return {
    picture: tracks.find((one) => one.kind === Track.Kind.Video) ?? null,
    sounds: tracks.filter((one) => one.kind === Track.Kind.Audio),
  };
}
