/**
 * Captions of both sides, in the order in which they were begun. What is final is announced politely; what is just being
 * said is only shown, and stands apart in the document: a log must not hold what still changes.
 */

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
  const placed = lines.map((line, order) => ({ line, order, goesOn: lines[order - 1]?.mine === line.mine }));
  return (
    <div ref={box} className="captions" role="region" aria-label={t("room.captions")} tabIndex={0} onScroll={scrolled}>
      {lines.length ? null : <p className="soft">{t("room.captions.empty")}</p>}
      <div role="log" aria-live="polite">
        {placed.filter(({ line }) => line.final).map((one) => <Said key={one.line.key} {...one} />)}
      </div>
      <div aria-live="off">
        {placed.filter(({ line }) => !line.final).map((one) => <Said key={one.line.key} {...one} />)}
      </div>
    </div>
  );
}

/** A line; of lines that follow each other only the first shows who says them, and each tells it to a screen reader. */
function Said({ line, order, goesOn }: { line: Line; order: number; goesOn: boolean }) {
  const { t } = useTexts();
  return (
    <p className={`said ${line.mine ? "mine" : "theirs"} ${line.final ? "" : "going"} ${goesOn ? "goes-on" : ""}`} style={{ order }}>
      <span className={goesOn ? "visually-hidden" : "who"}>{line.mine ? t("room.you") : t("room.interviewer")}</span>
      <span className="visually-hidden">: </span>
      <span className="what">{line.text}</span>
    </p>
  );
}
