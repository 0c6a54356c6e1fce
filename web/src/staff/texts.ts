import { CallError, callError } from "../api/calls";
import { de } from "../texts/staff.de";
import { en, type StaffKey } from "../texts/staff.en";
import { type Language, type Texts, textsOf, useSpoken } from "../texts/texts";

export function staffTexts(language: Language): Texts<StaffKey> {
  return textsOf<StaffKey>(language === "de" ? de : en, language);
}

export const useTexts = () => useSpoken() as Texts<StaffKey>;

/** What an error says; the API's own words are exact, but English: where a code has no text here, only English takes them. */
export function errorWords({ t, maybe, language }: Texts<StaffKey>, error: unknown): string {
  const known: CallError = callError(error);
  const values = Object.fromEntries(Object.entries(known.details).filter((one): one is [string, string | number] => ["string", "number"].includes(typeof one[1])));
  const unknown = language === "en" && known.message ? known.message : t("error.other", { code: known.code });
  return maybe(`error.${known.code}`, known.status >= 500 ? t("error.internal") : unknown, { message: known.message, ...values });
}
