import { describe, expect, it } from "vitest";

import { sentences as german } from "./sentences.de";
import { sentences as english } from "./sentences.en";
import { sentence } from "./sentences";

describe("a sentence of the API", () => {
  it("is said in the reader's language, with what varies in it", () => {
    expect(sentence("Too little was said: 3 of at least 8 words.", "de")).toBe("Es wurde zu wenig gesagt: 3 von mindestens 8 Wörtern.");
    expect(sentence("ended by the candidate before any answer", "de")).toContain("vor jeder Antwort");
    expect(sentence("1 quote given by the model did not occur in the transcript and had to be left out.", "de")).toMatch(/^Ein Zitat/);
  });
  it("stays as it is where it is not known, and in English", () => {
    expect(sentence("We liked it.", "de")).toBe("We liked it.");
    expect(sentence("It was not scored.", "en")).toBe("It was not scored.");
  });
  it("is known by its own form alone", () => {
    const values = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((one) => one[1]);
    for (const [key, words] of Object.entries(english)) {
      const own = german[key as keyof typeof german];
      expect(values(words)).toEqual(expect.arrayContaining(values(own)));
      expect(sentence(words, "de"), key).toBe(own);
    }
  });
});
