/** The API's own sentences in the reader's language: found in the catalogue by their English words. Pure.
 *
 * What the API says about an interview is stored with it, in English; so it is put into another language where it is read.
 */

import { sentences as german } from "./sentences.de";
import { sentences as english } from "./sentences.en";
import { fill, type Language, type Values } from "./texts";

type Key = keyof typeof english;

const FORMS = Object.entries(english).map(([key, words]) => ({ key: key as Key, form: formOf(words) }));

/** Return a sentence of the API in a language; one that the catalogue does not know stays as it is. */
export function sentence(words: string, language: Language): string {
  if (language === "en") return words;
  for (const { key, form } of FORMS) {
    const found = form.exec(words);
    if (found) return fill(german[key], (found.groups ?? {}) as Values);
  }
  return words;
}

function formOf(words: string): RegExp {
  const plain = words.replace(/[.*+?^$()|[\]\\]/g, "\\$&");
  return new RegExp(`^${plain.replace(/\{(\w+)\}/g, "(?<$1>.+?)")}$`, "s");
}
