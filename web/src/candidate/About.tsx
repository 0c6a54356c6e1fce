import { Button, PageTitle } from "../ui/parts";
import type { Seat } from "./calls";
import { Resume } from "./Resume";
import { useTexts } from "./texts";

/** What will happen, who does what with it, for how long, and which rights there are. */
export function About({ seat, onNext }: { seat: Seat; onNext: () => void }) {
  const { t, moment } = useTexts();
  const minutes = Math.round(seat.duration_s / 60);
  return (
    <>
      <div className="stack stack-s">
        <PageTitle>{t("about.title")}</PageTitle>
        <p className="soft">
          {t("about.facts", { count: seat.question_count, minutes })} {t("about.until", { when: moment(seat.not_after) })}
        </p>
      </div>
      <section className="card" aria-labelledby="happens">
        <h2 id="happens">{t("about.happens")}</h2>
        <ol className="stack stack-s">
          <li>{t("about.happens.1")}</li>
          <li>{seat.typing_only ? t("about.happens.2.typing") : t("about.happens.2")}</li>
          <li>{t("about.happens.3")}</li>
          <li>{t("about.happens.4")}</li>
        </ol>
      </section>
      <section className="card" aria-labelledby="who">
        <h2 id="who">{t("about.who")}</h2>
        <div className="stack stack-s" lang={seat.language}>
          {seat.consent.introduction.split("\n").map((line) => (
            <p key={line}>{line}</p>
          ))}
        </div>
      </section>
      <section className="card" aria-labelledby="prepare">
        <h2 id="prepare">{t("about.prepare")}</h2>
        <ul className="stack stack-s">
          {seat.typing_only ? null : <li>{t("about.prepare.1")}</li>}
          <li>{t("about.prepare.2")}</li>
          <li>{t("about.prepare.3")}</li>
        </ul>
      </section>
      <Resume seat={seat} />
      <div className="row">
        <Button onPress={onNext}>{t("about.next")}</Button>
      </div>
    </>
  );
}
