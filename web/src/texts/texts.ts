/** Texts by key, in the languages that there are. A key that one language lacks does not compile. */

import { createContext, use } from "react";

export type Language = "en" | "de";
export const LANGUAGES: readonly Language[] = ["en", "de"];
const NAMES: Record<Language, string> = { en: "English", de: "Deutsch" };
/** The languages as a choice shows them, each by its own name. */
export const LANGUAGE_OPTIONS = LANGUAGES.map((value) => ({ value, label: NAMES[value] }));

export type Values = Readonly<Record<string, string | number>>;

/** Put values into `{name}`; a name without a value stays as it is, so that it is seen. */
export function fill(text: string, values: Values = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language of the browser, where there are texts in it; otherwise English. */
export function preferred(wanted: readonly string[] = navigator.languages): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
}

export interface Texts<Key extends string> {
  language: Language;
  /** The text of a key, with its values; where `count` is 1, that of `KEY.one`, if there is one. */
  t: (key: Key, values?: Values) => string;
  /** The text of a key that comes from the API, such as `status.COMPLETED`, or the fallback where there is none. */
  maybe: (key: string, fallback: string, values?: Values) => string;
  /** A moment in the reader's own time zone. */
  moment: (iso: string, style?: "long" | "short" | "time") => string;
  /** A number with so many digits behind the point at most, and at least; a dash for none. */
  number: (value: number | null, most?: number, least?: number) => string;
  /** A share of 1 in percent. */
  percent: (share: number | null, most?: number) => string;
  /** US dollars, of which the small parts matter where they are all there is. */
  money: (dollars: number, most?: number) => string;
}

export function textsOf<Key extends string>(catalogue: Readonly<Record<Key, string>>, language: Language): Texts<Key> {
  const all: Readonly<Record<string, string | undefined>> = catalogue;
  return {
    language,
    t: (key, values) => fill((values?.["count"] === 1 ? all[`${key}.one`] : undefined) ?? catalogue[key], values),
    maybe: (key, fallback, values) => fill(all[key] ?? fallback, values),
    moment: (iso, style = "short") => momentOf(iso, style, language),
    number: (value, most = 2, least = 0) => numberOf(value, language, { maximumFractionDigits: most, minimumFractionDigits: least }),
    percent: (share, most = 0) => numberOf(share, language, { style: "percent", maximumFractionDigits: most }),
    money: (dollars, most = 2) => numberOf(dollars, language, { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol", maximumFractionDigits: most }),
  };
}

function numberOf(value: number | null, language: Language, options: Intl.NumberFormatOptions): string {
  return value === null ? "–" : new Intl.NumberFormat(localeOf(language), options).format(value);
}

function momentOf(iso: string, style: "long" | "short" | "time", language: Language): string {
  const options: Record<typeof style, Intl.DateTimeFormatOptions> = {
    long: { dateStyle: "full", timeStyle: "short" },
    short: { dateStyle: "medium", timeStyle: "short" },
    time: { timeStyle: "medium" },
  };
  return new Intl.DateTimeFormat(localeOf(language), options[style]).format(new Date(iso));
}

/** The reader's own kind of a language, such as British English, for the order of days and months. */
export function localeOf(language: Language, wanted: readonly string[] = navigator.languages): string {
  return wanted.find((tag) => tag.toLowerCase().startsWith(language)) ?? language;
}

/** Seconds as `1:05` or `1:02:05`. */
export function clock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] ? parts : parts.slice(1);
  return shown.map((part, place) => (place ? String(part).padStart(2, "0") : String(part))).join(":");
}

const Spoken = createContext<Texts<string> | null>(null);
export const TextsProvider = Spoken;

/** The texts that the page speaks in now. */
export function useSpoken(): Texts<string> {
  const spoken = use(Spoken);
  if (!spoken) throw new Error("there is no TextsProvider above");
  return spoken;
}
