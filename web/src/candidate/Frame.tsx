/** What surrounds each page but the room: title, steps, language, and the way to write to a person. */

import { type ReactNode, useState } from "react";

import type { Language } from "../texts/texts";
import { Button, LanguageChoice } from "../ui/parts";
import type { Seat } from "./calls";
import { ProblemWindow } from "./ProblemWindow";
import { useTexts } from "./texts";

const STEPS = ["step.about", "step.consent", "step.check", "step.room"] as const;

export interface FrameProps {
  title?: string;
  /** 1 to 4, or 0 outside of the way. */
  step?: number;
  seat?: Seat;
  onLanguage?: (language: Language) => void;
  children: ReactNode;
}

export function Frame({ title, step = 0, seat, onLanguage, children }: FrameProps) {
  const { t, language } = useTexts();
  const [writing, setWriting] = useState(false);
  return (
    <>
      <header className="top">
        <span className="top-title">{title ?? "Viva"}</span>
        {onLanguage ? (
          <LanguageChoice label={t("language")} value={language} onChange={onLanguage} />
        ) : null}
      </header>
      <main className="page">
        {step ? <Steps at={step} /> : null}
        {children}
      </main>
      {seat ? (
        <footer className="foot">
          <Button look="plain" onPress={() => setWriting(true)}>
            {t("problem.title")}
          </Button>
          <ProblemWindow seat={seat} isOpen={writing} onClose={() => setWriting(false)} />
        </footer>
      ) : null}
    </>
  );
}

function Steps({ at }: { at: number }) {
  const { t } = useTexts();
  const name = STEPS[at - 1];
  return (
    <div className="steps">
      <p className="small soft">{name ? t("step.of", { n: at, name: t(name) }) : null}</p>
      <div className="steps-bar" aria-hidden="true">
        {STEPS.map((key, place) => (
          <span key={key} className={place < at ? "done" : ""} />
        ))}
      </div>
    </div>
  );
}
