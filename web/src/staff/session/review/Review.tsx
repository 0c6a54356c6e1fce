/** What people make of an interview: their own scores, the decision, and what the candidate may read. */

import { Notice } from "../../../ui/parts";
import type { Session } from "../../data";
import { useTexts } from "../../texts";
import { Decide } from "./Decide";
import { OwnScores } from "./OwnScores";
import { Release } from "./Release";

/** In these nothing can be judged yet. */
const NOT_OVER = ["INITIALIZED", "QUEUED", "IN_PROGRESS", "PAUSED", "DELETED"];

export function Review({ session }: { session: Session }) {
  const { t } = useTexts();
  if (NOT_OVER.includes(session.status)) return <p className="card">{t("review.not_over")}</p>;
  return (
    <>
      <Notice>{t("review.people")}</Notice>
      <OwnScores session={session} />
      <Decide session={session} />
      <Release session={session} />
    </>
  );
}
