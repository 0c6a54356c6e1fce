import { Badge } from "../../ui/parts";
import { useTexts } from "../texts";
import { aroundOf, type Moment, offsetOf, wordsOf } from "./around";
import type { Context } from "./calls";

/** The transcript around the moment, with what else happened then; times are from the incident's beginning. */
export function Around({ context }: { context: Context }) {
  const { t } = useTexts();
  const moments = aroundOf(context);
  return (
    <section className="card" aria-label={t("review.around")}>
      <h2>{t("review.around")}</h2>
      {moments.length === 1 ? <p className="soft">{t("review.around.none")}</p> : null}
      <ol className="turns around" tabIndex={0} aria-label={t("review.around")}>
        {moments.map((one) => (
          <Line key={one.what + one.key} moment={one} context={context} />
        ))}
      </ol>
    </section>
  );
}

function Line({ moment, context }: { moment: Moment; context: Context }) {
  const texts = useTexts();
  const { t } = texts;
  const at = <span className="small soft number">{offsetOf(moment.offset_s)}</span>;
  switch (moment.what) {
    case "this":
      return (
        <li className="turn now">
          {at}
          <strong className="whole">{t("review.here", { kind: t(`kind.${context.incident.kind}`) })}</strong>
        </li>
      );
    case "said": {
      const theirs = moment.said.speaker === "interviewer";
      return (
        <li className={`turn ${theirs ? "theirs" : ""}`}>
          {at}
          <span className="small strong">{theirs ? t("transcript.interviewer") : t("transcript.candidate")}</span>
          <span className="what">{moment.said.text}</span>
        </li>
      );
    }
    case "happened":
      return (
        <li className="turn">
          {at}
          <span className="whole small">
            <Badge>{wordsOf(texts, moment.happened.what)}</Badge>
          </span>
        </li>
      );
    case "other":
      return (
        <li className="turn">
          {at}
          <span className="whole small">
            <Badge tone="warn">{t(`kind.${moment.other.kind}`)}</Badge>
          </span>
        </li>
      );
  }
}
