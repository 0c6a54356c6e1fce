import { useEffect, useState, useSyncExternalStore } from "react";

import { callError, type CallError } from "../../api/calls";
import { Recording } from "./recording";

export interface Sounding {
  /** Seconds from the recording's first sample. */
  position: number;
  playing: boolean;
  loading: boolean;
  error: CallError | null;
  rate: number;
}

export interface Player extends Sounding {
  /** Go to a moment, and play from there. */
  play: (seconds: number) => void;
  toggle: () => void;
  setRate: (rate: number) => void;
}

const END_S = 0.5;

/** Plays a session's recording through one audio element, piece after piece. */
class Sound {
  state: Sounding = { position: 0, playing: false, loading: false, error: null, rate: 1 };
  duration_s = 0;
  private readonly audio = new Audio();
  private readonly recording: Recording;
  private readonly listeners = new Set<() => void>();
  private from_s = 0;
  private asked = 0;

  constructor(session_id: string) {
    this.recording = new Recording(session_id);
    this.audio.ontimeupdate = () => this.tell({ position: this.from_s + this.audio.currentTime });
    this.audio.onplay = () => this.tell({ playing: true });
    this.audio.onpause = () => this.tell({ playing: false });
    this.audio.onended = () => void this.goOn();
  }

  readonly listen = (listener: () => void) => {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  };

  async play(seconds: number): Promise<void> {
    const mine = ++this.asked;
    this.tell({ loading: true, error: null, position: seconds });
    try {
      const piece = await this.recording.at(seconds);
      if (mine !== this.asked) return; // another moment was asked for meanwhile
      if (this.audio.src !== piece.url) this.audio.src = piece.url;
      this.from_s = piece.from_s;
      this.audio.currentTime = Math.max(0, seconds - piece.from_s);
      await this.audio.play();
    } catch (error) {
      if (mine === this.asked) this.tell({ error: callError(error) });
    } finally {
      if (mine === this.asked) this.tell({ loading: false });
    }
  }

  toggle(): void {
    if (this.state.playing) this.audio.pause();
    else void this.play(this.state.position >= this.duration_s - END_S ? 0 : this.state.position);
  }

  setRate(rate: number): void {
    this.audio.defaultPlaybackRate = rate;
    this.audio.playbackRate = rate;
    this.tell({ rate });
  }

  close(): void {
    this.audio.pause();
    this.recording.close();
  }

  private async goOn(): Promise<void> {
    const next = this.from_s + this.audio.duration;
    if ((await this.recording.windowed()) && next < this.duration_s - END_S) await this.play(next);
  }

  private tell(part: Partial<Sounding>): void {
    this.state = { ...this.state, ...part };
    for (const listener of this.listeners) listener();
  }
}

export function usePlayer(session_id: string, duration_s: number): Player {
  const [sound] = useState(() => new Sound(session_id));
  const state = useSyncExternalStore(sound.listen, () => sound.state);
  useEffect(() => {
    Object.assign(sound, { duration_s });
  }, [sound, duration_s]);
  useEffect(() => () => sound.close(), [sound]);
  return {
    ...state,
    play: (seconds) => void sound.play(seconds),
    toggle: () => sound.toggle(),
    setRate: (rate) => sound.setRate(rate),
  };
}
