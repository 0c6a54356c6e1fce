import { CallError } from "../api/calls";
import { de } from "../texts/candidate.de";
import { type CandidateKey, en } from "../texts/candidate.en";
import { type Language, type Texts, textsOf, useSpoken } from "../texts/texts";

export function candidateTexts(language: Language): Texts<CandidateKey> {
  return textsOf<CandidateKey>(language === "de" ? de : en, language);
}

export type CandidateTexts = Texts<CandidateKey>;

export const useTexts = () => useSpoken() as CandidateTexts;

/** What an error says to a candidate. */
export function errorWords({ t, maybe, language }: CandidateTexts, error: CallError): string {
  const unknown = language === "en" && error.message ? error.message : t("error.other");
  return maybe(`error.${error.code}`, error.status >= 500 ? t("error.internal") : unknown);
}
