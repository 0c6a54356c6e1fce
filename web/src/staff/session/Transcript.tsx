/** What was said, turn by turn, with the sound that follows: a press on a turn plays it, and the turn that plays is marked. */

import { useEffect, useRef, useState } from "react";

import type { Schemas } from "../../api/client";
import { clock } from "../../texts/texts";
import { Badge, Button, Check, Field } from "../../ui/parts";
import type { Turn } from "../data";
import { useTexts } from "../texts";
import { Correct } from "./Correct";

const UNSURE = 0.5;

/** The turn that is heard at a moment: the last that has begun. Pure; turns in order. */
export function turnAt(starts: readonly number[], seconds: number): number {
  let found = -1;
  starts.forEach((start, place) => {
    if (start <= seconds + 0.05) found = place;
  });
  return found;
}

/** A text in pieces, every second of them what was searched for. Pure. */
export function pieces(text: string, wanted: string): string[] {
  if (!wanted) return [text];
  const parts: string[] = [];
  const lower = text.toLowerCase();
  const word = wanted.toLowerCase();
  let from = 0;
  for (let at = lower.indexOf(word); at >= 0; at = lower.indexOf(word, from)) {
    parts.push(text.slice(from, at), text.slice(at, at + word.length));
    from = at + word.length;
  }
  return [...parts, text.slice(from)];
}

/** The words of a turn as they are read now: of its corrections the latest holds. Pure. */
export function wordsNow(turn: Pick<Turn, "turn_id" | "text">, corrections: readonly Pick<Schemas["CorrectionView"], "turn_id" | "text" | "at">[]): string {
  const own = corrections.filter((one) => one.turn_id === turn.turn_id);
  return own.reduce((latest, one) => (Date.parse(one.at) >= Date.parse(latest.at) ? one : latest), own[0] ?? { text: turn.text, at: "" }).text;
}

export interface TranscriptProps {
  turns: readonly Turn[];
  corrections: readonly Schemas["CorrectionView"][];
  zero: number;
  position: number;
  playing: boolean;
  /** The turn to show, by its number. */
  shown: number | null;
  onPlay: ((seconds: number) => void) | null;
  /** Whether what was misheard can be corrected here: once the interview is over. */
  corrects: boolean;
}

export function Transcript({ turns, corrections, zero, position, playing, shown, onPlay, corrects }: TranscriptProps) {
  const { t } = useTexts();
  const [correcting, setCorrecting] = useState<Turn | null>(null);
  const [wanted, setWanted] = useState("");
  const [follows, setFollows] = useState(true);
  const list = useRef<HTMLOListElement>(null);
  const starts = turns.map((turn) => (Date.parse(turn.started_at) - zero) / 1000);
  const now = playing ? turnAt(starts, position) : -1;
  const seq = turns[now]?.seq ?? null;
  useEffect(() => {
    if (follows && seq !== null) list.current?.querySelector(`#turn-${seq}`)?.scrollIntoView({ block: "nearest" });
  }, [seq, follows]);
  useEffect(() => {
    if (shown !== null) list.current?.querySelector(`#turn-${shown}`)?.scrollIntoView({ block: "center" });
  }, [shown]);
  if (!turns.length) return <p className="card">{t("transcript.empty")}</p>;
  return (
    <section className="card">
      <div className="spread">
        <Field label={t("transcript.find")} type="search" value={wanted} onChange={setWanted} />
        {onPlay ? (
          <Check isSelected={follows} onChange={setFollows}>
            {t("transcript.follow")}
          </Check>
        ) : null}
      </div>
      <ol className="turns" ref={list}>
        {turns.map((turn, place) => (
          <Said
            key={turn.seq}
            turn={turn}
            start={starts[place] ?? 0}
            now={place === now || turn.seq === shown}
            wanted={wanted}
            corrections={corrections.filter((one) => one.turn_id === turn.turn_id)}
            onPlay={onPlay}
            onCorrect={corrects && turn.speaker === "candidate" ? setCorrecting : null}
          />
        ))}
      </ol>
      {correcting ? (
        <Correct key={correcting.turn_id} turn={correcting} words={wordsNow(correcting, corrections)} onClose={() => setCorrecting(null)} />
      ) : null}
    </section>
  );
}

interface SaidProps {
  turn: Turn;
  start: number;
  now: boolean;
  wanted: string;
  corrections: readonly Schemas["CorrectionView"][];
  onPlay: ((seconds: number) => void) | null;
  onCorrect: ((turn: Turn) => void) | null;
}

function Said({ turn, start, now, wanted, corrections, onPlay, onCorrect }: SaidProps) {
  const { t } = useTexts();
  const theirs = turn.speaker === "interviewer";
  const unsure = !theirs && turn.confidence != null && turn.confidence < UNSURE;
  return (
    <li id={`turn-${turn.seq}`} className={`turn ${theirs ? "theirs" : "mine"} ${now ? "now" : ""}`}>
      {onPlay ? (
        <Button look="plain" size="small" aria-label={t("transcript.play", { at: clock(start) })} onPress={() => onPlay(start)}>
          {clock(start)}
        </Button>
      ) : (
        <span className="small soft number">{clock(start)}</span>
      )}
      <span className="small strong">{theirs ? t("transcript.interviewer") : t("transcript.candidate")}</span>
      <div className="what">
        <span>
          {pieces(turn.text, wanted).map((piece, place) => (place % 2 ? <mark key={place}>{piece}</mark> : piece))}
        </span>{" "}
        {turn.kind === "typed" ? <Badge>{t("transcript.typed")}</Badge> : null}
        {turn.interrupted ? <Badge>{t("transcript.interrupted")}</Badge> : null}
        {unsure ? <Badge tone="warn">{t("transcript.unsure", { percent: Math.round(100 * (turn.confidence ?? 0)) })}</Badge> : null}
        {turn.instructs ? <Badge tone="warn">{t("transcript.instructs")}</Badge> : null}
        {corrections.map((one) => (
          <p key={one.at} className="small">
            {t("transcript.corrected", { text: one.text })}
          </p>
        ))}
        {onCorrect ? (
          <Button look="plain" size="small" aria-label={t("correct.of", { at: clock(start) })} onPress={() => onCorrect(turn)}>
            {t("correct.open")}
          </Button>
        ) : null}
      </div>
    </li>
  );
}
