/** Captions of both sides. What is final is announced politely; what is just being said is only shown. */

import { useEffect, useRef } from "react";

import { useTexts } from "../texts";
import type { Line } from "./progress";

export function Captions({ lines }: { lines: readonly Line[] }) {
  const { t } = useTexts();
  const box = useRef<HTMLDivElement>(null);
  const follows = useRef(true);
  useEffect(() => {
    // who has scrolled back to read is left there
    if (follows.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  }, [lines]);
  const scrolled = () => {
    const at = box.current;
    if (at) follows.current = at.scrollHeight - at.scrollTop - at.clientHeight < 40;
  };
  const said = lines.filter((line) => line.final);
  const now = lines.filter((line) => !line.final);
  return (
    <div ref={box} className="captions" role="region" aria-label={t("room.captions")} tabIndex={0} onScroll={scrolled}>
      {lines.length ? null : <p className="soft">{t("room.captions.empty")}</p>}
      <div role="log" aria-live="polite">
        {said.map((line, place) => (
          <Said key={line.key} line={line} goesOn={said[place - 1]?.mine === line.mine} />
        ))}
      </div>
      <div aria-live="off">
        {now.map((line, place) => (
          <Said key={line.key} line={line} goesOn={(now[place - 1] ?? said.at(-1))?.mine === line.mine} />
        ))}
      </div>
    </div>
  );
}

/** A line; of lines that follow each other only the first shows who says them, and each tells it to a screen reader. */
function Said({ line, goesOn }: { line: Line; goesOn: boolean }) {
  const { t } = useTexts();
  return (
    <p className={`said ${line.mine ? "mine" : "theirs"} ${line.final ? "" : "going"} ${goesOn ? "goes-on" : ""}`}>
      <span className={goesOn ? "visually-hidden" : "who"}>{line.mine ? t("room.you") : t("room.interviewer")}</span>
      <span className="visually-hidden">: </span>
      <span className="what">{line.text}</span>
    </p>
  );
}
