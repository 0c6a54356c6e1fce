import { useCallback, useEffect, useRef, useState } from "react";

import { callError, type CallError } from "../../api/calls";
import { Recording } from "./recording";

export interface Player {
  /** Seconds from the recording's first sample. */
  position: number;
  playing: boolean;
  loading: boolean;
  error: CallError | null;
  rate: number;
  /** Go to a moment, and play from there. */
  play: (seconds: number) => void;
  toggle: () => void;
  setRate: (rate: number) => void;
}

/** Plays a session's recording through one audio element, piece after piece. */
export function usePlayer(session_id: string, duration_s: number): Player {
  const [audio] = useState(() => new Audio());
  const [recording] = useState(() => new Recording(session_id));
  const [position, setPosition] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [loading, setLoading] = useState(false);
  const [error, setError] = useState<CallError | null>(null);
  const [rate, setRate] = useState(1);
  const from = useRef(0);
  const asked = useRef(0);

  const play = useCallback(
    async (seconds: number) => {
      const mine = ++asked.current;
      setLoading(true);
      setError(null);
      try {
        const piece = await recording.at(seconds);
        if (mine !== asked.current) return; // another moment was asked for meanwhile
        if (audio.src !== piece.url) audio.src = piece.url;
        from.current = piece.from_s;
        audio.currentTime = Math.max(0, seconds - piece.from_s);
        setPosition(seconds);
        await audio.play();
      } catch (problem) {
        if (mine === asked.current) setError(callError(problem));
      } finally {
        if (mine === asked.current) setLoading(false);
      }
    },
    [audio, recording],
  );

  useEffect(() => {
    const moved = () => setPosition(from.current + audio.currentTime);
    const began = () => setPlaying(true);
    const paused = () => setPlaying(false);
    const ended = async () => {
      const next = from.current + audio.duration;
      if ((await recording.windowed()) && next < duration_s - 0.5) void play(next);
    };
    audio.addEventListener("timeupdate", moved);
    audio.addEventListener("play", began);
    audio.addEventListener("pause", paused);
    audio.addEventListener("ended", ended);
    return () => {
      audio.removeEventListener("timeupdate", moved);
      audio.removeEventListener("play", began);
      audio.removeEventListener("pause", paused);
      audio.removeEventListener("ended", ended);
    };
  }, [audio, recording, duration_s, play]);

  useEffect(
    () => () => {
      audio.pause();
      recording.close();
    },
    [audio, recording],
  );

  useEffect(() => {
    audio.defaultPlaybackRate = rate;
    audio.playbackRate = rate;
  }, [audio, rate]);

  const toggle = () => {
    if (playing) audio.pause();
    else void play(position >= duration_s - 0.5 ? 0 : position);
  };
  return { position, playing, loading, error, rate, play: (seconds) => void play(seconds), toggle, setRate };
}
